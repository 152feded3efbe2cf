//! The progress of the list, in one line of stderr that replaces itself, if stderr is a terminal.
//!
//! Owns the words. Must not: wait for the terminal.

use jiff::Timestamp;

use crate::collector::SyncStatus;
use crate::terminal::StatusLine;
use crate::ui::format::{count, countdown};

/// The line; `None` if nobody would see it.
#[derive(Debug)]
pub struct ProgressLine {
    line: Option<StatusLine>,
    page_size: u64,
}

impl ProgressLine {
    /// A line for pages of this many pods. `is_quiet` disables it.
    pub fn new(is_quiet: bool, term: Option<&str>, page_size: u32) -> Self {
        Self {
            line: if is_quiet {
                None
            } else {
                StatusLine::of_stderr(term)
            },
            page_size: page_size.into(),
        }
    }

    /// Shows the progress.
    pub fn show(&mut self, status: &SyncStatus, now: Timestamp) {
        if let Some(line) = &mut self.line {
            line.show(&words(status, now, self.page_size));
        }
    }

    /// Removes the line for good.
    pub fn stop(&mut self) {
        self.clear();
        self.line = None;
    }

    /// Removes the line.
    pub fn clear(&mut self) {
        if let Some(line) = &mut self.line {
            line.clear();
        }
    }
}

fn words(status: &SyncStatus, now: Timestamp, page_size: u64) -> String {
    let until = |at: Option<Timestamp>| {
        let seconds = at.map(|at| at.duration_since(now).as_secs());
        seconds.filter(|seconds| *seconds > 0).map(countdown)
    };
    if status.restoring {
        return "reading the saved list".to_owned();
    }
    let mut words = vec!["asking HSS".to_owned()];
    if status.met > 0 && !status.restored {
        let pages = |pods: u64| count(pods.div_ceil(page_size.max(1)));
        let met = count(status.met);
        words.push(match status.total {
            Some(total) => format!(
                "{met} of {} pods, page {} of {}",
                count(total),
                pages(status.met),
                pages(total)
            ),
            None => format!("{met} pods"),
        });
        words.extend(status.pace.map(|pace| format!("{} pods a minute", count(pace))));
        words.extend(until(status.done_at).map(|left| format!("{left} left")));
    }
    if let Some(problem) = &status.problem {
        words.push(problem.error.to_string());
    }
    words.extend(until(status.next_at).map(|wait| format!("next call in {wait}")));
    words.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_pages_pace_and_time_left() {
        let now = Timestamp::from_second(1_760_000_000).unwrap();
        let later = |seconds: i64| Timestamp::from_second(1_760_000_000 + seconds).ok();
        let begun = SyncStatus::default();
        assert_eq!(words(&begun, now, 200), "asking HSS");
        let status = SyncStatus {
            met: 400,
            total: Some(1111),
            pace: Some(1000),
            done_at: later(43),
            next_at: later(12),
            ..begun
        };
        assert_eq!(
            words(&status, now, 200),
            "asking HSS · 400 of 1,111 pods, page 2 of 6 · 1,000 pods a minute · 43s left · next call in 12s"
        );
    }
}
