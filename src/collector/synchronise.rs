//! Asks HSS for a new snapshot of the clusters, when the operator wants one.
//!
//! Owns the one call for each wish, and what is told of it. The call changes something at HSS, so it is sent once more only
//! where HSS certainly did not take it: a refused credential for which there is another, a clock that was off. Whether the
//! new snapshot is there is seen by its date, with the list. Must not: ask on its own.

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

/// A longer wait for a free call is worth a word.
const WORTH_A_WORD: Duration = Duration::from_secs(2);

/// What came of a wish for a new snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotNews {
    /// No call of this kind is free before then.
    Waits(Timestamp),
    /// HSS took it.
    Accepted(Timestamp),
    /// It did not, or it is not known whether it did.
    Failed(Error),
}

/// Makes one call for each wish in what is wanted beyond those that are `done`, until nobody wants or takes anything any more.
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

/// Claims a call; or says until when none is free.
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

/// Makes the call, which was claimed, and once more where what made HSS refuse it could be put right.
async fn synchronise(counted: &mut CountedClient, call: &SyncClusters) -> Result<(), Error> {
    let Err(error) = sent(counted, call).await else {
        return Ok(());
    };
    // A time that the service named is kept to: by the operator, who may ask again.
    if error.named_wait().is_some() {
        return Err(error);
    }
    counted.client().mend(error).await?;
    wait_for_turn(counted).await;
    sent(counted, call).await
}

/// Makes the call, which is claimed again while it is too late to send it.
async fn sent(counted: &mut CountedClient, call: &SyncClusters) -> Result<(), Error> {
    loop {
        let result = counted.call(call).await;
        if !matches!(result, Err(Error::Lapsed)) {
            return result.map(drop);
        }
        wait_for_turn(counted).await;
    }
}
