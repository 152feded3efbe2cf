//! The picture whose pods are shown: the current one, a frozen one, or a stored snapshot.
//!
//! Owns the chosen picture and the picture of the view on the screen, which differ until the view worker has
//! finished: banner, title and files follow the view, so that the past never looks like the present. The data
//! is refreshed in the background: state word, clocks, changes and the program's own use are always the
//! current ones. Must not: read a file or a clock; to load a snapshot is an effect.

mod gaps;
mod loaded;
mod since;

use std::sync::Arc;

use jiff::Timestamp;

use super::Model;
use super::effect::Effect;
use crate::app::command::CommandFault;
use crate::fleet::past::StandingNow;
use crate::fleet::past::when::when;
use crate::fleet::{Fleet, View};
use crate::keys::ViewKind;
use crate::state::past::{MomentWanted, PastPicture, PastRequest};

/// A frozen picture.
#[derive(Debug, Clone)]
pub struct HeldPicture {
    /// The pods as they were.
    pub fleet: Fleet,
    /// Since when it is frozen.
    pub since: Timestamp,
    /// The date of HSS's list at that time.
    pub snapshot_at: Option<Timestamp>,
    /// The number of changes of this run until that time.
    changes: u64,
}

/// The source of the pods on the screen.
#[derive(Debug, Clone, Default)]
pub enum ShownPicture {
    /// The live list.
    #[default]
    Live,
    /// A frozen picture.
    Held(Arc<HeldPicture>),
    /// A stored snapshot.
    Past(Arc<PastPicture>),
}

impl ShownPicture {
    /// The moment of the pods; `None` if that is now.
    fn as_of(&self) -> Option<Timestamp> {
        match self {
            Self::Live => None,
            Self::Held(held) => Some(held.since),
            Self::Past(past) => Some(past.moment.at),
        }
    }

    /// The pods, if they are not those of the live list.
    pub fn fleet(&self) -> Option<&Fleet> {
        match self {
            Self::Live => None,
            Self::Held(held) => Some(&held.fleet),
            Self::Past(past) => Some(&past.fleet),
        }
    }
}

/// The time machine.
#[derive(Debug, Clone, Default)]
pub struct TimeMachine {
    /// The chosen picture.
    chosen: ShownPicture,
    /// The picture of the view on the screen.
    viewed: ShownPicture,
    /// The snapshot that is being loaded.
    wanted: Option<MomentWanted>,
    /// The moment that was typed for the snapshot that is being loaded, and for the chosen one, by our own clock.
    typed: Option<Timestamp>,
    asked: Option<Timestamp>,
}

impl TimeMachine {
    /// The picture of the view on the screen.
    pub fn viewed(&self) -> &ShownPicture {
        &self.viewed
    }

    /// Whether the view on the screen shows the live list.
    pub fn is_live(&self) -> bool {
        matches!(self.viewed, ShownPicture::Live)
    }

    /// The snapshot on the screen.
    pub fn past(&self) -> Option<&PastPicture> {
        match &self.viewed {
            ShownPicture::Past(past) => Some(past),
            ShownPicture::Live | ShownPicture::Held(_) => None,
        }
    }

    /// The moment of the pods on the screen; `None` if that is now.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.viewed.as_of()
    }

    /// The moment of the chosen pods, which come onto the screen next.
    pub(super) fn chosen_as_of(&self) -> Option<Timestamp> {
        self.chosen.as_of()
    }

    /// What has happened since then to the pod in this row of the snapshot on the screen.
    pub fn standing(&self, row: u32) -> Option<StandingNow> {
        let standing = self.past()?.standings.of(row);
        (standing != StandingNow::Same).then_some(standing)
    }

    /// Takes a view for the screen. Returns whether it shows the chosen picture: the rows of one picture must
    /// not appear under the banner of another.
    pub(super) fn show(&mut self, view: &View) -> bool {
        let is_chosen = match self.chosen.fleet() {
            Some(fleet) => fleet.is(&view.fleet),
            None => !view.fleet.is_replayed(),
        };
        if is_chosen {
            self.viewed = self.chosen.clone();
        }
        is_chosen
    }

    /// Masks names in the chosen picture, or shows them again.
    pub(super) fn cover(&mut self, cover: impl Fn(&Fleet) -> Fleet) {
        for picture in [&mut self.chosen, &mut self.viewed] {
            match picture {
                ShownPicture::Live => {}
                ShownPicture::Held(held) => {
                    let held = Arc::make_mut(held);
                    held.fleet = cover(&held.fleet);
                }
                ShownPicture::Past(past) => {
                    let past = Arc::make_mut(past);
                    past.fleet = cover(&past.fleet);
                }
            }
        }
    }
}

impl Model {
    /// The pods of the chosen picture.
    pub fn chosen_fleet(&self) -> &Fleet {
        self.time.chosen.fleet().unwrap_or(&self.fleet)
    }

    /// The pods of the view on the screen, with the changes until its moment.
    pub fn shown_fleet(&self) -> &Fleet {
        self.time.viewed.fleet().unwrap_or(&self.fleet)
    }

