//! Whether the list or the journal moved, for clients that wait for it.
//!
//! Owns the tag: what a client has seen, as one word. A restart begins with another one, because its counts
//! start again. Also owns the order in which clients are notified: of news all at once, of a confirmed
//! list one by one, so that a request in between does not wait for all of them. Must not: know what
//! moved.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::timeout;

use super::pods::ApiRefusal;

/// The longest wait, in seconds: well below the 30 seconds that a call of hss-top may take.
const LONGEST_WAIT: u64 = 20;
/// The longest tag that a client may name.
const TAG_CHARS: usize = 64;

/// The pause between two clients that are told of a confirmation.
const EACH_TURN: Duration = Duration::from_millis(2);
/// The turns until all have been told, within a second; more clients than these share them.
const TURNS: u32 = 500;

/// How often the list and the journal moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewsTag {
    /// This run.
    run: i64,
    /// The list: it is another one.
    pub list: u64,
    /// The state word.
    pub state: u64,
    /// HSS confirmed the list again.
    pub confirmed: u64,
    /// The acknowledgements or the mutes.
    pub journal: u64,
}

impl NewsTag {
    /// Nothing yet, in a run that began then.
    pub fn since(began: Timestamp) -> Self {
        Self {
            run: began.as_millisecond(),
            list: 0,
            state: 0,
            confirmed: 0,
            journal: 0,
        }
    }
}

impl NewsTag {
    /// Reads a tag that a client sends back; `None` if it is not one of ours.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let run = i64::from_str_radix(parts.next()?, 16).ok()?;
        let mut count = || parts.next()?.parse().ok();
        let tag = Self {
            run,
            list: count()?,
            state: count()?,
            journal: count()?,
            confirmed: count()?,
        };
        parts.next().is_none().then_some(tag)
    }

    /// Counts the end of the run as news.
    pub const fn end(&mut self) {
        self.state += 1;
    }

    /// Whether there is more since `seen` than another confirmation of the same list.
    fn is_news_since(self, seen: Self) -> bool {
        let confirmed = seen.confirmed;
        Self { confirmed, ..self } != seen
    }
}

impl fmt::Display for NewsTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            run,
            list,
            state,
            confirmed,
            journal,
        } = self;
        write!(f, "{run:x}.{list}.{state}.{journal}.{confirmed}")
    }
}

/// Whose turn it is to be told of a confirmation.
#[derive(Debug, Default)]
pub struct ConfirmationTurns(Mutex<(Option<NewsTag>, u32)>);

impl ConfirmationTurns {
    /// How long the next client waits for this tag; the first one does not.
    fn next(&self, tag: NewsTag) -> Duration {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.0 != Some(tag) {
            *turns = (Some(tag), 0);
        }
        let turn = turns.1;
        turns.1 = (turn + 1) % TURNS;
        EACH_TURN * turn
    }

    /// Waits until something moved since the tag that the client has seen, or until its wait is over.
    pub async fn wait(&self, moved: &mut watch::Receiver<NewsTag>, wish: &StateWish) {
        let Some(seen) = wish.seen.as_deref().and_then(NewsTag::read) else {
            return;
        };
        // At the end of the service everybody gets what there is.
        let news = async {
            let Ok(now) = moved.wait_for(|moved| *moved != seen).await.map(|now| *now) else {
                return;
            };
            if !now.is_news_since(seen) {
                let news = moved.wait_for(|moved| moved.is_news_since(seen));
                let _ = timeout(self.next(now), news).await;
            }
        };
        let _ = timeout(wish.wait, news).await;
    }
}

/// What a request for the state waits for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateWish {
    /// The tag that the client has seen; without one it does not wait.
    pub seen: Option<String>,
    /// How long it waits for another one.
    pub wait: Duration,
}

