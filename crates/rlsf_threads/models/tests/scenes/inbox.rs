//! An inbox, and the thread that takes its blocks one by one.

use super::block::Block;
use super::gone::set_gone;
use crate::intake::Intake;
use crate::link::Inbox;
use crate::sync::thread;
use std::sync::Arc;

struct Scene {
    inbox: Inbox,
    blocks: Vec<Block>,
}

/// Takes a block, if one comes; how often that was so.
fn take(scene: &Scene, intake: &mut Intake) -> usize {
    // SAFETY: the blocks have room, and there is one intake.
    let Some(link) = (unsafe { intake.take_one(&scene.inbox) }) else {
        return 0;
    };
    // SAFETY: a block of the scene.
    let block = unsafe { Block::of(link) };
    assert_eq!(block.write(2), 1, "it was put in, and not taken before");
    1
}

/// Has some threads put in a block each and be gone before it is linked; those are the last
/// blocks of the scene.
fn lose(scene: &Scene, intake: &mut Intake, gone: usize) {
    let lost = &scene.blocks[scene.blocks.len() - gone..];
    set_gone(&lost.iter().map(Block::link).collect::<Vec<_>>());
    for block in lost {
        // SAFETY: the block has room, and nobody uses it.
        unsafe { scene.inbox.push(block.link()) };
        assert_eq!(take(scene, intake), 0);
    }
}

/// Some threads put in blocks while another one takes them; some others are gone.
pub(crate) fn inbox(threads: usize, blocks_each: usize, gone: usize) {
    let blocks = threads * blocks_each;
    let scene = Arc::new(Scene {
        inbox: Inbox::new(),
        blocks: (0..blocks + gone).map(|_| Block::new()).collect(),
    });
    let mut intake = Intake::new();
    lose(&scene, &mut intake, gone);
    let adding: Vec<_> = (0..threads)
        .map(|thread| {
            let scene = scene.clone();
            thread::spawn(move || {
                let blocks = scene.blocks.iter().take(blocks);
                for block in blocks.skip(thread).step_by(threads) {
                    assert_eq!(block.write(1), 0);
                    // SAFETY: the block has room, and this thread only.
                    unsafe { scene.inbox.push(block.link()) };
                }
            })
        })
        .collect();
    let mut taken: usize = (0..blocks).map(|_| take(&scene, &mut intake)).sum();
    for it in adding {
        it.join().unwrap();
    }
    // Each call looks at another list; there are at most as many as threads.
    let calls = blocks + 2 * (threads + gone);
    taken += (0..calls).map(|_| take(&scene, &mut intake)).sum::<usize>();
    assert_eq!(taken, blocks, "all arrive");
}
