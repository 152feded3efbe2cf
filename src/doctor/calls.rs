//! The doctor's calls, counted as those of every other program.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Check;
use crate::clock::Clock;
use crate::collector::counted::{Turn, wait_until};
use crate::collector::ledger::ASKS_AGAIN;
use crate::collector::{Budgets, Collector, CountedClient, SourceSetup};
use crate::fleet::RemoteText;
use crate::hss::error::ErrorKind;
use crate::hss::{Answer, Client, Error, ListPods};
use crate::terminal::say;

/// The name of the check.
pub(super) const NAME: &str = "calls left";
/// A call becomes available within a minute, unless many programs wait.
const PATIENCE: Duration = Duration::from_secs(90);
/// A longer wait is reported.
const WORTH_A_WORD: Duration = Duration::from_secs(2);

/// The doctor's calls of the list.
pub(super) struct Calls {
    counted: CountedClient,
    has_ledger: bool,
    limit: u32,
}

impl Calls {
    pub(super) fn new(source: &SourceSetup, clock: &Clock) -> Self {
        Self {
            counted: Collector::by_hand::<ListPods>(source, &Budgets::default(), clock),
            has_ledger: source.ledger.is_some(),
            limit: source.calls_per_minute,
        }
    }

    /// The client that makes them.
    pub(super) fn client(&self) -> &Client {
        self.counted.client()
    }

    /// Waits until a call is available. The error says why none is.
    pub(super) async fn claim(&mut self) -> Result<(), String> {
        let (began, mut was_told) = (Instant::now(), false);
        loop {
            let Turn::Later(at) = self.counted.claim().await else {
                return Ok(());
            };
            let wait = wait_until(at);
            if began.elapsed() + wait.min(ASKS_AGAIN) > PATIENCE {
                self.counted.leave().await;
                let spent = self.counted.ledger_view().map(|view| view.others.words());
                let spent = spent.map(|others| format!("they are spent by {others}"));
                let why = self.counted.trouble().map(str::to_owned).or(spent);
                let why = why.unwrap_or_default();
                return Err(format!("no call was free for {} s: {why}", PATIENCE.as_secs()));
            }
            if wait >= WORTH_A_WORD && !was_told {
                was_told = true;
                let others = self
                    .counted
                    .ledger_view()
                    .filter(|view| view.ages.len() > view.own);
                let by = others.map(|view| format!(" by {}", view.others.words()));
                say(&format!(
                    "hss-top: waiting about {} s for a free call: all calls of this minute are spent{}",
                    wait.as_secs(),
                    by.unwrap_or_default()
                ));
            }
            sleep(wait.min(ASKS_AGAIN)).await;
        }
    }

    /// Makes a call that was claimed.
    pub(super) async fn make(&mut self, call: &ListPods) -> Result<Answer, Error> {
        self.counted.call(call).await
    }

    /// How many calls are left, and the file that counts them.
    pub(super) fn check(&self) -> Check {
        if !self.has_ledger {
            return Check::skipped(NAME, "needs an endpoint");
        }
        if let Some(trouble) = self.counted.trouble() {
            return Check::problem(
                NAME,
                trouble,
                "set XDG_RUNTIME_DIR or XDG_STATE_HOME to a writable folder",
            );
        }
        let Some(view) = self.counted.ledger_view() else {
            return Check::skipped(NAME, "no call was made");
        };
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let (left, others) = (limit.saturating_sub(view.ages.len()), view.ages.len() - view.own);
        let path = self.counted.ledger_path();
        let path = path.map(|path| path.display().to_string());
        let path = RemoteText::message(&path.unwrap_or_default());
        Check::ok(
            NAME,
            format!(
                "{left} of {limit} in this minute, {others} spent by {} ({path})",
                view.others.words()
            ),
        )
    }
}

pub(super) fn limits(result: &Result<Answer, Error>) -> Check {
    let quotas = match result {
        Ok(answer) => answer.quotas.clone(),
        Err(Error::Service(service)) => service.quotas.clone(),
        Err(_) => Vec::new(),
    };
    let told: Vec<String> = quotas
        .iter()
        .map(|quota| {
            let (limit, window) = (quota.throttle.limit, quota.throttle.window.as_secs());
            format!("{} of {limit} calls left in {window} s", quota.remain)
        })
        .collect();
    match result {
        Err(error) if error.kind() == ErrorKind::Throttled => Check::problem(
            "limits",
            error.to_string(),
            "another program shares the 5 calls a minute of this user or address",
        ),
        Err(_) => Check::skipped("limits", "needs an answer"),
        Ok(_) if told.is_empty() => {
            Check::ok("limits", "no limit in the answer; documented: 5 calls a minute")
        }
        Ok(_) => Check::ok("limits", told.join("; ")),
    }
}
