//! Telling a tracing process that an operation is called next.

use crate::{Observer, Operation};

/// Calls a function with the operation's number before each call.
pub(crate) struct Announcer(pub(crate) extern "C" fn(u32));

impl Observer for Announcer {
    fn observe<R>(&mut self, operation: Operation, call: impl FnOnce() -> R) -> R {
        (self.0)(operation as u32);
        call()
    }
}
