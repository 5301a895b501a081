//! How a program ends: with an exit code that QEMU hands on.

/// Makes a panic print its message and end the program with a code.
#[macro_export]
macro_rules! panic_exits_with {
    ($code:expr) => {
        #[panic_handler]
        fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
            $crate::semihosting::println!("{info}");
            $crate::semihosting::process::exit($code)
        }
    };
}
