//! Who allocated a block: not known in this library.

use super::message::say;
use super::observe::Call;
use core::ptr::NonNull;
use rlsf::Misuse;

/// Where a call came from: from anywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller;

/// Says, if calls are to be recorded, that they are not.
pub(super) fn begin(is_wanted: bool) -> bool {
    if is_wanted {
        say(format_args!(
            "RLSF_CALLS=1 is ignored: it takes the hardened library, 64 bits and glibc"
        ));
    }
    false
}

/// Before the heap acts.
#[inline(always)]
pub(super) fn before(_call: &Call) -> Caller {
    Caller
}

/// When the heap has acted.
#[inline(always)]
pub(super) fn after(_call: &Call, _result: Option<NonNull<u8>>, _caller: Caller) {}

/// What is known of the calls behind a misuse.
#[inline(always)]
pub(super) fn tell(_ptr: NonNull<u8>, _misuse: Misuse) {}
