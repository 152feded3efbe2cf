//! The ledger of calls: what all programs of one account on this machine have spent of the call budget.
//!
//! HSS counts the calls of a user and of a source address, whichever program makes them. So every program writes each call into
//! one small file before it sends it: dashboards, `doctor`, with and without saved state. The file holds times and process ids
//! and nothing else.
//!
//! [`record`] has the rules and is pure, [`machine`] reads clocks and processes, `coding` turns a record into bytes and back,
//! `file` locks and writes. [`Ledger`] is what a program holds. Where no file can be used, the program counts its own calls
//! only, and says so.

mod coding;
mod file;
pub mod machine;
#[cfg(test)]
mod model;
pub mod record;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use crate::clock::Clock;
use crate::fleet::RemoteText;
use crate::hss::auth::chain::Variables;
use crate::hss::{Call as _, ListPods, Setup};
use crate::state;
use crate::sync::budget::{MARGIN, WINDOW};
pub use file::{LedgerFault, LedgerPlace};
use file::{LedgerFile, Turned};
use machine::{MachineTime, ProgramId, fingerprint};
use record::{CallClaim, ClaimAnswer, LedgerRecord};

/// A disk that takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// A ledger that another program holds is looked at again after this.
pub const HELD: Duration = Duration::from_millis(250);
/// A program that waits for its turn asks again this often; one that does not loses its place.
pub const ASKS_AGAIN: Duration = Duration::from_secs(1);

impl LedgerPlace {
    /// The ledger of the account that `setup` calls as. Tokens are another every day and do not say whose they are, so all
    /// of them share one ledger for an endpoint.
    pub fn of(setup: &Setup, variables: Variables<'_>) -> Option<Self> {
        let endpoint = setup.endpoints.first()?;
        let url = endpoint.url("/", "");
        let port = url.port_or_known_default().unwrap_or_default();
        let account = setup.found.source.account().unwrap_or_default();
        let identity = format!("{}:{port}\n{account}", endpoint.host());
        let host: String = endpoint
            .host()
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'))
            .take(64)
            .collect();
        let name = format!(
            "{}-{port}-{:016x}.calls",
            host.trim_start_matches('.'),
            fingerprint(identity.as_bytes())
        );
        Some(Self {
            folders: folders(variables),
            name,
        })
    }
}

impl LedgerPlace {
    /// The ledger beside this one, of the calls of `api`: HSS counts each API for itself. This one is of the list's.
    #[must_use]
    pub fn for_api(&self, api: &str) -> Self {
        if api == ListPods::NAME {
            return self.clone();
        }
        let stem = self.name.trim_end_matches(".calls");
        Self {
            folders: self.folders.clone(),
            name: format!("{stem}-{api}.calls"),
        }
    }
}

/// Where a ledger may lie, the best first: with the state, or else where files of this login or of this boot are.
fn folders(variables: Variables<'_>) -> Vec<PathBuf> {
    let runtime = variables("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|path| path.is_absolute() && path.is_dir());
    let uid = rustix::process::geteuid().as_raw();
    let own = std::env::temp_dir().join(format!("hss-top-{uid}"));
    state::folder(variables)
        .into_iter()
        .chain(runtime.map(|path| path.join("hss-top")))
        .chain([own])
        .collect()
}

/// What a look into the ledger showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerView {
    /// How long ago each call was made that counts, the oldest first.
    pub ages: Vec<Duration>,
    /// How many of them this program made.
    pub own: usize,
}

/// A program's hold on the ledger.
#[derive(Debug)]
pub struct Ledger {
    file: Arc<Mutex<LedgerFile>>,
    who: ProgramId,
    limit: u32,
    clock: Clock,
    /// When this program's own calls were made, or were over.
    own: Vec<Instant>,
    is_open: bool,
    is_waiting: bool,
    trouble: Option<String>,
    notice: Option<String>,
}

impl Ledger {
    /// A hold on the ledger there, with a budget of so many calls a minute.
    pub fn new(place: LedgerPlace, limit: u32, clock: Clock) -> Self {
        Self {
            file: Arc::new(Mutex::new(LedgerFile::new(place))),
            who: ProgramId::new(),
            limit,
            clock,
            own: Vec::new(),
            is_open: false,
            is_waiting: false,
            trouble: None,
            notice: None,
        }
    }

