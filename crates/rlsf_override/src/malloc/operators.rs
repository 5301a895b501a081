//! C++'s `operator new` and `operator delete`, by their mangled names.
//!
//! An exception passes through the throwing forms. Rust code that is built to abort on
//! panic must not be on its way, so those are written in the machine's language, with
//! the tables of an unwinder but nothing that it would have to run. Elsewhere than on x86-64
//! the operators are those of the C++ library, which call our `malloc`.

mod delete;
mod nothrow;
mod runtime;
mod throwing;
