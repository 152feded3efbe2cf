//! Test results in JUnit's format, for build servers.
//!
//! No library: `quick-junit` brings 20 crates, including a calendar and random ids, for the four elements
//! that are written here. The output is what Jenkins, GitLab and GitHub's actions read. Must not: write a
//! character that XML 1.0 does not allow.

use std::io::{self, Write};

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JunitOutcome {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It could not be checked.
    Error,
    /// Nothing says whether it holds.
    Skipped,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JunitCase {
    /// Its name.
    pub name: String,
    /// How it ended.
    pub outcome: JunitOutcome,
    /// What was found, in a sentence.
    pub message: String,
    /// What was found, in lines.
    pub lines: Vec<String>,
}

/// Writes one suite of cases; `facts` are names and values that belong to all of them.
///
/// # Errors
/// Those of `out`.
pub fn write(
    suite: &str,
    facts: &[(&str, &str)],
    cases: &[JunitCase],
    mut out: impl Write,
) -> io::Result<()> {
    let of = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
    let counts = format!(
        "name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        escaped(suite),
        cases.len(),
        of(JunitOutcome::Failed),
        of(JunitOutcome::Error),
        of(JunitOutcome::Skipped)
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites {counts}>")?;
    writeln!(out, " <testsuite {counts}>")?;
    if !facts.is_empty() {
        writeln!(out, "  <properties>")?;
        for (name, value) in facts {
            let (name, value) = (escaped(name), escaped(value));
            writeln!(out, "   <property name=\"{name}\" value=\"{value}\"/>")?;
        }
        writeln!(out, "  </properties>")?;
    }
    for case in cases {
        let (name, message) = (escaped(&case.name), escaped(&case.message));
        let lines = escaped(&case.lines.join("\n"));
        writeln!(
            out,
            "  <testcase classname=\"{}\" name=\"{name}\">",
            escaped(suite)
        )?;
        match case.outcome {
            JunitOutcome::Failed => writeln!(out, "   <failure message=\"{message}\">{lines}</failure>")?,
            JunitOutcome::Error => writeln!(out, "   <error message=\"{message}\">{lines}</error>")?,
            JunitOutcome::Skipped => writeln!(out, "   <skipped message=\"{message}\"></skipped>")?,
            JunitOutcome::Passed => writeln!(out, "   <system-out>{message}\n{lines}</system-out>")?,
        }
        writeln!(out, "  </testcase>")?;
    }
    writeln!(out, " </testsuite>\n</testsuites>")
}

/// A text in the content or in an attribute of an element (XML 1.0, sections 2.2 and 2.4).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => escaped.push(character),
            _ => escaped.push('?'),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_writes_stays_text() {
        let case = |outcome, text: &str| JunitCase {
            name: "fail-on a<b".to_owned(),
            outcome,
            message: text.to_owned(),
            lines: vec![text.to_owned(), "x".to_owned()],
        };
        let cases = [
            case(JunitOutcome::Failed, "\"/><evil>&'"),
            case(JunitOutcome::Error, "]]>\u{1b}\u{0}\u{ffff}"),
            case(JunitOutcome::Passed, "生"),
            case(JunitOutcome::Skipped, "<"),
        ];
        let mut out = Vec::new();
        write("hss-top check", &[("region", "<\"")], &cases, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"hss-top check\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\">\n \
             <testsuite name=\"hss-top check\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\">\n  \
             <properties>\n   <property name=\"region\" value=\"&lt;&quot;\"/>\n  </properties>\n  \
             <testcase classname=\"hss-top check\" name=\"fail-on a&lt;b\">\n   \
             <failure message=\"&quot;/&gt;&lt;evil&gt;&amp;&apos;\">&quot;/&gt;&lt;evil&gt;&amp;&apos;\nx</failure>\n  \
             </testcase>\n  <testcase classname=\"hss-top check\" name=\"fail-on a&lt;b\">\n   \
             <error message=\"]]&gt;???\">]]&gt;???\nx</error>\n  </testcase>\n  \
             <testcase classname=\"hss-top check\" name=\"fail-on a&lt;b\">\n   <system-out>生\n生\nx</system-out>\n  \
             </testcase>\n  <testcase classname=\"hss-top check\" name=\"fail-on a&lt;b\">\n   \
             <skipped message=\"&lt;\"></skipped>\n  </testcase>\n </testsuite>\n</testsuites>\n"
        );
    }
}
