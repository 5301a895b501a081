//! A3 and the invariants of every slab.

use super::slab::Slab;
use super::SlabTlsf;
use crate::int::BinInteger;
use crate::{BlockInfo, Tlsf, Violation, GRANULARITY};
use core::ptr::NonNull;

impl<
        FLBitmap: BinInteger,
        SLBitmap: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
        const SLAB: usize,
    > SlabTlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN, SLAB>
{
    /// Checks every invariant of the heap and of its slabs.
    ///
    /// Takes time linear in the number of blocks, times that of pools for each slab, and
    /// reads only memory of the pools, whatever has been written there.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// heap.allocate(Layout::new::<u64>()).unwrap();
    /// assert_eq!(heap.validate(), Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    pub fn validate(&self) -> Result<(), Violation> {
        self.heap.validate()?;
        let used = self.heap.blocks().filter(BlockInfo::is_occupied);
        let mut slabs_left = used.count();
        let mut check = |slab: Slab<SLAB>| {
            let is_sound = slabs_left > 0 && self.is_block(slab) && slab.has_sound_blocks();
            slabs_left = slabs_left.saturating_sub(1);
            let address = slab.memory().as_ptr() as usize;
            is_sound.then(|| ()).ok_or(Violation::Slab { address })
        };
        self.lists.spare().map_or(Ok(()), &mut check)?;
        for (index, first) in self.lists.firsts().enumerate() {
            let mut back = None;
            let mut next = first;
            while let Some(slab) = next {
                check(slab)?;
                if !slab.belongs_after(back, index) {
                    let address = slab.memory().as_ptr() as usize;
                    return Err(Violation::Slab { address });
                }
                (back, next) = (Some(slab), slab.next());
            }
        }
        Ok(())
    }

    /// The bytes of a block.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::allocation_usable_size`].
    unsafe fn usable_size(block: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { Tlsf::<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>::allocation_usable_size(block) }
    }

    /// Whether a used block of the heap lies where a slab is said to, and is long enough.
    fn is_block(&self, slab: Slab<SLAB>) -> bool {
        let memory = slab.memory();
        let mut pools = self.heap.pools();
        memory.as_ptr() as usize % SLAB == 0
            && pools.any(|pool| {
                // SAFETY: a pool of this heap.
                let found = unsafe { self.heap.examine(memory, GRANULARITY, pool.as_ptr()) };
                // SAFETY: just examined.
                found.is_ok() && unsafe { Self::usable_size(memory) } >= Slab::<SLAB>::BYTES
            })
    }
}
