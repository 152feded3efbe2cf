//! The SDK's own credentials file: `~/.huaweicloud/credentials`.
//!
//! INI with a section `[basic]` (credentials of a project; `[global]` is for services without one) and the keys `ak`,
//! `sk`, `security_token` and `project_id`. Read as the official SDK reads it: no quotes, no escapes, names in any case.

use ini::{Ini, ParseOption};

use super::KeyPair;

/// Reads the key pair of the section `[basic]`, or says what is missing. Repeats nothing of the file.
pub fn read(text: &str) -> Result<KeyPair, String> {
    let key = |name: &str| value(text, name);
    let (Some(access), Some(secret)) = (key("ak"), key("sk")) else {
        return Err("it has no ak and sk in a section [basic]".to_owned());
    };
    Ok(KeyPair {
        access,
        secret: secret.into(),
        security_token: key("security_token").map(Into::into),
    })
}

/// The project that the section `[basic]` names.
pub fn project(text: &str) -> Option<String> {
    value(text, "project_id")
}

fn value(text: &str, wanted: &str) -> Option<String> {
    let options = ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        ..ParseOption::default()
    };
    let file = Ini::load_from_str_opt(text, options).ok()?;
    let (_, value) = file
        .section(Some("basic"))?
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn the_basic_section_is_read_to_the_letter() {
        let text =
            "# mine\n[global]\nak = no\nsk = no\n\n[basic]\nAK = AK1\nsk = a#b;c\"\\d%\nproject_id=p1\n";
        let keys = read(text).unwrap();
        assert_eq!(
            (keys.access.as_str(), keys.secret.expose_secret()),
            ("AK1", "a#b;c\"\\d%")
        );
        assert!(keys.security_token.is_none());
        assert_eq!(project(text).as_deref(), Some("p1"));
    }

    #[test]
    fn an_incomplete_file_is_told_without_its_text() {
        for text in [
            "",
            "[basic]\nak = canary\n",
            "[basic]\nak=canary\nsk=\n",
            "[basic\ncanary",
            "canary",
        ] {
            let sentence = read(text).unwrap_err();
            assert!(
                sentence.contains("[basic]") && !sentence.contains("canary"),
                "{sentence}"
            );
        }
    }
}
