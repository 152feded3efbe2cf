//! The key that a mistyped name in `[keys]` was meant to be.

use crate::config::nearest;
use crate::keys::Key;

/// How other programs write Ctrl with a key.
const CTRL: [&str; 3] = ["c", "ctl", "control"];

/// The name of the key that `text` means, if one is near.
pub(super) fn nearest_key(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let with_ctrl = |rest: &str| {
        let key = Key::named(&format!("ctrl-{rest}"))?;
        Some(key.label().to_lowercase())
    };
    if let Some((prefix, rest)) = lower.split_once(['-', '+']) {
        let is_ctrl = CTRL.contains(&prefix) || nearest(prefix, ["ctrl"].into_iter()).is_some();
        return if is_ctrl { with_ctrl(rest) } else { None };
    }
    match lower.strip_prefix('^') {
        Some(rest) => with_ctrl(rest),
        None => nearest(&lower, Key::names()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_key_has_a_nearest_one_and_nonsense_has_none() {
        let meant = |text| nearest_key(text);
        for (text, key) in [
            ("ctr-r", "ctrl-r"),
            ("ctlr-R", "ctrl-r"),
            ("C-r", "ctrl-r"),
            ("^r", "ctrl-r"),
            ("ctrl+r", "ctrl-r"),
            ("entre", "enter"),
            ("pageupp", "pageup"),
        ] {
            assert_eq!(meant(text).as_deref(), Some(key), "{text}");
        }
        for text in ["alt-x", "ctrl-nowhere", "f99", "zz", ""] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
