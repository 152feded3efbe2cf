//! The list of the alerts: what is open, what is over, and what was done about it.
//!
//! ```text
//! ╭ alerts: 2 open, 1 over ───────────────────────────────────────────────────────────╮
//! │   SINCE   POD                             STATE       ACKNOWLEDGED  RULE  SENT       │
//! │ ▌ 20:35   cci-web-api-tjtn64rsb-kv82h     open                      risk  banner bell│
//! │   20:05   cci-settle-core-j2hsxc942-gk6tr over 21:35  ✓ ops 21:40   risk  banner bell│
//! ╰────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::alerts::{AlertWay, HeldAlert, ListedAlert};
use crate::app::Model;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::fleet::RemoteText;
use crate::fleet::changes::ChangeId;
use crate::fleet::pseudonym::NameKind;
use crate::ui::format::{count, fit, width as width_of, wrapped};
use crate::ui::moment::day_or_time;
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Cells of the time, the state, the acknowledgement and the rule.
const SINCE: usize = 7;
const STATE: usize = 12;
const KNOWN: usize = 13;
const RULE: (usize, usize) = (6, 17);
/// The place of the rule among the columns, and the cells between it and the ways: with one blank they read as one phrase.
const RULE_COLUMN: usize = 4;
const GAP: usize = 2;
/// The usual and the fewest cells of a name, and the most cells of the ways.
const NAME: usize = 26;
const SHORT_NAME: usize = 22;
const WAYS: usize = 38;
/// The fewest cells of the ways: those of the default rule. They come before the complete name of a rule.
const LEAST_WAYS: usize = 11;
/// The widest box, in cells.
const WIDEST: u16 = 150;
/// Said where there is none.
const EMPTY: &str = "No alert is open, and none ended recently. [[alerts]] of the configuration file sets \
    the rules; hss-top alerts log prints what was sent.";

/// Draws the list in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let place = place(model, area);
    super::clear(place, buffer);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(title(model), theme.style(Role::Title)));
    let inner = block.inner(place);
    block.render(place, buffer);
    if model.alerts.listed.is_empty() {
        let inner = inner.inner(Margin::new(1, 0));
        let lines = wrapped(EMPTY, usize::from(inner.width.max(1)));
        for (text, row) in lines.into_iter().zip(inner.rows()) {
            Line::styled(text.to_owned(), theme.style(Role::Text)).render(row, buffer);
        }
        return;
    }
    let rules = model
        .alerts
        .listed
        .iter()
        .map(|listed| width_of(&listed.alert.rule));
    let columns = AlertColumns::of(usize::from(inner.width), rules.max().unwrap_or(0));
    let headings =
        ["SINCE", "POD", "STATE", "ACKNOWLEDGED", "RULE", "SENT"].map(|text| (text.to_owned(), Role::Label));
    columns.draw(&headings, theme, Rect { height: 1, ..inner }, buffer);
    let chosen = model.focus.alerts().map(|menu| menu.choice);
    for (at, listed, line) in rows(model, inner) {
        columns.draw(&cells(model, listed, columns.ways()), theme, line, buffer);
        if Some(at) == chosen {
            Slot::new(buffer, line.x, line.y, 2)
                .left(&format!(" {}", signs::CURSOR), theme.style(Role::Accent));
            theme.select(line, buffer);
        }
    }
}

/// A click on a row goes to its pod.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let inner = place(model, area).inner(Margin::new(1, 1));
    rows(model, inner)
        .map(|(at, _, line)| Hotspot::new(line, ClickTarget::Choice(at)))
        .collect()
}

/// The widths of the columns; what has no room is left out from the right.
struct AlertColumns([usize; 6]);

impl AlertColumns {
    fn of(width: usize, rule: usize) -> Self {
        let rule = (rule + GAP).clamp(RULE.0, RULE.1);
        let beside_name = width.saturating_sub(3 + SINCE + STATE);
        // A long rule shortens the names, which keep their end, before it is cut itself.
        let wanted = KNOWN + rule + LEAST_WAYS;
        let name = beside_name.saturating_sub(wanted).clamp(SHORT_NAME, NAME);
        let mut room = beside_name.saturating_sub(name);
        let mut column = |cells: usize, least: usize| {
            let taken = if room >= least { cells.min(room) } else { 0 };
            room -= taken;
            taken
        };
        let known = column(KNOWN, KNOWN);
        let for_rule = beside_name.saturating_sub(name + KNOWN + LEAST_WAYS);
        let rule = column(rule.min(for_rule.max(RULE.0)), RULE.0);
        let ways = column(WAYS, LEAST_WAYS);
        Self([SINCE, name + room, STATE, known, rule, ways])
    }

    /// The cells of the ways.
    fn ways(&self) -> usize {
        let [.., ways] = self.0;
        ways
    }

    fn draw(&self, cells: &[(String, Role); 6], theme: &Theme, line: Rect, buffer: &mut Buffer) {
        let mut slot = Slot::new(buffer, line.x, line.y, usize::from(line.width));
        slot.skip(3);
        for (at, (width, (text, role))) in self.0.into_iter().zip(cells).enumerate() {
            let gap = match at {
                // The last column needs none.
                _ if slot.width() <= width => 0,
                RULE_COLUMN => GAP,
                _ => 1,
            };
            let room = width.saturating_sub(gap);
            slot.part(width).left(&fit(text, room), theme.style(*role));
        }
    }
}

