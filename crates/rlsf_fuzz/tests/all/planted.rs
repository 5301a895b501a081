//! Heaps with a fault: the replay of the corpus finds it.

use crate::replay::corpus;
use core::alloc::Layout;
use core::marker::PhantomData;
use core::panic::AssertUnwindSafe;
use core::ptr::NonNull;
use rlsf_fuzz::{Faithful, Input, Subject, Wrap};
use rlsf_testkit::Live;
use std::panic::catch_unwind;

/// A fault.
trait Fault {
    /// What goes wrong with a block that is allocated.
    fn allocated(block: NonNull<u8>, _layout: Layout) -> NonNull<u8> {
        block
    }

    /// What goes wrong with a block that has moved.
    fn moved(_block: NonNull<u8>, _bytes: usize) {}

    /// Whether freeing does nothing.
    const FREES: bool = true;

    /// Whether growing where a block stands is said to have been done, always.
    const LIES: bool = false;
}

/// A heap with a fault.
struct Broken<S, F>(S, PhantomData<F>);

struct With<F>(PhantomData<F>);

impl<F: Fault> Wrap for With<F> {
    type Of<S: Subject> = Broken<S, F>;

    fn wrap<S: Subject>(subject: S) -> Broken<S, F> {
        Broken(subject, PhantomData)
    }
}

impl<S: Subject, F: Fault> Subject for Broken<S, F> {
    const KEEPS_ALIGNMENT: bool = S::KEEPS_ALIGNMENT;
    const SIZE_BITS: usize = S::SIZE_BITS;

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let block = self.0.allocate(layout)?;
        Some(F::allocated(block, layout))
    }

    unsafe fn deallocate(&mut self, block: &Live) {
        if F::FREES {
            // SAFETY: the caller's promise.
            unsafe { self.0.deallocate(block) };
        }
    }

    unsafe fn reallocate(&mut self, block: &Live, new: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let moved = unsafe { self.0.reallocate(block, new) }?;
        if moved != block.payload {
            F::moved(moved, new.size().min(block.layout.size()));
        }
        Some(moved)
    }

    unsafe fn grow(&mut self, block: &Live, size: usize) -> bool {
        // SAFETY: the caller's promise.
        let grown = unsafe { self.0.grow(block, size) };
        grown || F::LIES
    }

    unsafe fn shrink(&mut self, block: &Live, size: usize) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.0.shrink(block, size) }
    }

    unsafe fn usable_size(&mut self, block: &Live) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.0.usable_size(block) }
    }

    fn act(&mut self, live: &[Live], input: &mut Input<'_>) {
        self.0.act(live, input);
    }

    fn check(&mut self, live: &[Live]) {
        self.0.check(live);
    }
}

/// The last byte of what moves is lost.
struct ShortCopy;

impl Fault for ShortCopy {
    fn moved(block: NonNull<u8>, bytes: usize) {
        if let Some(last) = bytes.checked_sub(1) {
            let last = block.as_ptr().wrapping_add(last);
            // SAFETY: within the block.
            let byte = unsafe { last.read() };
            // SAFETY: as above.
            unsafe { last.write(!byte) };
        }
    }
}

/// Nothing is ever freed.
struct Leak;

impl Fault for Leak {
    const FREES: bool = false;
}

/// Blocks grow over what follows them.
struct Overlap;

impl Fault for Overlap {
    const LIES: bool = true;
}

/// Strong alignments are forgotten.
struct Misaligned;

impl Fault for Misaligned {
    fn allocated(block: NonNull<u8>, layout: Layout) -> NonNull<u8> {
        let off = usize::from(layout.align() > 64 && layout.size() > 8) * 8;
        // SAFETY: within the block.
        unsafe { block.add(off) }
    }
}

/// Whether a target's corpus finds a fault. (Its broken heaps end by a panic at once.)
fn finds(target: &str, run: fn(&[u8]) -> usize) -> bool {
    let inputs = corpus(target);
    let fails = |input: &Vec<u8>| catch_unwind(AssertUnwindSafe(|| run(input))).is_err();
    inputs.iter().any(fails)
}

#[test]
fn the_corpus_finds_nothing_in_a_sound_heap() {
    assert!(!finds("core", rlsf_fuzz::core::run::<Faithful>));
}

#[test]
fn the_corpus_finds_a_copy_that_is_short() {
    assert!(finds("core", rlsf_fuzz::core::run::<With<ShortCopy>>));
    assert!(finds("flex", rlsf_fuzz::flex::run::<With<ShortCopy>>));
    #[cfg(unix)]
    assert!(finds("global", rlsf_fuzz::global::run::<With<ShortCopy>>));
    #[cfg(unix)]
    assert!(finds("c_abi", rlsf_fuzz::c_abi::run::<With<ShortCopy>>));
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    assert!(finds("threads", rlsf_fuzz::threads::run::<With<ShortCopy>>));
}

#[test]
fn the_corpus_finds_a_block_that_is_not_freed() {
    assert!(finds("core", rlsf_fuzz::core::run::<With<Leak>>));
    assert!(finds("flex", rlsf_fuzz::flex::run::<With<Leak>>));
    #[cfg(unix)]
    assert!(finds("global", rlsf_fuzz::global::run::<With<Leak>>));
    #[cfg(unix)]
    assert!(finds("c_abi", rlsf_fuzz::c_abi::run::<With<Leak>>));
}

#[test]
fn the_corpus_finds_a_block_that_grows_over_the_next() {
    assert!(finds("core", rlsf_fuzz::core::run::<With<Overlap>>));
    assert!(finds("flex", rlsf_fuzz::flex::run::<With<Overlap>>));
}

#[test]
fn the_corpus_finds_a_lost_alignment() {
    assert!(finds("core", rlsf_fuzz::core::run::<With<Misaligned>>));
}
