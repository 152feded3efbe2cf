//! The SDK's own credentials file: `~/.huaweicloud/credentials`.
//!
//! INI with a section `[basic]` (credentials of a project; `[global]` is for services without one) and the
//! keys `ak`, `sk`, `security_token`, `project_id` and `iam_endpoint`, or `idp_id` and `id_token_file` in place
//! of the pair, which come first if both are there. The official SDK reads it with
//! Python's `configparser`, and files are written for that: keys in any case, `=` or `:`, comments on lines
//! of their own, no quotes, no escapes, values that continue on indented lines, a section `[DEFAULT]` whose
//! keys apply to every section, `%%` for a percent sign and `%(name)s` for the value of another key. rust-ini
//! supports none of the last three, joins lines at a backslash, which a secret may end in, and loses the
//! section after a byte order mark or before a comment. This reader is more tolerant than Python: a lone
//! percent sign stands for itself, and the last of duplicate keys counts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::KeyPair;

/// How many references to other keys are followed for a value. No file needs that many, and the limit ends a
/// cycle.
const MOST_REFERENCES: usize = 100;

/// Why a file contains no key pair, as a sentence that repeats nothing from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysFileFault {
    /// It lacks `ak` or `sk`.
    NoKeys,
    /// It has the first of these keys and not the second, and no key pair.
    Half(&'static str, &'static str),
    /// The value of this key refers to a key that is missing.
    LostReference(&'static str),
}

impl fmt::Display for KeysFileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKeys => f.write_str("it has no ak and sk in a section [basic]"),
            Self::Half(there, absent) => write!(f, "it has {there} in [basic], but no {absent}"),
            Self::LostReference(key) => {
                write!(f, "the value of {key} in [basic] names a key that is missing")
            }
        }
    }
}

impl std::error::Error for KeysFileFault {}

/// What the section `[basic]` signs in with.
#[derive(Debug, Clone)]
pub enum FileCredential {
    /// A key pair.
    Pair(KeyPair),
    /// An identity provider's id, and the file of the identity token.
    Identity {
        /// `idp_id`
        provider: String,
        /// `id_token_file`, relative to the working directory, as in the SDK.
        token_file: PathBuf,
    },
}

/// Reads the section `[basic]`. Half of an identity is passed over if there is a key pair, as in the SDK.
pub fn read(text: &str) -> Result<FileCredential, KeysFileFault> {
    let basic = Section::read(text);
    let identity = (basic.value("idp_id")?, basic.value("id_token_file")?);
    if let (Some(provider), Some(file)) = identity {
        return Ok(FileCredential::Identity {
            provider,
            token_file: file.into(),
        });
    }
    match (basic.value("ak")?, basic.value("sk")?, identity) {
        (Some(access), Some(secret), _) => Ok(FileCredential::Pair(KeyPair {
            access,
            secret: secret.into(),
            security_token: basic.value("security_token")?.map(Into::into),
        })),
        (None, None, (Some(_), None)) => Err(KeysFileFault::Half("idp_id", "id_token_file")),
        (None, None, (None, Some(_))) => Err(KeysFileFault::Half("id_token_file", "idp_id")),
        _ => Err(KeysFileFault::NoKeys),
    }
}

/// `project_id` of the section `[basic]`.
pub fn project(text: &str) -> Option<String> {
    Section::read(text).value("project_id").ok()?
}

/// `iam_endpoint` of the section `[basic]`.
pub fn iam_endpoint(text: &str) -> Option<String> {
    Section::read(text).value("iam_endpoint").ok()?
}

/// The keys of `[basic]` and `[DEFAULT]`, by their names in lower case.
#[derive(Default)]
struct Section {
    own: BTreeMap<String, String>,
    default: BTreeMap<String, String>,
}

/// The section that the current lines belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FilePlace {
    Basic,
    Default,
    Elsewhere,
}

