//! The end of a list: its last lines, the remarks about it, and the exit code.
//!
//! Owns in which order that happens: the last lines are written, the pods are saved, and then standard error has what the reader
//! must know before he believes the list. Must not: select pods, or wait for the collector.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::remarks::{notes, say_what_is_wrong};
use super::{ListArgs, ListOutput, ListRun, ListStop};
use crate::cli::fleet_fetch::FetchEnd;
use crate::cli::stdout;
use crate::cli::{collector_word, empty_scope};
use crate::exit_codes::{self, ExitReason};
use crate::fleet::RemoteText;
use crate::fleet::list_age::ListCurrency;
use crate::fleet::query::Query;
use crate::hss::collector_mark::ASK_WHO_RUNS_IT;
use crate::report::listing::ListEnd;
use crate::terminal::{say, say_each};
use crate::ui::format::counted;

/// How long writing the end of the list may take after a signal.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl ListRun {
    /// Writes the end of the list, and reports problems.
    pub(super) async fn finish(
        mut self,
        stop: ListStop,
        args: &ListArgs,
        signal: Pin<&mut impl Future<Output = u8>>,
    ) -> io::Result<u8> {
        self.progress.clear();
        let is_quiet = args.headless.quiet;
        let no_later_than = Instant::now() + LAST_WORDS;
        if self.lister.stop_last() {
            // A signal came meanwhile. The part that is being written is counted, unless its reader is stuck.
            let _ = timeout_at(no_later_than, self.pipe.drained()).await;
            self.lister.end_last();
        }
        let end = self.end(&stop);
        let about_the_list = self.about_the_list(&stop);
        let is_read = matches!(&stop, ListStop::Fetched(end) if end.is_complete() || *end == FetchEnd::Short);
        let of_collector = (is_read || matches!(stop, ListStop::Full))
            .then(|| self.fetch.collector_doubt())
            .flatten();
        let mut piece = Vec::new();
        self.lister.end(&end, &mut piece)?;
        let pipe = self.pipe;
        let last = async {
            pipe.write(piece).await;
            pipe.finish().await
        };
        let written = match &stop {
            // After a signal it does not wait for a stuck reader.
            ListStop::Signal(_) => timeout_at(no_later_than, last).await.unwrap_or(Ok(())),
            _ => last.await,
        };
        let left_out = self.lister.left_out();
        let status = self.fetch.status.clone();
        let notices = self.fetch.notices.clone();
        // Nothing is listed by a word that is misspelt, which looks like good news.
        let wrong = (end.listed == 0).then(|| Query::parse_among(&self.filter, &self.fetch.fleet));
        let wrong = wrong.and_then(Result::err);
        let saved = self.fetch.close();
        let unsaved = if matches!(stop, ListStop::Signal(_)) {
            timeout(LAST_WORDS, saved).await.unwrap_or(None)
        } else {
            tokio::select! {
                unsaved = saved => unsaved,
                number = signal => return Ok(exit_codes::of_signal(number)),
            }
        };
        if let Err(error) = written {
            let why = stdout::fault(&error);
            say(&format!("hss-top: the list cannot be written: {why}"));
            return Ok(ExitReason::Output.code());
        }
        say_each(&notices);
        say_each(unsaved.as_slice());
        say_what_is_wrong(&end, &stop);
        if let Some(why) = of_collector {
            say(&format!("hss-top: {why}"));
            say(&format!("hss-top: → {ASK_WHO_RUNS_IT}"));
        }
        let is_for_people = matches!(args.output, ListOutput::Table | ListOutput::Wide);
        let is_empty = is_for_people && end.listed == 0 && args.limit != Some(0) && !self.filter.is_empty();
        let is_empty = is_empty && matches!(&stop, ListStop::Fetched(end) if end.is_complete());
        let reason = match stop {
            ListStop::Signal(number) => return Ok(exit_codes::of_signal(number)),
            ListStop::Fetched(fetched) => {
                let is_wrong = end.missing.is_some() && fetched.is_complete();
                if is_wrong {
                    ExitReason::Incomplete
                } else {
                    fetched.reason()
                }
            }
            ListStop::Full | ListStop::Unwritten => ExitReason::Done,
        };
        if !is_quiet {
            notes(&left_out, &status);
            match wrong {
                Some(error) => say(&format!("hss-top: no pod can match: {error}")),
                None if is_empty => {
                    let filter = RemoteText::message(&self.filter);
                    let none = end.total.map(|all| format!("none of {}", counted(all, "pod")));
                    let none = none.as_deref().unwrap_or("no pod");
                    say(&format!("hss-top: {none} matches {}", filter.shown()));
                }
                None => {}
            }
            for note in about_the_list {
                say(&format!("hss-top: {note}"));
            }
        }
        Ok(reason.code())
    }

    /// What to know about HSS's list before believing what is printed of it, in sentences.
    fn about_the_list(&self, stop: &ListStop) -> Vec<String> {
        let fetch = &self.fetch;
        let is_whole = matches!(stop, ListStop::Fetched(end) if end.is_complete());
        if !is_whole && !matches!(stop, ListStop::Full | ListStop::Fetched(FetchEnd::Short)) {
            return Vec::new();
        }
        let unnamed = || {
            empty_scope::why(
                &self.scope,
                &fetch.fleet,
                fetch.status.unproven,
                fetch.service_now(),
            )
        };
        let unnamed = is_whole.then(unnamed).flatten();
        let old = fetch.old_list(self.list_age_limit, ListCurrency::Aging);
        unnamed.into_iter().chain(old).collect()
    }

    fn end(&self, stop: &ListStop) -> ListEnd {
        let status = &self.fetch.status;
        let missing = match stop {
            ListStop::Fetched(end) => end.trouble(status).or_else(|| self.lister.trouble()),
            ListStop::Signal(number) => Some(format!("signal {number} ended it")),
            ListStop::Full | ListStop::Unwritten => None,
        };
        let is_stored = matches!(stop, ListStop::Fetched(FetchEnd::Complete { is_stored: true }));
        let is_known = status.asked_at.is_some() && (is_stored || !status.restored);
        ListEnd {
            listed: self.lister.listed(),
            total: status.total.filter(|_| is_known),
            missing,
            is_stored,
            collected_at: status.snapshot_at.filter(|_| is_known),
            asked_at: status.asked_at.filter(|_| is_known),
            has_moved: status.moved,
            is_limited: self.lister.is_limited() || matches!(stop, ListStop::Full),
            collector: collector_word::of(status),
        }
    }
}
