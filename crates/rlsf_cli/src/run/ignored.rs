//! Signals that our caller has us ignore, as `nohup` does: the program is to ignore them, too,
//! whatever we do with them ourselves.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use libc::c_int;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Whether the caller ignores `SIGPIPE`, which Rust's runtime has every program do.
static SIGPIPE: AtomicBool = AtomicBool::new(false);

// It runs before the runtime.
#[used]
#[cfg_attr(target_os = "macos", link_section = "__DATA,__mod_init_func")]
#[cfg_attr(not(target_os = "macos"), link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

extern "C" fn look() {
    SIGPIPE.store(is_ignored(libc::SIGPIPE), Relaxed);
}

fn is_ignored(signal: c_int) -> bool {
    let mut action = core::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: it changes nothing, and there is room for the answer.
    unsafe { libc::sigaction(signal, core::ptr::null(), action.as_mut_ptr()) };
    // SAFETY: of zeros, it is an action, too.
    unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}

/// Has a program ignore those of the signals that we ignore now, and `SIGPIPE` if our caller does.
pub(super) fn pass_to(command: &mut Command, signals: &[c_int]) {
    let signals = signals.iter().copied();
    let mut ignored: Vec<_> = signals.filter(|&signal| is_ignored(signal)).collect();
    if SIGPIPE.load(Relaxed) {
        ignored.push(libc::SIGPIPE);
    }
    if ignored.is_empty() {
        return;
    }
    let ignore = move || {
        for &signal in &ignored {
            set_action(signal, libc::SIG_IGN);
        }
        Ok(())
    };
    // SAFETY: system calls only.
    unsafe { command.pre_exec(ignore) };
}

/// Has the system do with a signal what it does by default, or nothing.
pub(super) fn set_action(signal: c_int, action: libc::sighandler_t) {
    debug_assert!(action == libc::SIG_IGN || action == libc::SIG_DFL);
    // SAFETY: no function of ours is called.
    unsafe { libc::signal(signal, action) };
}