    /// The pods among which [`Model::pod`] is shown: the changes, and a detail on them, are always of now.
    pub fn detail_fleet(&self) -> &Fleet {
        match self.focus.view() {
            ViewKind::Changes => &self.fleet,
            _ => self.shown_fleet(),
        }
    }

    /// The time of the detail by the service's clock.
    pub fn detail_time(&self) -> Timestamp {
        match self.focus.view() {
            ViewKind::Changes => self.status.service_time(self.now),
            _ => self.shown_time(),
        }
    }

    /// The time of the chosen picture by the service's clock: the pods of a snapshot are as old as they were
    /// then.
    pub fn chosen_time(&self) -> Timestamp {
        self.time_of(&self.time.chosen)
    }

    /// The time of the picture on the screen by the service's clock.
    pub fn shown_time(&self) -> Timestamp {
        self.time_of(&self.time.viewed)
    }

    fn time_of(&self, picture: &ShownPicture) -> Timestamp {
        match picture {
            ShownPicture::Live => self.status.service_time(self.now),
            ShownPicture::Held(held) => self.status.service_time(held.since),
            ShownPicture::Past(past) => past.moment.at,
        }
    }

    /// The date of HSS's list on the screen.
    pub fn list_date(&self) -> Option<Timestamp> {
        match &self.time.viewed {
            ShownPicture::Live => self.status.snapshot_at,
            ShownPicture::Held(held) => held.snapshot_at,
            ShownPicture::Past(past) => Some(past.moment.at),
        }
    }

    /// Whether a banner names the moment of the pods, or says that what is shown beside them is of now.
    pub fn has_banner(&self) -> bool {
        !self.time.is_live()
    }

    /// The snapshot to load, for the reader of the file.
    pub fn past_request(&self) -> Option<PastRequest> {
        let compared = self.focus.comparison().and_then(|it| Some(it.request?.which));
        let opened = self.changes.opened_request;
        let which = match (compared.or(opened).or(self.time.wanted), &self.time.chosen) {
            (Some(which), _) => which,
            (None, ShownPicture::Past(past)) => MomentWanted::At(past.moment.at),
            (None, ShownPicture::Live | ShownPicture::Held(_)) => return None,
        };
        Some(PastRequest {
            which,
            now: self.fleet.masked_by(None),
        })
    }

    /// Moves this many stored snapshots forward, or back if the number is negative.
    pub(super) fn step_in_time(&mut self, by: i32) -> Vec<Effect> {
        let which = match (self.time.wanted, &self.time.chosen) {
            // It goes on from what is looked up already.
            (Some(MomentWanted::Steps(from, so_far)), _) => {
                MomentWanted::Steps(from, so_far.saturating_add(by))
            }
            (Some(MomentWanted::At(at)), _) => MomentWanted::Steps(at, by),
            (None, ShownPicture::Past(past)) => MomentWanted::Steps(past.moment.at, by),
            (None, ShownPicture::Live) if by > 0 => {
                self.notify("these are the pods as they are now");
                return vec![];
            }
            (None, ShownPicture::Live) => {
                let now = self.status.service_time(self.now);
                MomentWanted::Steps(self.status.snapshot_at.unwrap_or(now), by)
            }
            (None, ShownPicture::Held(held)) => {
                let since = self.status.service_time(held.since);
                MomentWanted::Steps(held.snapshot_at.unwrap_or(since), by)
            }
        };
        self.time.wanted = Some(which);
        vec![Effect::Past]
    }

    /// Shows the pods as they were at the typed moment.
    pub(super) fn at_moment(&mut self, typed: &str) -> Result<Vec<Effect>, CommandFault> {
        let at = when(typed, self.now, &self.zone).map_err(CommandFault::NoMoment)?;
        self.time.wanted = Some(MomentWanted::At(self.status.service_time(at)));
        self.time.typed = Some(at);
        if !matches!(self.focus.view(), ViewKind::Pods | ViewKind::Overview) {
            self.focus.show(ViewKind::Pods);
        }
        Ok(vec![Effect::Past])
    }

    /// Freezes the picture, or releases it.
    pub(super) fn freeze(&mut self) -> Vec<Effect> {
        match &self.time.chosen {
            ShownPicture::Held(_) => self.return_to_now(),
            ShownPicture::Past(_) => {
                self.notify("a snapshot of the past stays as it is; Esc returns to now");
                vec![]
            }
            ShownPicture::Live => {
                self.time.chosen = ShownPicture::Held(Arc::new(HeldPicture {
                    fleet: self.fleet.clone(),
                    since: self.now,
                    snapshot_at: self.status.snapshot_at,
                    changes: self.fleet.changes().total(),
                }));
                self.time.viewed = self.time.chosen.clone();
                vec![Effect::View]
            }
        }
    }

    /// Shows the pods as they are now.
    pub(super) fn return_to_now(&mut self) -> Vec<Effect> {
        self.time.wanted = None;
        if matches!(self.time.chosen, ShownPicture::Live) {
            return vec![Effect::Past];
        }
        self.time.chosen = ShownPicture::Live;
        self.detail.usage.is_old = true;
        vec![Effect::View, Effect::Past]
    }

    /// Whether another picture than the live list is chosen.
    pub(super) fn is_elsewhere(&self) -> bool {
        !matches!(self.time.chosen, ShownPicture::Live)
    }
}
