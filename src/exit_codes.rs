//! All exit codes of the program in one table, with their reasons.
//!
//! `main`, the terminal's guard, `--help`, README and the manual take the codes from here. Must not: end anything.

/// Why the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    /// It did what was requested.
    Done,
    /// A check failed, or something could not be done.
    Failed,
    /// The command line, or no terminal; the code is clap's own.
    Usage,
    /// The configuration or the credential.
    Configuration,
    /// Data that is incomplete or too old.
    Incomplete,
    /// The network or the service.
    Unreachable,
    /// The output could not be written.
    Output,
    /// A panic, or a task that ended without reason; the code is that of a panic in Rust.
    Crash,
    /// What a shell reports after SIGHUP ended a program.
    TerminalLost,
    /// A signal.
    Signal,
}

impl ExitReason {
    /// Every reason, in the order of the help.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Configuration,
        Self::Incomplete,
        Self::Unreachable,
        Self::Output,
        Self::Crash,
        Self::TerminalLost,
        Self::Signal,
    ];

    /// The code; for a signal, the number to which the signal is added.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::Incomplete => 4,
            Self::Unreachable => 5,
            Self::Output => 6,
            Self::Crash => 101,
            Self::TerminalLost => 129,
            Self::Signal => 128,
        }
    }

    /// The code as the help writes it.
    pub fn shown(self) -> String {
        match self {
            Self::Signal => format!("{} + n", self.code()),
            _ => self.code().to_string(),
        }
    }

    /// Its meaning, with the names of commands between backticks.
    pub const fn means(self) -> &'static str {
        match self {
            Self::Done => "you quit, or a command did what it was asked",
            Self::Failed => {
                "`check` found something; a check of `doctor` failed, `config init` or `record` would replace a file, `serve` cannot listen, or nothing is saved for `export` or `mutes`"
            }
            Self::Usage => "wrong command line, or no terminal",
            Self::Configuration => "configuration or credential",
            Self::Incomplete => {
                "`list`, `check`, `report`, `record`: pods are missing; also `check`: HSS's list is too old or has no date, a collector's list is no longer confirmed, or HSS lists no pods of the namespace, cluster or pod asked for; `report`, `export`, `mutes`: the saved state cannot be used"
            }
            Self::Unreachable => {
                "`list`, `check`, `report`, `record`: the network or the service failed; `mutes`: a collector does not answer; `watch`: for longer than `--give-up-after`"
            }
            Self::Output => "the output could not be written, for example because the disk is full",
            Self::Crash => "a defect; one line on stderr says where",
            Self::TerminalLost => "the terminal is gone",
            Self::Signal => "signal n",
        }
    }
}

/// The state that a plug-in of a monitoring system reports (the plug-in interface of Nagios, which others share).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginState {
    /// No findings.
    Ok,
    /// Worth a look.
    Warning,
    /// Somebody has to act.
    Critical,
    /// The plug-in could not look.
    Unknown,
}

impl PluginState {
    /// Every state, in the order of its code.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Warning, Self::Critical, Self::Unknown];

    /// The exit code. With another one Nagios loses the text.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// When `check --output nagios` ends with it, with typed text between backticks.
    pub const fn means(self) -> &'static str {
        match self {
            Self::Ok => "nothing was found",
            Self::Warning => {
                "a pod matches `--warn-on`; or pods are missing, or the list is too old, has no date or is no longer confirmed by its collector (`--stale`)"
            }
            Self::Critical => "a pod matches `--fail-on`; or HSS cannot be reached",
            Self::Unknown => {
                "command line, configuration, credential, names that no pod has, no call of the budget was free, a signal or a defect"
            }
        }
    }
}

/// The exit code after this signal.
pub const fn of_signal(signal: u8) -> u8 {
    ExitReason::Signal.code().saturating_add(signal)
}

/// The table as the help has it.
pub fn in_help() -> String {
    let line = |reason: ExitReason| format!("  {:<9}{}", reason.shown(), reason.means().replace('`', ""));
    ExitReason::ALL.map(line).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_stands_for_two_reasons() {
        for reason in ExitReason::ALL {
            let same = ExitReason::ALL
                .iter()
                .filter(|other| other.code() == reason.code());
            assert_eq!(same.count(), 1, "{reason:?}");
        }
        assert_eq!(of_signal(15), 143);
        assert_eq!(
            of_signal(1),
            ExitReason::TerminalLost.code(),
            "as SIGHUP would end it"
        );
    }
}
