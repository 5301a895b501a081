//! What is certified: the targets and their operations.

use core::fmt;

use super::processor::Processor;

/// A target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    X86_64,
    /// Cortex-M4F.
    Thumbv7em,
    /// Cortex-M0 and M0+.
    Thumbv6m,
    Riscv32imac,
}

/// All targets.
pub(super) const TARGETS: [Target; 4] = [
    Target::X86_64,
    Target::Thumbv7em,
    Target::Thumbv6m,
    Target::Riscv32imac,
];

/// An operation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Operation {
    /// As `certify.toml` and the tables have it.
    pub(super) name: &'static str,
    /// The function that the probes export.
    pub(super) symbol: &'static str,
    /// The last part of the name of the function into which it does not go.
    pub(super) without: Option<&'static str>,
    /// The probes' number for it.
    pub(super) number: u32,
    pub(super) shape: Shape,
}

/// A shape of heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// 28 rows of 32 bins, as a hosted program has it.
    Large,
    /// 12 rows of 16 bins, as a small device has it.
    Small,
}

/// Where an allocation goes on whose alignment is above the granule's.
const ALIGNED: Option<&str> = Some("allocate_aligned");

/// All operations; those of 64-bit machines only come first.
const OPERATIONS: [Operation; 10] = [
    operation("allocate", "probe_allocate", ALIGNED, 1),
    operation("allocate-aligned", "probe_allocate", None, 0),
    operation("deallocate", "probe_deallocate", None, 2),
    operation("grow", "probe_grow_in_place", None, 3),
    operation("shrink", "probe_shrink_in_place", None, 4),
    operation("small-allocate", "probe_small_allocate", ALIGNED, 1).small(),
    operation("small-allocate-aligned", "probe_small_allocate", None, 0).small(),
    operation("small-deallocate", "probe_small_deallocate", None, 2).small(),
    operation("small-grow", "probe_small_grow_in_place", None, 3).small(),
    operation("small-shrink", "probe_small_shrink_in_place", None, 4).small(),
];

/// An operation of the large shape.
const fn operation(
    name: &'static str,
    symbol: &'static str,
    without: Option<&'static str>,
    number: u32,
) -> Operation {
    Operation {
        name,
        symbol,
        without,
        number,
        shape: Shape::Large,
    }
}

impl Operation {
    /// The same of the small shape.
    const fn small(self) -> Self {
        Self {
            shape: Shape::Small,
            ..self
        }
    }
}

impl Target {
    /// As rustc calls it.
    pub(super) const fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Thumbv7em => "thumbv7em-none-eabihf",
            Self::Thumbv6m => "thumbv6m-none-eabi",
            Self::Riscv32imac => "riscv32imac-unknown-none-elf",
        }
    }

    /// As `certify.toml` and the tables call it.
    pub(super) fn name(self) -> &'static str {
        let triple = self.triple();
        triple.split_once('-').map_or(triple, |(name, _)| name)
    }

    pub(super) const fn processor(self) -> Processor {
        match self {
            Self::X86_64 => Processor::X86_64,
            Self::Thumbv7em => Processor::CortexM4,
            Self::Thumbv6m => Processor::CortexM0Plus,
            Self::Riscv32imac => Processor::Riscv32,
        }
    }

    /// Whether this machine can build its file: one of a hosted target can only be built on its own kind.
    pub(super) const fn can_be_built_here(self) -> bool {
        let is_hosted = matches!(self, Self::X86_64);
        !is_hosted || cfg!(all(target_arch = "x86_64", target_os = "linux"))
    }

    /// The operations that are certified for it.
    pub(super) fn operations(self) -> impl Iterator<Item = &'static Operation> {
        let has_large = self == Self::X86_64;
        let is_there = move |it: &&Operation| has_large || it.shape == Shape::Small;
        OPERATIONS.iter().filter(is_there)
    }

    /// The target of that name or triple.
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        let found = TARGETS
            .iter()
            .find(|it| it.name() == name || it.triple() == name);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = TARGETS.iter().map(|it| it.name()).collect();
            format!("the targets are {}", names.join(", "))
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
