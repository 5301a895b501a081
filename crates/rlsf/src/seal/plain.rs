//! No seals: words are what they are.

use super::Site;
use crate::header::Header;
use crate::misuse::Misuse;
use crate::size::BlockSize;
use core::ops::Range;
use core::ptr::NonNull;

/// A heap's secret: none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key;

impl Key {
    pub(crate) const NONE: Self = Self;

    #[inline(always)]
    #[allow(clippy::unused_self)] // as the other one
    pub(crate) fn cover(&mut self, _payloads: Range<usize>) {}

    #[inline(always)]
    #[allow(clippy::unused_self)] // as the other one
    pub(crate) fn set(&mut self, _secret: u64) {}
}

/// The bytes that were asked for: not kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request;

impl Request {
    #[inline(always)]
    pub(crate) const fn of(_payload: usize) -> Self {
        Self
    }

    #[inline(always)]
    #[allow(clippy::unused_self)] // as the other one
    pub(crate) const fn slack_in(self, _size: BlockSize) -> usize {
        0
    }

    #[inline(always)]
    pub(crate) const fn or_usable(self, _size: BlockSize, _slack: usize) -> Self {
        self
    }
}

/// See the other one: each method returns what it is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seal;

// As the other one.
#[allow(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::trivially_copy_pass_by_ref
)]
impl Seal {
    pub(crate) const ON: bool = false;

    #[inline(always)]
    pub(crate) const fn new(_key: &Key, _size_bits: u32, _site: Site) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) const fn keyless(_size_bits: u32) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) const fn open(self, _address: NonNull<u8>, word: usize) -> Header {
        Header::from_word(word)
    }

    #[inline(always)]
    pub(crate) const fn look(self, _address: NonNull<u8>, word: usize) -> Option<Header> {
        Some(Header::from_word(word))
    }

    #[inline(always)]
    pub(crate) const fn peek(self, word: usize) -> Header {
        Header::from_word(word)
    }

    #[inline(always)]
    pub(crate) const fn close(self, _address: NonNull<u8>, header: Header) -> usize {
        header.word()
    }

    #[inline(always)]
    pub(crate) const fn with_prev_free(self, word: usize) -> usize {
        Header::from_word(word).with_prev_free().word()
    }

    #[inline(always)]
    pub(crate) const fn with_prev_used(self, word: usize) -> usize {
        word & !Header::PREV_FREE
    }

    #[inline(always)]
    pub(crate) const fn hide(self, link: *mut u8) -> *mut u8 {
        link
    }

    #[inline(always)]
    pub(crate) const fn reveal(self, link: *mut u8) -> *mut u8 {
        link
    }

    #[inline(always)]
    pub(crate) const fn reaches(self, _address: *mut u8) -> bool {
        true
    }

    #[inline(always)]
    pub(crate) const fn pattern(self, _address: NonNull<u8>) -> usize {
        0
    }

    #[inline(always)]
    pub(crate) const fn demand(self, _holds: bool, _address: NonNull<u8>, _misuse: Misuse) {}
}
