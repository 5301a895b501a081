//! Queues that are marked, and the owner that looks at marked ones only.

use super::block::Block;
use crate::intake::Intake;
use crate::link::Inbox;
use crate::marks::Marks;
use crate::sync::thread;
use std::sync::Arc;

struct Scene {
    queues: [Inbox; 2],
    marks: Marks,
    blocks: Vec<Block>,
}

/// Looks at a marked queue; how many were taken.
fn look(scene: &Scene, intakes: &mut [Intake; 2], start: usize) -> usize {
    let Some(queue) = scene.marks.next(start) else {
        return 0;
    };
    let (intake, inbox) = (&mut intakes[queue], &scene.queues[queue]);
    // SAFETY: the blocks have room, and there is one intake a queue.
    let Some(link) = (unsafe { intake.take_one(inbox) }) else {
        scene.marks.clear(queue, || intake.has_some(inbox));
        return 0;
    };
    // SAFETY: a block of the scene.
    let block = unsafe { Block::of(link) };
    assert_eq!(block.write(2), 1, "it was put in, and not taken before");
    1
}

/// Some threads put a block each into the queues in turn, and mark them, while the owner looks so
/// many times: what is in a queue when they are through is found by its mark.
pub(crate) fn marks(threads: usize, looks: usize) {
    let scene = Arc::new(Scene {
        queues: [Inbox::new(), Inbox::new()],
        marks: Marks::new(),
        blocks: (0..threads).map(|_| Block::new()).collect(),
    });
    let adding: Vec<_> = (0..threads)
        .map(|thread| {
            let scene = scene.clone();
            thread::spawn(move || {
                let block = &scene.blocks[thread];
                assert_eq!(block.write(1), 0);
                let queue = thread % 2;
                // SAFETY: the block has room, and this thread only.
                unsafe { scene.queues[queue].push(block.link()) };
                scene.marks.mark(queue);
            })
        })
        .collect();
    let mut intakes = [Intake::new(), Intake::new()];
    let mut taken: usize = (0..looks).map(|at| look(&scene, &mut intakes, at)).sum();
    for it in adding {
        it.join().unwrap();
    }
    // Each look takes a block, clears a mark, or turns to another list.
    taken += (0..4 * threads)
        .map(|at| look(&scene, &mut intakes, at))
        .sum::<usize>();
    assert_eq!(taken, threads, "all are found");
    assert_eq!(scene.marks.next(0), None, "and nothing else is marked");
}