impl Section {
    fn read(text: &str) -> Self {
        let mut section = Self::default();
        let mut place = FilePlace::Elsewhere;
        // The key that a more indented line continues, and the indentation of that key.
        let mut open: Option<(String, usize)> = None;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            if let Some((key, _)) = open.as_ref().filter(|(_, of_key)| indent > *of_key) {
                section.extend(place, key, trimmed);
            } else if let Some(name) = header(trimmed) {
                (place, open) = (FilePlace::of(name), None);
            } else if let Some((key, value)) = trimmed.split_once(['=', ':']) {
                let key = key.trim_end().to_lowercase();
                section
                    .keys(place)
                    .map(|keys| keys.insert(key.clone(), value.trim().to_owned()));
                open = Some((key, indent));
            }
        }
        section
    }

    fn keys(&mut self, place: FilePlace) -> Option<&mut BTreeMap<String, String>> {
        match place {
            FilePlace::Basic => Some(&mut self.own),
            FilePlace::Default => Some(&mut self.default),
            FilePlace::Elsewhere => None,
        }
    }

    fn extend(&mut self, place: FilePlace, key: &str, line: &str) {
        if let Some(value) = self.keys(place).and_then(|keys| keys.get_mut(key)) {
            if !value.is_empty() {
                value.push('\n');
            }
            value.push_str(line);
        }
    }

    fn raw(&self, key: &str) -> Option<&str> {
        self.own
            .get(key)
            .or_else(|| self.default.get(key))
            .map(String::as_str)
    }

    /// The value of a key with its references resolved; `None` if it is empty.
    fn value(&self, key: &'static str) -> Result<Option<String>, KeysFileFault> {
        let Some(raw) = self.raw(key) else { return Ok(None) };
        let (mut value, mut left) = (String::new(), MOST_REFERENCES);
        self.expand(raw, &mut left, &mut value)
            .ok_or(KeysFileFault::LostReference(key))?;
        Ok(Some(value.trim().to_owned()).filter(|value| !value.is_empty()))
    }

    /// Appends a value with its references resolved, at most `left` of them. `None` if one names a missing
    /// key or forms a cycle.
    fn expand(&self, raw: &str, left: &mut usize, value: &mut String) -> Option<()> {
        let mut rest = raw;
        while let Some((before, behind)) = rest.split_once('%') {
            value.push_str(before);
            if let Some((name, behind)) = reference(behind) {
                let named = self.raw(&name.to_lowercase())?;
                *left = left.checked_sub(1)?;
                self.expand(named, left, value)?;
                rest = behind;
            } else {
                value.push('%');
                rest = behind.strip_prefix('%').unwrap_or(behind);
            }
        }
        value.push_str(rest);
        Some(())
    }
}

impl FilePlace {
    fn of(section: &str) -> Self {
        match section {
            "basic" => Self::Basic,
            "DEFAULT" => Self::Default,
            _ => Self::Elsewhere,
        }
    }
}

/// The name in a section's header; a comment may follow it.
fn header(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix('[')?.rsplit_once(']')?;
    Some(name)
}

