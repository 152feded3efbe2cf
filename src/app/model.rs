//! All that the screen shows, in one value with one owner.
//!
//! The event loop owns the [`Model`]; the render task gets snapshots of it. What is large in it is behind an
//! `Arc`, so that a snapshot is cheap.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Size;

use super::alert_desk::AlertDesk;
use super::changes_view::ChangesView;
use super::columns::TableColumns;
use super::compare::Comparison;
use super::detail::DetailPane;
use super::focus::Focus;
use super::health_view::HealthView;
use super::hotspots::{Drawn, Hotspot, Pointer};
use super::marks::Marks;
use super::masking::Masking;
use super::notice::Notice;
use super::overview::OverviewView;
use super::pods_view::PodsView;
use super::prompt::recall::{Recall, Recalls};
use super::prompt::{Prompt, TypedFault};
use super::quit::QuitQuestion;
use super::row_menu::RowMenu;
use super::saved_views::SavedViews;
use super::snapshot_wish::SnapshotWish;
use super::time_machine::TimeMachine;
use super::unbound::UnboundKeys;
use super::unread::UnreadChanges;
use crate::collector::{FetchRequest, SyncState, SyncStatus};
use crate::fleet::fields::PodField;
use crate::fleet::history::HistoryWish;
use crate::fleet::list_age::{ListAgeLimit, ListCurrency};
use crate::fleet::query::{ParseError, Query};
use crate::fleet::sort::Sort;
use crate::fleet::{Fleet, History, Pod, PodKey, View, ViewRequest};
use crate::health::Health;
use crate::keys::{KeyMap, Mode, ViewKind};
use crate::log::LogTrouble;
use crate::settings::SourceLabel;
use crate::terminal::TerminalTraits;
use crate::ui::Themes;

/// Where the program writes, in words; `None` where it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The file that keeps what is known between runs.
    pub state: Option<String>,
    /// The log file.
    pub log: Option<String>,
}

/// What the pod in the detail used before.
#[derive(Debug, Clone, Default)]
pub struct UsageHistory {
    /// What is asked for, while there is a detail.
    pub wanted: Option<HistoryWish>,
    /// The newest answer; of another pod until that of this one is there.
    pub history: Option<Arc<History>>,
    /// Whether there may be more of it by now.
    pub is_old: bool,
}

impl UsageHistory {
    /// What this pod used before, if that is known.
    pub fn of(&self, pod: &PodKey) -> Option<&History> {
        self.history.as_deref().filter(|history| history.pod == *pod)
    }
}

