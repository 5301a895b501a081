//! The checks of every operation, which debug assertions or the feature
//! `hardened` turn on: they stop before harm is done.

use crate::corruption::{arena, Heap, Scene, SIZE, TAG};
use crate::verbs::{fill, free, heap_over, layout, take, word};
use core::ptr::NonNull;

fn overwrite(block: NonNull<u8>, index: isize, value: usize) {
    // SAFETY: a word of the pool.
    unsafe { word(block, index).write(value) };
}

#[test]
#[should_panic(expected = "rlsf: the block is free already")]
fn freeing_twice_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    free(&mut scene.heap, scene.b);
}

#[test]
#[should_panic(expected = "is not from this heap")]
fn freeing_a_block_of_another_heap_is_reported() {
    let (arena, other) = (arena(), arena());
    let mut scene = Scene::new(&arena);
    free(&mut scene.heap, Scene::new(&other).a);
}

#[test]
#[should_panic(expected = "is not aligned to the granule")]
fn freeing_an_odd_address_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    let odd = NonNull::new(scene.a.as_ptr().wrapping_add(1)).unwrap();
    free(&mut scene.heap, odd);
}

#[test]
#[should_panic(expected = "or the pointer is not a payload's")]
fn freeing_an_interior_address_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    overwrite(scene.e, 0, 0);
    overwrite(scene.e, 1, 0);
    let inside = NonNull::new(scene.e.as_ptr().wrapping_add(8)).unwrap();
    free(&mut scene.heap, inside);
}

#[test]
#[should_panic(expected = "rlsf: the block's header is overwritten")]
fn freeing_a_block_with_an_overwritten_header_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    overwrite(scene.a, -1, 0x4444);
    free(&mut scene.heap, scene.a);
}

#[test]
#[should_panic(expected = "rlsf: the block's header is overwritten")]
fn freeing_a_block_that_seems_to_pass_the_end_of_its_pool_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    overwrite(scene.a, -1, 0x4141_4140);
    free(&mut scene.heap, scene.a);
}

#[test]
#[should_panic(expected = "rlsf: the next block's header is overwritten")]
fn an_overrun_into_the_next_block_is_reported() {
    let arena = arena();
    let mut heap: Heap<'_> = heap_over(&arena);
    let [a, b] = [16, 16].map(|size| take(&mut heap, size));
    overwrite(b, -1, 0x4242);
    free(&mut heap, a);
}

#[test]
#[should_panic(expected = "rlsf: the free block before this one is overwritten")]
fn an_overwritten_boundary_tag_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    overwrite(scene.b, TAG, 24 + SIZE);
    free(&mut scene.heap, scene.c);
}

#[test]
#[should_panic(expected = "rlsf: the free block before this one is overwritten")]
fn a_boundary_tag_that_leads_out_of_the_pool_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    overwrite(scene.b, TAG, 0x4141_4140);
    free(&mut scene.heap, scene.c);
}

#[test]
#[should_panic(expected = "rlsf: the free block before this one is overwritten")]
fn a_boundary_tag_that_leads_into_the_free_block_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    overwrite(scene.b, TAG, 24);
    free(&mut scene.heap, scene.c);
}

/// It seems to be the header of a free block of that size.
#[test]
#[should_panic(expected = "rlsf: the free block before this one is overwritten")]
fn a_boundary_tag_of_less_than_a_block_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    overwrite(scene.b, TAG, 8);
    free(&mut scene.heap, scene.c);
}

#[test]
#[should_panic(expected = "rlsf: the free block before this one is overwritten")]
fn a_boundary_tag_that_leads_to_another_free_block_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    overwrite(scene.d, TAG, SIZE + 24 + SIZE);
    free(&mut scene.heap, scene.e);
}

#[test]
#[should_panic(expected = "rlsf: the block is free already")]
fn resizing_a_freed_block_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    // SAFETY: not a live block: that is what is tested.
    unsafe { scene.heap.reallocate(scene.b, layout(100, 1)) };
}

#[test]
#[should_panic(expected = "rlsf: the block is free already")]
fn growing_a_freed_block_in_place_is_reported() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    // SAFETY: not a live block: that is what is tested.
    unsafe { scene.heap.try_grow_in_place(scene.b, 100) };
}

#[test]
fn a_sound_heap_passes_every_check() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    for block in fill(&mut scene.heap, 0) {
        free(&mut scene.heap, block);
    }
    for block in [scene.a, scene.c, scene.e] {
        free(&mut scene.heap, block);
    }
    assert_eq!(scene.heap.blocks().count(), 1);
}
