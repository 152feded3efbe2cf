//! The earlier usage of a pod, as a line of braille: `⣀⣀⣠⣤⣶⣿ last 6 h · peak 710m CPU`.
//!
//! It starts at zero, and its top is the limit, as in the bar next to it; without a limit it is the peak. So a small usage
//! that varies a little does not look like a large one that jumps. A time without samples stays blank. A few samples do not
//! make a line yet, so a sentence replaces it. If HSS no longer reports the usage, the words say that the line is old.

use ratatui::text::Span;

use super::amount::{AmountUnit, in_unit};
use super::chart::{BRAILLE, DOTS};
use super::format::{stretch, width};
use super::theme::{Role, Theme};
use crate::fleet::history::{Point, Trend};
use crate::fleet::quantity::Measure;

/// Cells of the line; each shows two periods.
const CELLS: usize = 12;
/// Cells of the line and its text: ` last 119 min · peak 9999m CPU`.
pub const WIDTH: usize = CELLS + 30;
/// The least number of periods with samples for a line; fewer would be isolated dots.
const ENOUGH: usize = 4;
/// The text if the usage is not reported.
const NOT_NOW: &str = "n/a now";

/// The known usage of one resource.
#[derive(Debug, Clone, Copy)]
pub struct UsageTrend<'a> {
    /// The samples, oldest first.
    pub points: &'a [Point],
    /// Of what.
    pub measure: Measure,
    /// The limit, if one is known: then that is the top.
    pub limit: Option<u64>,
    /// The unit in which the limit is shown next to it.
    pub unit: Option<AmountUnit>,
    /// Whether it is reported now.
    pub is_reported: bool,
}

/// The trend in at most `room` cells, or the reason why there is none yet.
pub fn spans<'a>(past: &UsageTrend<'_>, room: usize, theme: &Theme) -> Vec<Span<'a>> {
    let trend = Trend::of(past.points, 2 * CELLS);
    let is_line = |trend: &&Trend| trend.slots.iter().flatten().count() >= ENOUGH;
    let drawn = trend.as_ref().filter(is_line);
    let picture = drawn.map_or_else(String::new, |trend| format!("{} ", line(trend, past.limit)));
    let room = room.saturating_sub(width(&picture));
    let words = match trend {
        Some(trend) if drawn.is_some() => of_line(past, &trend),
        Some(trend) => of_samples(past, &trend),
        None => without_trend(past),
    };
    vec![
        Span::styled(picture, theme.style(Role::Text)),
        Span::styled(fitting(words, room), theme.style(Role::Muted)),
    ]
}

/// The possible texts, the best first.
type Words = [String; 2];

/// The first one that fits.
fn fitting([best, short]: Words, room: usize) -> String {
    if width(&best) <= room { best } else { short }
}

/// The text next to a line.
fn of_line(past: &UsageTrend<'_>, trend: &Trend) -> Words {
    let (time, peak) = (stretch(trend.seconds), past.peak(trend));
    if past.is_reported {
        let words = format!("last {time} · {peak}");
        return [words.clone(), words];
    }
    // Not "last": it ended some time ago.
    [
        format!("{time} · {peak} · {NOT_NOW}"),
        format!("{peak} · {NOT_NOW}"),
    ]
}

/// The text instead of a line.
fn of_samples(past: &UsageTrend<'_>, trend: &Trend) -> Words {
    let (count, time, peak) = (trend.samples, stretch(trend.seconds), past.peak(trend));
    let now = if past.is_reported {
        String::new()
    } else {
        format!(", {NOT_NOW}")
    };
    [
        format!("{count} samples in {time}, {peak}{now}"),
        format!("{count} samples, {peak}{now}"),
    ]
}

/// The text for fewer than two samples.
fn without_trend(past: &UsageTrend<'_>) -> Words {
    let (count, reported) = (past.points.len(), past.is_reported);
    let noun = if count == 1 { "sample" } else { "samples" };
    let words = match (count, reported) {
        (0, true) => String::new(),
        (0, false) => "no usage reported".to_owned(),
        (_, true) => format!("no trend yet, {count} {noun} kept"),
        (_, false) => format!("no trend yet, {count} {noun} kept, {NOT_NOW}"),
    };
    [words.clone(), words]
}

impl UsageTrend<'_> {
    fn peak(&self, trend: &Trend) -> String {
        let peak = in_unit(trend.peak, self.measure, self.unit);
        match self.measure {
            Measure::Cpu => format!("peak {peak} CPU"),
            Measure::Memory => format!("peak {peak}"),
        }
    }
}

fn line(trend: &Trend, limit: Option<u64>) -> String {
    let top = limit.map_or(trend.peak, |limit| limit.max(trend.peak));
    let cell = |pair: &[Option<u64>]| {
        let dots = pair.iter().zip(DOTS).flat_map(|(amount, dots)| {
            let height = amount.map_or(0, |amount| height(amount, top));
            dots.into_iter().take(height)
        });
        char::from_u32(BRAILLE + dots.sum::<u32>()).unwrap_or(' ')
    };
    trend.slots.chunks(2).map(cell).collect()
}

