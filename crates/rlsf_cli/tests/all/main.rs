//! The program `rlsf` as its user meets it: what it prints, how it ends.

#![allow(clippy::unwrap_used)]

mod calls;
mod ends;
mod faults;
mod hardened;
mod help;
mod program;
mod record;
mod run;
mod runs;
