//! Title, counts and bar.
//!
//! ```text
//! hss-top  0a1b… · cn-north-4 · all_granted_eps      ● FRESH  snapshot 14m old · asked 12s ago · next 48s · calls 4/5 /
//! 12,310 pods  ✗ 96 failed  ▲ 7 risk   ‼ 3 exception   CPU>=90 12  MEM>=90 31  ○ 41 unprotected  ? 0 unknown   …   4 changes
//! ns:payments  / pay risk                                                        5 of 12,310 · page 1/1 · 1–5 of 5
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use unicode_width::UnicodeWidthStr as _;

use super::format::{
    AHEAD, CORRECTED, UNKNOWN, age, clock, count, countdown, elapsed, fit, head, seconds_since, short_age,
    ticking_age,
};
use super::layout::Areas;
use super::signs;
use super::theme::{Role, Theme};
use crate::app::{Mode, Model};
use crate::collector::{Extent, SyncState};
use crate::fleet::summary::Summary;

/// Draws all three lines.
pub fn render(model: &Model, theme: &Theme, areas: &Areas, buffer: &mut Buffer) {
    title(model, theme, areas.title, buffer);
    if let Some(area) = areas.counts {
        counts(model, theme, usize::from(area.width)).render(area, buffer);
    }
    bar(model, theme, areas.bar, buffer);
}

/// What gives way, one after the other, where the title is too long. What stays longest: the state, the calls that are
/// left, how long a sweep still takes, whose pods these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trim {
    Nothing,
    /// How fast records come.
    Pace,
    /// That the list changed during the sweep.
    Moved,
    /// Who signed in.
    Signer,
    /// The middle of a long project.
    Middle,
    /// The words behind the ages.
    Behind,
    /// The second unit of the ages.
    Unit,
    /// Long words before the ages.
    Words,
    /// The enterprise project.
    Enterprise,
    /// When the next call is due; when the last one was, while they come one after the other.
    Next,
    /// Where the service is.
    Place,
    /// When the last call was.
    Asked,
    /// How old the snapshot is.
    Snapshot,
    /// The project.
    Project,
    /// How long a sweep still takes.
    Left,
    /// The calls that are left.
    Calls,
}

impl Trim {
    const ALL: [Self; 16] = [
        Self::Nothing,
        Self::Pace,
        Self::Moved,
        Self::Signer,
        Self::Middle,
        Self::Behind,
        Self::Unit,
        Self::Words,
        Self::Enterprise,
        Self::Next,
        Self::Place,
        Self::Asked,
        Self::Snapshot,
        Self::Project,
        Self::Left,
        Self::Calls,
    ];

    /// Whether this part is still there.
    fn keeps(self, part: Self) -> bool {
        self < part
    }
}

fn title(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let (left, right) = title_lines(model, theme, width);
    let right_width = u16::try_from(right.width()).unwrap_or(area.width).min(area.width);
    left.render(
        Rect {
            width: area.width - right_width,
            ..area
        },
        buffer,
    );
    right.render(
        Rect {
            x: area.right() - right_width,
            width: right_width,
            ..area
        },
        buffer,
    );
}

/// Both halves of the title, with as much as there is room for.
fn title_lines<'a>(model: &Model, theme: &Theme, width: usize) -> (Line<'a>, Line<'a>) {
    let lines = |trim| (source_line(model, theme, trim), state_line(model, theme, trim));
    Trim::ALL
        .into_iter()
        .map(lines)
        .find(|(left, right)| left.width() + 1 + right.width() <= width)
        .unwrap_or_else(|| lines(Trim::Calls))
}

