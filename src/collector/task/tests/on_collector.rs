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
        is_from_collector: true,
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