/// The state of the program.
#[derive(Debug, Clone)]
pub struct Model {
    /// Where the pods come from.
    pub source: SourceLabel,
    /// Where times of day are told for.
    pub zone: TimeZone,
    /// Why that is UTC, where another one was asked for.
    pub zone_trouble: Option<String>,
    /// The time of day, as of the last tick.
    pub now: Timestamp,
    /// The terminal's size.
    pub size: Size,
    /// How far the text in front can be scrolled, in lines; known to who draws it.
    pub last_scroll: fn(&Model) -> u16,
    /// What the mouse can be used on; known to who draws it.
    pub hotspots: fn(&Model) -> Vec<Hotspot>,
    /// In which lines the record holds a text; known to who draws it.
    pub record_matches: fn(&Model, &str) -> Vec<u16>,
    /// The view in front, and what lies on it.
    pub focus: Focus,
    /// The pods that are known.
    pub fleet: Fleet,
    /// How current they are.
    pub status: SyncStatus,
    /// How old HSS's own list may be before that is worth a warning.
    pub list_age_limit: ListAgeLimit,
    /// What is wanted from the API.
    pub wanted: FetchRequest,
    /// What is wanted from the fleet.
    pub request: ViewRequest,
    /// The filter as it was typed.
    pub filter_text: String,
    /// What is wrong or missing in the filter in the prompt; its finished terms act.
    pub filter_error: Option<TypedFault>,
    /// The changes that nobody has read.
    pub unread: UnreadChanges,
    /// The newest view, perhaps of an older request.
    pub view: View,
    /// What the pod in the detail used before.
    pub past: UsageHistory,
    /// Which picture the pods are shown from.
    pub time: TimeMachine,
    /// What the view of the pods keeps for itself.
    pub pods: PodsView,
    /// What the overview keeps for itself.
    pub namespaces: OverviewView,
    /// What the view of the changes keeps for itself.
    pub changes: ChangesView,
    /// Alerts: what waits to be acknowledged, and what was told.
    pub alerts: AlertDesk,
    /// What the view of the health keeps for itself.
    pub health_view: HealthView,
    /// When a key was last pressed, or the mouse used.
    pub touched_at: Timestamp,
    /// The columns of the table.
    pub columns: TableColumns,
    /// What is being typed.
    pub prompt: Prompt,
    /// What was typed before: filters, and commands.
    pub recalls: Arc<Recalls>,
    /// Whether there is a shell to go back to for a while.
    pub has_shell: bool,
    /// The choice in the sort menu.
    pub sort_choice: usize,
    /// Lines that the text of the help is scrolled by.
    pub scroll: u16,
    /// How the detail is looked at.
    pub detail: DetailPane,
    /// The pods that the operator marked.
    pub marks: Marks,
    /// What is compared, while that is open.
    pub comparison: Comparison,
    /// What can be done with the selected pod, while that is asked.
    pub row_menu: RowMenu,
    /// Whether names are masked.
    pub masking: Masking,
    /// The traits of the terminal.
    pub terminal: TerminalTraits,
    /// A sentence for the operator.
    pub notice: Option<Notice>,
    /// What the mouse has been doing.
    pub pointer: Pointer,
    /// The keys of which it was said that they mean nothing.
    pub unbound: UnboundKeys,
    /// Whether `q` was pressed once.
    pub quit: QuitQuestion,
    /// Grows with each tick: the heartbeat.
    pub beat: u64,
    /// When the program began.
    pub started_at: Timestamp,
    /// What the program itself costs.
    pub health: Arc<Health>,
    /// Where it writes.
    pub places: Places,
    /// What is wrong with the log at the moment.
    pub log_trouble: Option<LogTrouble>,
    /// For how long the event loop has been stuck, as whoever draws sees it.
    pub stuck: Option<Duration>,
    /// Whether CSV files begin with a byte order mark.
    pub csv_mark: bool,
    /// The state of the request for a new snapshot.
    pub snapshot_wish: SnapshotWish,
    /// The theme on the screen, and those that can be chosen.
    pub themes: Themes,
    /// The keys in force.
    pub keys: Arc<KeyMap>,
    /// Views that the operator saved.
    pub saved_views: SavedViews,
}

impl Model {
    /// The state before anything is known.
    pub fn new(
        source: SourceLabel,
        wanted: FetchRequest,
        page_size: usize,
        size: Size,
        now: Timestamp,
        drawn: Drawn,
    ) -> Self {
        let request = ViewRequest {
            scope: wanted.scope.clone(),
            ..ViewRequest::default()
        };
        Self {
            source,
            zone: TimeZone::UTC,
            zone_trouble: None,
            now,
            size,
            last_scroll: drawn.last_scroll,
            hotspots: drawn.hotspots,
            record_matches: drawn.record_matches,
            focus: Focus::default(),
            fleet: Fleet::default(),
            status: SyncStatus {
                interval: wanted.interval,
                called_at: Some(now),
                ..SyncStatus::default()
            },
            list_age_limit: ListAgeLimit::default(),
            wanted,
            request,
            filter_text: String::new(),
            filter_error: None,
            unread: UnreadChanges::default(),
            view: View::default(),
            past: UsageHistory::default(),
            time: TimeMachine::default(),
            pods: PodsView::new(page_size),
            namespaces: OverviewView::default(),
            changes: ChangesView::default(),
            alerts: AlertDesk::default(),
            health_view: HealthView::default(),
            touched_at: now,
            columns: TableColumns::default(),
            prompt: Prompt::default(),
            recalls: Arc::default(),
            has_shell: false,
            sort_choice: 0,
            scroll: 0,
            detail: DetailPane::default(),
            marks: Marks::default(),
            comparison: Comparison::default(),
            row_menu: RowMenu::default(),
            masking: Masking::default(),
            terminal: TerminalTraits::default(),
            notice: None,
            pointer: Pointer::default(),
            unbound: UnboundKeys::default(),
            quit: QuitQuestion::default(),
            beat: 0,
            started_at: now,
            health: Arc::default(),
            places: Places::default(),
            log_trouble: None,
            stuck: None,
            csv_mark: true,
            snapshot_wish: SnapshotWish::None,
            themes: Themes::default(),
            keys: Arc::default(),
            saved_views: SavedViews::default(),
        }
    }

