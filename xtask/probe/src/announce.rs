//! Telling a tracing process that an operation is called next.

use crate::{drive::Probe, Observer, Operation};

/// Calls a function with the operation's number before each call.
pub(crate) struct Announcer(pub(crate) extern "C" fn(u32));

impl Observer for Announcer {
    unsafe fn observe<H, A: Copy, R: Default>(
        &mut self,
        operation: Operation,
        probe: Probe<H, A, R>,
        (heap, what, number): (&mut H, A, usize),
    ) -> R {
        (self.0)(operation as u32);
        // SAFETY: The caller promises fitting arguments.
        unsafe { probe(heap, what, number) }
    }
}
