//! An inbox, and the thread that takes its blocks one by one.

use super::block::Block;
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

/// Some threads put in blocks while another one takes them.
pub(crate) fn inbox(threads: usize, blocks_each: usize) {
    let blocks = threads * blocks_each;
    let scene = Arc::new(Scene {
        inbox: Inbox::new(),
        blocks: (0..blocks).map(|_| Block::new()).collect(),
    });
    let adding: Vec<_> = (0..threads)
        .map(|thread| {
            let scene = scene.clone();
            thread::spawn(move || {
                for block in scene.blocks.iter().skip(thread).step_by(threads) {
                    assert_eq!(block.write(1), 0);
                    // SAFETY: the block has room, and this thread only.
                    unsafe { scene.inbox.push(block.link()) };
                }
            })
        })
        .collect();
    let mut intake = Intake::new();
    let mut taken: usize = (0..blocks).map(|_| take(&scene, &mut intake)).sum();
    adding.into_iter().for_each(|it| it.join().unwrap());
    // Each call looks at another list; there are at most as many as threads.
    taken += (0..blocks + 2 * threads)
        .map(|_| take(&scene, &mut intake))
        .sum::<usize>();
    assert_eq!(taken, blocks, "all arrive");
}
