//! The invariants of quick lists as code.

use super::{Lies, List, Quick, Size, SIZES};
use core::ptr::NonNull;

impl List {
    /// The blocks, up to one more than the bytes tell.
    fn iter(&self, size: Size) -> impl Iterator<Item = NonNull<u8>> {
        let most = self.bytes.get() / size.bytes() + 1;
        self.blocks().blocks().map(NonNull::cast).take(most)
    }
}

impl Quick {
    /// The blocks that rest, and in which lists.
    pub(crate) fn resting(&self) -> impl Iterator<Item = (NonNull<u8>, Size, Lies)> + '_ {
        let sizes = (0..SIZES).filter_map(Size::at);
        sizes.flat_map(|size| {
            let at_home = self.at_home[size.index()].iter(size);
            let away = self.away[size.index()].iter(size);
            let at_home = at_home.map(move |block| (block, size, Lies::AtHome));
            at_home.chain(away.map(move |block| (block, size, Lies::Away)))
        })
    }

    /// Whether all is counted: the lists, and so many blocks in use, to which the `Tlsf` has given
    /// so many bytes with all others.
    pub(crate) fn is_counted(&self, in_use: usize, given: usize) -> bool {
        let mut away = 0;
        let are_counted = (0..SIZES).filter_map(Size::at).all(|size| {
            let (at_home, list) = (&self.at_home[size.index()], &self.away[size.index()]);
            let number = list.iter(size).count();
            away += number;
            at_home.iter(size).count() * size.bytes() == at_home.bytes.get()
                && number * size.bytes() == list.bytes.get()
                && (self.filled.get() >> size.index() & 1 != 0) != list.is_empty()
        });
        are_counted
            && (self.resting_away.get(), self.in_use.get()) == (away, in_use)
            && self.given.get() == given
            && !self.has_too_many()
    }
}