fn source_line<'a>(model: &Model, theme: &Theme, trim: Trim) -> Line<'a> {
    /// Cells of a name, and of a project that is cut.
    const NAME: usize = 32;
    const SHORT: usize = 12;
    let source = &model.source;
    let mut spans = vec![Span::styled(" hss-top", theme.style(Role::Title))];
    if source.demo {
        spans.push(Span::styled(" DEMO", theme.style(Role::Warn)));
    }
    if source.plain_text {
        spans.push(Span::styled(" PLAIN HTTP", theme.style(Role::Bad)));
    }
    let project = match model.project() {
        "" => "finding the project",
        project => project,
    };
    let project_room = if trim.keeps(Trim::Middle) { NAME } else { SHORT };
    let names = [
        (source.place.as_str(), NAME, Trim::Place),
        (project, project_room, Trim::Project),
        (source.enterprise_project.as_str(), NAME, Trim::Enterprise),
        (source.signed_in_by.as_str(), NAME, Trim::Signer),
    ];
    let shown = names
        .into_iter()
        .filter(|(name, _, part)| !name.is_empty() && trim.keeps(*part));
    for (at, (name, room, _)) in shown.enumerate() {
        let separator = if at == 0 { "  " } else { " · " };
        let name = fit(crate::fleet::RemoteText::name(name).shown(), room);
        spans.push(Span::styled(separator, theme.style(Role::Muted)));
        spans.push(Span::raw(name));
    }
    Line::from(spans)
}

/// State, ages and calls. What ticks has the width of its widest usual text, so that nothing else moves with it.
fn state_line<'a>(model: &Model, theme: &Theme, trim: Trim) -> Line<'a> {
    // How an age is told, and its cells as they mostly are: `1m47s`, or `59s`.
    let (told, cells): (fn(i64) -> String, usize) = if trim.keeps(Trim::Unit) {
        (ticking_age, 5)
    } else {
        (short_age, 3)
    };
    let (status, now) = (&model.status, model.now);
    let state = model.state();
    let is_loading = matches!(state, SyncState::Loading { .. });
    let (sign, role) = signs::state(state);
    let muted = theme.style(Role::Muted);
    let mut word = state_text(state, model);
    if let Some(until) = status
        .waits_until(now)
        .filter(|_| !matches!(state, SyncState::Throttled(_)))
    {
        word = format!("{word}, waits until {}", clock(until, &model.zone));
    }
    // The records that were met become as many as there are.
    let room = match state {
        SyncState::Loading {
            met,
            total: Some(total),
        } => count(total.max(met)).len() - count(met).len(),
        _ => 0,
    };
    let mut spans = vec![
        Span::styled(format!("{sign} {word}"), theme.style(role)),
        Span::raw(" ".repeat(room)),
    ];
    let mut part = |text: String, widest: usize, name: Trim| {
        if trim.keeps(name) {
            let separator = if spans.len() == 2 { "  " } else { " · " };
            let room = widest.saturating_sub(text.width());
            spans.push(Span::styled(format!("{separator}{}", " ".repeat(room)), muted));
            spans.push(Span::styled(text, theme.style(Role::Text)));
        }
    };
    let ago = |at: jiff::Timestamp| elapsed(at, now, CORRECTED).map(told);
    if is_loading && let Some(pace) = status.pace {
        part(format!("{}/min", count(pace)), "100,000/min".len(), Trim::Pace);
    }
    if is_loading && let Some(done_at) = status.done_at {
        // An estimate that is over was too short.
        let left = Some(seconds_since(now, done_at)).filter(|left| *left > 0);
        let left = left.map_or_else(|| "?".to_owned(), told);
        part(format!("{left} left"), cells + " left".len(), Trim::Left);
    }
    if status.moved
        && matches!(
            state,
            SyncState::Loading { .. } | SyncState::Partial { .. } | SyncState::Fresh
        )
    {
        part("list changed during the sweep".to_owned(), 0, Trim::Moved);
    }
    // The snapshot is dated by the service's clock, all else by ours.
    let service_now = status.service_time(now);
    let of_service = |at: jiff::Timestamp| elapsed(at, service_now, AHEAD).map(told);
    let snapshot = status.snapshot_at.and_then(of_service);
    let asked = status.asked_at.and_then(ago);
    let behind = |known: bool, word: &'static str| {
        let is_shown = known && trim.keeps(Trim::Behind);
        if is_shown { word } else { "" }
    };
    let (old, back) = (
        behind(snapshot.is_some(), " old"),
        behind(asked.is_some(), " ago"),
    );
    let (before, verb) = if trim.keeps(Trim::Words) {
        ("snapshot ", "asked ")
    } else {
        ("snap ", "ask ")
    };
    let snapshot = snapshot.unwrap_or_else(|| UNKNOWN.to_owned());
    let never = if status.asked_at.is_some() {
        UNKNOWN
    } else {
        "never"
    };
    let asked = asked.unwrap_or_else(|| never.to_owned());
    part(
        format!("{before}{snapshot}{old}"),
        before.len() + cells + old.len(),
        Trim::Snapshot,
    );
    let hangs = status
        .asking_since
        .and_then(|since| elapsed(since, now, CORRECTED));
    part(
        format!("{verb}{asked}{back}"),
        verb.len() + cells.min(widest_countdown(status.interval)) + back.len(),
        // A call that hangs is worth more.
        if is_loading || hangs.is_some() {
            Trim::Next
        } else {
            Trim::Asked
        },
    );
    if let Some(hangs) = hangs {
        let verb = if trim.keeps(Trim::Words) {
            "asking for"
        } else {
            "asking"
        };
        part(
            format!("{verb} {}", ticking_age(hangs)),
            verb.len() + 4,
            Trim::Asked,
        );
    } else {
        let next = status.next_at.map_or(0, |next| seconds_since(now, next));
        let widest = "next ".len() + widest_countdown(status.interval);
        part(format!("next {}", countdown(next)), widest, Trim::Next);
    }
    let [left, limit] = [status.calls_left, status.calls_limit].map(|calls| calls.to_string());
    part(
        format!("calls {left}/{limit}"),
        "calls /".len() + 2 * limit.len(),
        Trim::Calls,
    );
    let [even, odd] = signs::HEARTBEAT;
    let heart = if model.beat.is_multiple_of(2) { even } else { odd };
    spans.push(Span::styled(format!(" {heart} "), muted));
    Line::from(spans)
}

