//! Reads the pods as they were, outside the event loop. The newest request wins.
//!
//! Owns a read-only connection for each look, as [`super::history`] does, and the replay of what was looked at last: a step to
//! a neighbour applies one difference, or starts from the whole snapshot of its group, which is kept too while somebody looks.
//! Both are dropped afterwards. Must not: write; wait for the recorder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

use super::archive::chain;
use super::database::{Identity, SourceMark, identity, moments};
use super::history::open_to_read;
use crate::fleet::Fleet;
use crate::fleet::Scope;
use crate::fleet::past::{Lineup, Moments, PastMoment, Replay, StandingCounts, Standings};

/// Which snapshot is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentWanted {
    /// This many snapshots after that of this date, or before it if the number is negative.
    Steps(Timestamp, i32),
    /// The one that held then.
    At(Timestamp),
}

/// A request to see the pods as they were.
#[derive(Debug, Clone)]
pub struct PastRequest {
    /// Which snapshot.
    pub which: MomentWanted,
    /// The pods as they are now, to compare each with its later state.
    pub now: Fleet,
}

/// The pods as they were.
#[derive(Debug, Clone)]
pub struct PastPicture {
    /// Which snapshot it is.
    pub moment: PastMoment,
    /// The date of the one before, if that is stored.
    pub before: Option<Timestamp>,
    /// Its place among those that are stored, from 1, and how many these are.
    pub place: (usize, usize),
    /// The pods.
    pub fleet: Fleet,
    /// Their later state.
    pub standings: Arc<Standings>,
    /// The same in numbers: of all pods, or of those in the scope of the screen.
    pub counts: StandingCounts,
}

/// Why there is no such picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPicture {
    /// No snapshot is stored.
    Nothing,
    /// Nothing older is stored than the snapshot of this date.
    KeptSince(Timestamp),
    /// Nothing newer is stored: the pods as they are now come next.
    Newest,
    /// The snapshot of this date was altered on the disk, or one that it is the difference to.
    Altered(Timestamp),
}

/// The result of a request.
#[derive(Debug, Clone)]
pub struct PastNews {
    /// Which snapshot was meant.
    pub which: MomentWanted,
    /// The picture, or why there is none.
    pub picture: Result<PastPicture, NoPicture>,
    /// How many stored snapshots were altered on the disk so that not even their date is known.
    pub altered: usize,
}

/// Answers the newest request until the event loop is gone. Without a file nothing is stored.
pub async fn run(
    file: Option<PathBuf>,
    mut wanted: watch::Receiver<Option<PastRequest>>,
    news: mpsc::Sender<PastNews>,
) {
    let mut reader = PastReader {
        file,
        identity: None,
        replays: Vec::new(),
        now: None,
    };
    while wanted.changed().await.is_ok() {
        let Some(request) = wanted.borrow_and_update().clone() else {
            (reader.replays, reader.now) = (Vec::new(), None);
            continue;
        };
        let read = spawn_blocking(move || (reader.look(&request), reader)).await;
        let Ok((told, same)) = read else { return };
        reader = same;
        if news.send(told).await.is_err() {
            return;
        }
    }
}

struct PastReader {
    file: Option<PathBuf>,
    /// The file that was read last: the numbers of another one mean other snapshots.
    identity: Option<Identity>,
    /// The whole snapshot of the group that was looked at last, and the snapshot itself.
    replays: Vec<(i64, Replay)>,
    /// The pods that were compared with last, in their order.
    now: Option<Lineup>,
}

impl PastReader {
    fn look(&mut self, request: &PastRequest) -> PastNews {
        let (picture, altered) = self.read(request).unwrap_or_else(|error| {
            tracing::debug!(%error, "the past cannot be read");
            (Err(NoPicture::Nothing), 0)
        });
        PastNews {
            which: request.which,
            picture,
            altered,
        }
    }

