//! A heap's own bytes: kept, put back, and compared.

use crate::subject::Subject;
use anyhow::{ensure, Result};
use core::alloc::Layout;
use core::mem::{size_of, MaybeUninit};
use core::ops::Range;
use core::ptr;

const WORD: usize = size_of::<usize>();

/// A copy of a heap's own bytes.
pub(crate) struct Own<H>(MaybeUninit<H>);

impl<H> Own<H> {
    pub(crate) fn of(heap: &H) -> Self {
        let mut copy = MaybeUninit::uninit();
        // SAFETY: a heap is plain data; the copy is not used as one.
        unsafe { ptr::copy_nonoverlapping(heap, copy.as_mut_ptr(), 1) };
        Self(copy)
    }

    /// Makes the heap what it was.
    ///
    /// # Safety
    ///
    /// So is the memory of its pools.
    pub(crate) unsafe fn put_back(&self, heap: &mut H) {
        // SAFETY: the copy is that of a heap.
        unsafe { ptr::copy_nonoverlapping(self.0.as_ptr(), heap, 1) };
    }

    /// Whether the heap's bytes in these places are what they were.
    pub(crate) fn has(&self, heap: &H, places: &[Range<usize>]) -> bool {
        places.iter().all(|place| self.has_at(heap, place))
    }

    fn has_at(&self, heap: &H, place: &Range<usize>) -> bool {
        let now = ptr::from_ref(heap).cast::<u8>().wrapping_add(place.start);
        let then = self.0.as_ptr().cast::<u8>().wrapping_add(place.start);
        // SAFETY: both have so many bytes; C's comparison takes those between a struct's fields, too.
        (unsafe { libc::memcmp(now.cast(), then.cast(), place.len()) }) == 0
    }
}

/// The places of a heap's bytes that a refusal leaves as they are: all but the words that count refusals and
/// know the largest request, which are those that the refusal of an empty heap changes.
///
/// # Errors
///
/// These are more than two, or there was no refusal.
pub(crate) fn places_unmoved_by_a_refusal<H: Subject>() -> Result<Vec<Range<usize>>> {
    let mut heap = H::empty();
    let before = Own::of(&heap);
    ensure!(
        heap.allocate(Layout::new::<usize>()).is_none(),
        "an empty heap serves a request"
    );
    let mut places = Vec::new();
    let mut begin = 0;
    for word in (0..size_of::<H>()).step_by(WORD) {
        if !before.has_at(&heap, &(word..word + WORD)) {
            places.push(begin..word);
            begin = word + WORD;
        }
    }
    ensure!(places.len() <= 2, "a refusal changes more than two words");
    places.push(begin..size_of::<H>());
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rlsf::Tlsf;

    type Heap = Tlsf<'static, u8, u8, 8, 8>;

    /// Flips a bit of a heap that is not to be used as one before it is flipped back.
    fn flip(heap: &mut Heap, byte: usize) {
        let byte = ptr::from_mut(heap).cast::<u8>().wrapping_add(byte);
        // SAFETY: within the heap.
        let was = unsafe { byte.read() };
        // SAFETY: as above.
        unsafe { byte.write(was ^ 1) };
    }

    #[test]
    fn a_refusal_changes_two_words() {
        let places = places_unmoved_by_a_refusal::<Heap>().unwrap();
        let bytes: usize = places.iter().map(Range::len).sum();
        assert_eq!(bytes, size_of::<Heap>() - 2 * WORD);
    }

    #[test]
    fn a_changed_byte_is_seen_but_where_none_is_looked_at() {
        let mut heap = Heap::new();
        let before = Own::of(&heap);
        let places = places_unmoved_by_a_refusal::<Heap>().unwrap();
        heap.allocate(Layout::new::<usize>());
        assert!(before.has(&heap, &places));
        for place in &places {
            for byte in place.clone() {
                flip(&mut heap, byte);
                assert!(!before.has(&heap, &places));
                flip(&mut heap, byte);
            }
        }
        // SAFETY: it has no pools.
        unsafe { before.put_back(&mut heap) };
        assert_eq!(heap.statistics().failed_requests, 0);
    }
}
