//! Foreign tokens, recognised by the words before them.
//!
//! A gateway may repeat the header of another caller, or a helper may print a token that was never
//! registered. A text that follows a word such as `X-Auth-Token: ` and looks like a token counts as one. Only
//! messages and log lines are searched; lists have fields of their own, without such words. Must not: know a
//! secret.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// The words before a token, in any letter case. They begin with a, b, s or x.
const STARTS: [&str; 10] = [
    "x-auth-token",
    "x-subject-token",
    "x-security-token",
    "securitytoken",
    "security_token",
    "session_token",
    "sessiontoken",
    "access_token",
    "bearer",
    "authorization",
];
/// The most characters between the word and the token: quotes, a colon, a name of a scheme.
const BETWEEN: usize = 12;
/// The length of the shortest token in characters.
const SHORTEST_TOKEN: usize = 20;

/// One of these is between a word and its token.
pub const SEPARATORS: [u8; 3] = *b" :=";

/// Texts of at most this many bytes, such as a message, are searched word by word: to make the automaton takes longer, and many a
/// program only ever says a sentence.
const SHORT: usize = 512;

static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(STARTS)
        .ok()
});

/// The start and the end of each token in a text.
pub(super) fn find(text: &[u8]) -> Vec<(usize, usize)> {
    // Most texts are names, which contain nothing that could separate a word from a token.
    let [one, two, three] = SEPARATORS;
    if text.len() < SHORTEST_TOKEN || memchr::memchr3(one, two, three, text).is_none() {
        return Vec::new();
    }
    let mut tokens: Vec<(usize, usize)> = if text.len() <= SHORT {
        let begins = text
            .iter()
            .enumerate()
            .filter(|(_, byte)| matches!(byte.to_ascii_lowercase(), b'a' | b'b' | b's' | b'x'));
        let ends = begins.flat_map(|(at, _)| ends_of_words_at(text, at));
        ends.filter_map(|end| token_after(text, end)).collect()
    } else {
        let Some(words) = WORDS.as_ref() else {
            return Vec::new();
        };
        let words = words.find_iter(text);
        words.filter_map(|word| token_after(text, word.end())).collect()
    };
    // Two words may precede the same token: `Authorization: Bearer`.
    tokens.dedup();
    tokens
}

/// Where the words end that begin at this place.
fn ends_of_words_at(text: &[u8], at: usize) -> impl Iterator<Item = usize> {
    let here = text.get(at..).unwrap_or_default();
    let words = STARTS.iter().filter(move |word| {
        let there = here.get(..word.len());
        there.is_some_and(|there| there.eq_ignore_ascii_case(word.as_bytes()))
    });
    words.map(move |word| at + word.len())
}

fn token_after(text: &[u8], word: usize) -> Option<(usize, usize)> {
    let mut start = word;
    let behind = |start: usize| text.get(start..).unwrap_or_default();
    loop {
        let between = behind(start)
            .iter()
            .take(BETWEEN)
            .take_while(|byte| is_between(**byte))
            .count();
        start += between;
        // `Authorization: Bearer …`: the name of the scheme.
        let scheme = ["bearer ", "basic "].into_iter().find(|scheme| {
            let there = behind(start).get(..scheme.len());
            there.is_some_and(|there| there.eq_ignore_ascii_case(scheme.as_bytes()))
        });
        match scheme {
            Some(scheme) => start += scheme.len(),
            None => break,
        }
    }
    let token = behind(start);
    let length = token.iter().take_while(|byte| is_in_tokens(**byte)).count();
    let token = token.get(..length)?;
    let looks_like_one = length >= SHORTEST_TOKEN
        && start > word
        && token.iter().any(u8::is_ascii_digit)
        && token.iter().any(u8::is_ascii_alphabetic);
    looks_like_one.then_some((start, start + length))
}

fn is_between(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b':' | b'=' | b'"' | b'\'' | b'\\' | b'>' | b'['
    )
}

fn is_in_tokens(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'~' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_after_a_known_word_is_found_whoever_owns_it() {
        let token = "MIIGother/Token+0123456789=";
        for before in [
            "X-Auth-Token: ",
            "x-auth-token:",
            "X-Subject-Token=",
            "sent X-Security-Token \"",
            "{\"security_token\":\"",
            "{\\\"securityToken\\\": \\\"",
            "Authorization: Bearer ",
            "proxy-authorization: Basic ",
            "bearer ",
            "access_token=",
        ] {
            let text = format!("{before}{token}\", and so on");
            assert_eq!(
                find(text.as_bytes()),
                [(before.len(), before.len() + token.len())],
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_short_text_has_the_tokens_of_a_long_one(
            parts in prop::collection::vec(
                prop_oneof![
                    prop::sample::select(&STARTS[..]).prop_map(str::to_owned),
                    "[a-z0-9]{18,24}",
                    "[ :=\"]{0,3}",
                    "Bearer |basic |X-AUTH-token",
                    "\\PC{0,6}",
                ],
                0..14,
            ),
        ) {
            let short = parts.concat();
            let long = format!("{}\n{short}", "~".repeat(SHORT));
            let behind = find(long.as_bytes()).into_iter().map(|(start, end)| (start - SHORT - 1, end - SHORT - 1));
            prop_assert_eq!(find(short.as_bytes()), behind.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_token_has_twenty_characters_at_least() {
        assert_eq!(find(b"bearer 0123456789abcdefghij"), [(7, 27)]);
        assert_eq!(find(b"bearer 0123456789abcdefghi"), []);
    }

    #[test]
    fn words_without_a_token_stay() {
        for text in [
            "X-Auth-Token is 1 to 32768 printable characters",
            "X-Auth-Token: expired",
            "the bearer authentication-is-required-for-this",
            "Authorization: SDK-HMAC-SHA256 Access=HSTA",
            "bearer-pods-0123456789-abcdefghij: x",
            "bearer 01234567890123456789",
            "no word: 0123456789abcdefghijklmnop",
            "X-Auth-Token:",
        ] {
            assert_eq!(find(text.as_bytes()), [], "{text}");
        }
    }
}