/// The cells of the time to the next call, or since the last one, as they mostly are where a call is made this often.
fn widest_countdown(interval: Duration) -> usize {
    match interval.as_secs() {
        ..=60 => 3,
        61..600 => 5,
        _ => 6,
    }
}

fn state_text(state: SyncState, model: &Model) -> String {
    let now = model.now;
    let word = state.word();
    match state {
        SyncState::Loading {
            met,
            total: Some(total),
        } => format!("{word} {} of {}", count(met), count(total)),
        SyncState::Loading { met: 0, total: None } => word.to_owned(),
        SyncState::Loading { met, total: None } => format!("{word} {}", count(met)),
        SyncState::Partial { met, total } => format!("{word} {} of {}", count(met), count(total)),
        SyncState::Stale(Some(since)) => match elapsed(since, now, CORRECTED) {
            Some(seconds) => format!("{word} {}", age(seconds)),
            None => word.to_owned(),
        },
        SyncState::Throttled(Some(until)) => format!("{word} until {}", clock(until, &model.zone)),
        SyncState::Fresh
        | SyncState::Stale(None)
        | SyncState::Throttled(None)
        | SyncState::Auth
        | SyncState::Offline
        | SyncState::Denied => word.to_owned(),
    }
}

/// How many pods are known of what is looked at, and of how many, while these are not all.
pub fn pods(model: &Model) -> String {
    let known = model.view.summary.pods;
    match model.status.extent() {
        Extent::Short(Some(total)) if total > known as u64 => {
            format!("{} of {} pods", count(known), count(total))
        }
        Extent::Short(None) if known == 0 => format!("{} pods", signs::ABSENT),
        Extent::Short(None) => format!("{} of ? pods", count(known)),
        Extent::Whole | Extent::Short(Some(_)) if known == 1 => "1 pod".to_owned(),
        Extent::Whole | Extent::Short(Some(_)) => format!("{} pods", count(known)),
    }
}

/// One count: its sign, what it counts, how many there are if any pod tells, and what it means.
type Count = (&'static str, &'static str, Option<usize>, Role);

