//! The lines, headings, tables and durations of the report.

use std::fmt::Write as _;

use crate::fleet::grouped::count;
use crate::fleet::query::Unit;

/// The most rows of a table: more than a month of the largest fleets has, and few enough for an editor.
pub(super) const MOST_ROWS: usize = 1000;

/// A duration in the units that matter: `12h`, `1d12h`, `5m`.
pub(super) fn age(seconds: i64) -> String {
    const DAY: u64 = 86_400;
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let unit = if seconds >= DAY { 3600 } else { 60 };
    Unit::Age.write(seconds - seconds % unit)
}

/// The same to the second where that matters: `75s`, `2m50s`.
pub(super) fn length(seconds: i64) -> String {
    const HOUR: i64 = 3600;
    if seconds >= HOUR {
        return age(seconds);
    }
    Unit::Age.write(u64::try_from(seconds).unwrap_or(0))
}

/// Adds a line.
pub(super) fn put(text: &mut String, line: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(text, "{line}");
}

/// Adds the heading of a part.
pub(super) fn section(text: &mut String, title: &str) {
    put(text, &format!("\n## {title}\n"));
}

/// A table of at most [`MOST_ROWS`] rows; what is left out is counted.
pub(super) fn table<T>(text: &mut String, heading: &[&str], rows: &[T], cells: impl Fn(&T) -> Vec<String>) {
    if rows.is_empty() {
        return put(text, "None.");
    }
    put(text, &format!("| {} |", heading.join(" | ")));
    put(text, &format!("|{}", "---|".repeat(heading.len())));
    for row in rows.iter().take(MOST_ROWS) {
        put(text, &format!("| {} |", cells(row).join(" | ")));
    }
    if rows.len() > MOST_ROWS {
        let left_out = count(rows.len() - MOST_ROWS);
        put(text, &format!("\nand {left_out} more, which are not listed."));
    }
}
