//! Requests a new snapshot of the clusters from HSS for the operator.
//!
//! Owns the one call for each request, and the reports about it. The call changes something at HSS, so it is
//! only repeated if HSS has certainly not accepted it: after a refused credential that was renewed, or a
//! wrong clock that was corrected. The date of the list shows whether the new snapshot is ready. Must not:
//! ask on its own.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use super::counted::{CountedClient, Turn, wait_until};
use super::ledger::ASKS_AGAIN;
use super::source::{FetchRequest, News, Reply};
use crate::clock::Clock;
use crate::fleet::SourceId;
use crate::hss::{Error, SyncClusters};

/// A longer wait for a free call is reported.
const WORTH_A_WORD: Duration = Duration::from_secs(2);

/// The result of a request for a new snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotNews {
    /// No call of this kind is available before then.
    Waits(Timestamp),
    /// HSS accepted it.
    Accepted(Timestamp),
    /// HSS refused it, or it is unknown whether it accepted it.
    Failed(Error),
}

/// Makes one call for each request after the `done` ones, until nobody sends requests or receives replies any
/// more.
pub(super) async fn run(
    (source, mut done): (SourceId, u64),
    mut counted: CountedClient,
    enterprise_project_id: String,
    (mut wanted, replies): (watch::Receiver<FetchRequest>, mpsc::Sender<Reply>),
    clock: Clock,
) {
    loop {
        let syncs = wanted.borrow_and_update().syncs;
        if std::mem::replace(&mut done, syncs) == syncs {
            if wanted.changed().await.is_err() {
                return;
            }
            continue;
        }
        let tell = |news| {
            let news = News::Snapshot(news);
            let reply = replies.send(Reply { source, news });
            async { reply.await.is_ok() }
        };
        let news = match SyncClusters::new(&enterprise_project_id) {
            Ok(call) => {
                if let Some(until) = claim(&mut counted).await {
                    let wait = wait_until(until);
                    let until = clock.now().checked_add(wait).unwrap_or(clock.now());
                    if wait >= WORTH_A_WORD && !tell(SnapshotNews::Waits(until)).await {
                        return;
                    }
                    wait_for_turn(&mut counted).await;
                }
                match synchronise(&mut counted, &call).await {
                    Ok(()) => SnapshotNews::Accepted(clock.now()),
                    Err(error) => SnapshotNews::Failed(error),
                }
            }
            Err(refused) => SnapshotNews::Failed(refused.into()),
        };
        if !tell(news).await {
            return;
        }
    }
}

/// Claims a call, or returns when one becomes available.
async fn claim(counted: &mut CountedClient) -> Option<Instant> {
    match counted.claim().await {
        Turn::Go => None,
        Turn::Later(at) => Some(at),
    }
}

async fn wait_for_turn(counted: &mut CountedClient) {
    while let Some(at) = claim(counted).await {
        sleep(wait_until(at).min(ASKS_AGAIN)).await;
    }
}

/// Makes the claimed call, and once more if the reason of HSS's refusal could be corrected.
async fn synchronise(counted: &mut CountedClient, call: &SyncClusters) -> Result<(), Error> {
    let Err(error) = sent(counted, call).await else {
        return Ok(());
    };
    // The operator must respect the time that the service named before asking again.
    if error.named_wait().is_some() {
        return Err(error);
    }
    counted.client().mend(error).await?;
    wait_for_turn(counted).await;
    sent(counted, call).await
}

/// Makes the call; claims it again if its claim has expired.
async fn sent(counted: &mut CountedClient, call: &SyncClusters) -> Result<(), Error> {
    loop {
        let result = counted.call(call).await;
        if !matches!(result, Err(Error::Lapsed)) {
            return result.map(drop);
        }
        wait_for_turn(counted).await;
    }
}
