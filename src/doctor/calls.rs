//! The doctor's calls, counted as those of every other program.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Check;
use crate::clock::Clock;
use crate::collector::budget::WINDOW;
use crate::collector::counted::{Turn, wait_until};
use crate::collector::ledger::ASKS_AGAIN;
use crate::collector::{Budgets, Collector, CountedClient, SourceSetup};
use crate::fleet::RemoteText;
use crate::hss::error::ErrorKind;
use crate::hss::quota::Throttle;
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
            if let Some(until) = self.counted.held_until()
                && wait_until(until) > PATIENCE.saturating_sub(began.elapsed())
            {
                self.counted.leave().await;
                let (seconds, why) = (wait_until(until).as_secs(), self.why_held());
                return Err(format!("no call is allowed for another {seconds} s: {why}"));
            }
            if began.elapsed() + wait.min(ASKS_AGAIN) > PATIENCE {
                self.counted.leave().await;
                let why = self.counted.trouble().map(str::to_owned);
                let why = why.unwrap_or_else(|| self.why_spent());
                return Err(format!("no call was free for {} s: {why}", PATIENCE.as_secs()));
            }
            if wait >= WORTH_A_WORD && !was_told {
                was_told = true;
                let others = self
                    .counted
                    .ledger_view()
                    .filter(|view| view.ages.len() > view.own);
                let by = others.map(|view| format!(" by {}", view.others.words()));
                let spent = || format!("all calls of this minute are spent{}", by.unwrap_or_default());
                let why = match self.counted.held_until() {
                    Some(_) => self.why_held(),
                    None => spent(),
                };
                let seconds = wait.as_secs();
                say(&format!(
                    "hss-top: waiting about {seconds} s for a free call: {why}"
                ));
            }
            sleep(wait.min(ASKS_AGAIN)).await;
        }
    }

    /// Why no call was free, if the service allows calls.
    fn why_spent(&self) -> String {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        match self.counted.ledger_view() {
            Some(view) if view.ages.len() >= limit => format!("they are spent by {}", view.others.words()),
            _ => "the ledger of calls says to wait: the service asked for it, or the file was damaged"
                .to_owned(),
        }
    }

    /// Why the service allows no call at the moment.
    fn why_held(&self) -> String {
        match self.counted.learnt() {
            Some(learnt) => format!("the service said that it allows {}", words(learnt.rule)),
            None => "the service asked to wait".to_owned(),
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
        let others = view.ages.len() - view.own;
        let left = self.counted.budget().left(Instant::now());
        let stricter = self.counted.learnt().filter(|learnt| {
            u128::from(learnt.rule.limit) * WINDOW.as_nanos()
                < u128::from(self.limit) * learnt.rule.window.as_nanos()
        });
        let stricter = stricter.map(|learnt| {
            let (rule, seconds) = (words(learnt.rule), learnt.left.as_secs());
            format!("; the service named a limit of {rule}, used for another {seconds} s")
        });
        let path = self.counted.ledger_path();
        let path = path.map(|path| path.display().to_string());
        let path = RemoteText::message(&path.unwrap_or_default());
        Check::ok(
            NAME,
            format!(
                "{left} of {limit} in this minute, {others} spent by {} ({path}){}",
                view.others.words(),
                stricter.unwrap_or_default()
            ),
        )
    }
}

/// A rule of the service in words.
fn words(rule: Throttle) -> String {
    let calls = if rule.limit == 1 { "call" } else { "calls" };
    format!("{} {calls} in {} s", rule.limit, rule.window.as_secs())
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
        Ok(answer) if answer.collector.is_some() => {
            Check::ok("limits", "none: a collector answers from what it has")
        }
        Ok(_) if told.is_empty() => {
            Check::ok("limits", "no limit in the answer; documented: 5 calls a minute")
        }
        Ok(_) => Check::ok("limits", told.join("; ")),
    }
}
