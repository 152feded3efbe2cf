//! Remarks that stay in the last line while nothing prevents work: a wrong clock, so that ages are wrong; a disk that saves
//! nothing; pods of an earlier run.
//!
//! ```text
//!  ▲ these pods are from the last run; waiting for the first answer of this one  ? help  / filter  : command  …
//!  ▲ these pods are from the last run  ? help  / filter  : command                                     80 columns
//! ```
//!
//! The keys stay beside them: a remark has shorter forms for a narrow screen, and the first key is never pushed out. Of these forms
//! the longest that fits is shown, because the half of a sentence says nothing.

use jiff::{SignedDuration, Timestamp};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::alert_line;
use crate::app::Model;
use crate::collector::SyncState;
use crate::fleet::RemoteText;
use crate::hss::skew::{ClockDoubt, LikelyWrong};
use crate::ui::format::{CORRECTED, age, elapsed, head, in_words};
use crate::ui::moment::moment;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};

/// A smaller clock difference is not mentioned.
const CLOCK_OFF: SignedDuration = SignedDuration::from_mins(1);

/// How many calls a sweep leaves to the operator: with no more than these it waits.
const FOR_THE_OPERATOR: usize = 1;

/// Cells for keys beside complete sentences, enough for about three. With fewer, the sentences are short.
const FOR_KEYS: usize = 28;

/// Cells around a remark: its sign, and a blank before, between and after.
const AROUND: usize = 4;

/// The least part of a sentence that is worth its place.
const TELLING: usize = 16;

/// A remark, and its shorter forms if it has any, the longest first.
#[derive(Debug)]
struct StandingRemark {
    long: String,
    shorter: Vec<String>,
}

impl StandingRemark {
    fn new(long: String, shorter: impl IntoIterator<Item = String>) -> Self {
        let shorter = shorter.into_iter().collect();
        Self { long, shorter }
    }

    /// A sentence of the program, or of a library that may repeat what came from the network.
    fn sentence(text: &str, model: &Model) -> Self {
        let text = model.masking.sentence(text);
        Self::from(RemoteText::message(&text).shown().to_owned())
    }

    /// The form for this many cells: the longest that fits, or else the shortest.
    fn within(&self, cells: usize) -> &str {
        let mut forms = std::iter::once(&self.long).chain(&self.shorter);
        let shortest = self.shorter.last().unwrap_or(&self.long);
        forms.find(|form| form.width() <= cells).unwrap_or(shortest)
    }
}

impl From<String> for StandingRemark {
    fn from(long: String) -> Self {
        Self::new(long, [])
    }
}

/// The remarks in at most this many cells, of which `first_key` stay free.
pub(super) fn line<'a>(model: &Model, theme: &Theme, width: usize, first_key: usize) -> Line<'a> {
    let remarks = remarks(model);
    let long = remarks.iter().map(|it| it.long.width() + AROUND);
    let has_all = long.sum::<usize>() + FOR_KEYS <= width;
    let mut room = width.saturating_sub(first_key);
    let mut line = Line::default();
    for remark in &remarks {
        let Some(cells) = room.checked_sub(AROUND).filter(|cells| *cells >= TELLING) else {
            break;
        };
        // A short form leaves more keys beside it.
        let most = match remark.shorter.first() {
            Some(short) if !has_all => cells.min(short.width()),
            _ => cells,
        };
        let text = head(remark.within(most), cells);
        room -= text.width() + AROUND;
        let text = format!(" {} {text} ", signs::RISK);
        line.push_span(Span::styled(text, theme.style(Role::Warn)));
    }
    line
}

