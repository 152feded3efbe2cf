//! The next pages are requested while one is merged.

use super::*;

/// More calls a minute than are ever scarce, and fewer.
const LIMITS: [u32; 2] = [6000, 500];

impl Source {
    /// The offsets of the calls for everything, in their order.
    fn offsets(&self) -> Vec<u32> {
        let asked = self.asked.lock().unwrap();
        let whole = asked.iter().filter(|call| call.scope().is_whole());
        whole.map(ListPods::offset).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn two_pages_are_on_their_way_while_another_is_merged_unless_calls_are_scarce() {
    let mut asked = Vec::new();
    for limit in LIMITS {
        let source = Source::of(|_, call| Ok(page_of(call, 300)));
        let run = Run::start(&source, Scope::default(), limit, None);
        // Nobody reads what is told, so the task stops behind some page.
        sleep(Duration::from_secs(30)).await;
        asked.push(source.offsets());
        run.end().await;
    }
    let [ample, scarce] = &asked[..] else { panic!() };
    assert!(scarce.len() > 2, "{scarce:?}");
    assert_eq!(ample.len(), scarce.len() + 2);
    assert!(ample.starts_with(scarce), "{ample:?}");
}

/// A source that notes how many more reports could be sent when it is asked.
struct WatchedSource {
    source: Source,
    replies: mpsc::Sender<Reply>,
    room: Arc<Mutex<Vec<usize>>>,
}

impl PodSource for WatchedSource {
    async fn list_pods(&self, by: SendBy, call: &ListPods) -> Result<Answer, Error> {
        self.room.lock().unwrap().push(self.replies.capacity());
        self.source.list_pods(by, call).await
    }

    async fn mend(&self, error: Error) -> Result<(), Error> {
        self.source.mend(error).await
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_pages_are_requested_before_one_is_merged_and_told() {
    // Behind the first page the second one follows in its turn.
    let expected = [vec![3, 2, 2, 2, 1, 0], vec![3, 2, 1, 0]];
    for (limit, expected) in LIMITS.into_iter().zip(expected) {
        let room = Arc::default();
        let watched = |replies: &mpsc::Sender<Reply>| WatchedSource {
            source: Source::of(|_, call| Ok(page_of(call, 300))),
            replies: replies.clone(),
            room: Arc::clone(&room),
        };
        let run = Run::start_with(None, watched, Scope::default(), limit, None);
        // Nobody reads what is told, so the task stops behind some page.
        sleep(Duration::from_secs(30)).await;
        assert_eq!(*room.lock().unwrap(), expected, "{limit} calls a minute");
        run.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_page_is_requested_once_and_counted_once() {
    let mut swept = Vec::new();
    for limit in LIMITS {
        let source = Source::of(|_, call| Ok(page_of(call, 295)));
        let mut run = Run::start(&source, Scope::default(), limit, None);
        let fresh = run.until(is_fresh).await;
        assert_eq!((fresh.met, fresh.calls_made), (295, 30));
        assert_eq!(fresh.calls_left, fresh.calls_limit - 30);
        swept.push(source.offsets());
        // The probes that follow are single calls.
        run.told_for(Duration::from_secs(150)).await;
        assert_eq!(source.offsets().len(), 32);
        run.end().await;
    }
    assert_eq!(swept[0], swept[1]);
}

#[tokio::test(start_paused = true)]
async fn pages_that_are_not_needed_any_more_are_two_calls_too_many_at_most() {
    for limit in LIMITS {
        let source = Source::of(|_, call| {
            Ok(match call.scope().namespace {
                Some(_) => page(0..1, 1, 0),
                None => page_of(call, 1000),
            })
        });
        let mut run = Run::start(&source, Scope::default(), limit, None);
        run.until(|status| status.met >= 100).await;
        run.look_at(namespace("n0"));
        run.until(|status| is_fresh(status) && status.total == Some(1))
            .await;
        // The fleet goes on.
        run.look_at(Scope::default());
        run.until(|status| is_fresh(status) && status.met == 1000).await;
        let mut once = source.offsets();
        let calls = once.len();
        once.sort_unstable();
        once.dedup();
        // One more for a probe that is due meanwhile.
        assert!(calls <= once.len() + 3, "{calls} calls for {} pages", once.len());
        run.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_sent_ahead_is_repeated_like_any_other() {
    let dropped = || Error::Dropped {
        place: "hss:443".to_owned(),
    };
    for limit in LIMITS {
        let source = Source::of(move |place, call| match place {
            5 | 9 => Err(dropped()),
            _ => Ok(page_of(call, 295)),
        });
        let mut run = Run::start(&source, Scope::default(), limit, None);
        let fresh = run.until(is_fresh).await;
        assert_eq!((fresh.met, fresh.calls_made, fresh.calls_failed), (295, 32, 0));
        run.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_what_was_sent_behind_it_is_requested_again_and_no_page_is_missed() {
    for (limit, more) in [(LIMITS[0], 1), (LIMITS[1], 0)] {
        let source = Source::of(|place, call| match place {
            5 => Err(Error::from(ServiceError {
                status: 500,
                ..ServiceError::default()
            })),
            _ => Ok(page_of(call, 295)),
        });
        let mut run = Run::start(&source, Scope::default(), limit, None);
        let fresh = run.until(is_fresh).await;
        assert_eq!((fresh.met, fresh.calls_failed), (295, 1));
        assert_eq!(fresh.calls_made, 31 + more, "{limit} calls a minute");
        assert_eq!(
            fresh.calls_left as u64,
            fresh.calls_limit as u64 - fresh.calls_made
        );
        run.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_behind_the_last_page() {
    for pods in [290, 291, 300] {
        let mut swept = Vec::new();
        for limit in LIMITS {
            let source = Source::of(move |_, call| Ok(page_of(call, pods)));
            let mut run = Run::start(&source, Scope::default(), limit, None);
            run.until(is_fresh).await;
            swept.push(source.offsets());
            run.end().await;
        }
        assert_eq!(swept[0], swept[1], "{pods} pods");
    }
}