/// The counts, what is worst first.
fn by_severity(summary: &Summary) -> [Count; 10] {
    let told = |number: usize, told: usize| (told > 0).then_some(number);
    let (risk, exception) = (
        told(summary.risk, summary.detection_told),
        told(summary.exception, summary.protection_told),
    );
    let (cpu, memory) = (
        told(summary.cpu_critical, summary.cpu_told),
        told(summary.memory_critical, summary.memory_told),
    );
    let unprotected = told(summary.unprotected, summary.protection_told);
    [
        (signs::FAILED, "failed", Some(summary.failed), Role::Bad),
        (signs::RISK, "risk", risk, Role::Bad),
        (signs::BROKEN, "exception", exception, Role::Bad),
        ("", "CPU>=90", cpu, Role::Bad),
        ("", "MEM>=90", memory, Role::Bad),
        (signs::OFF, "unprotected", unprotected, Role::Warn),
        (signs::DOUBT, "unknown", Some(summary.unknown), Role::Doubt),
        (signs::PENDING, "pending", Some(summary.pending), Role::Warn),
        (signs::FINE, "running", Some(summary.running), Role::Good),
        (signs::DONE, "done", Some(summary.succeeded), Role::Muted),
    ]
}

/// The counts over the pods in scope. What does not fit is left out from the end, and an ellipsis says so. Every count has its
/// place, whether it is zero or not, with room for two digits: a number that changes a little moves nothing.
fn counts<'a>(model: &Model, theme: &Theme, width: usize) -> Line<'a> {
    const DIGITS: usize = 2;
    const SEPARATOR: &str = "  ";
    const ELLIPSIS: &str = "  …";
    let muted = theme.style(Role::Muted);
    let summary = &model.view.summary;
    let changes = match model.new_changes() {
        0 => String::new(),
        1 => "1 change ".to_owned(),
        changes => format!("{} changes ", count(changes)),
    };
    // The changes stand at the right edge: none of the counts moves when there are some.
    let room = width.saturating_sub(changes.width());
    let mut line = Line::from(Span::raw(format!(" {}", pods(model))));
    let mut items = by_severity(summary)
        .into_iter()
        .filter(|_| summary.pods > 0)
        .peekable();
    while let Some((sign, word, number, role)) = items.next() {
        let style = match number {
            None | Some(0) => muted,
            Some(_) => theme.style(role),
        };
        let number = number.map_or_else(|| signs::ABSENT.to_owned(), count);
        let text = if sign.is_empty() {
            format!("{word} {number}")
        } else {
            format!("{sign} {number} {word}")
        };
        let rest = if items.peek().is_some() {
            ELLIPSIS.width()
        } else {
            0
        };
        let blank = DIGITS.saturating_sub(number.width());
        if line.width() + SEPARATOR.len() + text.width() + blank + rest > room {
            line.push_span(Span::styled(ELLIPSIS, muted));
            break;
        }
        line.push_span(Span::raw(SEPARATOR));
        line.push_span(Span::styled(text, style));
        line.push_span(Span::raw(" ".repeat(blank)));
    }
    let gap = room.saturating_sub(line.width());
    if !changes.is_empty() && line.width() + changes.width() <= width {
        line.push_span(Span::raw(" ".repeat(gap)));
        line.push_span(Span::styled(changes, theme.style(Role::Busy)));
    }
    line
}

fn bar(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if model.shows(Mode::Health) {
        Line::styled(" Health", theme.style(Role::Title)).render(area, buffer);
        return;
    }
    let width = usize::from(area.width);
    let left = restrictions(model, theme);
    // The place in the list gets shorter before it takes the left half's room.
    let wanted = left.width().min(width / 2);
    let mut right = place(model);
    while right.len() > 1 && wanted + place_width(&right) >= width {
        right.pop();
    }
    let right = Line::styled(format!("{} ", right.join(" · ")), theme.style(Role::Muted));
    let room = width.saturating_sub(right.width() + 1);
    cut(left, room).render(area, buffer);
    let right_width = u16::try_from(right.width()).unwrap_or(area.width).min(area.width);
    right.render(
        Rect {
            x: area.right() - right_width,
            width: right_width,
            ..area
        },
        buffer,
    );
}

