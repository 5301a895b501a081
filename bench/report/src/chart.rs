//! Charts: a group of bars a measure, a bar a heap.
//!
//! ```text
//! split      |========== rlsf
//!            |=============== talc
//! exact      |====== rlsf
//!            |======= talc
//!            +----+----+----+
//! ```
//!
//! The scale is logarithmic where figures of a table are far apart.

use plotters::backend::SVGBackend;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::{Axis, Cell, Report, Table};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Pixels.
const WIDTH: u32 = 1000;
const BAR: u32 = 12;
const GAP: u32 = 6;
const MARGIN: i32 = 320;
const TITLE: u32 = 34;
const SCALE: u32 = 40;

/// Beyond this ratio of the largest to the smallest figure the scale is logarithmic.
const FAR_APART: f64 = 30.0;

/// What is drawn of a table.
struct Bars {
    title: String,
    groups: Vec<Group>,
}

/// The bars of one measure: where each heap has its colour, its figure and what is written beside it.
struct Group {
    name: String,
    bars: Vec<(usize, f64, String)>,
}

impl Bars {
    /// Of a table, with heaps as bars wherever it has them.
    fn of(table: &Table) -> Self {
        let names: Vec<String> = table.rows.iter().map(|row| row.name.clone()).collect();
        let rows_are_groups = table.heaps != Axis::Rows;
        let (groups, heaps) = if rows_are_groups {
            (names, table.columns.clone())
        } else {
            (table.columns.clone(), names)
        };
        let cell = |group: usize, heap: usize| {
            let (row, column) = if rows_are_groups {
                (group, heap)
            } else {
                (heap, group)
            };
            table.rows[row].cells.get(column)
        };
        let bar = |group: usize, heap: usize| {
            let cell = cell(group, heap)?.unmarked();
            let text = format!("{} {cell}", heaps[heap]);
            Some((heap, drawn(&cell)?, text))
        };
        let group = |(index, name): (usize, &String)| Group {
            name: name.clone(),
            bars: (0..heaps.len())
                .filter_map(|heap| bar(index, heap))
                .collect(),
        };
        Self {
            title: table.title.clone(),
            groups: groups.iter().enumerate().map(group).collect(),
        }
    }

    /// The pixels that its chart is high.
    fn height(&self) -> u32 {
        let group = |group: &Group| u32::try_from(group.bars.len()).unwrap_or(0) * BAR + GAP;
        TITLE + SCALE + self.groups.iter().map(group).sum::<u32>()
    }

    /// The smallest and the largest figure above zero.
    fn extent(&self) -> (f64, f64) {
        let figures = self.groups.iter().flat_map(|group| &group.bars);
        let figures = figures.map(|bar| bar.1).filter(|&figure| figure > 0.0);
        figures.fold((f64::INFINITY, 0.0), |(least, most), figure| {
            (figure.min(least), figure.max(most))
        })
    }
}

/// The figure as it is written beside its bar, so that what is written as zero does not set the scale.
fn drawn(cell: &Cell) -> Option<f64> {
    match *cell {
        Cell::Number(value, digits) => format!("{value:.digits$}").parse().ok(),
        _ => cell.most(),
    }
}

/// One chart as SVG.
pub(crate) fn to_svg(table: &Table) -> String {
    stack(&[Bars::of(table)])
}

impl Report {
    /// A chart a table, one below the other, as SVG.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let bars: Vec<_> = self.tables.iter().map(Bars::of).collect();
        stack(&bars)
    }
}

fn stack(charts: &[Bars]) -> String {
    let mut svg = String::new();
    let height = charts.iter().map(Bars::height).sum::<u32>();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        let mut rest = root.clone();
        for chart in charts {
            let (area, below) = rest.split_vertically(chart.height());
            draw(&area, chart).expect("a string takes any drawing");
            rest = below;
        }
    }
    svg
}

type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw<'a>(area: &Area<'a>, chart: &Bars) -> Drawn<'a> {
    area.fill(&WHITE)?;
    area.draw(&Text::new(
        chart.title.clone(),
        (8, 8),
        ("sans-serif", 16).into_font().style(FontStyle::Bold),
    ))?;
    let (least, most) = chart.extent();
    if most == 0.0 {
        return Ok(());
    }
    if most / least > FAR_APART {
        let floor = 10f64.powf(least.log10().floor());
        draw_bars(area, chart, (floor..most * 2.0).log_scale(), floor)
    } else {
        draw_bars(area, chart, 0.0..most * 1.15, 0.0)
    }
}

/// Draws the bars from `floor` to their figures.
fn draw_bars<'a, X>(area: &Area<'a>, chart: &Bars, range: X, floor: f64) -> Drawn<'a>
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
{
    let height = i32::try_from(chart.height() - TITLE - SCALE).unwrap_or(i32::MAX);
    let mut context = ChartBuilder::on(area)
        .margin_top(TITLE)
        .margin_right(90)
        .set_label_area_size(LabelAreaPosition::Left, MARGIN)
        .set_label_area_size(LabelAreaPosition::Bottom, SCALE)
        .build_cartesian_2d(range, f64::from(height)..0.0)?;
    let mut mesh = context.configure_mesh();
    mesh.disable_y_mesh().disable_y_axis().x_labels(8);
    mesh.x_label_formatter(&|value| format!("{value}")).draw()?;
    let plane = context.plotting_area();
    let mut y = f64::from(GAP) / 2.0;
    for group in &chart.groups {
        let at = plane.map_coordinate(&(floor.max(f64::MIN_POSITIVE), y));
        let style = ("sans-serif", 12).into_text_style(area);
        let style = style.pos(Pos::new(HPos::Right, VPos::Top));
        area.draw(&Text::new(
            group.name.clone(),
            (MARGIN - 8, at.1 - area_top(area)),
            style,
        ))?;
        for (heap, figure, text) in &group.bars {
            let colour = Palette99::pick(*heap);
            let ends = [
                (floor, y + 1.0),
                (figure.max(floor), y + f64::from(BAR) - 1.0),
            ];
            plane.draw(&Rectangle::new(ends, colour.filled()))?;
            let (x, top) = plane.map_coordinate(&(figure.max(floor), y));
            let at = (x + 4, top - area_top(area));
            area.draw(&Text::new(text.clone(), at, ("sans-serif", 10)))?;
            y += f64::from(BAR);
        }
        y += f64::from(GAP);
    }
    Ok(())
}

/// Where an area begins in the whole drawing.
fn area_top(area: &Area<'_>) -> i32 {
    area.get_pixel_range().1.start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_is_written_as_zero_does_not_set_the_scale() {
        let mut table = Table::new("overhead", "bytes", ["8 B"]);
        table.push("none", vec![Cell::Number(0.000_01, 1)]);
        table.push("some", vec![Cell::Number(8.04, 1)]);
        let (least, most) = Bars::of(&table).extent();
        assert!((least - 8.0).abs() < f64::EPSILON, "{least}");
        assert!((most - 8.0).abs() < f64::EPSILON, "{most}");
    }
}
