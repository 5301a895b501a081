//! What happens before the program begins, and when it ends.

use super::heap::HEAP;
use super::message::say;
use super::settings::Settings;
use super::{callers, counters, faults, form, observe, recorder, report};
use libc::{c_char, c_int};

/// A function that the C library calls before `main`.
pub(super) type Constructor =
    unsafe extern "C" fn(c_int, *const *const c_char, *const *const c_char);

/// Gives the heap its place, so that its `fork` handlers are registered before others, and
/// does what the settings say.
pub(super) unsafe extern "C" fn start(
    count: c_int,
    names: *const *const c_char,
    environment: *const *const c_char,
) {
    form::begin();
    HEAP.settle();
    // SAFETY: it reads a constant of the process.
    if unsafe { libc::getauxval(libc::AT_SECURE) } != 0 {
        return;
    }
    let (names, environment) = arguments(count, names, environment);
    // SAFETY: the C library's list, before the program has threads.
    let settings = unsafe { Settings::read(environment) };
    if settings.stats || settings.stats_file {
        // SAFETY: null or the C library's list, before the program has threads.
        unsafe { report::prepare(names, settings) };
        counters::turn_on();
        observe::turn_on();
    }
    if recorder::begin() {
        observe::turn_on();
    }
    if callers::begin(settings.calls) {
        observe::turn_on();
    }
    reserve(settings);
    if faults::begin(settings.faults) {
        observe::turn_on();
    }
}

/// glibc hands the program's arguments to constructors.
#[cfg(target_env = "gnu")]
fn arguments(
    count: c_int,
    names: *const *const c_char,
    environment: *const *const c_char,
) -> (*const *const c_char, *const *const c_char) {
    let names = if count > 0 { names } else { core::ptr::null() };
    (names, environment)
}

/// Other C libraries do not.
#[cfg(not(target_env = "gnu"))]
fn arguments(
    _count: c_int,
    _names: *const *const c_char,
    _environment: *const *const c_char,
) -> (*const *const c_char, *const *const c_char) {
    extern "C" {
        static environ: *const *const c_char;
    }
    // SAFETY: the C library has set it before it calls constructors.
    (core::ptr::null(), unsafe { environ })
}

fn reserve(settings: Settings) {
    let Settings {
        reserve,
        lock_memory,
        ..
    } = settings;
    let done = match (reserve, lock_memory) {
        (0, false) => return,
        (bytes, false) => HEAP.reserve(bytes),
        (bytes, true) => HEAP.reserve_locked(bytes),
    };
    if let Err(error) = done {
        say(format_args!("no reserve of {reserve} bytes: {error}"));
    }
}