fn cells(model: &Model, listed: &ListedAlert, room: usize) -> [(String, Role); 6] {
    let alert = &listed.alert;
    let at = |at: Timestamp| day_or_time(at, model.now, &model.zone);
    let name = if alert.name.is_empty() {
        alert.finding.words()[0].to_owned()
    } else {
        let name = model.masking.name(NameKind::Pod, &alert.name);
        RemoteText::name(&name).shown().to_owned()
    };
    let state = match AlertStanding::of(listed) {
        AlertStanding::Happened => ("happened".to_owned(), Role::Muted),
        AlertStanding::Over(ended) => (format!("over {}", at(ended)), Role::Muted),
        AlertStanding::HeldBack => ("held back".to_owned(), Role::Warn),
        AlertStanding::Open => ("open".to_owned(), Role::Bad),
    };
    let change = alert.change.as_deref().and_then(ChangeId::read);
    let by = change.and_then(|id| model.changes.acknowledgement(id));
    let known = match by {
        Some(by) => {
            let who = RemoteText::name(&model.masking.name(NameKind::Account, &by.who))
                .shown()
                .to_owned();
            format!("{} {who} {}", signs::DONE, at(by.at))
        }
        None if listed.is_acknowledged => signs::DONE.to_owned(),
        // Nobody can take note of what was not told.
        None if listed.held.is_some() => signs::ABSENT.to_owned(),
        None => "not yet".to_owned(),
    };
    let ways = sent(listed, room);
    let ways = match listed.held {
        Some(held) => will_be_told(&held, at, room),
        None if listed.is_acknowledged && ways.is_empty() => "known before".to_owned(),
        None if ways.is_empty() => "not yet".to_owned(),
        None => ways,
    };
    let waits = !listed.waits_by.is_empty();
    [
        (at(alert.began), Role::Label),
        (name, Role::Text),
        state,
        (
            known,
            if listed.is_acknowledged {
                Role::Good
            } else {
                Role::Warn
            },
        ),
        (RemoteText::name(&alert.rule).shown().to_owned(), Role::Muted),
        (ways, if waits { Role::Warn } else { Role::Muted }),
    ]
}

/// The ways that have it, and those where it waits: `banner bell, command waits`. Where that is more than this many cells, how
/// many they are: nobody would miss a way that is cut off.
fn sent(listed: &ListedAlert, room: usize) -> String {
    let is_there = |way: &&AlertWay| !listed.waits_by.contains(way);
    let there: Vec<&str> = listed
        .told_by
        .iter()
        .filter(is_there)
        .map(|way| way.name())
        .collect();
    let waits = listed.waits_by.iter().map(|way| format!("{} waits", way.name()));
    let there = Some(there.join(" ")).filter(|there| !there.is_empty());
    let whole = there.into_iter().chain(waits).collect::<Vec<String>>().join(", ");
    if width_of(&whole) <= room {
        return whole;
    }
    match (listed.told_by.as_slice(), listed.waits_by.len()) {
        (told_by, waiting @ 1..) => {
            let wait = if waiting == 1 { "waits" } else { "wait" };
            format!("{waiting}/{} {wait}", told_by.len())
        }
        ([first, others @ ..], 0) => format!("{} +{}", first.name(), others.len()),
        ([], 0) => whole,
    }
}

/// The state of an alert in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AlertStanding {
    Open,
    HeldBack,
    Happened,
    Over(Timestamp),
}

impl AlertStanding {
    fn of(listed: &ListedAlert) -> Self {
        match listed.alert.ended {
            _ if listed.alert.finding.is_momentary() => Self::Happened,
            Some(ended) => Self::Over(ended),
            None if listed.held.is_some() => Self::HeldBack,
            None => Self::Open,
        }
    }
}

/// When an alert will be told, and why not now, if there is room for that.
fn will_be_told(held: &HeldAlert, at: impl Fn(Timestamp) -> String, room: usize) -> String {
    let Some(until) = held.until else {
        return held.why.words().to_owned();
    };
    let time = format!("at {}", at(until));
    let whole = format!("{time}, {}", held.why.words());
    if width_of(&whole) <= room { whole } else { time }
}

fn title(model: &Model) -> String {
    let number = |is_counted: fn(AlertStanding) -> bool| {
        let listed = model.alerts.listed.iter().map(AlertStanding::of);
        listed.filter(|standing| is_counted(*standing)).count()
    };
    let part = |number: usize, word: &str| match number {
        0 => String::new(),
        number => format!("{} {word}, ", count(number)),
    };
    let about = if model.request.scope.is_whole() {
        ""
    } else {
        " of all pods"
    };
    format!(
        " alerts{about}: {} open, {}{}{} over ",
        count(number(|standing| standing == AlertStanding::Open)),
        part(
            number(|standing| standing == AlertStanding::HeldBack),
            "held back"
        ),
        part(number(|standing| standing == AlertStanding::Happened), "happened"),
        count(number(|standing| matches!(standing, AlertStanding::Over(_))))
    )
}

/// As high as the list needs, and not higher than there is room.
fn place(model: &Model, area: Rect) -> Rect {
    let width = WIDEST.min(area.width);
    // The headings have a row too.
    let rows = match model.alerts.listed.len() {
        0 => wrapped(EMPTY, usize::from(width.saturating_sub(4).max(1))).len(),
        alerts => alerts + 1,
    };
    let rows = u16::try_from(rows).unwrap_or(u16::MAX);
    let height = rows.saturating_add(2).min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// The rows that there is room for below the headings, the chosen one among them, each with its number and its line.
fn rows(model: &Model, inner: Rect) -> impl Iterator<Item = (usize, &ListedAlert, Rect)> {
    let room = usize::from(inner.height.saturating_sub(1));
    let chosen = model.focus.alerts().map_or(0, |menu| menu.choice);
    let top = (chosen + 1).saturating_sub(room);
    let rows = model.alerts.listed.iter().enumerate().skip(top);
    rows.zip(inner.rows().skip(1))
        .map(|((at, listed), line)| (at, listed, line))
}
