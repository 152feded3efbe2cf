//! What was typed after `/` and `:`, kept between runs.
//!
//! ```text
//! # hss-top typed lines 1
//! / ns:payments cpu%>=80
//! : sort cpu%
//! ```
//!
//! Owns the form of the file, its bounds, and what does not belong there: a line that may hold a secret, that is too long, or
//! that has characters which would not come back as they are. Each program adds its line to what the others wrote, so the
//! oldest lines of all leave first. Must not: know what a line means.

use std::path::Path;

use super::shared_file::{SharedFile, SharedFileFault, SharedText};
use crate::secrets;

/// The name of the file in the folder of the state.
pub const TYPED_FILE: &str = "typed.txt";
/// The most lines that are kept of each prompt.
pub const MOST_LINES: usize = 200;
/// The longest line that is kept, in characters: what is longer was pasted.
pub const LONGEST_LINE: usize = 256;
/// From this many characters on, a word of letters, including capitals, and digits may be a key. No name in
/// Kubernetes has capitals.
const KEY_LENGTH: usize = 20;

/// Where a line was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// After `/`.
    Filter,
    /// After `:`.
    Command,
}

/// The lines of the file, the newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedLines {
    /// Filters.
    pub filters: Vec<String>,
    /// Commands.
    pub commands: Vec<String>,
}

impl TypedLines {
    fn of_text(text: &str) -> Self {
        let mut lines = Self::default();
        for line in text.lines() {
            if let Some(filter) = line.strip_prefix("/ ") {
                lines.filters.push(filter.to_owned());
            } else if let Some(command) = line.strip_prefix(": ") {
                lines.commands.push(command.to_owned());
            }
        }
        for kept in [&mut lines.filters, &mut lines.commands] {
            kept.retain(|line| is_kept(line));
            kept.drain(..kept.len().saturating_sub(MOST_LINES));
        }
        lines
    }

    fn text(&self) -> String {
        let filters = self.filters.iter().map(|line| format!("/ {line}\n"));
        let commands = self.commands.iter().map(|line| format!(": {line}\n"));
        filters.chain(commands).collect()
    }

    /// Adds a line as the newest; one that is there already moves.
    fn add(&mut self, kind: LineKind, line: &str) {
        let lines = match kind {
            LineKind::Filter => &mut self.filters,
            LineKind::Command => &mut self.commands,
        };
        lines.retain(|it| it != line);
        lines.push(line.to_owned());
        lines.drain(..lines.len().saturating_sub(MOST_LINES));
    }
}

/// Whether a line may be kept: not one that begins with a space, as in a shell.
pub fn is_kept(line: &str) -> bool {
    let is_plain = !line.is_empty() && !line.starts_with(' ') && !line.chars().any(char::is_control);
    is_plain
        && line.chars().count() <= LONGEST_LINE
        && !line.split([' ', ':', '=', ',', '"']).any(may_be_key)
        && secrets::redact(line) == line
}

fn may_be_key(word: &str) -> bool {
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_');
    word.len() >= KEY_LENGTH
        && word.bytes().all(is_of_key)
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// The file in a folder.
#[derive(Debug, Clone)]
pub struct TypedFile(SharedFile);

impl TypedFile {
    /// The file in this folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self(SharedFile::new(folder, TYPED_FILE, "# hss-top typed lines", 1))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The lines, and a notice where a file that cannot be understood was put aside.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&self) -> Result<(TypedLines, Option<String>), SharedFileFault> {
        let SharedText { text, notice } = self.0.read_or_put_aside(|_| Ok(()))?;
        Ok((TypedLines::of_text(&text), notice))
    }

    /// Adds a line to what all programs wrote, and returns the lines after that.
    ///
    /// # Errors
    /// The file cannot be read or written; then it is as before.
    pub fn add(&self, kind: LineKind, line: &str) -> Result<(TypedLines, Option<String>), SharedFileFault> {
        let SharedText { text, notice } = self.0.change(|text| {
            let mut lines = TypedLines::of_text(text);
            if is_kept(line) {
                lines.add(kind, line);
            }
            Ok(lines.text())
        })?;
        Ok((TypedLines::of_text(&text), notice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_of_two_programs_are_merged_and_the_same_line_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (
            TypedFile::in_folder(folder.path()),
            TypedFile::in_folder(folder.path()),
        );
        one.add(LineKind::Filter, "ns:a").unwrap();
        other.add(LineKind::Filter, "ns:b").unwrap();
        other.add(LineKind::Command, "sort cpu%").unwrap();
        let (lines, notice) = one.add(LineKind::Filter, "ns:a").unwrap();
        assert_eq!(
            (lines.filters, lines.commands),
            (vec!["ns:b".into(), "ns:a".into()], vec!["sort cpu%".into()])
        );
        assert_eq!(notice, None);
        let text = std::fs::read_to_string(one.path()).unwrap();
        assert_eq!(text, "# hss-top typed lines 1\n/ ns:b\n/ ns:a\n: sort cpu%\n");
    }

    #[test]
    fn the_oldest_line_of_all_leaves_first() {
        let mut lines = TypedLines::default();
        for number in 0..MOST_LINES + 5 {
            lines.add(LineKind::Command, &format!("ns {number}"));
        }
        assert_eq!(lines.commands.len(), MOST_LINES);
        assert_eq!(lines.commands[0], "ns 5");
        let all: Vec<String> = (0..MOST_LINES + 9)
            .map(|number| format!("/ pod:{number}"))
            .collect();
        assert_eq!(TypedLines::of_text(&all.join("\n")).filters[0], "pod:9");
    }

    #[test]
    fn what_may_be_a_secret_or_is_not_a_line_is_not_kept() {
        let long = "x".repeat(LONGEST_LINE + 1);
        for line in [
            "",
            " ns:a",
            "a\u{1b}[2J",
            "a\nb",
            &long,
            "copy AKIAIOSFODNN7EXAMPLE9",
            "pod:\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"",
        ] {
            assert!(!is_kept(line), "{line}");
        }
        for line in [
            "ns:payments cpu%>=80",
            "copy ip",
            "pod:ledger-scheduler-6d5c4b3a7f-kh8r7sjdm",
            "生产",
            "cluster_id:05d8a4f1c2804c6f8f0b9a7e6d5c4b3a",
        ] {
            assert!(is_kept(line), "{line}");
        }
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_a_line_that_is_not_known_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = TypedFile::in_folder(folder.path());
        std::fs::write(file.path(), "# hss-top typed lines 1\n/ ns:a\n? later\n").unwrap();
        assert_eq!(file.read().unwrap().0.filters, ["ns:a"]);
        std::fs::write(file.path(), "junk").unwrap();
        let (lines, notice) = file.add(LineKind::Filter, "ns:b").unwrap();
        assert_eq!(lines.filters, ["ns:b"]);
        assert!(notice.unwrap().contains("typed.txt.damaged-1"));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_as_it_was_typed(typed in prop::collection::vec(any::<String>(), 0..9)) {
            let mut lines = TypedLines::default();
            for line in typed.iter().filter(|line| is_kept(line)) {
                lines.add(LineKind::Filter, line);
            }
            prop_assert_eq!(TypedLines::of_text(&lines.text()), lines);
        }
    }
}
