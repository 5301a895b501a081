//! Damaged heaps: `validate` never faults, never hangs, and never reads outside of the heap and its pools.
//!
//! A heap in a random state lies in pages with nothing around them. Bits of its words are flipped, a few at a
//! time: headers, links, tags, sentinels, footers, bitmaps, heads, counters. A child process validates it, so
//! that a fault or a hang is seen, told and counted.

use crate::child::{self, End};
use crate::guarded::{Guarded, PAGE};
use crate::spec::WORD;
use crate::subject::Subject;
use anyhow::{bail, ensure, Context, Result};
use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;
use fastrand::Rng;
use rlsf::{BlockInfo, Tlsf};
use std::time::Instant;

/// Damages to one heap before the next one is made.
const DAMAGES_A_HEAP: u64 = 2_000;

/// The seconds after which a child has hung.
const PATIENCE: u32 = 60;

/// What kind of word a damage hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of a pool: headers, links, tags, sentinels and footers.
    Pool,
    /// Of the heap itself: bitmaps, heads, the link to the pools, counters.
    Heap,
}

/// What parent and child share.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
struct Tally {
    /// The damages done, the one that is being looked at included.
    done: u64,
    found: u64,
    /// Those that `validate` does not see, of one flipped bit in a pool, of more, and of any in the heap.
    unseen_single: u64,
    unseen_pool: u64,
    unseen_heap: u64,
    /// The number of the first such damage of one bit, counted from one.
    first_unseen: u64,
}

/// Damages heaps of three kinds, millions of times.
///
/// # Errors
///
/// `validate` crashed or hung, or missed a single flipped bit in a pool.
pub(crate) fn run(long: bool) -> Result<()> {
    let count = if long { 100_000_000 } else { 10_000_000 };
    damage::<Tlsf<'static, usize, usize, 12, 16>>("usize/12 usize/16", count)?;
    damage::<Tlsf<'static, u8, u8, 8, 8>>("u8/8 u8/8", count)?;
    damage::<Tlsf<'static, u32, u8, 6, 1>>("u32/6 u8/1", count)
}

fn damage<H: Subject>(name: &str, count: u64) -> Result<()> {
    let start = Instant::now();
    let shared = Guarded::pages(1, true)?.page(0).cast::<Tally>();
    let pages = Guarded::pages(3, false)?;
    // SAFETY: a page of zeros is a tally, and it is only read while no child is at work.
    let tally = || unsafe { shared.read() };
    let mut crashes = Vec::new();
    while tally().done < count {
        let scene = Scene::<H>::new(&pages, tally().done / DAMAGES_A_HEAP)?;
        let end = child::run(PATIENCE, || scene.damage_all(shared))?;
        if end != End::Done {
            crashes.push((end, scene.describe(tally().done - 1)));
            ensure!(crashes.len() < 1000, "{name}: {:?}", crashes[0]);
        }
    }
    println!(
        "{name}: {}; {} crashes; {:.1} s",
        tally(),
        crashes.len(),
        start.elapsed().as_secs_f64()
    );
    if let Some((end, damage)) = crashes.first() {
        bail!("validate crashed, at first with {damage}: {end:?}");
    }
    if let Some(number) = tally().first_unseen.checked_sub(1) {
        let scene = Scene::<H>::new(&pages, number / DAMAGES_A_HEAP)?;
        bail!(
            "a flipped bit in a pool is not seen: {}",
            scene.describe(number)
        );
    }
    Ok(())
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} damaged heaps, {} found out; unseen: {} of one bit in a pool, {} of more, {} with words of the \
             heap itself, as its counters' peaks",
            self.done, self.found, self.unseen_single, self.unseen_pool, self.unseen_heap
        )
    }
}

/// A heap in a random state, in pages with nothing around.
struct Scene<H> {
    heap: NonNull<H>,
    pools: [NonNull<[u8]>; 2],
    seed: u64,
    /// Every word that is the heap's.
    words: Vec<(NonNull<usize>, Kind)>,
}

impl<H: Subject> Scene<H> {
    fn new(pages: &Guarded, seed: u64) -> Result<Self> {
        ensure!(size_of::<H>() <= PAGE, "the heap has more than a page");
        let pools = [pages.page(1), pages.page(2)];
        let end = pages.page(0).cast::<u8>().as_ptr().wrapping_add(PAGE);
        let heap = end.wrapping_sub(size_of::<H>()) as usize & !(align_of::<H>() - 1);
        let heap = end.with_addr(heap).cast::<H>();
        let heap = NonNull::new(heap).context("a page is not at null")?;
        let mut scene = Self {
            heap,
            pools,
            seed,
            words: Vec::new(),
        };
        scene.play();
        scene.fill();
        scene.list_words();
        Ok(scene)
    }

    fn heap(&mut self) -> &mut H {
        // SAFETY: it was written by `play`, and is used by one at a time.
        unsafe { self.heap.as_mut() }
    }

    /// Brings the heap into a random state.
    fn play(&mut self) {
        let mut rng = Rng::with_seed(self.seed);
        // SAFETY: the page has room for the heap.
        unsafe { self.heap.write(H::empty()) };
        for region in self.pools {
            // SAFETY: the pages stay mapped, and only this heap uses them.
            unsafe { self.heap().insert(region) };
        }
        let mut live = Vec::new();
        let largest = 16 << rng.u32(..6);
        for _ in 0..rng.usize(..200) {
            if rng.u8(..3) > 0 || live.is_empty() {
                let layout = Layout::from_size_align(rng.usize(..largest), 8 << rng.u32(..3));
                live.extend(layout.ok().and_then(|layout| self.heap().allocate(layout)));
            } else {
                let block = live.swap_remove(rng.usize(..live.len()));
                // SAFETY: a live block.
                unsafe { self.heap().free(block) };
            }
        }
    }

