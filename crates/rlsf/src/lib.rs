#![no_std]
#![allow(clippy::inline_always)]
//! draft
#[cfg(feature = "std")]
extern crate std;
mod align;
mod bin;
mod bins;
mod block;
mod check;
mod demand;
mod figures;
mod free;
#[cfg(target_os = "linux")]
mod global;
mod header;
pub mod int;
#[cfg(target_os = "linux")]
mod lock;
mod pool;
mod realloc;
mod size;
#[cfg(target_os = "linux")]
mod source;
mod stats;
mod supply;
mod tlsf;
mod validate;
mod walk;
pub use demand::Demand;
#[cfg(target_os = "linux")]
pub use global::{GlobalTlsf, GlobalTlsfOptions, SmallGlobalTlsf, SmallGlobalTlsfOptions};
pub use size::GRANULARITY;
pub use stats::Statistics;
pub use supply::RemovePoolError;
pub use tlsf::Tlsf;
pub use validate::Violation;
pub use walk::BlockInfo;