impl StateWish {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// Which parameter is out of its range.
    pub fn read(query: &str) -> Result<Self, ApiRefusal> {
        let mut wish = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "seen" if value.chars().count() <= TAG_CHARS => wish.seen = Some(value.into_owned()),
                "seen" => return Err(ApiRefusal::Invalid("seen is the tag of an earlier answer")),
                "wait" => {
                    let seconds = value.parse().ok().filter(|seconds| *seconds <= LONGEST_WAIT);
                    let seconds =
                        seconds.ok_or(ApiRefusal::Invalid("wait must be an integer from 0 to 20"))?;
                    wish.wait = Duration::from_secs(seconds);
                }
                _ => {}
            }
        }
        Ok(wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_in_its_ranges_and_a_run_has_tags_of_its_own() {
        let wish = StateWish::read("seen=1.2.3&wait=20&x=y").unwrap();
        assert_eq!((wish.seen.as_deref(), wish.wait.as_secs()), (Some("1.2.3"), 20));
        assert_eq!(StateWish::read(""), Ok(StateWish::default()));
        let long = format!("seen={}", "x".repeat(65));
        for query in ["wait=21", "wait=-1", "wait=x", "wait=", &long] {
            assert!(StateWish::read(query).is_err(), "{query}");
        }
        let of = |ms| NewsTag::since(Timestamp::from_millisecond(ms).unwrap()).to_string();
        assert_ne!(of(1_760_000_000_000), of(1_760_000_000_001));
    }

    #[test]
    fn a_tag_is_read_as_it_was_written() {
        let tag = NewsTag {
            list: 3,
            state: 4,
            confirmed: 5,
            journal: 6,
            ..NewsTag::since(Timestamp::from_millisecond(1_760_000_000_000).unwrap())
        };
        assert_eq!(NewsTag::read(&tag.to_string()), Some(tag));
        for odd in ["", "1.2.3", "x.1.1.1.1", "1.1.1.1.1.1", "1.1.1.1.-1"] {
            assert_eq!(NewsTag::read(odd), None, "{odd}");
        }
    }

    /// How long each of some clients waits that all have seen the first tag, when it becomes this one.
    async fn told(clients: u32, change: fn(&mut NewsTag)) -> Vec<Duration> {
        let first = NewsTag::since(Timestamp::UNIX_EPOCH);
        let (moved, told) = watch::channel(first);
        let turns = std::sync::Arc::new(ConfirmationTurns::default());
        let begun = tokio::time::Instant::now();
        let mut clients: tokio::task::JoinSet<Duration> = (0..clients)
            .map(|_| {
                let (mut told, turns) = (told.clone(), std::sync::Arc::clone(&turns));
                let wish = StateWish {
                    seen: Some(first.to_string()),
                    wait: Duration::from_secs(20),
                };
                async move {
                    turns.wait(&mut told, &wish).await;
                    begun.elapsed()
                }
            })
            .collect();
        tokio::task::yield_now().await;
        moved.send_modify(change);
        let mut waited = Vec::new();
        while let Some(client) = clients.join_next().await {
            waited.push(client.unwrap());
        }
        waited
    }

    #[tokio::test(start_paused = true)]
    async fn all_are_told_of_news_at_once_and_of_a_confirmation_one_after_the_other() {
        for change in [
            (|moved| moved.list += 1) as fn(&mut NewsTag),
            |moved| moved.state += 1,
            |moved| moved.journal += 1,
        ] {
            assert_eq!(told(600, change).await, vec![Duration::ZERO; 600]);
        }
        let mut waited = told(600, |moved| moved.confirmed += 1).await;
        waited.sort_unstable();
        assert_eq!(waited[0], Duration::ZERO);
        assert!(waited[599] < Duration::from_secs(1), "{:?}", waited[599]);
        let at_once = |from: Duration| waited.iter().filter(|at| **at == from).count();
        assert!(waited.iter().all(|at| at_once(*at) <= 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_waits_for_its_turn_is_told_of_news_at_once() {
        let first = NewsTag::since(Timestamp::UNIX_EPOCH);
        let (moved, mut told) = watch::channel(first);
        moved.send_modify(|moved| moved.confirmed += 1);
        let turns = ConfirmationTurns::default();
        for _ in 0..200 {
            let _ = turns.next(*moved.borrow());
        }
        let wish = StateWish {
            seen: Some(first.to_string()),
            wait: Duration::from_secs(20),
        };
        let begun = tokio::time::Instant::now();
        tokio::join!(turns.wait(&mut told, &wish), async {
            tokio::time::sleep(Duration::from_millis(9)).await;
            moved.send_modify(|moved| moved.list += 1);
        });
        assert_eq!(begun.elapsed(), Duration::from_millis(9));
    }
}
