//! The battery.

use crate::case::{Case, Class, Hands, Origin, Size};
use crate::deed::{Call, Deed, Meanwhile, Spot, Value};
use crate::place::Place;

/// A misuse, and the blocks and threads that it is tried with.
struct Row {
    class: Class,
    name: &'static str,
    deed: Deed,
    sizes: &'static [Size],
    origins: &'static [Origin],
    hands: &'static [Hands],
}

use Hands::{Other, Own};
use Origin::{Calloc, Line, Malloc, Page, Realloc};
use Size::{
    Huge, HugeSnug, Large, LargeSnug, Middle, MiddleSnug, Odd, Small, SmallSnug, Tight, Tiny,
};

const EACH: &[Size] = &[Small, Middle, Large, Huge];
const UP_TO_LARGE: &[Size] = &[Small, Middle, Large];
const UP_TO_MIDDLE: &[Size] = &[Small, Middle];
const SNUG: &[Size] = &[SmallSnug, MiddleSnug, LargeSnug, HugeSnug];
/// Of each kind of end that a block can have: no byte behind the request, one, some, more than a word.
const ENDS: &[Size] = &[
    Tiny, Odd, Tight, Small, SmallSnug, Middle, MiddleSnug, Large, LargeSnug, Huge, HugeSnug,
];
const NOT_MALLOC: &[Origin] = &[Calloc, Realloc, Line, Page];
const BOTH: &[Hands] = &[Own, Other];

const fn row(class: Class, name: &'static str, deed: Deed, sizes: &'static [Size]) -> Row {
    Row {
        class,
        name,
        deed,
        sizes,
        origins: &[Malloc],
        hands: &[Own],
    }
}

impl Row {
    const fn by(self, hands: &'static [Hands]) -> Self {
        Self { hands, ..self }
    }

    const fn from(self, origins: &'static [Origin]) -> Self {
        Self { origins, ..self }
    }
}

const fn again(name: &'static str, meanwhile: Meanwhile, sizes: &'static [Size]) -> Row {
    let deed = Deed::Again(Call::Free, meanwhile);
    row(Class::DoubleFree, name, deed, sizes)
}

const fn free(name: &'static str, place: Place) -> Row {
    let deed = Deed::HandIn(Call::Free, place);
    row(Class::InvalidFree, name, deed, UP_TO_MIDDLE)
}

const fn resize(name: &'static str, place: Place) -> Row {
    let deed = Deed::HandIn(Call::Reallocate, place);
    row(Class::InvalidRealloc, name, deed, &[Middle])
}

const fn measure(name: &'static str, place: Place) -> Row {
    let deed = Deed::HandIn(Call::UsableSize, place);
    row(Class::InvalidUsableSize, name, deed, &[Middle])
}

const fn over(name: &'static str, bytes: usize, value: Value, sizes: &'static [Size]) -> Row {
    let class = match bytes {
        1 => Class::OverflowByOne,
        _ => Class::OverflowByMore,
    };
    row(class, name, Deed::WriteBehind(bytes, value), sizes)
}

const fn under(name: &'static str, bytes: usize, value: Value) -> Row {
    let deed = Deed::WriteBefore {
        distance: bytes,
        bytes,
        value,
    };
    row(Class::Underflow, name, deed, UP_TO_LARGE)
}

/// One byte of the word before the block.
const fn header(name: &'static str, distance: usize) -> Row {
    let deed = Deed::WriteBefore {
        distance,
        bytes: 1,
        value: Value::Flipped,
    };
    row(Class::DamagedHeader, name, deed, UP_TO_MIDDLE)
}

const fn late(name: &'static str, spot: Spot) -> Row {
    let deed = Deed::WriteFreed(spot, Meanwhile::Nothing);
    row(Class::WriteAfterFree, name, deed, UP_TO_MIDDLE)
}

/// The same in a block that is not the last one that was freed.
const fn late_below(name: &'static str, spot: Spot) -> Row {
    let deed = Deed::WriteFreed(spot, Meanwhile::AnotherFree);
    row(Class::WriteAfterFree, name, deed, UP_TO_MIDDLE)
}

