//! The messages if the saved state has no answer.

use std::path::Path;

use crate::exit_codes::ExitReason;
use crate::state::database::Unusable;
use crate::terminal::say;

/// Says why the saved state cannot be used; returns the exit code.
pub(in crate::cli) fn unusable(file: &Path, why: &Unusable) -> u8 {
    say(&format!(
        "hss-top: the saved state cannot be used: {why} ({})",
        file.display()
    ));
    let Some(advice) = why.advice() else {
        return ExitReason::Failed.code();
    };
    say(&format!("hss-top: → {advice}"));
    ExitReason::Incomplete.code()
}

/// Says that nothing is saved for this source.
pub(in crate::cli) fn nothing_saved(file: &Path) {
    say(&format!(
        "hss-top: nothing is saved for this source ({})",
        file.display()
    ));
    say("hss-top: → a dashboard, list or watch with the same flags saves its data");
}
