//! What requests are answered from.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use jiff::Timestamp;

use super::pods::{KeptPart, ServedList};
use crate::collector::{SyncState, SyncStatus};
use crate::fleet::changes::Changes;
use crate::metrics::{MetricsPage, TextFormat};

/// How long to wait before asking again, if it is unknown when the list will be ready.
const USUAL_WAIT: Duration = Duration::from_secs(15);
/// The longest of such waits.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Everything that is ready to be sent. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Published {
    plain: Bytes,
    open_metrics: Bytes,
    /// Which pods are kept.
    pub kept: Arc<KeptPart>,
    /// All pods, once a sweep of this run or of an earlier one met every pod.
    pub list: Option<Arc<ServedList>>,
    /// How current the list is.
    pub currency: Currency,
    /// The newest changes, of this run and of earlier ones.
    pub changes: Changes,
}

/// How current a list is, when it was published.
#[derive(Debug, Clone, Copy)]
pub struct Currency {
    /// When HSS last confirmed it.
    pub confirmed_at: Option<Timestamp>,
    /// When the sweep under way will be over.
    pub done_at: Option<Timestamp>,
    /// The word for it.
    pub state: SyncState,
}

impl Default for Currency {
    fn default() -> Self {
        Self {
            confirmed_at: None,
            done_at: None,
            state: SyncState::Loading { met: 0, total: None },
        }
    }
}

impl Currency {
    /// What `status` says of a list that HSS last confirmed then.
    pub fn of(status: &SyncStatus, state: SyncState, confirmed_at: Option<Timestamp>) -> Self {
        Self {
            confirmed_at,
            done_at: status.done_at,
            state,
        }
    }

    /// How long ago HSS last confirmed it. What lies ahead of the clock is not old.
    pub fn age(&self, now: Timestamp) -> Duration {
        let age = self.confirmed_at.map(|at| now.duration_since(at));
        age.and_then(|age| Duration::try_from(age).ok())
            .unwrap_or_default()
    }

    /// How long to wait for the first list.
    pub fn wait(&self, now: Timestamp) -> Duration {
        let left = self.done_at.map(|at| at.duration_since(now));
        let left = left.and_then(|left| Duration::try_from(left).ok());
        let wait = left
            .unwrap_or(USUAL_WAIT)
            .clamp(Duration::from_secs(1), LONGEST_WAIT);
        Duration::from_secs(wait.as_secs().max(1))
    }
}

impl Published {
    /// A page of metrics, and nothing else yet.
    pub fn of_metrics(page: MetricsPage) -> Self {
        Self {
            plain: page.plain.into(),
            open_metrics: page.open_metrics.into(),
            ..Self::default()
        }
    }

    /// The metrics.
    pub fn metrics(&self, format: TextFormat) -> Bytes {
        match format {
            TextFormat::Plain => self.plain.clone(),
            TextFormat::OpenMetrics => self.open_metrics.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_until_the_sweep_is_over_and_bounded() {
        let at = |second: i64| Timestamp::from_second(1_760_000_000 + second).unwrap();
        let wait = |done_at: Option<i64>| {
            let currency = Currency {
                done_at: done_at.map(at),
                ..Currency::default()
            };
            currency.wait(at(0)).as_secs()
        };
        for (done_at, seconds) in [
            (None, 15),
            (Some(40), 40),
            (Some(0), 1),
            (Some(-9), 15),
            (Some(9999), 300),
        ] {
            assert_eq!(wait(done_at), seconds, "{done_at:?}");
        }
    }
}