/// The name in `(name)s`, and the rest of the text.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix('(')?.split_once(')')?;
    Some((name, behind.strip_prefix('s')?)).filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    fn keys(text: &str) -> KeyPair {
        match read(text).unwrap() {
            FileCredential::Pair(keys) => keys,
            FileCredential::Identity { .. } => panic!("{text}"),
        }
    }

    /// Access key and secret key.
    fn pair(text: &str) -> (String, String) {
        let keys = keys(text);
        (keys.access, keys.secret.expose_secret().to_owned())
    }

    fn both_texts(access: &str, secret: &str) -> (String, String) {
        (access.to_owned(), secret.to_owned())
    }

    #[test]
    fn the_basic_section_is_read_literally() {
        let text =
            "# mine\n[global]\nak = no\nsk = no\n\n[basic]\nAK = AK1\nsk = a#b;c\"\\d%\nproject_id=p1\n";
        assert_eq!(pair(text), both_texts("AK1", "a#b;c\"\\d%"));
        assert!(keys(text).security_token.is_none());
        assert_eq!(project(text).as_deref(), Some("p1"));
        assert_eq!(iam_endpoint(text), None);
    }

    #[test]
    fn every_file_that_the_sdk_reads_is_read() {
        for text in [
            "\u{feff}[basic]\nak=AK1\nsk=x",
            "[basic] ; mine\r\nak : AK1\r\nsk : x\r\n",
            "[DEFAULT]\nak = AK1\n[basic]\nsk = x\n",
            "[basic]\nsk = x\n[other]\nak = no\n[DEFAULT]\nak = AK1\n",
            "[DEFAULT]\nak = no\nsk = no\n[basic]\nak = AK1\nsk = x\n",
            "[basic]\n  ak = AK1\n  sk = x\n",
            "[basic]\nak =\n  AK1\n# a comment\nsk = x\n[basic2]\nsk = no",
            "[DEFAULT]\nwho = AK\n[basic]\nak = %(WHO)s1\nsk = %(letter)s\nletter = x\n",
            "[basic]\nak = no\nsk = x\nak = AK1\n",
        ] {
            assert_eq!(pair(text), both_texts("AK1", "x"), "{text}");
        }
        assert_eq!(pair("[basic]\nak=a%%b\nsk=%%(ak)s").0, "a%b");
        assert_eq!(
            pair("[basic]\nak=a%%b\nsk=%%(ak)s").1,
            "%(ak)s",
            "a doubled percent sign is no reference"
        );
        assert_eq!(pair("[basic]\nak=a\nsk=b\\\nproject_id=p").1, "b\\");
        assert_eq!(
            pair("[basic]\nak=a\nsk=50%(off)").1,
            "50%(off)",
            "a percent sign without a reference stays"
        );
        assert_eq!(
            iam_endpoint("[basic]\niam_endpoint = https://iam.example\n").as_deref(),
            Some("https://iam.example")
        );
    }

    #[test]
    fn an_incomplete_file_is_reported_without_its_text() {
        let circle = "[basic]\nak = %(sk)s\nsk = %(ak)s canary\n";
        let doubling = (0..10).map(|at| format!("k{at} = {}\n", format!("%(k{})s", at + 1).repeat(9)));
        let large = format!(
            "[basic]\nak = %(k0)s\nsk = x\n{}k10 = {}\n",
            doubling.collect::<String>(),
            "canary".repeat(99)
        );
        for text in [
            "",
            "[basic]\nak = canary\n",
            "[basic]\nak=canary\nsk=\n",
            "[basic\ncanary",
            "canary",
            "ak = canary\nsk = canary\n",
            "[basic]\nak = canary\nsk = %(canary)s\n",
            circle,
            &large,
        ] {
            let sentence = read(text).unwrap_err().to_string();
            assert!(
                sentence.contains("[basic]") && !sentence.contains("canary"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn an_identity_comes_before_a_pair_and_half_of_one_does_not() {
        let identity = |text: &str| match read(text).unwrap() {
            FileCredential::Identity { provider, token_file } => (provider, token_file.display().to_string()),
            FileCredential::Pair(_) => panic!("{text}"),
        };
        let whole = "[basic]\nIDP_ID = corp\nid_token_file = /run/token\n";
        let both = format!("{whole}ak = AK1\nsk = x\n");
        for text in [whole, &both] {
            assert_eq!(identity(text), both_texts("corp", "/run/token"));
        }
        for half in ["idp_id = canary", "id_token_file = canary"] {
            assert_eq!(
                pair(&format!("[basic]\n{half}\nak = AK1\nsk = x\n")),
                both_texts("AK1", "x")
            );
            let sentence = read(&format!("[basic]\n{half}\n")).unwrap_err().to_string();
            assert!(
                sentence.contains("in [basic], but no") && !sentence.contains("canary"),
                "{sentence}"
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "([a-z%()s=:#\\[\\] \n]|basic|DEFAULT|\\PC){0,60}") {
            let _ = (read(&text), project(&text));
        }

        #[test]
        fn a_secret_is_read_exactly_as_written(secret in "[!-~]{1,40}") {
            let text = format!("[basic]\nak = A\nsk = {}\n", secret.replace('%', "%%"));
            prop_assert_eq!(pair(&text).1, secret);
        }
    }
}
