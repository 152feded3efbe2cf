//! What a pod used before, as a line of braille: `⣀⣀⣠⣤⣶⣿ over 5h55m, peak 710m`.
//!
//! It stands on zero and its top is the peak, so that a small use that wavers does not look like a large one that leaps. A
//! time of which nothing is known stays blank; where one snapshot is no line yet, a sentence says so.

use super::format::age;
use super::slot::Slot;
use super::theme::{Role, Theme};
use crate::fleet::history::{Point, Trend};

/// Cells of the line; each shows two stretches of time.
const CELLS: usize = 12;
/// Cells that the line and what it says need.
pub const WIDTH: usize = CELLS + 24;
/// The dots of a braille character from the bottom up, on its left and on its right.
const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
/// The braille character without dots.
const BRAILLE: u32 = 0x2800;

/// Draws the trend of `points`, or says why there is none yet; `amount` names the peak.
pub fn render(points: &[Point], amount: fn(u64) -> String, theme: &Theme, slot: &mut Slot<'_>) {
    if points.is_empty() {
        return;
    }
    let muted = theme.style(Role::Muted);
    let Some(trend) = Trend::of(points, 2 * CELLS) else {
        let noun = if points.len() == 1 {
            "snapshot"
        } else {
            "snapshots"
        };
        return slot.left(&format!("no trend yet, {} {noun} kept", points.len()), muted);
    };
    slot.left(&line(&trend), theme.style(Role::Text));
    let told = format!(" over {}, peak {}", age(trend.seconds), amount(trend.peak));
    slot.left(&told, muted);
}

fn line(trend: &Trend) -> String {
    let cell = |pair: &[Option<u64>]| {
        let dots = pair.iter().zip(DOTS).flat_map(|(amount, dots)| {
            let height = amount.map_or(0, |amount| height(amount, trend.peak));
            dots.into_iter().take(height)
        });
        char::from_u32(BRAILLE + dots.sum::<u32>()).unwrap_or(' ')
    };
    trend.slots.chunks(2).map(cell).collect()
}

/// Dots of an amount: one for zero, four for the peak.
fn height(amount: u64, peak: u64) -> usize {
    let (amount, peak) = (u128::from(amount), u128::from(peak.max(1)));
    1 + usize::try_from((amount * 6 + peak) / (peak * 2))
        .unwrap_or(3)
        .min(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Palette;
    use crate::ui::format::cores;
    use jiff::Timestamp;
    use ratatui::buffer::{Buffer, Cell};
    use ratatui::layout::Rect;

    fn text(points: &[(i64, u64)]) -> String {
        let points: Vec<Point> = points
            .iter()
            .map(|(minute, millicores)| Point {
                at: Timestamp::from_second(1_755_000_000 + minute * 60).unwrap(),
                amount: millicores * 1_000_000,
            })
            .collect();
        let width = u16::try_from(WIDTH).unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        let mut slot = Slot::new(&mut buffer, 0, 0, WIDTH);
        render(&points, cores, &Theme::new(Palette::None), &mut slot);
        let text: String = buffer.content.iter().map(Cell::symbol).collect();
        text.trim_end().to_owned()
    }

    #[test]
    fn a_line_stands_on_zero_and_tops_at_the_peak() {
        let rising: Vec<(i64, u64)> = (0..24)
            .map(|at| (at * 15, u64::try_from(at).unwrap() * 10))
            .collect();
        assert_eq!(text(&rising), "⣀⣀⣤⣤⣤⣤⣶⣶⣶⣶⣿⣿ over 5h45m, peak 230m");
        assert_eq!(text(&[(0, 0), (300, 0)]), "⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⢀ over 5h, peak 0");
        assert_eq!(text(&[(0, 1500), (60, 750)]), "⡇⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⢰ over 1h, peak 1500m");
    }

    #[test]
    fn without_two_snapshots_there_is_a_sentence() {
        assert_eq!(text(&[]), "");
        assert_eq!(text(&[(0, 5)]), "no trend yet, 1 snapshot kept");
    }

    #[test]
    fn the_largest_amounts_have_a_height() {
        assert_eq!(
            (height(0, 0), height(u64::MAX, u64::MAX), height(0, u64::MAX)),
            (1, 4, 1)
        );
    }
}
