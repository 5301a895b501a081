//! Faults to plant in the heap, each of which a proof has to find.

/// A fault: what stands in a source of the crate `rlsf`, and what is to stand there.
pub(super) struct Fault {
    pub(super) what: &'static str,
    pub(super) file: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// The proof that is to find it.
    pub(super) proof: &'static str,
}

/// A fault that the search is to find.
const fn of_states(
    what: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> Fault {
    Fault {
        what,
        file,
        from,
        to,
        proof: "states",
    }
}

/// A fault of the checker that damaged heaps are to find.
const fn of_damage(
    what: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> Fault {
    Fault {
        proof: "damage",
        ..of_states(what, file, from, to)
    }
}

pub(super) const FAULTS: [Fault; 18] = [
    of_states(
        "a freed block is not merged with the one before",
        "deallocate.rs",
        "            span = self.bins.merge_prev(prev, span);\n",
        "            let _ = prev;\n",
    ),
    of_states(
        "appended memory is not merged with the free end",
        "supply.rs",
        "            span = self.bins.merge_prev(prev, span);\n",
        "            let _ = (prev, &mut span);\n",
    ),
    of_states(
        "a row's bit is not cleared",
        "bins.rs",
        "        if bits == SL::ZERO {\n",
        "        if bits == SL::ZERO && false {\n",
    ),
    of_states(
        "a size is filed in a bin rounded up",
        "bin.rs",
        "+ (bytes >> exponent) -",
        "+ ((bytes + (1 << exponent) - 1) >> exponent) -",
    ),
    of_states(
        "an exact fit at the head of its bin is passed over",
        "bins.rs",
        "                if block.size_as_written() >= size {\n                    return Some(Found::first(found, block));",
        "                if block.size_as_written() > size {\n                    return Some(Found::first(found, block));",
    ),
    of_states(
        "a wrong boundary tag",
        "block.rs",
        "watch::write(tag, self.size.get())",
        "watch::write(tag, self.size.get() - 8)",
    ),
    of_states(
        "the last word is not moved along",
        "realloc.rs",
        "ptr::copy(source.as_ptr(), start.as_ptr(), used)",
        "ptr::copy(source.as_ptr(), start.as_ptr(), used - 8)",
    ),
    of_states(
        "a gap that is no block",
        "align.rs",
        "if gap != 0 && gap < BlockSize::LEAST.get() {",
        "if gap != 0 && gap < 8 {",
    ),
    of_states(
        "a shrunk block is not counted",
        "realloc.rs",
        "        self.counters.on_shrink(old.get() - size.get());\n",
        "",
    ),
    of_states(
        "growing backward, the gap's block is not noted",
        "realloc.rs",
        "            target.set_prev_free();\n",
        "",
    ),
    of_states(
        "a block that could grow in place is moved",
        "realloc.rs",
        "old.get() + next.size().get() >= size.get()",
        "old.get() + next.size().get() > size.get()",
    ),
    of_states(
        "the sure size is too small",
        "demand.rs",
        "            bin.above().lower_bound::<SLLEN>()\n",
        "            need.get()\n",
    ),
    of_states(
        "the list of pools is not closed behind one that is removed",
        "pool.rs",
        "            next.set_prev(prev);\n",
        "",
    ),
    of_states(
        "a removed pool's block stays in its bin",
        "supply.rs",
        "                self.bins.remove(block);\n",
        "                let _ = block;\n",
    ),
    Fault {
        what: "the sufficient pool has no room for the blocks that were looked at",
        file: "demand.rs",
        from: "            .saturating_add(seen * (need - GRANULARITY));\n",
        to: ";\n",
        proof: "never-fails",
    },
    of_damage(
        "a link is followed wherever it leads",
        "validate.rs",
        ".filter(|_| known)",
        ".filter(|_| known || true)",
    ),
    of_damage(
        "pools are looked for before their list is checked",
        "validate.rs",
        "        self.check_pool_list()?;\n",
        "",
    ),
    of_damage(
        "the same bits flipped in two words of a pool's end cancel out",
        "pool/footer.rs",
        "let product = (sum ^ word).wrapping_mul(SEAL);\n    \
         (product ^ product >> (usize::BITS / 2)).wrapping_mul(SEAL)",
        "sum ^ word",
    ),
];
