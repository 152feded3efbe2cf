//! A collector of hss-top in the place of HSS.

use super::*;
use crate::hss::collector_mark::CollectorState;

/// A collector with thirty pods, which refuses one call because its clients are too fast.
#[derive(Clone)]
struct HurriedCollector {
    hss: Source,
}

impl PodSource for HurriedCollector {
    async fn list_pods(&self, by: SendBy, call: &ListPods) -> Result<Answer, Error> {
        let answer = self.hss.list_pods(by, call).await?;
        Ok(Answer {
            collector: Some(CollectorState::Fresh),
            ..answer
        })
    }

    async fn mend(&self, error: Error) -> Result<(), Error> {
        Err(error)
    }
}

#[tokio::test(start_paused = true)]
async fn a_collector_whose_clients_are_too_fast_is_given_time_and_its_calls_stay_uncounted() {
    let too_often = Error::from(ServiceError {
        status: 429,
        retry_after: Some(Duration::from_secs(1)),
        collector: Some(CollectorState::Fresh),
        ..ServiceError::default()
    });
    let hss = Source::of(move |place, call| {
        if place == 1 {
            Err(too_often.clone())
        } else {
            Ok(page_of(call, 30))
        }
    });
    // The next call that is counted would wait for a minute.
    let mut run = Run::start_with(
        None,
        |_| HurriedCollector { hss: hss.clone() },
        Scope::default(),
        1,
        None,
    );
    run.until(is_fresh).await;
    let took = run.began.elapsed();
    assert!(
        took >= Duration::from_secs(1) && took < Duration::from_secs(3),
        "{took:?}"
    );
    assert!(hss.calls(|_| true) > 3, "three pages, and the refused call");
}

#[tokio::test(start_paused = true)]
async fn a_collector_without_a_list_holds_nothing_back_but_its_own_client() {
    let not_ready = Error::from(ServiceError {
        status: 503,
        retry_after: Some(Duration::from_secs(2)),
        collector: Some(CollectorState::Loading),
        ..ServiceError::default()
    });
    let hss = Source::of(move |place, call| {
        if place < 2 {
            Err(not_ready.clone())
        } else {
            Ok(page_of(call, 30))
        }
    });
    // One call a minute, if they were counted.
    let mut run = Run::start_with(
        None,
        |_| HurriedCollector { hss: hss.clone() },
        Scope::default(),
        1,
        None,
    );
    let waiting = run
        .until(|status| status.problem.is_some() && status.through == Some(CollectorState::Loading))
        .await;
    assert_eq!(waiting.held_until, None, "a wait that other programs would share");
    run.until(is_fresh).await;
    let took = run.began.elapsed();
    assert!(
        took >= Duration::from_secs(4) && took < Duration::from_secs(8),
        "{took:?}"
    );
}
