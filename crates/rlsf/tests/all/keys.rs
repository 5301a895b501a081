//! The key of a hardened `GlobalTlsf`: another one in each process, whatever it is used for first.

use crate::child::{in_child, start, wait_for, End};
use crate::verbs::{layout, word};
use core::alloc::GlobalAlloc;
use core::mem::size_of;
use core::ptr::{null_mut, NonNull};
use rlsf::GlobalTlsf;

/// How many blocks a process tells of: on 32 bits a seal has two, which can be the same by chance.
const BLOCKS: usize = 64;

/// What a process tells of a block: its address, and the word before it.
type Told = [[usize; 2]; BLOCKS];

/// Memory that children share.
fn shared() -> *mut Told {
    let (access, kind) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_SHARED | libc::MAP_ANON,
    );
    let bytes = 2 * size_of::<Told>();
    // SAFETY: a mapping at a place of its own.
    let place = unsafe { libc::mmap(null_mut(), bytes, access, kind, -1, 0) };
    assert_ne!(place, libc::MAP_FAILED);
    place.cast()
}

/// What two processes tell that are the same up to the use of their heap.
fn told_by_two(first: fn(&GlobalTlsf)) -> [Told; 2] {
    let place = shared();
    for index in 0..2 {
        let child = start(|| {
            let heap = GlobalTlsf::new();
            first(&heap);
            let told = [(); BLOCKS].map(|()| {
                // SAFETY: more than nothing.
                let block = NonNull::new(unsafe { heap.alloc(layout(100, 1)) }).unwrap();
                // SAFETY: the header of a block.
                let header = unsafe { word(block, -1).read() };
                [block.as_ptr() as usize, header]
            });
            let place = place.wrapping_add(index);
            // SAFETY: one of the two.
            unsafe { place.write(told) };
        });
        assert_eq!(wait_for(child), End::Code(0));
    }
    // SAFETY: both were written.
    unsafe { place.cast::<[Told; 2]>().read() }
}

#[test]
fn the_key_is_another_one_in_each_process_whatever_comes_first() {
    let uses: [fn(&GlobalTlsf); 4] = [
        |_| {},
        |heap| heap.reserve(1 << 20).unwrap(),
        |heap| {
            heap.reserve(1 << 20).unwrap();
            heap.trim();
            heap.reserve(1 << 20).unwrap();
        },
        |heap| {
            heap.trim();
        },
    ];
    let code = in_child(move || {
        for first in uses {
            let [one, other] = told_by_two(first);
            assert_eq!(
                one.map(|told| told[0]),
                other.map(|told| told[0]),
                "the same places"
            );
            assert_ne!(one, other, "the same seals");
        }
    });
    assert_eq!(code, End::Code(0));
}
