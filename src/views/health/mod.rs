//! The program's own use of the machine, and where it writes.
//!
//! ```text
//!  hss-top     0.1.0, up 3d4h since 2026-11-21 10:02:11 +01:00
//!  Memory      28.5Mi, peak 31.2Mi   ▁▂▃▃▃▃▃▃▃▃ since the start
//!  CPU         0.12 % of a core in the last minute, CPU time 3m12s
//!  Threads     9, and 14 open files
//!
//!  Calls       3 of 5 left in this minute
//!              1,234 made since the start, 12 failed
//!  Problem     HSS says: … (403 HSS.0013, request 1f0c…), while there is one
//!  Pods        12,310 pods known, 1,204 of at most 10,000 changes kept
//!
//!  State       /home/op/.local/state/hss-top/cn-north-4-….sqlite
//!  Log         none; --log-file names one
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget as _};

use crate::app::Model;
use crate::collector::SyncStatus;
use crate::fleet::changes::KEPT;
use crate::fleet::text::RemoteText;
use crate::keys::{Action, ViewKind};
use crate::ui::format::{age, bytes, count, date, fit, left, seconds_since, wrapped};
use crate::ui::theme::{Role, Theme};
use crate::views::header::pods;
use crate::views::room::ViewRoom;

/// What the program itself costs.
pub(super) const ROOM: ViewRoom = ViewRoom {
    draw: |model, theme, areas, buffer| render(model, theme, areas.body, buffer),
    hotspots: |_, _| vec![],
    restrictions: |_, _| Line::default(),
    place: |_| Vec::new(),
    orders: |_| Vec::new(),
    hints: &[
        (&[Action::Show(ViewKind::Pods)], "pods"),
        (&[Action::AskNow], "ask now"),
        (&[Action::OpenHelp], "help"),
    ],
    keys_title: "Keys of the health screen",
};

/// Cells of a name.
const LABEL: usize = 12;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws the screen.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let lines = facts(model, width.saturating_sub(LABEL + 1))
        .into_iter()
        .map(|(label, text, role)| {
            Line::from(vec![
                Span::styled(format!(" {}", left(label, LABEL - 1)), theme.style(Role::Label)),
                Span::styled(fit(&text, width.saturating_sub(LABEL + 1)), theme.style(role)),
            ])
        });
    Paragraph::new(lines.collect::<Vec<_>>()).render(area, buffer);
}

/// The problem in full, because the facts for support are at its end.
fn problem(model: &Model, room: usize) -> Vec<Fact> {
    let Some(problem) = &model.status.problem else {
        return Vec::new();
    };
    let sentence = problem.error.to_string();
    let text = RemoteText::message(&model.masking.sentence(&sentence));
    let labels = std::iter::once("Problem").chain(std::iter::repeat(""));
    let lines = wrapped(text.shown(), room).into_iter().map(str::to_owned);
    labels
        .zip(lines)
        .map(|(label, line)| (label, line, Role::Bad))
        .collect()
}

/// The calls that are left, and who else spent some.
fn calls(status: &SyncStatus) -> String {
    let left = format!(
        "{} of {} left in this minute",
        status.calls_left, status.calls_limit
    );
    match status.calls_of_others {
        0 => left,
        others => format!("{left}, {others} spent by {}", status.others.words()),
    }
}

/// How many pods are known; and how many of them are looked at, where these are a part.
fn known(model: &Model) -> String {
    if model.request.scope.is_whole() {
        pods(model)
    } else {
        format!("{} looked at, {}", pods(model), count(model.fleet.len()))
    }
}

