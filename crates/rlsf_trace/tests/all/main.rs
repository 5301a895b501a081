//! Traces as bytes, as files, and made of recordings.

#![allow(clippy::unwrap_used)]

mod bytes;
mod damage;
mod files;
mod recordings;
mod sample;
