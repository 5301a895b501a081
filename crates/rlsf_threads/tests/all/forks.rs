//! Children of a program with threads.

use crate::alone::{alone, is_instrumented};
use crate::block::Block;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, Ordering};
use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::thread;

/// A child that takes longer than this many seconds is stopped by a signal.
const PATIENCE: u32 = 60;

/// Runs `body` in a child; how it ended, as `wait` says: zero is well.
fn in_child(body: impl FnOnce()) -> i32 {
    // SAFETY: the child goes on with this thread only, and never returns from here.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no process can be started");
    if child == 0 {
        // SAFETY: it sets a timer.
        unsafe { libc::alarm(PATIENCE) };
        let code = i32::from(catch_unwind(AssertUnwindSafe(body)).is_err());
        // SAFETY: it does not return.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: writes the status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    status
}

fn work(seed: u64, steps: usize) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut live = Vec::new();
    for _ in 0..steps {
        live.push(Block::new(&mut rng));
        if live.len() > 20 {
            live.swap_remove(rng.usize(..live.len()));
        }
    }
}

/// Two threads of the system's: those of `std` take locks that know nothing of `fork`.
fn work_in_two_threads() {
    extern "C" fn run(_: *mut libc::c_void) -> *mut libc::c_void {
        work(3, 200);
        core::ptr::null_mut()
    }
    let null = core::ptr::null_mut();
    let mut threads = [0; 2];
    for thread in &mut threads {
        // SAFETY: writes the thread's number.
        let made = unsafe { libc::pthread_create(thread, core::ptr::null(), run, null) };
        assert_eq!(made, 0);
    }
    work(4, 200);
    for thread in threads {
        // SAFETY: just made, and its answer is of no use.
        let ended = unsafe { libc::pthread_join(thread, core::ptr::null_mut()) };
        assert_eq!(ended, 0);
    }
}

/// Blocks of a thread that goes on, and of one that has ended.
fn others_blocks() -> Vec<Block> {
    let (to, from) = channel();
    let mut live = thread::spawn(|| (0..50).map(|_| Block::of(64, 8, 9)).collect::<Vec<_>>())
        .join()
        .unwrap();
    thread::spawn(move || {
        for size in 0..50 {
            to.send(Block::of(size * 97, 8, 9)).unwrap();
        }
    });
    live.extend(from);
    live
}

#[test]
fn children_of_a_program_with_threads_use_what_was_there_and_make_threads() {
    if is_instrumented() {
        // The tools do not start threads in such a child.
        return;
    }
    alone(|| {
        static STOP: AtomicBool = AtomicBool::new(false);
        thread::scope(|scope| {
            for seed in 0..4 {
                scope.spawn(move || {
                    while !STOP.load(Ordering::Relaxed) {
                        work(seed, 100);
                    }
                });
            }
            for seed in 0..100 {
                let own: Vec<_> = (0..50).map(|size| Block::of(size * 61, 8, 7)).collect();
                let others = others_blocks();
                let status = in_child(|| {
                    drop((own, others));
                    work(seed, 300);
                    work_in_two_threads();
                    work(seed, 300);
                });
                assert_eq!(status, 0);
            }
            STOP.store(true, Ordering::Relaxed);
        });
    });
}
