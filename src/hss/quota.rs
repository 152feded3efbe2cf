//! The gateway's limits, from the text of an error or from headers.
//!
//! A throttled call is answered with `…policy user over ratelimit,limit:5,time:1 minute`; the headers
//! `X-Apig-RateLimit-api`, `-user`, `-app` and `-ip` say `remain:9,limit:10,time:10 second` if the gateway
//! sends them (API gateway documentation, apig_03_0047).

use std::time::Duration;

use reqwest::header::HeaderMap;

/// A limit of calls per window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// Calls allowed in the window.
    pub limit: u32,
    /// The length of the window.
    pub window: Duration,
}

/// A limit and how many calls of it are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The limit.
    pub throttle: Throttle,
    /// Calls that are left in the current window.
    pub remain: u32,
}

const HEADERS: [&str; 4] = [
    "x-apig-ratelimit-api",
    "x-apig-ratelimit-user",
    "x-apig-ratelimit-app",
    "x-apig-ratelimit-ip",
];

impl Throttle {
    /// Reads `limit:5,time:1 minute` anywhere in a text.
    pub fn read(message: &str) -> Option<Self> {
        let (_, after) = message.split_once("limit:")?;
        let (limit, after) = after.split_once(",time:")?;
        let mut words = after.split(|c: char| c.is_whitespace() || c == ',' || c == '.');
        let count: u64 = words.next()?.parse().ok()?;
        let unit = match words.next()?.trim_end_matches('s') {
            "second" => 1,
            "minute" => 60,
            "hour" => 3600,
            "day" => 86_400,
            _ => return None,
        };
        let window = Duration::from_secs(count.checked_mul(unit).filter(|seconds| *seconds > 0)?);
        Some(Self {
            limit: limit.parse().ok()?,
            window,
        })
    }
}

impl Quota {
    /// Reads the quotas in the headers of an answer, one for each limit.
    pub fn read(headers: &HeaderMap) -> Vec<Self> {
        let read = |name: &&str| {
            let text = headers.get(*name)?.to_str().ok()?;
            let (_, after) = text.split_once("remain:")?;
            let remain = after.split(',').next()?.trim().parse().ok()?;
            Some(Self {
                throttle: Throttle::read(text)?,
                remain,
            })
        };
        HEADERS.iter().filter_map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Option<(u32, u64)> {
        Throttle::read(text).map(|it| (it.limit, it.window.as_secs()))
    }

    #[test]
    fn the_limit_is_read_from_a_throttling_message() {
        let field =
            "The throttling threshold has been reached: policy ip over ratelimit,limit:5,time:1 minute";
        assert_eq!(rule(field), Some((5, 60)));
        assert_eq!(
            rule("policy user over ratelimit,limit:100,time:10 seconds"),
            Some((100, 10))
        );
        for text in [
            "",
            "limit:5",
            "limit:x,time:1 minute",
            "limit:5,time:1 fortnight",
            "limit:5,time:",
            "limit:5,time:0 minute",
            "limit:5,time:99999999999999999999 day",
        ] {
            assert_eq!(rule(text), None, "{text}");
        }
    }

    #[test]
    fn headers_say_what_is_left_of_each_limit() {
        let headers = HeaderMap::from_iter([
            (
                "x-apig-ratelimit-user".parse().unwrap(),
                "remain:9,limit:10,time:10 second".parse().unwrap(),
            ),
            (
                "x-apig-ratelimit-ip".parse().unwrap(),
                "remain:0,limit:5,time:1 minute".parse().unwrap(),
            ),
            ("x-apig-ratelimit-api".parse().unwrap(), "plenty".parse().unwrap()),
        ]);
        let quotas = Quota::read(&headers).into_iter();
        let facts = quotas.map(|it| (it.remain, it.throttle.limit, it.throttle.window.as_secs()));
        assert_eq!(facts.collect::<Vec<_>>(), [(9, 10, 10), (0, 5, 60)]);
    }
}
