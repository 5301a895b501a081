//! Heaps in the terminal: one character a cell, the darker the fuller.

use crate::outcome::Picture;
use crate::report::Report;
use crate::screen::Screen;
use crate::units;
use console::Style;

const ROWS: usize = 6;
const LEAST_WIDTH: usize = 20;
const MOST_WIDTH: usize = 160;

/// Empty, less than half, less than nine tenths, less than full, full.
const BLOCK_SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
const ASCII_SHADES: [char; 5] = [' ', '.', ':', '+', '#'];

/// The number of cells of a picture on this screen.
pub(crate) fn cells(screen: &Screen) -> usize {
    width(screen) * ROWS
}

fn width(screen: &Screen) -> usize {
    screen.width.clamp(LEAST_WIDTH, MOST_WIDTH)
}

/// Draws every workload's heap.
pub(crate) fn render(report: &Report, screen: &Screen) -> String {
    let pictures = report.workloads.iter().filter_map(|compared| {
        let picture = compared.rlsf.picture.as_ref()?;
        Some((compared.workload.name(), picture))
    });
    let drawn: String = pictures
        .map(|(name, picture)| one(name, picture, screen))
        .collect();
    if drawn.is_empty() {
        return drawn;
    }
    legend(screen) + &drawn
}

/// What the characters mean.
pub(crate) fn legend(screen: &Screen) -> String {
    let [_, low, half, high, full] = shades(screen);
    format!(
        "\nrlsf's heaps at the peak of the live bytes, lowest address first. In use:\n\
         {low} below 50%  {half} below 90%  {high} below 100%  {full} all  (blank: free)\n\
         Fragmentation is the share of the free bytes outside the largest free block.\n"
    )
}

fn shades(screen: &Screen) -> [char; 5] {
    if screen.is_ascii {
        ASCII_SHADES
    } else {
        BLOCK_SHADES
    }
}

/// Draws one heap under its figures.
pub(crate) fn one(name: &str, picture: &Picture, screen: &Screen) -> String {
    let figures = format!(
        "\n{name}: a character is {}; used {}, free {}\n\
         free blocks {}, largest {}, fragmentation {}\n",
        units::bytes(picture.cell_size as u64),
        units::bytes(picture.used as u64),
        units::bytes(picture.free as u64),
        picture.free_blocks,
        units::bytes(picture.largest_free as u64),
        fragmentation(picture),
    );
    let rows = picture
        .cells
        .chunks(width(screen))
        .map(|row| line(row, screen));
    figures + &rows.collect::<String>()
}

/// The share of the free bytes that is not in the largest free block.
fn fragmentation(picture: &Picture) -> String {
    let elsewhere = picture.free.saturating_sub(picture.largest_free);
    units::percent(elsewhere as u64, picture.free as u64)
}

fn line(row: &[u8], screen: &Screen) -> String {
    let shades = shades(screen);
    let cells = row.iter().map(|&percentage| shades[shade(percentage)]);
    let text: String = cells.collect();
    let text = text.trim_end();
    if screen.is_coloured && !text.is_empty() {
        format!("{}\n", Style::new().cyan().apply_to(text))
    } else {
        format!("{text}\n")
    }
}

/// The index of a cell's shade.
fn shade(percentage: u8) -> usize {
    match percentage {
        0 => 0,
        1..=49 => 1,
        50..=89 => 2,
        90..=99 => 3,
        100.. => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Screen = Screen {
        width: 20,
        is_ascii: true,
        is_coloured: false,
    };

    #[test]
    fn a_row_shows_the_shade_of_every_cell() {
        assert_eq!(line(&[100, 99, 89, 49, 0, 1, 0], &PLAIN), "#+:. .\n");
        let unicode = Screen {
            is_ascii: false,
            ..PLAIN
        };
        assert_eq!(line(&[100, 99, 89, 49, 0, 1], &unicode), "█▓▒░ ░\n");
    }

    #[test]
    fn a_heap_is_drawn_in_rows_under_its_figures() {
        let picture = Picture {
            cells: vec![100; 25],
            cell_size: 4096,
            used: 25 * 4096,
            free: 1000,
            free_blocks: 3,
            largest_free: 750,
        };
        let drawn = one("json", &picture, &PLAIN);
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(
            lines[1],
            "json: a character is 4.00K; used 100K, free 0.98K"
        );
        assert_eq!(lines[2], "free blocks 3, largest 750B, fragmentation 25.0%");
        assert_eq!(lines[3..], ["#".repeat(20), "#".repeat(5)]);
    }
}
