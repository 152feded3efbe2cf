//! What the program itself costs, now and since the start.

use super::{Fact, FactLines};
use crate::app::Model;
use crate::health::HealthPoint;
use crate::ui::format::{age, bytes, count, date, left, seconds_since};
use crate::ui::theme::Role;

/// The bars of a trend, from the lowest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The most bars of a trend.
const MOST_BARS: usize = 24;
/// Cells of the words before a trend.
const BEFORE: usize = 36;

/// Adds the figures: one a line where there is room, else those that belong together in one.
pub(super) fn add(model: &Model, facts: &mut FactLines) {
    let Some(vitals) = model.health.vitals() else {
        return facts.add(4, "Memory", "not measured yet", Role::Muted);
    };
    let or_unknown =
        |amount: Option<u64>, shown: fn(u64) -> String| amount.map_or_else(|| "unknown".to_owned(), shown);
    let share = model.health.cpu_share().map_or_else(String::new, |share| {
        format!("{}.{:02} % of a core, ", share / 100, share % 100)
    });
    let cpu = match vitals.cpu.as_secs() {
        0..10 => format!("{:.1}s", vitals.cpu.as_secs_f64()),
        seconds => age(i64::try_from(seconds).unwrap_or(i64::MAX)),
    };
    let memory = format!(
        "{}, peak {}",
        or_unknown(vitals.resident, bytes),
        or_unknown(vitals.peak, bytes)
    );
    let cpu = format!("{share}{cpu} of CPU time");
    let (threads, files) = (
        or_unknown(vitals.threads, count),
        or_unknown(vitals.descriptors, count),
    );
    let points = model.health.points();
    let (room, is_roomy) = (facts.room, facts.is_roomy);
    let mut line = |label, text: &str, figure: fn(&HealthPoint) -> Option<u64>| {
        let trend = course(points.iter().filter_map(figure).collect::<Vec<_>>().as_slice());
        let has_room = room > BEFORE + MOST_BARS;
        facts.lines.push(Fact {
            label: Some(label),
            text: if has_room {
                format!("{} ", left(text, BEFORE))
            } else {
                text.to_owned()
            },
            trend: if has_room { trend } else { String::new() },
            rank: 4,
            ..Fact::default()
        });
    };
    line("Memory", &memory, |point| point.resident);
    if is_roomy {
        line("CPU", &cpu, |point| point.cpu_share);
        line("Threads", &threads, |point| point.threads);
        line("Open files", &files, |point| point.descriptors);
    } else {
        let text = format!("{cpu}; {threads} threads, {files} open files");
        facts.add(4, "CPU", &text, Role::Text);
    }
}

/// For how long the program runs, by the clock that nobody sets: it stands while the machine sleeps. Where the wall clock tells
/// another time, the date of the start is not one to count from.
pub(super) fn up(model: &Model) -> String {
    /// The figures are some seconds old, and clocks are corrected in passing.
    const TOLERANCE: u64 = 60;
    let began = date(model.started_at, &model.zone);
    let by_wall = seconds_since(model.started_at, model.now);
    let awake = model.health.vitals().map(|vitals| vitals.uptime.as_secs());
    let awake = awake.map_or(by_wall, |awake| i64::try_from(awake).unwrap_or(i64::MAX));
    if by_wall.abs_diff(awake) <= TOLERANCE {
        // The wall clock is newer than the figures.
        format!("up {} since {began}", age(by_wall))
    } else {
        format!("up {} awake; began {began} by the clock then", age(awake))
    }
}

/// At most two dozen bars, from nothing to the most: what is flat looks flat.
fn course(points: &[u64]) -> String {
    let most = points.iter().max().copied().unwrap_or(0);
    if points.len() < 2 || most == 0 {
        return String::new();
    }
    points
        .chunks(points.len().div_ceil(MOST_BARS))
        .map(|points| points.iter().max().copied().unwrap_or(0))
        .map(|point| {
            let eighths = usize::try_from(point.saturating_mul(8) / most).unwrap_or(8);
            BARS.get(eighths.saturating_sub(1)).copied().unwrap_or('█')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Model;
    use crate::collector::FetchRequest;
    use crate::fleet::Scope;
    use crate::health::{Health, Vitals};
    use crate::settings::SourceLabel;
    use jiff::SignedDuration;
    use ratatui::layout::Size;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn what_is_flat_looks_flat_and_what_grows_looks_grown() {
        assert_eq!(course(&[30, 30, 30]), "███");
        assert_eq!(course(&[0, 40, 80]), "▁▄█");
        assert_eq!(course(&[5]), "");
        assert!(course(&vec![1; 96]).chars().count() <= 24);
    }

    #[test]
    fn how_long_it_runs_does_not_change_with_the_wall_clock() {
        const HOUR: i64 = 3600;
        let began: jiff::Timestamp = "2025-08-15T09:30:15Z".parse().unwrap();
        // Two hours by the clock that nobody sets.
        for (by_wall, expected) in [
            (2 * HOUR, "up 2h since 2025-08-15 09:30:15 +00:00"),
            (2 * HOUR + 58, "up 2h since 2025-08-15 09:30:15 +00:00"),
            (
                26 * HOUR,
                "up 2h awake; began 2025-08-15 09:30:15 +00:00 by the clock then",
            ),
            (
                -HOUR,
                "up 2h awake; began 2025-08-15 09:30:15 +00:00 by the clock then",
            ),
        ] {
            let wanted = FetchRequest {
                scope: Scope::default(),
                pod: None,
                asks: 0,
                syncs: 0,
                interval: Duration::from_mins(1),
            };
            let mut model = Model::new(
                source(),
                wanted,
                200,
                Size::new(80, 24),
                began,
                crate::views::DRAWN,
            );
            model.now = began.checked_add(SignedDuration::from_secs(by_wall)).unwrap();
            let mut health = Health::default();
            health.take(Vitals {
                uptime: Duration::from_hours(2),
                ..Vitals::default()
            });
            model.health = Arc::new(health);
            assert_eq!(up(&model), expected, "{by_wall}");
        }
    }

    fn source() -> SourceLabel {
        SourceLabel {
            profile: String::new(),
            id: crate::fleet::SourceId::default(),
            project: String::new(),
            enterprise_project: String::new(),
            place: String::new(),
            demo: false,
            recorded_at: None,
            is_masked: false,
            plain_text: false,
            signed_in_by: String::new(),
        }
    }
}
