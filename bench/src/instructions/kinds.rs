//! Each kind of operation by itself, on a heap that is laid out for it.
//!
//! In the drawings `[x]` is used, `( )` is free, and `!` is the block of the counted operation.

use nix::errno::Errno;

use crate::contestant::Contestant;
use crate::fill::{fill, fill_with, plain};
use crate::open_heap::{Block, OpenHeap};
use rlsf_bench_report::Table;
use rlsf_stepper::{announce, Outcome};

use super::{count as count_calls, for_each_heap, median_and_most, Measure, LIMIT};

/// Sizes for operations whose count should not depend on them; most are small, as in programs.
const SIZES: [usize; 11] = [16, 24, 40, 64, 100, 150, 200, 400, 1500, 6000, 12_000];

/// Sizes for operations that may copy the payload: small, so that the copy hardly counts.
const COPIED_SIZES: [usize; 5] = [64, 96, 128, 200, 256];

/// Sizes of which half is worth a block of its own.
const SHRUNK_SIZES: [usize; 8] = [128, 200, 400, 800, 1500, 3000, 6000, 12_000];

/// The size of a fragment, and requests just above it.
const FRAGMENT: usize = 1000;
const ABOVE_FRAGMENT: [usize; 3] = [1040, 1072, 1104];

/// The number of free fragments.
const FRAGMENTS: usize = 10_000;

/// One kind of operation: lays a heap out for a size, announces, operates.
struct Kind {
    name: &'static str,
    pool_size: usize,
    sizes: &'static [usize],
    operate: fn(&mut OpenHeap, usize) -> Option<()>,
}

/// The kinds of one operation.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    kinds: &'static [Kind],
}

const fn kind(
    name: &'static str,
    sizes: &'static [usize],
    operate: fn(&mut OpenHeap, usize) -> Option<()>,
) -> Kind {
    Kind {
        name,
        pool_size: 1 << 20,
        sizes,
        operate,
    }
}

/// All kinds.
pub(crate) const GROUPS: [Group; 3] = [
    Group {
        title: "allocate",
        kinds: &[
            kind("split", &SIZES, |heap, size| split(heap, size, 8)),
            kind("exact", &SIZES, exact_fit),
            kind("align 64", &SIZES, |heap, size| split(heap, size, 64)),
            kind("align 4096", &SIZES, |heap, size| split(heap, size, 4096)),
            kind("fail", &SIZES, fail_in_a_full_heap),
            Kind {
                name: "fail fragmented",
                pool_size: 4 * FRAGMENTS * FRAGMENT,
                sizes: &ABOVE_FRAGMENT,
                operate: fail_among_fragments,
            },
        ],
    },
    Group {
        title: "free",
        kinds: &[
            kind("alone", &SIZES, |heap, size| free(heap, size, false, false)),
            kind("merge prev", &SIZES, |heap, size| {
                free(heap, size, true, false)
            }),
            kind("merge next", &SIZES, |heap, size| {
                free(heap, size, false, true)
            }),
            kind("merge both", &SIZES, |heap, size| {
                free(heap, size, true, true)
            }),
        ],
    },
    Group {
        title: "reallocate",
        kinds: &[
            kind("same", &SIZES, |heap, size| {
                resize(heap, Around::Used, size, size)
            }),
            kind("shrink", &SHRUNK_SIZES, |heap, size| {
                resize(heap, Around::Used, size, size / 2)
            }),
            kind("forward", &COPIED_SIZES, |heap, size| {
                resize(heap, Around::NextFree, size, 2 * size)
            }),
            kind("backward", &COPIED_SIZES, |heap, size| {
                resize(heap, Around::PrevFree, size, 2 * size)
            }),
            kind("move", &COPIED_SIZES, |heap, size| {
                resize(heap, Around::Used, size, 2 * size)
            }),
        ],
    },
];