const ROWS: &[Row] = &[
    again("double-free", Meanwhile::Nothing, EACH).by(BOTH),
    again("double-free", Meanwhile::Nothing, &[Middle]).from(NOT_MALLOC),
    again("double-free-after-another", Meanwhile::AnotherFree, EACH),
    again(
        "double-free-after-previous",
        Meanwhile::PreviousFreed,
        UP_TO_LARGE,
    ),
    again("double-free-after-next", Meanwhile::NextFreed, UP_TO_LARGE),
    again("double-free-after-merge", Meanwhile::BothFreed, UP_TO_LARGE).by(BOTH),
    again("double-free-after-many", Meanwhile::ManyFrees, UP_TO_LARGE).by(BOTH),
    again(
        "double-free-after-reuse-around",
        Meanwhile::PreviousReused,
        UP_TO_LARGE,
    ),
    free("free-inside-aligned", Place::Inside(16)).by(BOTH),
    free("free-inside-word", Place::Inside(8)).by(BOTH),
    free("free-inside-misaligned", Place::Inside(1)).by(BOTH),
    free("free-granule-before", Place::Inside(-16)),
    free("free-end", Place::End),
    free("free-inside-behind-copied-header", Place::CopiedHeader),
    free("free-inside-behind-forged-header", Place::ForgedHeader),
    free("free-stack", Place::Stack),
    free("free-static", Place::Static),
    free("free-code", Place::Code),
    free("free-page", Place::Page(0)),
    free("free-inside-page", Place::Page(64)),
    free("free-low", Place::Low).by(BOTH),
    row(
        Class::InvalidFree,
        "free-inside-behind-copied-block",
        Deed::HandIn(Call::Free, Place::CopiedBlock),
        &[Middle],
    ),
    row(
        Class::InvalidFree,
        "free-inside-aligned",
        Deed::HandIn(Call::Free, Place::Inside(64)),
        &[Large],
    )
    .by(BOTH),
    row(
        Class::InvalidFree,
        "free-inside-given-back",
        Deed::HandIn(Call::Free, Place::GivenBack),
        &[Huge],
    ),
    row(
        Class::InvalidFree,
        "free-middle",
        Deed::HandIn(Call::Free, Place::Middle),
        &[Middle, Large, Huge],
    ),
    row(
        Class::InvalidRealloc,
        "realloc-freed",
        Deed::Again(Call::Reallocate, Meanwhile::Nothing),
        EACH,
    )
    .by(BOTH),
    resize("realloc-inside-aligned", Place::Inside(16)),
    resize("realloc-inside-misaligned", Place::Inside(1)),
    resize("realloc-middle", Place::Middle),
    resize("realloc-stack", Place::Stack),
    resize("realloc-static", Place::Static),
    resize("realloc-page", Place::Page(0)),
    resize("realloc-low", Place::Low),
    row(
        Class::InvalidUsableSize,
        "usable-size-freed",
        Deed::Again(Call::UsableSize, Meanwhile::Nothing),
        EACH,
    ),
    measure("usable-size-inside-aligned", Place::Inside(16)),
    measure("usable-size-inside-misaligned", Place::Inside(1)),
    measure("usable-size-stack", Place::Stack),
    measure("usable-size-static", Place::Static),
    measure("usable-size-page", Place::Page(0)),
    over("overflow-1-zero", 1, Value::Zero, ENDS),
    over("overflow-1-same", 1, Value::Same, ENDS),
    over("overflow-1-ff", 1, Value::Ones, ENDS),
    over("overflow-1-ff", 1, Value::Ones, &[Middle]).from(NOT_MALLOC),
    over("overflow-1-same", 1, Value::Same, UP_TO_MIDDLE).by(&[Other]),
    over("overflow-8", 8, Value::Same, SNUG),
    over("overflow-64", 64, Value::Same, EACH),
    over("overflow-512", 512, Value::Zero, UP_TO_MIDDLE),
    under("underflow-1-same", 1, Value::Same),
    under("underflow-1-ff", 1, Value::Ones),
    under("underflow-8", 8, Value::Same),
    under("underflow-16", 16, Value::Same),
    header("header-byte-0", 8),
    header("header-byte-1", 7),
    header("header-byte-2", 6),
    header("header-byte-3", 5),
    header("header-byte-4", 4),
    header("header-byte-5", 3),
    header("header-byte-6", 2),
    header("header-byte-7", 1),
    late("write-after-free-first-word", Spot::Word(0)),
    late("write-after-free-first-byte", Spot::Byte(0)),
    late("write-after-free-second-word", Spot::Word(8)),
    late_below("write-after-free-first-word-below", Spot::Word(0)),
    late_below("write-after-free-second-word-below", Spot::Word(8)),
    late("write-after-free-middle", Spot::Middle),
    late("write-after-free-last-word", Spot::LastWord),
];

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    ROWS.iter().flat_map(Row::cases).collect()
}

impl Row {
    /// A case for each combination.
    fn cases(&self) -> impl Iterator<Item = Case> + '_ {
        let sizes = self.sizes.iter();
        let with_origins = sizes.flat_map(|&size| self.origins.iter().map(move |&it| (size, it)));
        with_origins.flat_map(move |(size, origin)| {
            self.hands.iter().map(move |&hands| Case {
                name: [self.name, "-", size.name(), origin.suffix(), hands.suffix()].concat(),
                class: self.class,
                deed: self.deed,
                size,
                origin,
                hands,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let cases = cases();
        let names: HashSet<_> = cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), cases.len());
        assert!(cases.len() > 100, "{}", cases.len());
    }
}
