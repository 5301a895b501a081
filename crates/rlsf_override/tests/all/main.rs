//! C and C++ programs on our heap: compiled here, with the library preloaded.

mod malloc;
