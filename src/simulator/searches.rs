//! How many searches run at once, and for whom.
//!
//! Owns the turns of searches, which callers take one after the other. A search that examines two million
//! pods keeps a processor busy for a while. Therefore only a few run at a time, the others wait, and a search
//! stops when its caller leaves. A caller that has only closed its sending side may still wait for its
//! answer. All such searches share one turn: that is enough if nobody else asks, and a hundred abandoned ones
//! cannot delay a caller that is still connected.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::answers::Refusal;
use super::turns::{WorkTurn, WorkTurns};
use crate::http_server::{Attendance, CallerKey};

/// How long a search waits for its turn after its caller has closed its side.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether a search should stop. The search checks it now and then.
#[derive(Clone, Debug, Default)]
pub struct SearchStop(Arc<AtomicBool>);

impl SearchStop {
    /// Whether to stop; nobody needs the results so far.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Stops a search when dropped. Everything that waits for the search is dropped when the connection ends.
struct StopOnDrop(SearchStop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}

/// The turn that is held during a search.
#[derive(Debug)]
enum SearchTurn {
    Own(#[expect(dead_code, reason = "it is dropped at the end")] WorkTurn),
    HalfClosed(#[expect(dead_code, reason = "it is dropped at the end")] OwnedSemaphorePermit),
}

/// The turns of one kind of search.
#[derive(Debug)]
pub(super) struct Searches {
    turns: WorkTurns,
    /// The one turn of callers that have closed their side.
    half_closed: Arc<Semaphore>,
}

impl Searches {
    /// One turn per processor, and at least two.
    pub(super) fn new() -> Self {
        let processors = available_parallelism().map_or(2, NonZero::get);
        Self::with_turns(processors.max(2))
    }

    fn with_turns(turns: usize) -> Self {
        Self {
            turns: WorkTurns::new(turns),
            half_closed: Arc::new(Semaphore::new(1)),
        }
    }

    /// Runs a search on its turn, on a thread where it blocks no other task.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        caller: CallerKey,
        mut attendance: Attendance,
        search: impl FnOnce(&SearchStop) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let (turn, is_half_closed) = self.turn(caller, &mut attendance).await?;
        let stop = StopOnDrop(SearchStop::default());
        let wanted = stop.0.clone();
        let found = spawn_blocking(move || {
            // The turn ends with the search, not with the task that waits for it.
            let _turn = turn;
            search(&wanted)
        });
        let found = async { found.await.map_err(|_| Refusal::Broken) };
        if is_half_closed {
            return found.await;
        }
        tokio::pin!(found);
        tokio::select! {
            biased;
            found = &mut found => return found,
            () = attendance.half_closed() => {}
        }
        let Ok(_turn) = self.half_closed.try_acquire() else {
            return Err(Refusal::Abandoned);
        };
        found.await
    }

    /// Waits for a turn; also returns whether it is the shared one for callers that have closed their side.
    async fn turn(
        &self,
        caller: CallerKey,
        attendance: &mut Attendance,
    ) -> Result<(SearchTurn, bool), Refusal> {
        tokio::select! {
            biased;
            () = attendance.half_closed() => {}
            turn = self.turns.take(caller) => {
                return Ok((SearchTurn::Own(turn.ok_or(Refusal::Broken)?), false));
            }
        }
        let turn = timeout(PATIENCE, Arc::clone(&self.half_closed).acquire_owned()).await;
        let turn = turn.map_err(|_| Refusal::Abandoned)?;
        Ok((SearchTurn::HalfClosed(turn.map_err(|_| Refusal::Broken)?), true))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::task::JoinSet;

    use super::*;

    fn somebody() -> CallerKey {
        CallerKey::of([192, 0, 2, 1].into())
    }

    /// A search that runs until it is stopped.
    fn endless(stop: &SearchStop) {
        while !stop.is_set() {
            std::thread::yield_now();
        }
    }

    #[tokio::test]
    async fn a_search_stops_if_nobody_waits_for_it() {
        let searches = Arc::new(Searches::new());
        let (ended, told) = mpsc::sync_channel(1);
        let mut tasks = JoinSet::new();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let here = Arc::clone(&searches);
        tasks.spawn(async move {
            let search = move |stop: &SearchStop| {
                begun.send(()).unwrap();
                endless(stop);
                ended.send(()).unwrap();
            };
            let _ = here.run(somebody(), Attendance::staying(), search).await;
        });
        has_begun.await.unwrap();
        tasks.abort_all();
        spawn_blocking(move || told.recv_timeout(Duration::from_secs(5)).unwrap())
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn callers_that_have_closed_their_side_use_no_turn_of_others() {
        let searches = Arc::new(Searches::new());
        let mut tasks = JoinSet::new();
        for _ in 0..50 {
            let here = Arc::clone(&searches);
            tasks.spawn(async move { here.run(somebody(), Attendance::leaving(), endless).await });
        }
        // All of them have asked for a turn by the time this one runs.
        tokio::task::yield_now().await;
        let found = timeout(
            Duration::from_secs(5),
            searches.run(somebody(), Attendance::staying(), |_| 7),
        );
        assert_eq!(found.await.unwrap(), Ok(7));
        tasks.abort_all();
    }

    #[tokio::test]
    async fn a_caller_that_has_closed_its_side_gets_its_answer_if_nobody_else_asks() {
        let found = Searches::new()
            .run(somebody(), Attendance::leaving(), |_| 7)
            .await;
        assert_eq!(found, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_has_closed_its_side_waits_for_a_turn_for_a_limited_time() {
        let searches = Searches::new();
        let _taken = Arc::clone(&searches.half_closed).acquire_owned().await.unwrap();
        let found = searches.run(somebody(), Attendance::leaving(), |_| 7).await;
        assert_eq!(found, Err(Refusal::Abandoned));
    }
}
