//! What users of the published crate write for heaps that grow: every signature, and
//! typical uses.

use crate::verbs::layout;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use rlsf::{FlexSource, FlexTlsf, GlobalAllocAsFlexSource};
use std::alloc::System;

type Source = GlobalAllocAsFlexSource<System, 1024>;
type Heap = FlexTlsf<Source, usize, usize, 16, 16>;

/// A source that has nothing, with every method as it is.
struct Nothing;

// SAFETY: it gives no memory.
unsafe impl FlexSource for Nothing {}

#[test]
fn a_source_without_methods_gives_nothing() {
    let mut heap: FlexTlsf<Nothing, u8, u8, 8, 8> = FlexTlsf::new(Nothing);
    assert_eq!(heap.allocate(layout(1, 1)), None);
    let source = heap.source_ref();
    assert_eq!(source.min_align(), 1);
    assert!(!source.supports_dealloc() && !source.supports_realloc_inplace_grow());
    assert!(!source.is_contiguous_growable());
}

#[test]
#[allow(clippy::type_complexity)]
fn every_signature_of_the_growing_heap_is_the_published_one() {
    const HEAP: Heap = Heap::new(GlobalAllocAsFlexSource(System));
    let _: fn(&mut Heap, Layout) -> Option<NonNull<u8>> = Heap::allocate;
    let _: unsafe fn(&mut Heap, NonNull<u8>, usize) = Heap::deallocate;
    let _: unsafe fn(&mut Heap, NonNull<u8>, Layout) -> Option<NonNull<u8>> = Heap::reallocate;
    let usable: unsafe fn(NonNull<u8>) -> usize = Heap::allocation_usable_size;
    let _: for<'a> fn(&'a Heap) -> &'a Source = Heap::source_ref;
    let _: for<'a> unsafe fn(&'a mut Heap) -> &'a mut Source = Heap::source_mut_unchecked;
    let mut heap = HEAP;
    let place = heap.allocate(layout(30, 1)).unwrap();
    // SAFETY: a live block.
    assert!(unsafe { usable(place) } >= 30);
    assert_eq!(heap.source_ref().min_align(), 1024);
}

#[test]
fn a_growing_heap_as_users_write_it() {
    let mut tlsf: FlexTlsf<Source, usize, usize, 16, 16> = FlexTlsf::default();
    // SAFETY: the blocks are live until they are freed.
    unsafe {
        let ptr = tlsf.allocate(Layout::new::<u64>()).unwrap().cast::<u64>();
        ptr.as_ptr().write(42);
    }
    let mut blocks = Vec::new();
    for size in (0..10_000).step_by(501) {
        blocks.push((tlsf.allocate(layout(size, 32)).unwrap(), size));
    }
    for (block, size) in blocks {
        // SAFETY: a live block.
        let block = unsafe { tlsf.reallocate(block, layout(size * 2, 32)) }.unwrap();
        // SAFETY: a live block.
        unsafe { tlsf.deallocate(block, 32) };
    }
    assert_eq!(tlsf.as_tlsf().validate(), Ok(()));
}

#[cfg(unix)]
mod global {
    use super::{layout, GlobalAlloc, Layout, NonNull};
    use rlsf::{CAlloc, GlobalTlsf, GlobalTlsfOptions, SmallGlobalTlsf, SmallGlobalTlsfOptions};

    struct MyOptions;

    impl GlobalTlsfOptions for MyOptions {
        const COALESCE_POOLS: bool = false;
    }

    #[test]
    fn options_as_users_write_them() {
        static HEAP: GlobalTlsf<MyOptions> = GlobalTlsf::new();
        static SMALL: SmallGlobalTlsf = SmallGlobalTlsf::new();
        let full = (
            <() as GlobalTlsfOptions>::ENABLE_REALLOCATION,
            <() as GlobalTlsfOptions>::COALESCE_POOLS,
        );
        let small = (
            SmallGlobalTlsfOptions::ENABLE_REALLOCATION,
            SmallGlobalTlsfOptions::COALESCE_POOLS,
        );
        assert_eq!((full, small), ((true, true), (false, false)));
        for heap in [&HEAP as &dyn GlobalAlloc, &SMALL] {
            // SAFETY: more than nothing.
            let block = unsafe { heap.alloc(layout(100, 8)) };
            assert!(!block.is_null());
            // SAFETY: a live block.
            unsafe { heap.dealloc(block, layout(100, 8)) };
        }
    }

    #[test]
    fn every_signature_of_the_face_for_c_is_the_published_one() {
        type Heap = GlobalTlsf;
        let allocate: fn(&Heap, Layout) -> Option<NonNull<u8>> = <Heap as CAlloc>::allocate;
        let deallocate: unsafe fn(&Heap, NonNull<u8>) = <Heap as CAlloc>::deallocate;
        let reallocate: unsafe fn(&Heap, NonNull<u8>, Layout) -> Option<NonNull<u8>> =
            <Heap as CAlloc>::reallocate;
        let usable: unsafe fn(NonNull<u8>) -> usize = <Heap as CAlloc>::allocation_usable_size;
        let heap = Heap::new();
        let block = allocate(&heap, layout(10, 1)).unwrap();
        // SAFETY: a live block.
        let block = unsafe { reallocate(&heap, block, layout(100, 16)) }.unwrap();
        // SAFETY: a live block.
        assert!(unsafe { usable(block) } >= 100);
        // SAFETY: a live block.
        unsafe { deallocate(&heap, block) };
        assert_eq!(heap.validate(), Ok(()));
    }
}

#[cfg(feature = "const-default")]
mod constant {
    use super::{layout, Heap, Nothing, Source};
    use const_default::ConstDefault;
    use rlsf::{FlexTlsf, GlobalAllocAsFlexSource, Tlsf};

    impl ConstDefault for Nothing {
        const DEFAULT: Self = Self;
    }

    #[test]
    fn every_heap_has_a_constant_default() {
        let mut plain = Tlsf::<'static, u8, u8, 8, 8>::DEFAULT;
        assert_eq!(plain.allocate(layout(1, 1)), None);
        let mut flex = FlexTlsf::<Nothing, u8, u8, 8, 8>::DEFAULT;
        assert_eq!(flex.allocate(layout(1, 1)), None);
        assert_eq!(GlobalAllocAsFlexSource::<(), 8>::DEFAULT.0, ());
        drop((Heap::default(), Source::default()));
    }

    #[cfg(unix)]
    #[test]
    fn the_global_heap_has_one_as_well() {
        static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::DEFAULT;
        static SMALL: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::DEFAULT;
        assert_eq!((HEAP.validate(), SMALL.validate()), (Ok(()), Ok(())));
    }
}
