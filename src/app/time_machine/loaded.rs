//! A snapshot that was loaded, or why there is none.

use std::sync::Arc;

use jiff::Timestamp;

use super::ShownPicture;
use crate::app::Model;
use crate::app::effect::Effect;
use crate::state::past::{MomentWanted, NoPicture, PastNews, PastPicture};
use crate::ui::moment::moment;

impl Model {
    /// Takes a loaded snapshot, or the reason why there is none.
    pub(in crate::app) fn take_past(&mut self, news: PastNews) -> Vec<Effect> {
        if let Some(effects) = self.take_compared(&news) {
            return effects;
        }
        if let Some(effects) = self.take_opened(&news) {
            return effects;
        }
        let is_again = self.time.wanted.is_none();
        let is_wanted = match (self.time.wanted, &self.time.chosen) {
            (Some(which), _) => which == news.which,
            (None, ShownPicture::Past(past)) => news.which == MomentWanted::At(past.moment.at),
            (None, ShownPicture::Live | ShownPicture::Held(_)) => false,
        };
        if !is_wanted {
            return vec![];
        }
        self.time.wanted = None;
        match news.picture {
            Ok(picture) => self.take_picture(picture, news.which, is_again),
            Err(NoPicture::Newest) => self.return_to_now(),
            Err(_) if is_again => vec![],
            Err(why) => {
                let sentence = self.no_picture(why, news.altered);
                self.notify(sentence);
                vec![]
            }
        }
    }

    fn take_picture(&mut self, mut picture: PastPicture, which: MomentWanted, is_again: bool) -> Vec<Effect> {
        if !self.request.scope.is_whole() {
            picture.counts = picture.standings.counts(&picture.fleet, &self.request.scope);
        }
        if let (true, ShownPicture::Past(shown)) = (is_again, &self.time.chosen)
            && shown.moment == picture.moment
        {
            // Only the current state of the pods is new.
            let with_news = PastPicture {
                standings: picture.standings,
                counts: picture.counts,
                before: picture.before,
                place: picture.place,
                ..PastPicture::clone(shown)
            };
            self.time.chosen = ShownPicture::Past(Arc::new(with_news));
            if self.time.past().is_some_and(|past| past.moment == picture.moment) {
                self.time.viewed = self.time.chosen.clone();
            }
            return vec![];
        }
        if self.status.snapshot_at == Some(picture.moment.at) && !self.status.loading {
            // HSS's current list is the newest snapshot.
            if matches!(which, MomentWanted::At(_)) {
                self.notify("these are the pods as they are now: HSS has taken no snapshot since");
            }
            return self.return_to_now();
        }
        let fleet = picture
            .fleet
            .with_changes_until(self.fleet.changes(), picture.moment.at);
        picture.fleet = self.masking.cover(&fleet);
        self.time.chosen = ShownPicture::Past(Arc::new(picture));
        self.time.asked = match which {
            MomentWanted::At(_) => self.time.typed.take(),
            MomentWanted::Steps(..) => None,
        };
        self.detail.usage.is_old = true;
        vec![Effect::View, Effect::History]
    }

    pub(in crate::app) fn no_picture(&self, why: NoPicture, altered: usize) -> String {
        let at = |at: Timestamp| moment(at, self.now, &self.zone);
        let sentence = match why {
            NoPicture::Nothing if self.places.state.is_none() => {
                "no snapshot is stored: the state is not saved in this run".to_owned()
            }
            NoPicture::Nothing => {
                "no snapshot is stored yet: each one is stored when all its pods are loaded".to_owned()
            }
            NoPicture::KeptSince(oldest) => {
                format!("nothing older is stored: snapshots begin at {}", at(oldest))
            }
            NoPicture::Newest => "these are the pods as they are now".to_owned(),
            NoPicture::Altered(of) => format!(
                "the snapshot of {} cannot be shown: it was altered on the disk",
                at(of)
            ),
        };
        match altered {
            0 => sentence,
            1 => format!("{sentence}; the date of 1 snapshot was altered on the disk"),
            many => format!("{sentence}; the dates of {many} snapshots were altered on the disk"),
        }
    }
}
