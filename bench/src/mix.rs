//! What programs request: random layouts of a certain kind.

use core::alloc::Layout;

use crate::histogram::Histogram;
use crate::rng::Rng;

/// How the sizes of a mix are spread.
#[derive(Debug)]
pub(crate) enum Sizes {
    /// Each size from the first to the second is as likely.
    Uniform(usize, usize),
    /// Each octave from the first to the second is as likely.
    LogUniform(usize, usize),
    /// Firmware: 95 % of 8–128 B, 5 % of 1–4 KiB.
    Embedded,
    /// As often as a real program asked for them, with the alignments that it asked for.
    Recorded(Histogram),
}

/// How the alignments of a mix are spread, unless they are recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Alignments {
    /// Always this one.
    Only(usize),
    /// So many requests in a hundred have one of 16, 32, ... 4096, each as likely; the others 8.
    Over(usize),
}

/// A source of layouts.
#[derive(Debug)]
pub(crate) struct Mix {
    /// The name in the tables.
    pub(crate) name: &'static str,
    /// The sizes.
    pub(crate) sizes: Sizes,
    /// The alignments.
    pub(crate) alignments: Alignments,
}

impl Mix {
    /// Draws the next request.
    pub(crate) fn draw(&self, rng: &mut Rng) -> Layout {
        let size = match &self.sizes {
            Sizes::Uniform(low, high) => rng.between(*low, *high),
            Sizes::LogUniform(low, high) => rng.log_between(*low, *high),
            Sizes::Embedded if rng.percent(95) => rng.between(8, 128),
            Sizes::Embedded => rng.between(1024, 4096),
            Sizes::Recorded(histogram) => return histogram.draw(rng),
        };
        let align = match self.alignments {
            Alignments::Only(align) => align,
            Alignments::Over(percent) if rng.percent(percent) => 16 << rng.below(9),
            Alignments::Over(_) => 8,
        };
        Layout::from_size_align(size, align).expect("a mix's sizes and alignments form layouts")
    }

    /// The mean of the sizes, from a sample that is always the same.
    pub(crate) fn mean_size(&self) -> usize {
        const SAMPLE: usize = 10_000;
        let mut rng = Rng::new(0);
        let sum: usize = (0..SAMPLE).map(|_| self.draw(&mut rng).size()).sum();
        sum / SAMPLE
    }
}