/// Counts a group's kinds for each heap.
pub(crate) fn count(
    group: &Group,
    heaps: &[&'static Contestant],
    measure: Measure,
) -> Result<Table, Errno> {
    let columns = group.kinds.iter().map(|kind| kind.name).chain(["worst"]);
    let title = format!("{}: {}, median (maximum)", group.title, measure.name());
    let mut table = Table::new(group.title, title, columns);
    let rows = for_each_heap(heaps, |heap| {
        let counts = group
            .kinds
            .iter()
            .map(|kind| count_kind(kind, heap, measure));
        counts.collect::<Result<Vec<_>, _>>()
    })?;
    for (heap, counts) in heaps.iter().zip(rows) {
        let worst = counts.iter().flatten().max().copied();
        let kinds = counts.into_iter().map(median_and_most);
        table.push(heap.name, kinds.chain([worst.into()]).collect());
    }
    Ok(table)
}

/// The counts of one kind, none if the heap cannot do it.
fn count_kind(kind: &Kind, heap: &'static Contestant, measure: Measure) -> Result<Vec<u64>, Errno> {
    let mut counts = Vec::new();
    for &size in kind.sizes {
        let mut opened = OpenHeap::new(heap, kind.pool_size);
        let trace = count_calls(heap, measure, LIMIT, || (kind.operate)(&mut opened, size))?;
        if trace.outcome != Outcome::Finished {
            return Ok(Vec::new());
        }
        counts.extend(trace.samples.iter().map(|sample| measure.of(sample)));
    }
    Ok(counts)
}

/// `[ ](          )` becomes `[ ][!](       )`.
fn split(heap: &mut OpenHeap, size: usize, align: usize) -> Option<()> {
    let _first = heap.allocate(plain(64))?;
    allocate(heap, size, align)
}

fn allocate(heap: &mut OpenHeap, size: usize, align: usize) -> Option<()> {
    let layout = plain(size).align_to(align).ok()?;
    announce(0);
    heap.allocate(layout).map(drop)
}

/// `[ ](  )[ ][ ](     )` with the hole just as large as the request.
fn exact_fit(heap: &mut OpenHeap, size: usize) -> Option<()> {
    let [_prev, this, _next] = neighbours(heap, [size; 3])?;
    heap.free(this);
    allocate(heap, size, 8)
}

/// `[ ][ ][ ][ ][ ]`
fn fail_in_a_full_heap(heap: &mut OpenHeap, size: usize) -> Option<()> {
    let _blocks = fill(heap, 1 << 19);
    announce(0);
    heap.allocate(plain(size)).is_none().then_some(())
}

/// `[ ]( )[ ]( )[ ]( )[ ][ ][ ]` with every hole a little too small.
fn fail_among_fragments(heap: &mut OpenHeap, size: usize) -> Option<()> {
    let mut kept = Vec::new();
    let mut holes = Vec::new();
    for _ in 0..FRAGMENTS {
        holes.push(heap.allocate(plain(FRAGMENT))?);
        kept.push(heap.allocate(plain(FRAGMENT))?);
    }
    kept.extend(fill_with(heap, plain(size)));
    for hole in holes {
        heap.free(hole);
    }
    announce(0);
    heap.allocate(plain(size)).is_none().then_some(())
}

/// `[ ][!][ ][ ](    )`, with one or both of the neighbours free.
fn free(heap: &mut OpenHeap, size: usize, prev_free: bool, next_free: bool) -> Option<()> {
    let [prev, this, next] = neighbours(heap, [size; 3])?;
    if prev_free {
        heap.free(prev);
    }
    if next_free {
        heap.free(next);
    }
    announce(0);
    heap.free(this);
    Some(())
}

/// Which neighbour of the block is free.
#[derive(Clone, Copy)]
enum Around {
    Used,
    PrevFree,
    NextFree,
}

/// `[ ][!][ ][ ](    )`, with a free neighbour of twice the size, or none.
fn resize(heap: &mut OpenHeap, around: Around, size: usize, new_size: usize) -> Option<()> {
    let [prev, mut this, next] = neighbours(heap, [2 * size, size, 2 * size])?;
    match around {
        Around::Used => {}
        Around::PrevFree => heap.free(prev),
        Around::NextFree => heap.free(next),
    }
    announce(0);
    heap.resize(&mut this, new_size).then_some(())
}

/// Three used blocks in a row and a fourth that keeps them from the rest of the pool.
fn neighbours(heap: &mut OpenHeap, sizes: [usize; 3]) -> Option<[Block; 3]> {
    let [prev, this, next] = sizes.map(|size| heap.allocate(plain(size)));
    let _guard = heap.allocate(plain(64))?;
    Some([prev?, this?, next?])
}