/// What there is to say, the most important first.
fn remarks(model: &Model) -> Vec<StandingRemark> {
    let status = &model.status;
    let skew = status.skew.unwrap_or_default();
    let mut remarks = Vec::new();
    if let SyncState::Old(of) = model.state() {
        remarks.push(old_list(of, model));
    }
    if skew.abs() >= CLOCK_OFF {
        let by = age(skew.abs().as_secs());
        let direction = if skew.is_positive() { "behind" } else { "ahead of" };
        remarks.push(StandingRemark::new(
            format!("this machine's clock is {by} {direction} HSS's"),
            [format!("our clock is {by} {direction} HSS's")],
        ));
    }
    if let Some(doubt) = status.clock_doubt {
        remarks.push(doubted(doubt));
    }
    if let Some(odd) = &status.odd_date {
        let odd = model.masking.sentence(odd.shown());
        let short = "answers have impossible dates".to_owned();
        remarks.push(StandingRemark::new(
            format!("answers are dated {odd}, which is impossible"),
            [short],
        ));
    }
    for (field, odd) in [
        ("last_update_time", &status.odd_snapshot),
        ("total_num", &status.odd_total),
    ] {
        if let Some(odd) = odd {
            let odd = model.masking.sentence(odd.shown());
            remarks.push(StandingRemark::new(
                format!("{field} is {odd}, which is impossible"),
                [format!("impossible {field}")],
            ));
        }
    }
    if status.restored && matches!(model.state(), SyncState::Stale(_)) {
        let short = "these pods are from the last run";
        let long = format!("{short}; waiting for the first answer of this one");
        let shortest = "pods of the last run".to_owned();
        remarks.push(StandingRemark::new(long, [short.to_owned(), shortest]));
    }
    let waits_for_others = status.calls_left <= FOR_THE_OPERATOR && status.calls_of_others > 0;
    if waits_for_others && !matches!(model.state(), SyncState::Fresh | SyncState::Recorded) {
        let (spent, limit, others) = (status.calls_of_others, status.calls_limit, status.others.words());
        let are = if spent == 1 { "is" } else { "are" };
        let long = format!("{spent} of {limit} calls {are} spent by {others}");
        let short = format!("{spent} of {limit} calls {are} spent by others");
        let shortest = format!("others spent {spent} of {limit} calls");
        remarks.push(StandingRemark::new(long, [short, shortest]));
    }
    if let Some(trouble) = &status.calls_trouble {
        remarks.push(StandingRemark::sentence(trouble, model));
    }
    if let Some(since) = status.overdue(model.now) {
        remarks.push(match elapsed(since, model.now, CORRECTED) {
            Some(late) => {
                let late = age(late);
                let long = format!("no call was made for {late}, though one is due");
                StandingRemark::new(long, [format!("a call is due for {late}")])
            }
            None => StandingRemark::new(
                "no call was made since the clock was set back, though one is due".to_owned(),
                [
                    "a call is due since the clock was set back".to_owned(),
                    "the clock was set back".to_owned(),
                ],
            ),
        });
    }
    if status.moved && !status.loading && matches!(model.state(), SyncState::Fresh | SyncState::Recorded) {
        remarks.push(StandingRemark::new(
            "list changed during the sweep".to_owned(),
            ["list changed meanwhile".to_owned()],
        ));
    }
    remarks.extend(alert_line::trouble(model).map(StandingRemark::from));
    let log = model.log_trouble.as_ref();
    remarks.extend(log.map(|trouble| trouble.mark().to_owned().into()));
    if let Some(trouble) = &status.state_trouble {
        remarks.push(StandingRemark::sentence(trouble, model));
    }
    remarks
}

/// Why the state is OLD, and the solution. On the narrowest screen the word says the first, and only the second is here.
fn old_list(of: Timestamp, model: &Model) -> StandingRemark {
    let at = moment(of, model.now, &model.zone);
    let short = format!("HSS last synchronised on {at}; :sync requests it");
    let shortest = ":sync requests a new list".to_owned();
    StandingRemark::new(format!("{short}; check the cluster's agent"), [short, shortest])
}

/// Two clocks that differ by more than is believed.
fn doubted(doubt: ClockDoubt) -> StandingRemark {
    let by = in_words(doubt.difference.unsigned_abs().as_secs());
    match doubt.wrong {
        LikelyWrong::Theirs => {
            let (long, short) = if doubt.difference.is_positive() {
                ("ahead of", "ahead")
            } else {
                ("behind", "behind")
            };
            StandingRemark::new(
                format!("the service's clock is {by} {long} this machine's, and likely wrong"),
                [
                    format!("the service's clock is {by} {short}, likely wrong"),
                    "HSS's clock is likely wrong".to_owned(),
                ],
            )
        }
        LikelyWrong::Ours | LikelyWrong::Unknown => {
            let long = format!("the service's clock and this machine's differ by {by}");
            StandingRemark::new(
                long,
                [
                    format!("our clock and the service's differ by {by}"),
                    format!("clocks differ by {by}"),
                ],
            )
        }
    }
}
