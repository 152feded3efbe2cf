//! The doctor's calls, counted as those of every other program.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Check;
use crate::clock::Clock;
use crate::fleet::RemoteText;
use crate::hss::error::{Error, ErrorKind};
use crate::hss::{Answer, SendBy};
use crate::sync::ledger::record::ClaimAnswer;
use crate::sync::ledger::{ASKS_AGAIN, HELD, Ledger, LedgerFault, LedgerPlace, LedgerView};
use crate::terminal::say;

/// The name of the check.
pub(super) const NAME: &str = "calls left";
/// A call comes free within a minute, unless many programs wait.
const PATIENCE: Duration = Duration::from_secs(90);
/// A longer wait is worth a word.
const WORTH_A_WORD: Duration = Duration::from_secs(2);

/// The account's ledger, as the doctor uses it.
pub(super) struct Calls {
    ledger: Option<Ledger>,
    limit: u32,
    last: Option<LedgerView>,
}

impl Calls {
    pub(super) fn new(place: Option<LedgerPlace>, limit: u32, clock: Clock) -> Self {
        Self {
            ledger: place.map(|place| Ledger::new(place, limit, clock)),
            limit,
            last: None,
        }
    }

    /// Waits for a call that is free. The error says why there is none.
    pub(super) async fn claim(&mut self) -> Result<(), String> {
        let Some(ledger) = &mut self.ledger else {
            return Ok(());
        };
        let (began, mut was_told) = (Instant::now(), false);
        loop {
            let wait = match ledger.claim(1, true).await {
                Ok((answer, view)) => {
                    self.last = Some(view);
                    match answer {
                        ClaimAnswer::Go => return Ok(()),
                        ClaimAnswer::Wait(wait) => wait,
                    }
                }
                Err(LedgerFault::Busy(_)) => HELD,
                // The check of the calls says it.
                Err(LedgerFault::Unusable(_)) => return Ok(()),
            };
            if began.elapsed() + wait.min(ASKS_AGAIN) > PATIENCE {
                ledger.leave().await;
                let spent = self.last.as_ref().map(|view| view.others.words());
                let spent = spent.map(|others| format!("they are spent by {others}"));
                let why = ledger.trouble().map(str::to_owned).or(spent);
                let why = why.unwrap_or_default();
                return Err(format!("no call was free for {} s: {why}", PATIENCE.as_secs()));
            }
            if wait >= WORTH_A_WORD && !was_told {
                was_told = true;
                let others = self.last.as_ref().filter(|view| view.ages.len() > view.own);
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

    /// Until when the call that was claimed may be sent.
    pub(super) fn send_by(&self) -> SendBy {
        self.ledger.as_ref().map_or(SendBy::ANY, Ledger::send_by)
    }

    /// The call was not sent.
    pub(super) async fn withdraw(&mut self) {
        if let Some(ledger) = &mut self.ledger {
            ledger.withdraw().await;
        }
    }

    /// The call is over.
    pub(super) async fn settle(&mut self) {
        if let Some(ledger) = &mut self.ledger
            && let Some(view) = ledger.settle().await
        {
            self.last = Some(view);
        }
    }

    /// What is left, and where that is counted.
    pub(super) fn check(&self) -> Check {
        let Some(ledger) = &self.ledger else {
            return Check::skipped(NAME, "needs an endpoint");
        };
        if let Some(trouble) = ledger.trouble() {
            return Check::problem(
                NAME,
                trouble,
                "XDG_RUNTIME_DIR or XDG_STATE_HOME names a folder that can be written",
            );
        }
        let Some(view) = &self.last else {
            return Check::skipped(NAME, "no call was made");
        };
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let (left, others) = (limit.saturating_sub(view.ages.len()), view.ages.len() - view.own);
        let path = ledger.path().map(|path| path.display().to_string());
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
            Check::ok("limits", "the gateway tells none; 5 calls a minute are published")
        }
        Ok(_) => Check::ok("limits", told.join("; ")),
    }
}