    /// Claims a call, which is to be sent at once if it is granted; see [`LedgerRecord::claim`].
    pub async fn claim(&mut self, need: u32, urgent: bool) -> Result<(ClaimAnswer, LedgerView), LedgerFault> {
        let claim = CallClaim {
            who: self.who,
            limit: self.limit,
            need,
            urgent,
        };
        let (answer, ages) = self.turn(move |record| record.claim(claim)).await?;
        self.is_waiting = answer != ClaimAnswer::Go;
        if answer == ClaimAnswer::Go {
            self.is_open = true;
            self.own.push(Instant::now());
        }
        Ok((answer, self.view(ages)))
    }

    /// Notes that the call is over: the service counted it by now.
    pub async fn settle(&mut self) -> Option<LedgerView> {
        if !std::mem::take(&mut self.is_open) {
            return None;
        }
        if let Some(last) = self.own.last_mut() {
            *last = Instant::now();
        }
        let who = self.who;
        // If this fails, the next claim, or the end of this program, does it.
        let ((), ages) = self.turn(move |record| record.end(who)).await.ok()?;
        Some(self.view(ages))
    }

    /// Looks what all programs have spent, and changes nothing. Nothing if that cannot be told now.
    pub async fn look(&mut self) -> Option<LedgerView> {
        let (file, clock) = (Arc::clone(&self.file), self.clock.clone());
        let look = spawn_blocking(move || {
            let file = file.try_lock().ok()?;
            file.look(|| MachineTime::read(&clock))
        });
        let record = timeout(PATIENCE, look).await.ok()?.ok()??;
        Some(self.view(record.ages()))
    }

    /// Gives up the place in the queue.
    pub async fn leave(&mut self) {
        if std::mem::take(&mut self.is_waiting) {
            let who = self.who;
            // If this fails, it is passed over after some seconds.
            let _ = self.turn(move |record| record.leave(who)).await;
        }
    }

    /// Tells all programs that the service wants no call for so long.
    pub async fn pause(&mut self, wait: Duration) {
        let _ = self.turn(move |record| record.pause(wait)).await;
    }

    /// Why calls of other programs are not counted, or not known, at the moment.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// What was odd about the ledger, once.
    pub fn notice(&mut self) -> Option<String> {
        self.notice.take()
    }

    /// Where the ledger lies, if that can be told now.
    pub fn path(&self) -> Option<PathBuf> {
        let file = self.file.try_lock().ok()?;
        file.path().map(PathBuf::from)
    }

    fn view(&mut self, ages: Vec<Duration>) -> LedgerView {
        self.own.retain(|at| at.elapsed() < WINDOW + MARGIN);
        LedgerView {
            own: self.own.len().min(ages.len()),
            ages,
        }
    }

    /// Does `change` to the record, on a thread that may wait for the disk.
    async fn turn<T: Send + 'static>(
        &mut self,
        change: impl FnOnce(&mut LedgerRecord) -> T + Send + 'static,
    ) -> Result<(T, Vec<Duration>), LedgerFault> {
        let (file, clock) = (Arc::clone(&self.file), self.clock.clone());
        let work = spawn_blocking(move || {
            let mut file = match file.try_lock() {
                Ok(file) => file,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                // The disk has not answered the last time.
                Err(TryLockError::WouldBlock) => return Err(LedgerFault::Busy(PathBuf::new())),
            };
            file.turn(
                || MachineTime::read(&clock),
                |record| {
                    let value = change(record);
                    (value, record.ages())
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
                if let Some(notice) = &turned.notice {
                    tracing::warn!(notice, "calls");
                    self.notice = Some(notice.clone());
                }
                None
            }
            Err(LedgerFault::Busy(path)) if path.as_os_str().is_empty() => {
                Some("waiting for the disk that holds the record of calls".to_owned())
            }
            Err(LedgerFault::Busy(path)) => Some(format!(
                "waiting for the record of calls, which another program holds ({})",
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
