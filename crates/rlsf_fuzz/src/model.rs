//! What every heap must do, whatever it is asked.

use crate::Input;
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf_testkit::{Live, Op};

/// The most operations of a program: inputs that are longer find nothing more.
const MOST_OPERATIONS: usize = 400;

/// The most live blocks.
const MOST_LIVE: usize = 128;

/// A heap, as the model asks it.
pub trait Subject {
    /// Whether a block that moves keeps its alignment; otherwise it is aligned to no more than a word.
    const KEEPS_ALIGNMENT: bool = true;

    /// Sizes have up to so many bits.
    const SIZE_BITS: usize = 13;

    /// Allocates; checks a refusal.
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    /// Frees.
    ///
    /// # Safety
    ///
    /// The block is live.
    unsafe fn deallocate(&mut self, block: &Live);

    /// Resizes; `None` has changed nothing.
    ///
    /// # Safety
    ///
    /// The block is live.
    unsafe fn reallocate(&mut self, block: &Live, new: Layout) -> Option<NonNull<u8>>;

    /// Grows a block where it stands; whether it did.
    ///
    /// # Safety
    ///
    /// The block is live.
    unsafe fn grow(&mut self, _block: &Live, _size: usize) -> bool {
        false
    }

    /// Shrinks a block where it stands; whether it did.
    ///
    /// # Safety
    ///
    /// The block is live.
    unsafe fn shrink(&mut self, _block: &Live, _size: usize) -> bool {
        false
    }

    /// The bytes that a block may use.
    ///
    /// # Safety
    ///
    /// The block is live.
    unsafe fn usable_size(&mut self, block: &Live) -> usize;

    /// Does something that only this heap can do.
    fn act(&mut self, live: &[Live], input: &mut Input<'_>);

    /// Checks what can be checked of the heap itself.
    fn check(&mut self, live: &[Live]);
}

/// What a test may put between the model and a heap.
pub trait Wrap {
    /// The heap, wrapped.
    type Of<S: Subject>: Subject;

    /// Wraps a heap.
    fn wrap<S: Subject>(subject: S) -> Self::Of<S>;
}

/// Nothing between them.
#[derive(Debug)]
pub struct Faithful;

impl Wrap for Faithful {
    type Of<S: Subject> = S;

    fn wrap<S: Subject>(subject: S) -> S {
        subject
    }
}

/// Plays a program on a heap; the number of operations that had something to act on.
pub fn play<W: Wrap, S: Subject>(subject: S, input: &mut Input<'_>) -> usize {
    let mut model = Model::new(W::wrap(subject));
    for _ in 0..MOST_OPERATIONS {
        if input.is_empty() {
            break;
        }
        if input.number(8) == 7 {
            model.act(input);
        } else {
            model.step(input.op(W::Of::<S>::SIZE_BITS));
        }
    }
    model.end()
}

/// A heap beside the list of its live blocks.
struct Model<S> {
    subject: S,
    live: Vec<Live>,
    fill: u8,
    done: usize,
}

impl<S: Subject> Model<S> {
    fn new(subject: S) -> Self {
        let mut model = Self {
            subject,
            live: Vec::new(),
            fill: 0,
            done: 0,
        };
        model.check();
        model
    }

    fn act(&mut self, input: &mut Input<'_>) {
        self.subject.act(&self.live, input);
        self.done += 1;
        self.check_contents();
        self.check();
    }

    fn step(&mut self, op: Op) {
        match op {
            Op::Allocate { size, align_log2 } => {
                if let Ok(layout) = Layout::from_size_align(size, 1 << align_log2) {
                    self.allocate(layout);
                }
            }
            Op::Deallocate { block } => self.with(block, Self::deallocate),
            Op::Reallocate { block, size } => {
                self.with(block, |this, index| this.reallocate(index, size));
            }
            Op::Grow { block, size } => self.with(block, |this, index| this.grow(index, size)),
            Op::Shrink { block, size } => self.with(block, |this, index| this.shrink(index, size)),
        }
        self.check();
    }

    /// Frees all and checks once more; the operations that were done.
    fn end(mut self) -> usize {
        self.check_contents();
        while !self.live.is_empty() {
            self.deallocate(self.live.len() / 2);
        }
        self.check();
        self.done
    }

    fn with(&mut self, block: usize, act: impl FnOnce(&mut Self, usize)) {
        if !self.live.is_empty() {
            self.done += 1;
            act(self, block % self.live.len());
        }
    }

    fn allocate(&mut self, layout: Layout) {
        if self.live.len() == MOST_LIVE {
            return;
        }
        self.done += 1;
        let Some(payload) = self.subject.allocate(layout) else {
            return;
        };
        self.fill = self.fill.wrapping_add(37);
        let block = Live {
            payload,
            layout,
            fill: self.fill,
        };
        self.admit(&block);
        self.live.push(block);
    }

    /// A block is aligned and has its bytes, which are filled.
    fn admit(&mut self, block: &Live) {
        assert_eq!(block.address() % block.layout.align(), 0, "{block:?}");
        // SAFETY: a live block.
        let usable = unsafe { self.subject.usable_size(block) };
        assert!(usable >= block.layout.size(), "{usable} bytes: {block:?}");
        for other in &self.live {
            let apart = other.address() + other.layout.size() <= block.address()
                || block.address() + block.layout.size() <= other.address();
            let same = other.address() == block.address() && other.fill == block.fill;
            assert!(apart || same, "{other:?} and {block:?} overlap");
        }
        block.write();
    }

    fn deallocate(&mut self, index: usize) {
        let block = self.live.swap_remove(index);
        block.check(block.layout.size());
        // SAFETY: a live block.
        unsafe { self.subject.deallocate(&block) };
    }

    fn reallocate(&mut self, index: usize, size: usize) {
        let old = self.live[index];
        let Ok(layout) = Layout::from_size_align(size, old.layout.align()) else {
            return;
        };
        // SAFETY: a live block.
        let Some(payload) = (unsafe { self.subject.reallocate(&old, layout) }) else {
            return;
        };
        let moved = payload != old.payload;
        let align = if moved && !S::KEEPS_ALIGNMENT {
            layout.align().min(size_of::<usize>())
        } else {
            layout.align()
        };
        self.live[index] = Live {
            payload,
            layout: Layout::from_size_align(size, align).unwrap_or(layout),
            fill: old.fill,
        };
        self.resized(index, old.layout.size());
    }

    fn grow(&mut self, index: usize, size: usize) {
        let old = self.live[index];
        if Layout::from_size_align(size, old.layout.align()).is_err() {
            return;
        }
        // SAFETY: a live block.
        if unsafe { self.subject.grow(&old, size) } {
            self.resize(index, size.max(old.layout.size()));
        }
    }

    fn shrink(&mut self, index: usize, size: usize) {
        let old = self.live[index];
        // SAFETY: a live block.
        if unsafe { self.subject.shrink(&old, size) } {
            self.resize(index, size);
        }
    }

    /// A block has got another size where it stands.
    fn resize(&mut self, index: usize, size: usize) {
        let block = &mut self.live[index];
        let old = block.layout;
        block.layout = Layout::from_size_align(size, old.align()).unwrap_or(old);
        self.resized(index, old.size());
    }

    fn resized(&mut self, index: usize, old: usize) {
        let block = self.live[index];
        block.check(old.min(block.layout.size()));
        self.admit(&block);
    }

    fn check_contents(&self) {
        for block in &self.live {
            block.check(block.layout.size());
        }
    }

    fn check(&mut self) {
        self.subject.check(&self.live);
    }
}