/// A name, what there is to say, and what that means.
type Fact = (&'static str, String, Role);

fn facts(model: &Model, room: usize) -> Vec<Fact> {
    let text = |label: &'static str, text: String| (label, text, Role::Text);
    let blank = || text("", String::new());
    let mut facts = vec![text(
        "hss-top",
        format!("{}, {}", env!("CARGO_PKG_VERSION"), up(model)),
    )];
    facts.extend(costs(model));
    let status = &model.status;
    facts.extend([
        blank(),
        text("Calls", calls(status)),
        text(
            "",
            format!(
                "{} made since the start, {} failed",
                count(status.calls_made),
                count(status.calls_failed)
            ),
        ),
    ]);
    if let Some(trouble) = &status.calls_trouble {
        let trouble = RemoteText::message(&model.masking.sentence(trouble));
        facts.push(("", format!("▲ {}", trouble.shown()), Role::Warn));
    }
    facts.extend(problem(model, room));
    if let Some(trouble) = &status.sign_in_trouble {
        let trouble = RemoteText::message(&model.masking.sentence(trouble));
        let text = format!("▲ the refusal could not be remembered: {}", trouble.shown());
        facts.push(("", text, Role::Warn));
    }
    facts.extend([
        text(
            "Pods",
            format!(
                "{} known, {} of at most {} changes kept",
                known(model),
                count(model.fleet.changes().iter().count()),
                count(KEPT)
            ),
        ),
        blank(),
    ]);
    if let Some(trouble) = &model.zone_trouble {
        let trouble = RemoteText::message(&model.masking.sentence(trouble));
        facts.push(("Time zone", trouble.shown().to_owned(), Role::Warn));
    }
    let file = |path: &Option<String>, trouble: &Option<String>, none: &str| match (path, trouble) {
        (_, Some(trouble)) => (
            format!(
                "{} {}",
                crate::ui::signs::RISK,
                RemoteText::message(&model.masking.sentence(trouble)).shown()
            ),
            Role::Warn,
        ),
        (Some(path), None) => {
            let path = RemoteText::message(&model.masking.sentence(path));
            (path.shown().to_owned(), Role::Text)
        }
        (None, None) => (none.to_owned(), Role::Muted),
    };
    let log_trouble = model.log_trouble.as_ref().map(|trouble| {
        let path = model.places.log.as_deref().unwrap_or_default();
        format!("{}: {} ({path})", trouble.mark(), trouble.why())
    });
    for (label, (text, role)) in [
        (
            "State",
            file(
                &model.places.state,
                &status.state_trouble,
                "nothing is saved between runs",
            ),
        ),
        (
            "Log",
            file(&model.places.log, &log_trouble, "none; --log-file names one"),
        ),
    ] {
        facts.push((label, text, role));
    }
    facts
}

/// For how long the program runs, by the clock that nobody sets: it stands while the machine sleeps. Where the wall clock tells
/// another time, the date of the start is not one to count from.
fn up(model: &Model) -> String {
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
        format!("up {} awake; began {began} by the clock of then", age(awake))
    }
}

/// What the kernel says.
fn costs(model: &Model) -> Vec<Fact> {
    let Some(vitals) = model.health.vitals() else {
        return vec![("Memory", "not measured yet".to_owned(), Role::Muted)];
    };
    let or_unknown = |amount: Option<u64>, shown: &dyn Fn(u64) -> String| {
        amount.map_or_else(|| "unknown".to_owned(), shown)
    };
    let course = course(model.health.memory());
    let course = if course.is_empty() {
        course
    } else {
        format!("   {course} since the start")
    };
    let share = model.health.cpu_share().map_or_else(String::new, |share| {
        format!(
            "{}.{:02} % of a core in the last minute, ",
            share / 100,
            share % 100
        )
    });
    let cpu = age(i64::try_from(vitals.cpu.as_secs()).unwrap_or(i64::MAX));
    vec![
        (
            "Memory",
            format!(
                "{}, peak {}{course}",
                or_unknown(vitals.resident, &bytes),
                or_unknown(vitals.peak, &bytes)
            ),
            Role::Text,
        ),
        ("CPU", format!("{share}CPU time {cpu}"), Role::Text),
        (
            "Threads",
            format!(
                "{}, and {} open files",
                or_unknown(vitals.threads, &|number| count(number)),
                or_unknown(vitals.descriptors, &|number| count(number))
            ),
            Role::Text,
        ),
    ]
}

/// At most two dozen bars, from nothing to the most: what is flat looks flat.
fn course(points: &[u64]) -> String {
    const MOST: usize = 24;
    let most = points.iter().max().copied().unwrap_or(0);
    if points.len() < 2 || most == 0 {
        return String::new();
    }
    points
        .chunks(points.len().div_ceil(MOST))
        .map(|points| points.iter().max().copied().unwrap_or(0))
        .map(|point| {
            let eighths = usize::try_from(point * 8 / most).unwrap_or(8);
            BARS.get(eighths.saturating_sub(1)).copied().unwrap_or('█')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
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
                "up 2h awake; began 2025-08-15 09:30:15 +00:00 by the clock of then",
            ),
            (
                -HOUR,
                "up 2h awake; began 2025-08-15 09:30:15 +00:00 by the clock of then",
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
            id: crate::fleet::SourceId::default(),
            project: String::new(),
            enterprise_project: String::new(),
            place: String::new(),
            demo: false,
            plain_text: false,
            signed_in_by: String::new(),
        }
    }
}
