//! Whether the list or the journal moved, for clients that wait for it.
//!
//! Owns the tag: what a client has seen, as one word. A restart begins with another one, because its counts
//! begin anew. Must not: know what moved.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::pods::ApiRefusal;

/// The longest wait, in seconds: well below the 30 seconds that a call of hss-top may take.
const LONGEST_WAIT: u64 = 20;
/// The longest tag that a client may name.
const TAG_CHARS: usize = 64;

/// How often the list and the journal moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// This run.
    run: i64,
    /// The list: it is another one.
    pub list: u64,
    /// How current the list is: HSS confirmed it again, or the state word changed.
    pub currency: u64,
    /// The acknowledgements or the mutes.
    pub journal: u64,
}

impl Moved {
    /// Nothing yet, in a run that began then.
    pub fn since(began: Timestamp) -> Self {
        Self {
            run: began.as_millisecond(),
            list: 0,
            currency: 0,
            journal: 0,
        }
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:x}.{}.{}.{}",
            self.run, self.list, self.currency, self.journal
        )
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
        let of = |ms| Moved::since(Timestamp::from_millisecond(ms).unwrap()).to_string();
        assert_ne!(of(1_760_000_000_000), of(1_760_000_000_001));
    }
}
