//! The ledger of calls: the calls to an endpoint that all programs of one user on this machine have made.
//!
//! HSS counts the calls of a user and of a source address, whichever program makes them. So every program writes each call into
//! one small file before it sends it: dashboards, `doctor`, with and without saved state. The file holds times and process ids
//! and nothing else.
//!
//! [`record`] has the rules and is pure, [`machine`] reads clocks and processes, `coding` turns a record into
//! bytes and back, `place` determines the file, `file` locks and writes. [`Ledger`] is one program's access
//! to it. If no file can be used, the program counts only its own calls, and says so.

mod coding;
mod entries;
mod file;
pub mod machine;
#[cfg(test)]
mod model;
mod own_calls;
mod place;
pub mod record;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use crate::clock::{Clock, uptime};
use crate::collector::budget::{CallAges, MARGIN, SpentCalls, WINDOW};
use crate::collector::budgets::SourceClaim;
use crate::fleet::RemoteText;
use crate::hss::SendBy;
use crate::hss::quota::Throttle;
pub use file::LedgerFault;
use file::{LedgerFile, Turned};
use machine::{MachineTime, ProgramId};
use own_calls::OwnCalls;
pub use place::LedgerPlace;
use record::{CLAIM_HOLDS, CallClaim, ClaimAnswer, LASTS, LearntRule, LedgerRecord, OtherPrograms};

/// A disk that takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// The pause before a ledger that another program has locked is tried again.
pub const HELD: Duration = Duration::from_millis(250);
/// How often a waiting program asks again; one that does not loses its place.
pub const ASKS_AGAIN: Duration = Duration::from_secs(1);

/// The ledger as one program read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerView {
    /// How long ago each counted call was made.
    pub ages: CallAges,
    /// How many of them this program made.
    pub own: usize,
    /// The other programs that made some.
    pub others: OtherPrograms,
    /// The rule that one of the programs learnt from the service.
    pub rule: Option<LearntRule>,
}

/// The part of a record that is read after each turn.
type Shown = (CallAges, OtherPrograms, Option<LearntRule>);

fn shown(record: &LedgerRecord, who: ProgramId) -> Shown {
    (record.ages(), record.others(who), record.rule())
}

/// A program's access to the ledger.
#[derive(Debug)]
pub struct Ledger {
    file: Arc<Mutex<LedgerFile>>,
    who: ProgramId,
    limit: u32,
    clock: Clock,
    /// When this program's own calls were made, or ended.
    own: SpentCalls,
    /// The same calls as the record has them.
    calls: OwnCalls,
    is_waiting: bool,
    trouble: Option<String>,
    notice: Option<String>,
}

impl Ledger {
    /// Access to the ledger there, with this budget of calls a minute.
    pub fn new(place: LedgerPlace, limit: u32, clock: Clock) -> Self {
        Self {
            file: Arc::new(Mutex::new(LedgerFile::new(place))),
            who: ProgramId::new(),
            limit,
            clock,
            own: SpentCalls::default(),
            calls: OwnCalls::default(),
            is_waiting: false,
            trouble: None,
            notice: None,
        }
    }

    /// Claims a call, which must be sent at once if it is granted; see [`LedgerRecord::claim`]. Earlier calls have ended.
    pub async fn claim(&mut self, need: u32, urgent: bool) -> Result<(ClaimAnswer, LedgerView), LedgerFault> {
        self.settle_later(0);
        self.claim_with(SourceClaim { need, urgent }, 0).await
    }

    /// The same beside the calls in progress, and with this many in advance where calls are not scarce; see
    /// [`LedgerRecord::claim_more`] and [`Self::take_unsent`].
    pub async fn claim_with(
        &mut self,
        SourceClaim { need, urgent }: SourceClaim,
        more: u32,
    ) -> Result<(ClaimAnswer, LedgerView), LedgerFault> {
        let claim = CallClaim {
            who: self.who,
            limit: self.limit,
            need,
            urgent,
        };
        let in_progress = self.calls.in_progress();
        let turn = move |record: &mut LedgerRecord| {
            let answer = record.claim_beside(claim, in_progress);
            let more = if answer == ClaimAnswer::Go && more > 0 {
                record.claim_more(claim, more)
            } else {
                0
            };
            (answer, more, record.written_at())
        };
        let ((answer, more, at), shown) = self.turn(turn).await?;
        self.is_waiting = answer != ClaimAnswer::Go;
        if answer == ClaimAnswer::Go {
            let at = Duration::from_millis(u64::try_from(at).unwrap_or_default());
            self.calls.granted(at, more);
            (0..=more).for_each(|_| self.own.push(Instant::now()));
        }
        Ok((answer, self.view(shown)))
    }

    /// Takes a call that was claimed in advance a moment ago, which must be sent at once. Returns whether there is one.
    pub fn take_unsent(&mut self) -> bool {
        self.calls.take_unsent(uptime())
    }

    /// Until when the last claimed call may be sent.
    pub fn send_by(&self) -> SendBy {
        let since = self.calls.newest();
        since.map_or(SendBy::ANY, |since| SendBy::uptime(since + CLAIM_HOLDS))
    }

