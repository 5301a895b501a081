//! Functions of a sanitizer: in a program that is built without it they are not there, and
//! nothing is called.

/// What is told of so many bytes at an address.
pub(super) type Mark = unsafe extern "C" fn(*const u8, usize);

/// A function of the sanitizer, if the program has it.
macro_rules! function {
    ($name:literal) => {{
        let address: usize;
        // SAFETY: it reads an entry that the linker makes, of an address or zero.
        unsafe {
            core::arch::asm!(
                concat!(".weak ", $name),
                concat!("mov {}, qword ptr [rip + ", $name, "@GOTPCREL]"),
                out(reg) address,
                options(nostack, pure, readonly, preserves_flags),
            );
        }
        // SAFETY: the function has this type; zero is `None`.
        unsafe { core::mem::transmute::<usize, Option<crate::watch::weak::Mark>>(address) }
    }};
}
pub(super) use function;