    fn read(
        &mut self,
        request: &PastRequest,
    ) -> Result<(Result<PastPicture, NoPicture>, usize), rusqlite::Error> {
        let nothing = Ok((Err(NoPicture::Nothing), 0));
        let Some(file) = self.file.as_deref() else {
            return nothing;
        };
        let Some(connection) = open_to_read(file)? else {
            return nothing;
        };
        let identity = identity(file);
        if self.identity != identity {
            self.replays.clear();
            self.identity = identity;
        }
        // All of it as of one moment: a group may go meanwhile.
        let connection = connection.unchecked_transaction()?;
        let (moments, altered) = moments(&connection, SourceMark::of(Path::new(file)))?;
        let moment = match meant(&moments, request.which) {
            Ok(moment) => moment,
            Err(why) => return Ok((Err(why), altered)),
        };
        let Some(replay) = self.replay(&connection, moment.number)? else {
            return Ok((Err(NoPicture::Altered(moment.at)), altered));
        };
        let then = replay.lineup(request.now.source());
        let now = match self.now.take() {
            Some(now) if now.fleet().is(&request.now) => now,
            _ => Lineup::of(request.now.clone()),
        };
        let standings = Arc::new(Standings::between(&then, &now));
        self.now = Some(now);
        let picture = PastPicture {
            moment,
            before: moments.before(moment.at).map(|before| before.at),
            place: moments.place(moment).unwrap_or((1, 1)),
            fleet: then.fleet().clone(),
            counts: standings.counts(then.fleet(), &Scope::default()),
            standings,
        };
        Ok((Ok(picture), altered))
    }

    /// The pods of the snapshot of this number; `None` where it cannot be read.
    fn replay(
        &mut self,
        connection: &rusqlite::Connection,
        number: i64,
    ) -> Result<Option<Replay>, rusqlite::Error> {
        let known = |number: i64, replays: &[(i64, Replay)]| {
            let found = replays.iter().find(|(known, _)| *known == number);
            found.map(|(_, replay)| replay.clone())
        };
        if let Some(replay) = known(number, &self.replays) {
            return Ok(Some(replay));
        }
        let Some(chain) = chain(connection, number)? else {
            return Ok(None);
        };
        // From the nearest one that is known, or from nothing.
        let way = chain
            .iter()
            .position(|(number, _)| known(*number, &self.replays).is_some());
        let (way, mut replay) = match way {
            Some(at) => {
                let begin = chain
                    .get(at)
                    .and_then(|(number, _)| known(*number, &self.replays));
                (chain.get(..at).unwrap_or_default(), begin.unwrap_or_default())
            }
            None => (chain.as_slice(), Replay::default()),
        };
        let whole = chain.last().map(|(number, _)| *number);
        self.replays.retain(|(known, _)| Some(*known) == whole);
        for (number, body) in way.iter().rev() {
            replay = match replay.then(&body.difference) {
                Ok(replay) => replay,
                Err(_) => return Ok(None),
            };
            if Some(*number) == whole {
                self.replays.push((*number, replay.clone()));
            }
        }
        if Some(number) != whole {
            self.replays.push((number, replay.clone()));
        }
        Ok(Some(replay))
    }
}

/// The snapshot that is meant.
fn meant(moments: &Moments, which: MomentWanted) -> Result<PastMoment, NoPicture> {
    let Some(oldest) = moments.oldest() else {
        return Err(NoPicture::Nothing);
    };
    match which {
        MomentWanted::At(at) => moments.holding(at).ok_or(NoPicture::KeptSince(oldest.at)),
        MomentWanted::Steps(from, by) => {
            let (mut at, mut found) = (from, Err(NoPicture::Newest));
            for _ in 0..by.unsigned_abs() {
                let next = if by < 0 {
                    moments.before(at).ok_or(NoPicture::KeptSince(oldest.at))
                } else {
                    moments.after(at).ok_or(NoPicture::Newest)
                };
                let moment = next?;
                (at, found) = (moment.at, Ok(moment));
            }
            // No step: the same again.
            if by == 0 {
                moments.holding(from).ok_or(NoPicture::KeptSince(oldest.at))
            } else {
                found
            }
        }
    }
}

#[cfg(test)]
mod tests;
