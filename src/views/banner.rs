//! The time of the pods on the screen, if it is not now.
//!
//! ```text
//!  VIEWING 03:10 │ 10h ago │ gap 2h14m before this: not watched 00:56–03:10 │ 14 differ now, 3 gone, 5 came since │ Esc returns
//!  VIEWING 00:11 │ 9h ago │ nothing stored at 03:30 │ not watched 00:13–03:43 │ Esc returns
//!  FROZEN since 13:02:10  3m12s │ 214 changes since, and a newer list │ Esc releases
//!  NOW: these changes │ the pods, the overview and the counts are of 03:10 │ 1 shows the pods
//! ```
//!
//! Words say it, and the line has the tint of the selected row, so that it is seen without colours too. What has no room is
//! left out from the middle: what is shown and the way back stay.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use crate::app::Model;
use crate::app::time_machine::{HeldPicture, ShownPicture};
use crate::fleet::watched::WatchedSpan;
use crate::keys::{Action, ViewKind};
use crate::state::past::PastPicture;
use crate::ui::format::{CORRECTED, age, count, counted, elapsed, head, width as width_of};
use crate::ui::moment::moment;
use crate::ui::{Role, Theme, signs};

/// Draws the line.
pub(super) fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let parts = match model.time.viewed() {
        ShownPicture::Live => return,
        ShownPicture::Held(_) | ShownPicture::Past(_) if live_words(model.focus.view()).is_some() => {
            live_parts(model, area.width.into())
        }
        ShownPicture::Held(held) => held_parts(model, held),
        ShownPicture::Past(past) => past_parts(model, past),
    };
    line(parts, theme, usize::from(area.width)).render(area, buffer);
    buffer.set_style(area, theme.style(Role::Selected));
}

/// The parts in the order of their places; those that may be left out have the larger number the sooner they go.
struct BannerPart {
    text: String,
    role: Role,
    goes: u8,
}

fn part(text: String, role: Role, goes: u8) -> BannerPart {
    BannerPart { text, role, goes }
}

/// What a view shows that is always of now.
fn live_words(view: ViewKind) -> Option<&'static str> {
    match view {
        ViewKind::Changes => Some("NOW: these changes"),
        ViewKind::Health => Some("NOW: this state"),
        ViewKind::Pods | ViewKind::Overview => None,
    }
}

/// The parts for a view that is of now while the pods are not.
fn live_parts(model: &Model, width: usize) -> Vec<BannerPart> {
    let view = model.focus.view();
    let of = model.time.as_of().map(|at| moment(at, model.now, &model.zone));
    let of = of.unwrap_or_default();
    let now = live_words(view).unwrap_or_default();
    let others = format!("the pods, the overview and the counts are of {of}");
    // Without the other half, the first says nothing.
    let others = if width_of(now) + width_of(&others) + 5 <= width {
        others
    } else {
        format!("pods: {of}")
    };
    let mut parts = vec![part(now.to_owned(), Role::Warn, 0), part(others, Role::Text, 1)];
    if let Some(key) = model.keys.key_of(view.mode(), Action::Show(ViewKind::Pods)) {
        parts.push(part(format!("{} shows the pods", key.label()), Role::Text, 2));
    }
    parts
}

fn past_parts(model: &Model, past: &PastPicture) -> Vec<BannerPart> {
    let at = |at: Timestamp| moment(at, model.now, &model.zone);
    let mut parts = vec![part(format!("VIEWING {}", at(past.moment.at)), Role::Warn, 0)];
    let now = model.status.service_time(model.now);
    if let Some(seconds) = elapsed(past.moment.at, now, CORRECTED) {
        parts.push(part(format!("{} ago", age(seconds)), Role::Text, 1));
    }
    if let Some((asked, gap)) = model.asked_in_gap(past) {
        parts.push(part(format!("nothing stored at {}", at(asked)), Role::Bad, 1));
        parts.push(part(
            format!("not watched {}–{}", at(gap.from), at(gap.to)),
            Role::Bad,
            4,
        ));
    }
    let gaps = model.gaps_before(past);
    if let Some(gap) = gaps.iter().max_by_key(|gap| gap.to.duration_since(gap.from)) {
        let (long, short) = gap_words(gap, gaps.len(), at);
        parts.push(part(short, Role::Bad, 1));
        parts.push(part(long, Role::Bad, 5));
    }
    let counts = past.counts;
    // Those of the filter are marked in the table.
    let among = match (model.request.hides_in_scope(), model.request.scope.is_whole()) {
        (false, _) => "",
        (true, true) => "of all pods ",
        (true, false) => "of all in scope ",
    };
    let told = format!(
        "{among}{} differ now, {} gone, {} came since",
        count(counts.differ),
        count(counts.gone),
        count(counts.came)
    );
    parts.push(part(told, Role::Text, 2));
    let (place, all) = past.place;
    parts.push(part(format!("snapshot {place} of {all}"), Role::Muted, 4));
    parts.push(part(way_back(model, "returns"), Role::Text, 0));
    parts
}