/// Where in the list the cursor is, what matters most first.
fn place(model: &Model) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some((page, pages, first, last)) = model.page() {
        parts.push(format!("page {page}/{pages}"));
        parts.push(format!(
            "{}–{} of {}",
            count(first),
            count(last),
            count(model.view.len())
        ));
        if model.view.gone() > 0 {
            parts.push(format!("{} gone", count(model.view.gone())));
        }
        let request = &model.view.request;
        if request.problems || !request.filter.is_empty() {
            parts.push(format!("filtered from {}", count(model.view.summary.pods)));
        }
    }
    parts
}

/// The cells of the parts with what is between and behind them.
fn place_width(parts: &[String]) -> usize {
    let parts = parts.iter().map(|part| part.width() + 3);
    parts.sum::<usize>().saturating_sub(2)
}

/// What keeps pods from the list: scope, problems only, filter.
fn restrictions<'a>(model: &Model, theme: &Theme) -> Line<'a> {
    let mut left = vec![Span::raw(" ")];
    for (name, value) in model.request.scope.terms() {
        let value = crate::fleet::RemoteText::name(value);
        left.push(Span::styled(
            format!("{name}:{} ", value.shown()),
            theme.style(Role::Label),
        ));
    }
    if model.request.problems {
        left.push(Span::styled("problems ", theme.style(Role::Warn)));
    }
    if !model.request.filter.is_empty() {
        let in_force = model.request.filter.to_string();
        let typed = match (model.mode, &model.filter_error) {
            (Mode::Filter, None) => model.prompt.text(),
            (Mode::Filter, Some(_)) => &in_force,
            _ => &model.filter_text,
        };
        let typed = crate::fleet::RemoteText::name(typed);
        left.push(Span::styled(
            format!("/ {}", typed.shown()),
            theme.style(Role::Label),
        ));
    }
    if left.len() == 1 {
        left.push(Span::styled("Pods", theme.style(Role::Title)));
    }
    Line::from(left)
}

