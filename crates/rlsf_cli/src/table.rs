//! The comparison as a table, with what its columns mean.

use crate::job::Heap;
use crate::report::{median, Compared, Report};
use crate::screen::Screen;
use crate::units;
use comfy_table::{presets, CellAlignment, Table};

const HEADER: [&str; 12] = [
    "work-\nload",
    "\nheap",
    "\ntime",
    "\nratio",
    "\ncalls",
    "peak\nlive",
    "from\nsystem",
    "peak\nRSS",
    "over-\nhead",
    "of\nlive",
    "worst\ncall",
    "\np99.9",
];

/// The first column of numbers.
const FIRST_NUMBER: usize = 2;

/// Draws the table and its notes.
pub(crate) fn render(report: &Report, screen: &Screen) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(HEADER);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if index >= FIRST_NUMBER {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for compared in &report.workloads {
        for heap in Heap::BOTH {
            table.add_row(row(compared, heap));
        }
    }
    let text = format!(
        "{}\n{}\n\n{}\n",
        abouts(report),
        table.trim_fmt(),
        notes(report)
    );
    screen.fit(&text)
}

/// What each workload worked on.
fn abouts(report: &Report) -> String {
    let about = |compared: &Compared| format!("{:6}{}\n", compared.workload.name(), compared.about);
    report.workloads.iter().map(about).collect()
}

fn row(compared: &Compared, heap: Heap) -> [String; HEADER.len()] {
    let found = compared.on(heap);
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let time = median(&found.times).unwrap_or(0);
    let system_time = median(&compared.system.times).unwrap_or(0);
    let at_peak = found.at_peak;
    let name = match heap {
        Heap::Rlsf => compared.workload.name(),
        Heap::System => "",
    };
    [
        name.to_owned(),
        heap.to_string(),
        units::nanoseconds(time),
        units::ratio(time, system_time),
        compared.calls.total().to_string(),
        units::bytes(compared.peak_live),
        or_dash(at_peak.map(|figures| units::bytes(figures.taken))),
        or_dash(median(&found.peaks_resident).map(units::bytes)),
        or_dash(at_peak.map(|figures| units::bytes(figures.overhead()))),
        or_dash(at_peak.map(|figures| units::percent(figures.overhead(), figures.live))),
        or_dash(median(&found.worsts).map(units::nanoseconds)),
        or_dash(median(&found.p999s).map(units::nanoseconds)),
    ]
}

fn notes(report: &Report) -> String {
    let runs = report.repeat;
    let clock = report.clock;
    format!(
        "\
Each run is a process of its own that lives on one heap from its first byte on;
the heaps take turns, and both did the same work: equal checksums, equal calls.
Figures are medians; runs of each kind: {runs}. K = 1024 bytes, M = 1024 K.
time, peak RSS  of the workload while nothing measures; RSS includes the program
calls           allocations, frees and resizes while the workload ran
peak live       most bytes requested and not freed; also when the next were read
from system     addresses that the heap had taken, untouched pages included
overhead        what its blocks in use held beyond requests: headers, rounding
                (and in glibc free blocks that are kept in the thread's cache)
worst, p99.9    of single calls, in other runs than the time; with page faults,
                preemption and the clock itself ({clock}ns); p99.9 is up to 1/8 high"
    )
}