/// The longest gap in two parts: how long it is, and when it was.
fn gap_words(gap: &WatchedSpan, gaps: usize, at: impl Fn(Timestamp) -> String) -> (String, String) {
    let length = age(gap.to.duration_since(gap.from).as_secs());
    let more = match gaps {
        1 => String::new(),
        many => format!(", and {} more", many - 1),
    };
    (
        format!("not watched {}–{}{more}", at(gap.from), at(gap.to)),
        format!("gap {length} before this"),
    )
}

fn held_parts(model: &Model, held: &HeldPicture) -> Vec<BannerPart> {
    let since = held.since.to_zoned_datetime(model.zone.clone());
    let mut parts = vec![part(
        format!("FROZEN since {}", since.strftime("%H:%M:%S")),
        Role::Warn,
        0,
    )];
    if let Some(seconds) = elapsed(held.since, model.now, CORRECTED) {
        parts.push(part(age(seconds), Role::Text, 3));
    }
    let is_newer = model.status.snapshot_at > held.snapshot_at;
    let came = match (model.changes_since(held), is_newer) {
        (0, true) => "no change since, but a newer list".to_owned(),
        (0, false) => "no change since".to_owned(),
        (changes, true) => format!("{} since, and a newer list", counted(changes, "change")),
        (changes, false) => format!("{} since", counted(changes, "change")),
    };
    parts.push(part(came, Role::Text, 1));
    parts.push(part(way_back(model, "releases"), Role::Text, 0));
    parts
}

fn way_back(model: &Model, does: &str) -> String {
    // In front of the view, Esc closes what is in front.
    let is_view_in_front = model.focus.top().is_none();
    let back = || model.keys.key_of(model.focus.view().mode(), Action::Back);
    let key = is_view_in_front.then(back).flatten();
    key.map_or_else(|| format!(":now {does}"), |key| format!("{} {does}", key.label()))
}

/// As many of the parts as there is room for.
fn line(mut parts: Vec<BannerPart>, theme: &Theme, width: usize) -> Line<'static> {
    let between = format!(" {} ", signs::BAR);
    let used = |parts: &[BannerPart]| {
        let texts: usize = parts.iter().map(|part| width_of(&part.text)).sum();
        texts + parts.len().saturating_sub(1) * width_of(&between) + 2
    };
    while used(&parts) > width {
        let goes = (0..parts.len()).max_by_key(|at| parts.get(*at).map_or(0, |part| part.goes));
        match goes.filter(|at| parts.get(*at).is_some_and(|part| part.goes > 0)) {
            Some(at) => drop(parts.remove(at)),
            None => break,
        }
    }
    // No half of a part: what is shown stays, and the way back goes before a piece of it would stand there.
    while used(&parts) > width && parts.len() > 1 {
        parts.pop();
    }
    if let [only] = parts.as_mut_slice() {
        only.text = head(&only.text, width.saturating_sub(1));
    }
    let mut line = Line::from(Span::raw(" "));
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            line.push_span(Span::styled(between.clone(), theme.style(Role::Muted)));
        }
        line.push_span(Span::styled(part.text, theme.style(part.role)));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Palette;

    #[test]
    fn what_is_shown_stays_and_nothing_is_half_there_whatever_the_width_is() {
        let parts = || {
            vec![
                part("VIEWING 03:10".to_owned(), Role::Warn, 0),
                part("10h ago".to_owned(), Role::Text, 3),
                part("gap 2h before this".to_owned(), Role::Bad, 1),
                part("Esc returns".to_owned(), Role::Text, 0),
            ]
        };
        let theme = Theme::new(Palette::None);
        let text = |width| line(parts(), &theme, width).to_string();
        assert_eq!(
            text(90),
            " VIEWING 03:10 │ 10h ago │ gap 2h before this │ Esc returns"
        );
        assert_eq!(text(55), " VIEWING 03:10 │ gap 2h before this │ Esc returns");
        assert_eq!(text(30), " VIEWING 03:10 │ Esc returns");
        assert_eq!(text(20), " VIEWING 03:10", "no half of the way back");
        assert_eq!(text(10), " VIEWING …");
    }
}