/// Dots of an amount: one for zero, four for the top.
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
    use jiff::Timestamp;

    /// Points at these minutes, in thousandths of a core.
    fn points(points: &[(i64, u64)]) -> Vec<Point> {
        let points = points.iter().map(|(minute, thousandths)| Point {
            at: Timestamp::from_second(1_755_000_000 + minute * 60).unwrap(),
            amount: thousandths * 1_000_000,
        });
        points.collect()
    }

    fn drawn(past: &UsageTrend<'_>, room: usize) -> String {
        let spans = spans(past, room, &Theme::new(Palette::None));
        let text: String = spans.iter().map(|span| span.content.as_ref()).collect();
        text.trim_end().to_owned()
    }

    /// The trend of a pod's CPU, as wide as it may be.
    fn text(of: &[(i64, u64)], is_reported: bool) -> String {
        let points = points(of);
        let past = UsageTrend {
            points: &points,
            measure: Measure::Cpu,
            limit: None,
            unit: None,
            is_reported,
        };
        drawn(&past, WIDTH)
    }

    fn rising() -> Vec<(i64, u64)> {
        (0..24_i64).map(|at| (at * 15, at.unsigned_abs() * 10)).collect()
    }

    #[test]
    fn a_line_is_on_the_scale_of_the_limit_or_of_what_is_beyond_it() {
        let of = |limit: u64| {
            let points = points(&rising());
            let past = UsageTrend {
                points: &points,
                measure: Measure::Cpu,
                limit: Some(limit * 1_000_000),
                unit: None,
                is_reported: true,
            };
            drawn(&past, WIDTH).chars().take(CELLS).collect::<String>()
        };
        assert_eq!(of(1000), "⣀⣀⣀⣀⣀⣀⣀⣀⣠⣤⣤⣤", "a quarter of the limit is low");
        assert_eq!(
            of(100),
            text(&rising(), true).chars().take(CELLS).collect::<String>()
        );
    }

    #[test]
    fn a_line_stands_on_zero_and_tops_at_the_peak() {
        assert_eq!(text(&rising(), true), "⣀⣀⣤⣤⣤⣤⣶⣶⣶⣶⣿⣿ last 6 h · peak 230m CPU");
        assert_eq!(
            text(&[(0, 0), (100, 0), (200, 0), (300, 0)], true),
            "⡀⠀⠀⢀⠀⠀⠀⢀⠀⠀⠀⢀ last 5 h · peak 0 CPU"
        );
    }

    #[test]
    fn few_samples_are_a_sentence_and_no_picture() {
        assert_eq!(text(&[], true), "");
        assert_eq!(text(&[(0, 5)], true), "no trend yet, 1 sample kept");
        assert_eq!(text(&[(0, 5), (0, 5)], true), "no trend yet, 2 samples kept");
        assert_eq!(
            text(&[(0, 20), (14, 39)], true),
            "2 samples in 14 min, peak 39m CPU"
        );
        assert_eq!(
            text(&[(0, 1500), (20, 1), (60, 750)], true),
            "3 samples in 60 min, peak 1500m CPU"
        );
    }

    #[test]
    fn many_samples_at_few_times_are_a_sentence_too() {
        let of = [0, 299, 299, 299, 299, 300, 300, 300, 300].map(|minute| (minute, 39));
        assert_eq!(text(&of, true), "9 samples in 5 h, peak 39m CPU");
    }

    #[test]
    fn a_use_that_is_not_reported_now_is_said_so() {
        assert_eq!(text(&[], false), "no usage reported");
        assert_eq!(text(&[(0, 5)], false), "no trend yet, 1 sample kept, n/a now");
        assert_eq!(
            text(&[(0, 20), (14, 39)], false),
            "2 samples in 14 min, peak 39m CPU, n/a now"
        );
        assert_eq!(
            text(&rising(), false),
            "⣀⣀⣤⣤⣤⣤⣶⣶⣶⣶⣿⣿ 6 h · peak 230m CPU · n/a now"
        );
    }

    #[test]
    fn the_longest_words_have_room() {
        let minutes = |most: i64, amount: u64| -> Vec<(i64, u64)> {
            (0..9).map(|at| (at * most / 8, amount)).collect()
        };
        for is_reported in [true, false] {
            for count in [2, 3, 9] {
                let of: Vec<(i64, u64)> = minutes(119, 9999).into_iter().rev().take(count).rev().collect();
                let told = text(&of, is_reported);
                assert!(!told.contains('…') && told.contains("peak 9999m CPU"), "{told}");
                assert_eq!(told.contains("n/a now"), !is_reported, "{told}");
            }
        }
    }

    #[test]
    fn a_peak_of_memory_has_its_unit() {
        let points: Vec<Point> = points(&rising())
            .into_iter()
            .map(|point| Point {
                amount: 163 << 20,
                ..point
            })
            .collect();
        let past = UsageTrend {
            points: &points,
            measure: Measure::Memory,
            limit: None,
            unit: None,
            is_reported: true,
        };
        assert!(drawn(&past, WIDTH).ends_with(" last 6 h · peak 163Mi"));
        let limit = crate::fleet::quantity::Quantity::read("2Gi", Measure::Memory).into();
        let past = UsageTrend {
            unit: AmountUnit::of(&limit, Measure::Memory),
            ..past
        };
        assert!(drawn(&past, WIDTH).ends_with(" last 6 h · peak 0.159Gi"));
    }

    #[test]
    fn the_largest_amounts_have_a_height() {
        assert_eq!(
            (height(0, 0), height(u64::MAX, u64::MAX), height(0, u64::MAX)),
            (1, 4, 1)
        );
    }
}
