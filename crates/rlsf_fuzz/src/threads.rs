//! `ThreadedTlsf` in the hands of a few threads, which take turns: so what one of them does follows what
//! another did, and an input does the same every time.

use crate::model::play;
use crate::{Input, Subject, Wrap};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use rlsf::CAlloc;
use rlsf_testkit::Live;
use rlsf_threads::ThreadedTlsf;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

static HEAP: ThreadedTlsf = ThreadedTlsf::new();

/// The heaps are the process's, and are looked at while nobody else uses them.
static ALONE: Mutex<()> = Mutex::new(());

/// Plays an input; the number of operations.
#[must_use]
pub fn run<W: Wrap>(data: &[u8]) -> usize {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let input = &mut Input::new(data);
    let workers = (0..=input.number(3)).map(|_| Worker::new()).collect();
    let crowd = Crowd {
        workers,
        turn: input.number(4),
    };
    play::<W, _>(crowd, input)
}

/// What a thread is to do. The blocks that it is about are its own meanwhile.
type Job = Box<dyn FnOnce() -> Option<Block> + Send>;

/// A block on its way between threads.
#[derive(Clone, Copy)]
struct Block(NonNull<u8>);

// SAFETY: a block belongs to who has it.
unsafe impl Send for Block {}

impl Block {
    fn of(live: &Live) -> Self {
        Self(live.payload)
    }

    /// The pointer, by a method so that a closure takes the whole block.
    fn get(self) -> NonNull<u8> {
        self.0
    }
}

/// A thread that does one job at a time.
struct Worker {
    jobs: Option<Sender<Job>>,
    answers: Receiver<Option<Block>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn new() -> Self {
        let (jobs, taken) = channel::<Job>();
        let (given, answers) = channel();
        let work = move || {
            for job in taken {
                let _ = given.send(job());
            }
        };
        let thread = Builder::new().stack_size(1 << 16).spawn(work);
        Self {
            jobs: Some(jobs),
            answers,
            thread: Some(thread.expect("a thread can be had")),
        }
    }

    fn ask(&self, job: impl FnOnce() -> Option<Block> + Send + 'static) -> Option<NonNull<u8>> {
        let jobs = self.jobs.as_ref().expect("the worker has not ended");
        jobs.send(Box::new(job)).expect("the thread is there");
        self.answers
            .recv()
            .expect("the thread is there")
            .map(Block::get)
    }
}

impl Drop for Worker {
    /// Waits until the thread has given its heap away.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

/// The threads, and whose turn it is.
struct Crowd {
    workers: Vec<Worker>,
    turn: usize,
}

impl Crowd {
    /// The thread whose turn it is: everybody's in turn, some twice.
    fn next(&mut self) -> &Worker {
        self.turn += 1;
        &self.workers[(self.turn / 2 + self.turn / 3) % self.workers.len()]
    }
}

impl Subject for Crowd {
    const SIZE_BITS: usize = 19;

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let as_c = layout.size().is_multiple_of(3);
        self.next().ask(move || {
            if as_c {
                return CAlloc::allocate(&HEAP, layout).map(Block);
            }
            // SAFETY: the heap serves zero bytes, too.
            NonNull::new(unsafe { HEAP.alloc(layout) }).map(Block)
        })
    }

    unsafe fn deallocate(&mut self, block: &Live) {
        let (ptr, layout, as_c) = (Block::of(block), block.layout, block.fill.is_multiple_of(3));
        self.next().ask(move || {
            if as_c {
                // SAFETY: the caller's promise.
                unsafe { CAlloc::deallocate(&HEAP, ptr.get()) };
            } else {
                // SAFETY: the caller's promise.
                unsafe { HEAP.dealloc(ptr.get().as_ptr(), layout) };
            }
            None
        });
    }

    unsafe fn reallocate(&mut self, block: &Live, new: Layout) -> Option<NonNull<u8>> {
        let (ptr, old) = (Block::of(block), block.layout);
        self.next().ask(move || {
            let ptr = ptr.get().as_ptr();
            // SAFETY: the caller's promise.
            NonNull::new(unsafe { HEAP.realloc(ptr, old, new.size()) }).map(Block)
        })
    }

    unsafe fn usable_size(&mut self, block: &Live) -> usize {
        // SAFETY: the caller's promise.
        unsafe { ThreadedTlsf::allocation_usable_size(block.payload) }
    }

    fn act(&mut self, _: &[Live], input: &mut Input<'_>) {
        match input.number(4) {
            0 => {
                self.next().ask(|| {
                    HEAP.trim();
                    None
                });
            }
            1 => self.turn = input.number(12),
            // A thread ends, and another one begins.
            choice => {
                let index = input.number(4) % self.workers.len();
                let ended = self.workers.swap_remove(index);
                if choice == 2 {
                    self.workers.push(Worker::new());
                    drop(ended);
                } else {
                    drop(ended);
                    self.workers.push(Worker::new());
                }
            }
        }
    }

    fn check(&mut self, _: &[Live]) {
        // SAFETY: all threads that use it wait for a job, or have ended.
        assert_eq!(unsafe { HEAP.validate() }, Ok(()));
    }
}