    /// Fills payloads with what is no header: one of an earlier block, at which a block whose size is
    /// damaged happens to end, would be as good as any.
    fn fill(&mut self) {
        let payloads: Vec<_> = self
            .heap()
            .pools()
            .flat_map(|pool| pool.blocks())
            .filter(BlockInfo::is_occupied)
            .map(|block| (block.as_ptr().cast::<u8>(), block.size()))
            .collect();
        for (header, bytes) in payloads {
            // SAFETY: within the block.
            let payload = unsafe { header.add(WORD) };
            // SAFETY: as above.
            unsafe { payload.write_bytes(0x5a, bytes - WORD) };
        }
    }

    /// Notes every word of the pools and of the heap that is the heap's.
    fn list_words(&mut self) {
        let mut words = Vec::new();
        let heap = self.heap.cast::<usize>();
        words.extend((0..size_of::<H>() / WORD).map(|i| (nth(heap, i), Kind::Heap)));
        for pool in self.heap().pools() {
            for block in pool.blocks() {
                let (header, last) = (block.as_ptr().cast::<usize>(), block.size() / WORD - 1);
                let links_and_tag: &[usize] = &[0, 1, 2, last];
                let own = if block.is_occupied() {
                    &links_and_tag[..1]
                } else {
                    links_and_tag
                };
                words.extend(own.iter().map(|&i| (nth(header, i), Kind::Pool)));
            }
            let end = pool.block_bytes() / WORD;
            let start = pool.as_ptr().cast::<usize>();
            words.extend((end..end + 5).map(|i| (nth(start, i), Kind::Pool)));
        }
        // On 32 bits a least block's tag is none of its links; on 64 it is one of them, and listed once.
        words.dedup();
        self.words = words;
    }

    /// Damages and validates the heap as often as it is to be, from where the tally stands.
    fn damage_all(&self, shared: NonNull<Tally>) {
        // SAFETY: the parent waits meanwhile.
        let mut tally = unsafe { shared.read() };
        let stop = (self.seed + 1) * DAMAGES_A_HEAP;
        while tally.done < stop {
            let damage = self.damage(tally.done);
            tally.done += 1;
            // SAFETY: as above.
            unsafe { shared.write(tally) };
            self.flip(&damage);
            // SAFETY: the heap is only read, and `validate` is to bear any words.
            let verdict = unsafe { self.heap.as_ref() }.validate();
            self.flip(&damage);
            let in_heap = damage.iter().any(|&(w, _)| self.words[w].1 == Kind::Heap);
            match (verdict, in_heap, damage.len()) {
                (Err(_), ..) => tally.found += 1,
                (Ok(()), true, _) => tally.unseen_heap += 1,
                (Ok(()), false, 1) => {
                    tally.unseen_single += 1;
                    if tally.first_unseen == 0 {
                        tally.first_unseen = tally.done;
                    }
                }
                (Ok(()), false, _) => tally.unseen_pool += 1,
            }
        }
        // SAFETY: as above.
        unsafe { shared.write(tally) };
    }

    /// The damage of a number: words and the bits to flip in them, near each other as often as not, and at
    /// times the same bit in each.
    fn damage(&self, number: u64) -> Vec<(usize, usize)> {
        let mut rng = Rng::with_seed(number);
        let flips = [1, 1, 2, 2, 2, 3, 4, 8][rng.usize(..8)];
        let first = rng.usize(..self.words.len());
        let bit = rng.u32(..usize::BITS);
        let (near, same) = (rng.bool(), rng.bool());
        let mut damage = vec![(first, 1 << bit)];
        while damage.len() < flips {
            let word = if near {
                (first + rng.usize(..8)) % self.words.len()
            } else {
                rng.usize(..self.words.len())
            };
            let other = rng.u32(..usize::BITS);
            let flip = (word, 1 << if same { bit } else { other });
            if !damage.contains(&flip) {
                damage.push(flip);
            }
        }
        damage
    }

    fn flip(&self, damage: &[(usize, usize)]) {
        for &(word, bits) in damage {
            let place = self.words[word].0;
            // SAFETY: a word of the pages.
            let was = unsafe { place.read_volatile() };
            // SAFETY: as above.
            unsafe { place.write_volatile(was ^ bits) };
        }
    }

    /// A damage for people: where each word lies, and what is flipped in it.
    fn describe(&self, number: u64) -> String {
        let parts = self.damage(number).into_iter().map(|(word, bits)| {
            let (place, kind) = self.words[word];
            let from = match kind {
                Kind::Heap => self.heap.as_ptr() as usize,
                Kind::Pool => place.as_ptr() as usize & !(PAGE - 1),
            };
            let at = place.as_ptr() as usize - from;
            format!("{kind:?} at {at}: bits {bits:#x}")
        });
        format!("damage {number}: {}", parts.collect::<Vec<_>>().join(", "))
    }
}

/// The word of a number from `start` on.
fn nth(start: NonNull<usize>, number: usize) -> NonNull<usize> {
    // SAFETY: the callers' words lie in one page.
    unsafe { start.add(number) }
}