/// The line in at most so many cells; a longer one loses its end.
fn cut(line: Line<'_>, width: usize) -> Line<'_> {
    let mut room = width;
    let mut kept = Line::default();
    for span in line.spans {
        let (style, cells) = (span.style, span.width());
        if cells > room {
            kept.push_span(Span::styled(head(&span.content, room), style));
            break;
        }
        room -= cells;
        kept.push_span(span);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SourceLabel;
    use crate::collector::FetchRequest;
    use crate::collector::status::Problem;
    use crate::fleet::fixture::{node, serverless};
    use crate::fleet::{Fleet, Pod, Scope, View, ViewRequest};
    use crate::hss::Error;
    use crate::hss::error::ServiceError;
    use crate::hss::skew::{ClockDoubt, LikelyWrong};
    use crate::ui::Palette;
    use jiff::SignedDuration;
    use ratatui::layout::Size;

    fn model(pods: Vec<Pod>) -> Model {
        let source = SourceLabel {
            id: crate::fleet::SourceId::default(),
            project: "05d8a4f1c2804c6f8f0b9a7e6d5c4b3a".into(),
            enterprise_project: "all_granted_eps".into(),
            place: "cn-north-4".into(),
            demo: true,
            plain_text: false,
            signed_in_by: "HUAWEICLOUD_SDK_AK AKOP…".into(),
        };
        let wanted = FetchRequest {
            scope: Scope::default(),
            pod: None,
            asks: 0,
            syncs: 0,
            interval: Duration::from_mins(1),
        };
        let now = "2025-08-15T09:30:15Z".parse().unwrap();
        let mut model = Model::new(source, wanted, 200, Size::new(80, 24), now);
        model.fleet = Fleet::from_iter(pods);
        model.view = View::of(&model.fleet, ViewRequest::default(), now);
        model.status.whole = true;
        model
    }

    fn text(line: &Line<'_>) -> String {
        line.spans.iter().map(|span| span.content.as_ref()).collect()
    }

    fn counts_of(model: &Model, width: usize) -> String {
        let line = text(&counts(model, &Theme::new(Palette::None), width));
        assert!(line.width() <= width, "{line}");
        line
    }

    fn title_of(model: &Model, width: usize) -> String {
        let (left, right) = title_lines(model, &Theme::new(Palette::None), width);
        let gap = width.saturating_sub(left.width() + right.width());
        format!("{}{}{}", text(&left), " ".repeat(gap), text(&right))
    }

    #[test]
    fn pods_that_are_not_all_are_told_of_how_many_whatever_the_state() {
        let mut model = model(vec![node("a").build(), node("b").build()]);
        assert_eq!(pods(&model), "2 pods");
        model.status.whole = false;
        model.status.total = Some(3040);
        let error = Error::TimedOut {
            waiting_for: "an answer",
            after: Duration::from_secs(30),
        };
        for problem in [None, Some(Problem { error, until: None })] {
            model.status.problem = problem;
            let line = counts_of(&model, 120);
            assert!(line.starts_with(" 2 of 3,040 pods  ✗ 0 failed"), "{line}");
        }
        model.status.total = None;
        assert_eq!(pods(&model), "2 of ? pods");
        model.view = View::default();
        assert_eq!(counts_of(&model, 120), " – pods", "nothing was told");
    }

    #[test]
    fn a_wait_that_the_service_named_stands_beside_each_state() {
        let mut model = model(vec![node("a").build()]);
        let until = Some(model.now + SignedDuration::from_secs(40));
        for (status, words) in [
            (500, "STALE, waits until "),
            (401, "AUTH, waits until "),
            (403, "DENIED, waits until "),
            (429, "THROTTLED until "),
        ] {
            let error = Error::from(ServiceError {
                status,
                ..ServiceError::default()
            });
            model.status.problem = Some(Problem { error, until });
            let line = text(&state_line(&model, &Theme::new(Palette::None), Trim::Nothing));
            assert!(line.contains(words), "{line}");
        }
    }

    #[test]
    fn what_no_pod_tells_is_no_zero() {
        let silent = model(vec![node("a").build()]);
        let line = counts_of(&silent, 120);
        for part in [
            "▲ – risk",
            "‼ – exception",
            "CPU>=90 –",
            "MEM>=90 –",
            "○ – unprotected",
        ] {
            assert!(line.contains(part), "{line}");
        }
        let told = model(vec![
            node("a").usage("1m", "1", "1Mi", "1Gi").build(),
            serverless("b").security("opened", "clean").build(),
        ]);
        let line = counts_of(&told, 120);
        for part in [
            "▲ 0 risk",
            "‼ 0 exception",
            "CPU>=90 0",
            "MEM>=90 0",
            "○ 0 unprotected",
        ] {
            assert!(line.contains(part), "{line}");
        }
    }

    #[test]
    fn counts_are_left_out_from_the_end_and_what_is_worst_stays() {
        let mut model = model(vec![node("a").build()]);
        model.view.summary.pods = 1_234_567;
        model.view.summary.running = 1_200_000;
        let whole = counts_of(&model, 300);
        let words = [
            "failed",
            "risk",
            "exception",
            "CPU>=90",
            "MEM>=90",
            "unprotected",
            "unknown",
            "pending",
            "running",
            "done",
        ];
        let places: Vec<usize> = words.iter().map(|word| whole.find(word).unwrap()).collect();
        assert!(places.is_sorted() && !whole.contains('…'), "{whole}");
        for width in 40..whole.width() - 1 {
            let line = counts_of(&model, width);
            let kept = line.strip_suffix("  …").unwrap();
            assert!(whole.starts_with(kept), "{line}");
        }
        assert!(counts_of(&model, 80).contains("CPU>=90"));
    }

    #[test]
    fn a_count_that_changes_a_little_moves_nothing() {
        let mut model = model(vec![node("a").build()]);
        let place = |model: &Model| counts_of(model, 120).split_once("CPU>=90").unwrap().0.width();
        let before = place(&model);
        model.view.summary.failed = 12;
        model.view.summary.exception = 1;
        assert_eq!(place(&model), before);
    }

    /// A model in the middle of its first sweep.
    fn loading() -> Model {
        let mut model = model(vec![node("a").build()]);
        let (status, now) = (&mut model.status, model.now);
        status.loading = true;
        status.asked_at = now.checked_sub(SignedDuration::from_secs(2)).ok();
        status.snapshot_at = now.checked_sub(SignedDuration::from_mins(14)).ok();
        (status.met, status.total) = (400, Some(3040));
        (status.calls_left, status.calls_limit) = (3, 5);
        status.pace = Some(10_909);
        status.done_at = now.checked_add(SignedDuration::from_secs(99)).ok();
        model
    }

    #[test]
    fn a_narrow_title_keeps_the_project_and_what_is_left() {
        let line = title_of(&loading(), 80);
        for part in [" 05d8a4…c4b3a ", "LOADING 400 of 3,040 ", "99s left", "calls 3/5"] {
            assert!(line.contains(part), "{line}");
        }
        for width in 66..200 {
            let line = title_of(&loading(), width);
            assert!(line.width() <= width, "{line}");
            assert!(line.contains("99s left") && line.contains("calls 3/5"), "{line}");
            assert!(
                line.contains("10,909/min") <= line.contains("all_granted_eps"),
                "{line}"
            );
        }
    }

    #[test]
    fn a_list_that_changed_during_the_sweep_is_said_so_when_it_is_over_too() {
        let mut model = loading();
        model.status.moved = true;
        for (loading, complete) in [(true, false), (false, false), (false, true)] {
            (model.status.loading, model.status.complete) = (loading, complete);
            let line = title_of(&model, 260);
            assert!(line.contains("list changed during the sweep"), "{line}");
        }
    }

    #[test]
    fn what_ticks_moves_nothing_in_the_title() {
        let place = |model: &Model, width: usize, part: &str| {
            let line = title_of(model, width);
            let (before, _) = line.split_once(part).unwrap_or((&line, ""));
            (before.width(), line.width())
        };
        let later = |seconds: i64| {
            let mut model = loading();
            model.now = model.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
            model.status.met += 30 * u64::try_from(seconds).unwrap();
            model.status.calls_left = 5;
            model.status.pace = Some(900);
            model
        };
        for width in [80, 100, 120, 160, 200] {
            for part in ["◌", " left", "snap", "calls", "05d8"] {
                let places = [0, 30, 88].map(|seconds| place(&later(seconds), width, part));
                assert_eq!(places, [places[0]; 3], "{part} at {width}");
            }
        }
        // The call that was waited for is under way.
        let mut waits = loading();
        waits.status.next_at = waits.now.checked_add(SignedDuration::from_secs(60)).ok();
        for width in [120, 200] {
            assert_eq!(place(&waits, width, "calls"), place(&loading(), width, "calls"));
            assert_eq!(place(&waits, width, "◌"), place(&loading(), width, "◌"));
        }
    }

    #[test]
    fn why_no_call_is_free_stands_in_the_last_line() {
        let why = "calls of other programs are not counted: disk full";
        let mut model = loading();
        model.status.calls_trouble = Some(why.to_owned());
        let area = Rect::new(0, 0, 120, 1);
        let mut buffer = Buffer::empty(area);
        super::super::footer::render(&model, &Theme::new(crate::ui::Palette::None), area, &mut buffer);
        let line: String = buffer
            .content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        assert!(line.contains(why), "{line}");
    }

    /// A model that waits for the next call.
    fn waiting() -> Model {
        let mut model = loading();
        model.status.loading = false;
        (model.status.complete, model.status.pace) = (true, None);
        model.status.next_at = model.now.checked_add(SignedDuration::from_secs(291)).ok();
        model.status.asked_at = model.now.checked_sub(SignedDuration::from_secs(107)).ok();
        model.status.interval = Duration::from_secs(398);
        model
    }

    #[test]
    fn ages_have_two_units_where_there_is_room_and_are_rounded_where_there_is_not() {
        let line = title_of(&waiting(), 200);
        for part in ["snapshot 14m old", "asked 1m47s ago", "next 4m51s"] {
            assert!(line.contains(part), "{line}");
        }
        let line = title_of(&waiting(), 110);
        assert!(line.contains("ask 2m"), "{line}");
        assert!(
            line.contains("next 4m51s"),
            "a countdown shows each second: {line}"
        );
        let mut model = waiting();
        model.now = model.status.next_at.unwrap();
        assert!(title_of(&model, 200).contains("next now"), "due is due");
    }

    #[test]
    fn a_call_that_hangs_is_told_and_the_state_stays_what_its_age_says() {
        let mut model = waiting();
        model.status.next_at = None;
        model.status.asking_since = model.now.checked_sub(SignedDuration::from_secs(12)).ok();
        let line = title_of(&model, 200);
        assert!(
            line.contains("FRESH") && line.contains("asking for 12s") && !line.contains("next"),
            "{line}"
        );
        let line = title_of(&model, 80);
        assert!(
            line.contains("asking 12s") && line.contains("calls 3/5"),
            "{line}"
        );
    }

    #[test]
    fn an_age_that_the_clock_cannot_tell_is_unknown_and_not_nothing() {
        let ahead = |seconds| {
            let mut model = waiting();
            let at = model.now.checked_add(SignedDuration::from_secs(seconds)).ok();
            (model.status.asked_at, model.status.snapshot_at) = (at, at);
            model.status.called_at = Some(model.now);
            model.status.asking_since = at;
            model
        };
        for (seconds, expected) in [
            (5, ["FRESH", "snapshot 0s old", "asked 0s ago", "asking for 0s"]),
            (100, ["FRESH", "snapshot 0s old", "asked unknown", "next 4m51s"]),
            (
                7200,
                ["STALE snap", "snapshot unknown", "asked unknown", "next 4m51s"],
            ),
        ] {
            let line = title_of(&ahead(seconds), 200);
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            for part in expected {
                assert!(line.contains(part), "{seconds}: {part}: {line}");
            }
        }
        // An estimate that was too short says nothing of how long it will be.
        let mut model = loading();
        model.status.done_at = model.now.checked_sub(SignedDuration::from_secs(1)).ok();
        assert!(title_of(&model, 200).contains("? left"));
    }

    /// The last line.
    fn last_line(model: &Model) -> String {
        let area = Rect::new(0, 0, 140, 1);
        let mut buffer = Buffer::empty(area);
        super::super::footer::render(model, &Theme::new(Palette::None), area, &mut buffer);
        let cells = buffer.content().iter();
        cells.map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn what_the_clocks_say_of_each_other_stands_in_the_last_line() {
        let mut model = waiting();
        model.status.called_at = model.now.checked_add(SignedDuration::from_hours(2)).ok();
        let line = last_line(&model);
        assert!(
            line.contains("no call was made since the clock was set back, though one is due"),
            "{line}"
        );
        model.status.called_at = None;
        model.now = model.now.checked_add(SignedDuration::from_hours(1)).unwrap();
        let line = last_line(&model);
        assert!(
            line.contains("no call was made for 55m, though one is due"),
            "{line}"
        );
        let mut model = waiting();
        for (days, wrong, told) in [
            (
                74 * 366,
                LikelyWrong::Theirs,
                "the service's clock is 74 years ahead of this machine's, and likely wrong",
            ),
            (
                -12,
                LikelyWrong::Theirs,
                "the service's clock is 12 days behind this machine's, and likely wrong",
            ),
            (
                12,
                LikelyWrong::Unknown,
                "the service's clock and this machine's differ by 12 days",
            ),
        ] {
            let difference = SignedDuration::from_hours(24 * days);
            model.status.clock_doubt = Some(ClockDoubt { difference, wrong });
            let line = last_line(&model);
            assert!(line.contains(told), "{line}");
        }
    }
}
