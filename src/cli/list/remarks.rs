//! What `list` says on stderr about a list that it printed.
//!
//! Must not: print a pod, or decide whether the list is complete.

use super::ListStop;
use crate::cli::fleet_fetch::FetchEnd;
use crate::collector::SyncStatus;
use crate::report::listing::ListEnd;
use crate::terminal::say;
use crate::ui::format::count;

/// Says why pods are missing, and gives advice.
pub(super) fn say_what_is_wrong(end: &ListEnd, stop: &ListStop) {
    let Some(why) = &end.missing else {
        return;
    };
    let printed = count(end.listed);
    match (end.listed, stop) {
        (0, ListStop::Fetched(FetchEnd::Failed(_))) => say(&format!("hss-top: {why}")),
        _ => say(&format!(
            "hss-top: the list is incomplete, {printed} pods printed: {why}"
        )),
    }
    if let ListStop::Fetched(fetched) = stop {
        for advice in fetched.advice() {
            say(&format!("hss-top: → {advice}"));
        }
    }
}

/// Prints notes that do not make the list wrong.
pub(super) fn notes(left_out: &[&str], status: &SyncStatus) {
    if !left_out.is_empty() {
        let names = left_out.join(", ");
        say(&format!(
            "hss-top: no room for {names}; a pipe or --output wide shows every column"
        ));
    }
    if status.moved {
        say("hss-top: HSS's list changed while it was read, so it mixes two snapshots");
    }
}
