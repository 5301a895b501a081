//! Layouts of a real program, as often as it asked for them: `data/parser_formatter.csv`.

use core::alloc::Layout;

use crate::rng::Rng;

/// A parser and a formatter for Rust at work on Rust sources; see `record`.
const RECORDED: &str = include_str!("../data/parser_formatter.csv");

/// Layouts and how many requests there were up to and with each of them.
#[derive(Debug)]
pub(crate) struct Histogram {
    layouts: Vec<Layout>,
    sums: Vec<usize>,
}

impl Histogram {
    /// The shipped recording, without the requests above `largest_size`.
    pub(crate) fn recorded(largest_size: usize) -> Self {
        let (mut layouts, mut sums, mut sum) = (Vec::new(), Vec::new(), 0);
        for line in RECORDED.lines().skip(1) {
            let mut fields = line
                .split(',')
                .map(|field| field.parse::<usize>().expect("a number"));
            let mut next = || fields.next().expect("size, alignment and count");
            let (size, align, count) = (next(), next(), next());
            if size <= largest_size {
                sum += count;
                sums.push(sum);
                layouts.push(Layout::from_size_align(size, align).expect("a layout"));
            }
        }
        Self { layouts, sums }
    }

    /// Draws a layout.
    pub(crate) fn draw(&self, rng: &mut Rng) -> Layout {
        let total = self.sums.last().copied().expect("a histogram is not empty");
        let request = rng.below(total);
        self.layouts[self.sums.partition_point(|&sum| sum <= request)]
    }
}