    /// Takes what the configuration says: the filter to begin with, and what is odd about it.
    pub fn begin_with(&mut self, filter: &str, warnings: &[String]) {
        if let Err(error) = self.filter_by(filter) {
            let why = self.masking.filter_fault(&error);
            self.notify(format!("invalid start filter: {why}"));
        }
        match warnings {
            [] => {}
            // They name files and what is in them.
            many if self.masking.is_on() => self.notify(format!(
                "{} warnings about the configuration are hidden while names are masked: hss-top config show",
                many.len()
            )),
            [warning] => self.notify(warning),
            [warning, more @ ..] => self.notify(format!(
                "{warning} (and {} more: hss-top config show)",
                more.len()
            )),
        }
    }

    /// The state word: how current the pods on the screen are. Nobody renews the picture while the event loop is stuck.
    pub fn state(&self) -> SyncState {
        match self.stuck {
            Some(_) => SyncState::Stale(self.status.asked_at),
            None => self.status.state_within(self.now, self.list_age_limit),
        }
    }

    /// How current HSS's own list is, whenever it was last checked.
    pub fn list_currency(&self) -> ListCurrency {
        self.status.list_currency(self.now, self.list_age_limit)
    }

    /// The same picture at `now`, of an event loop that has been stuck for so long.
    #[must_use]
    pub fn stuck_for(&self, stuck: Duration, now: Timestamp) -> Self {
        Self {
            now,
            stuck: Some(stuck),
            ..self.clone()
        }
    }

    /// What the keys mean at the moment.
    pub fn mode(&self) -> Mode {
        self.focus.mode()
    }

    /// Whether the body is this view's: it is in front, or beneath a prompt, menu or help.
    pub fn shows(&self, view: Mode) -> bool {
        self.focus.body() == view
    }

    /// The pod under the cursor; in the view of the changes, the one whose detail is open.
    pub fn pod(&self) -> Option<Pod> {
        match self.focus.view() {
            ViewKind::Changes => self
                .changes
                .opened
                .as_deref()
                .map(|pod| self.fleet.shown_pod(pod)),
            _ => self.view.pod(self.pods.cursor),
        }
    }

    /// How many changes are unread.
    pub fn new_changes(&self) -> u64 {
        self.unread.count()
    }

    /// Lines of a text that the screen has room for.
    pub fn lines_shown(&self) -> usize {
        self.areas().map_or(1, |areas| usize::from(areas.body.height))
    }

    /// Whether something keeps pods of the chosen source from the list: scope, filter, or the wish for problems only.
    pub fn is_restricted(&self) -> bool {
        let request = &self.request;
        request.problems || !request.filter.is_empty() || !request.scope.is_whole()
    }

    /// Sets the filter. An invalid one changes nothing.
    pub fn filter_by(&mut self, text: &str) -> Result<(), ParseError> {
        self.request.filter = Query::parse(text)?;
        text.clone_into(&mut self.filter_text);
        Ok(())
    }

    /// What was typed before, in the prompt that is open.
    pub fn recall(&mut self) -> &mut Recall {
        let recalls = Arc::make_mut(&mut self.recalls);
        match self.focus.mode() {
            Mode::Command => &mut recalls.commands,
            _ => &mut recalls.filters,
        }
    }

    /// Lets through what the filter does that was kept, whatever was typed since.
    pub fn restore_filter(&mut self) {
        self.filter_error = None;
        self.request.filter = Query::parse(&self.filter_text).unwrap_or_default();
    }

    /// Lets everything through again. The filter can be had again in its prompt.
    pub fn clear_filter(&mut self) {
        let recalls = Arc::make_mut(&mut self.recalls);
        recalls.filters.keep(&self.masking.typed_again(&self.filter_text));
        self.filter_text.clear();
        self.filter_error = None;
        self.request.filter = Query::default();
    }

    /// Sorts by `key`; by the same again reverses. The cursor goes to the first row: what is sorted for is there.
    pub fn sort_by(&mut self, key: PodField) {
        self.pods.is_home = false;
        (self.pods.cursor, self.pods.top, self.pods.selected) = (0, 0, None);
        self.request.sort = if self.request.sort.key == key {
            self.request.sort.reversed()
        } else {
            key.first_direction()
        };
    }

    /// The order that is wanted.
    pub fn sort(&self) -> Sort {
        self.request.sort
    }
}