    /// Returns the claims of all calls but this many: nothing was sent.
    pub async fn withdraw(&mut self, in_progress: usize) {
        if self.calls.withdraw_all_but(in_progress) > 0 {
            // If this fails, it counts as a call.
            let _ = self.turn(|_| ()).await;
        }
    }

    /// Notes that all calls but this many have ended: the service has counted them by now. The record says so with the next turn,
    /// and shows them in progress until then, which is stricter.
    pub fn settle_later(&mut self, in_progress: usize) {
        for _ in 0..self.calls.end_all_but(in_progress) {
            self.own.pop();
            self.own.push(Instant::now());
        }
    }

    /// Records which calls have ended, and which were claimed and not sent, if the record does not say so yet.
    pub async fn settle(&mut self, in_progress: usize) -> Option<LedgerView> {
        self.settle_later(in_progress);
        if !self.calls.has_news() {
            return None;
        }
        // If this fails, the next claim or the end of this program records it.
        let ((), shown) = self.turn(|_| ()).await.ok()?;
        Some(self.view(shown))
    }

    /// Reads the calls of all programs without a change. `None` if that is impossible at the moment.
    pub async fn look(&mut self) -> Option<LedgerView> {
        let (file, clock) = (Arc::clone(&self.file), self.clock.clone());
        let look = spawn_blocking(move || {
            let file = file.try_lock().ok()?;
            file.look(|| MachineTime::read(&clock))
        });
        let record = timeout(PATIENCE, look).await.ok()?.ok()??;
        let shown = shown(&record, self.who);
        Some(self.view(shown))
    }

    /// Gives up the place in the queue.
    pub async fn leave(&mut self) {
        if std::mem::take(&mut self.is_waiting) {
            let who = self.who;
            // If this fails, the place expires after some seconds.
            let _ = self.turn(move |record| record.leave(who)).await;
        }
    }

    /// Tells all programs that the service allows no call for this time.
    pub async fn pause(&mut self, wait: Duration) {
        let _ = self.turn(move |record| record.pause(wait)).await;
    }

    /// Tells all programs the rule that this one learnt from the service.
    pub async fn learn(&mut self, rule: Throttle, left: Duration) {
        let learnt = LearntRule { rule, left };
        let _ = self.turn(move |record| record.learn(learnt)).await;
    }

    /// Why calls of other programs are not counted, or not known, at the moment.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// A problem of the ledger, reported once.
    pub fn notice(&mut self) -> Option<String> {
        self.notice.take()
    }

    /// The path of the ledger, if it is known at the moment.
    pub fn path(&self) -> Option<PathBuf> {
        let file = self.file.try_lock().ok()?;
        file.path().map(PathBuf::from)
    }

    fn view(&mut self, (ages, others, rule): Shown) -> LedgerView {
        self.own
            .trim(Instant::now().checked_sub(WINDOW + MARGIN), usize::MAX);
        LedgerView {
            own: self.own.len().min(ages.len()),
            ages,
            others,
            rule,
        }
    }

    /// Applies `change` to the record, on a thread that may wait for the disk.
    async fn turn<T: Send + 'static>(
        &mut self,
        change: impl Fn(&mut LedgerRecord) -> T + Send + 'static,
    ) -> Result<(T, Shown), LedgerFault> {
        let (file, clock, who) = (Arc::clone(&self.file), self.clock.clone(), self.who);
        (0..self.calls.unsent()).for_each(|_| self.own.pop());
        let lasts = Duration::from_millis(LASTS.unsigned_abs());
        let news = self.calls.take_news();
        let work = spawn_blocking(move || {
            let mut file = match file.try_lock() {
                Ok(file) => file,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                // The disk has not answered since the last time.
                Err(TryLockError::WouldBlock) => return Err(LedgerFault::Busy(PathBuf::new())),
            };
            file.turn(
                || MachineTime::read(&clock),
                |record| {
                    let (ended, unsent) = news.counts(uptime(), lasts);
                    record.end(who, ended);
                    record.withdraw(who, unsent);
                    let value = change(record);
                    (value, shown(record, who))
                },
            )
        });
        let result = match timeout(PATIENCE, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(LedgerFault::Busy(PathBuf::new())),
        };
        self.tell(&result);
        result.map(|turned| turned.value)
    }

    fn tell<T>(&mut self, result: &Result<Turned<T>, LedgerFault>) {
        let trouble = match result {
            Ok(turned) => {
                if let Some(moved) = &turned.moved {
                    tracing::warn!(moved, "calls");
                }
                if let Some(notice) = &turned.notice {
                    tracing::warn!(notice, "calls");
                    self.notice = Some(notice.clone());
                }
                None
            }
            Err(LedgerFault::Busy(path)) if path.as_os_str().is_empty() => {
                Some("waiting for the disk with the ledger of calls".to_owned())
            }
            Err(LedgerFault::Busy(path)) => Some(format!(
                "waiting for the ledger of calls, which another program has locked ({})",
                path.display()
            )),
            Err(LedgerFault::Unusable(why)) => Some(format!(
                "calls of other programs are not counted: {}",
                RemoteText::message(why)
            )),
        };
        if self.trouble != trouble {
            if let Some(trouble) = &trouble {
                tracing::warn!(trouble, "calls");
            }
            self.trouble = trouble;
        }
    }
}

#[cfg(test)]
mod tests;
