//! One look at a block of a hardened heap that is to be freed: the checks in short.

use super::Block;
use crate::header::Header;

/// What one look tells of a block that is to be freed.
#[derive(Debug)]
pub(crate) enum Glance {
    /// It is in use, and so are its neighbours: the usual case.
    Alone(Block, Header),
    /// It is in use, and joins a neighbour that is not.
    Beside,
    /// Something is wrong; or there is more slack than one look tells.
    Odd,
}

impl Block {
    /// Looks at the block. Whatever is odd is to be looked at again, for the report: so nothing
    /// has to be kept for that meanwhile.
    #[inline(always)]
    pub(crate) fn glance(self) -> Glance {
        if !self.seal().reaches(self.payload().as_ptr()) {
            return Glance::Odd;
        }
        let header = match self.look() {
            Some(header) if !header.is_free() && !header.is_sentinel() => header,
            _ => return Glance::Odd,
        };
        let next = match self.next(header.size()).look() {
            Some(next) if !next.prev_is_free() => next,
            _ => return Glance::Odd,
        };
        if !self.slack_is_plain(header) {
            return Glance::Odd;
        }
        if next.is_free() || header.prev_is_free() {
            return Glance::Beside;
        }
        Glance::Alone(self, header)
    }
}
