//! What one thread may note in a header while another one, whose block it is, asks for the
//! block's size: that of a block in use does not change meanwhile, but the word that it
//! stands in also tells of the block before.

use super::place::{own, HEADER};
use super::Block;
use crate::header::Header;
use crate::watch;

impl Block {
    /// The header as it is written of a block whose heap another thread may be using.
    #[inline(always)]
    pub(crate) fn peek_shared(&self) -> Header {
        // SAFETY: B2.
        let word = unsafe { watch::read_shared(own::<usize>(self.address, HEADER)) };
        self.seal.peek(word)
    }

    /// Writes the header of a block of which another thread may be asking the size.
    #[inline(always)]
    fn set_shared_word(&self, header: usize) {
        // SAFETY: B2.
        unsafe { watch::write_shared(own::<usize>(self.address, HEADER), header) }
    }

    /// Notes that the block before this one, which was in use, has been freed.
    #[inline(always)]
    pub(crate) fn set_prev_free(&self) {
        self.set_shared_word(self.seal.with_prev_free(self.word()));
    }

    /// Notes that the block before this one, which was free, is in use.
    #[inline(always)]
    pub(crate) fn set_prev_used(&self) {
        self.set_shared_word(self.seal.with_prev_used(self.word()));
    }
}
