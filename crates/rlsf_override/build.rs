//! How the shared library is to be linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        // First of all libraries to be initialised, so that its `fork` handlers are the first
        // that are registered: they run when all others, which may allocate, have run.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,initfirst");
        // A library whose blocks are in use must not be unloaded.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        // The crate `libc` names it only where no other crate has asked for its feature `std`.
        println!("cargo:rustc-cdylib-link-arg=-lc");
        if std::env::var_os("CARGO_FEATURE_HARDENED").is_some() {
            // What walks stacks; and before glibc 2.34, what knows functions' names.
            println!("cargo:rustc-cdylib-link-arg=-lgcc_s");
            println!("cargo:rustc-cdylib-link-arg=-ldl");
        }
    }
}
