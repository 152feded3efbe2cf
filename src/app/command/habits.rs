//! Commands of k9s and vi that hss-top does not have: what to use instead.
//!
//! Must not: have the name of a command; a test compares them.

/// What to use instead of some commands.
#[derive(Debug, Clone, Copy)]
pub struct CommandHabit {
    /// The names.
    pub names: &'static [&'static str],
    /// What to use instead.
    pub instead: &'static str,
}

const fn instead(names: &'static [&'static str], instead: &'static str) -> CommandHabit {
    CommandHabit { names, instead }
}

/// The habits.
pub const COMMAND_HABITS: &[CommandHabit] = &[
    instead(
        &[
            "deploy",
            "deployments",
            "dp",
            "sts",
            "statefulsets",
            "ds",
            "daemonsets",
            "rs",
            "job",
            "jobs",
            "cj",
            "cronjobs",
        ],
        "HSS only lists pods; /NAME shows the pods of a workload",
    ),
    instead(
        &[
            "svc",
            "services",
            "ing",
            "ingresses",
            "cm",
            "configmaps",
            "secrets",
            "pv",
            "pvc",
            "sa",
            "rbac",
            "crd",
            "hpa",
        ],
        "HSS only lists pods",
    ),
    instead(
        &["no", "node", "nodes"],
        "/node:NAME shows the pods of a node, :sort node sorts by it",
    ),
    instead(
        &["pu", "xray", "popeye", "top"],
        ":overview shows the namespaces, the worst first; p shows only problems",
    ),
    instead(&["ev"], ":changes shows what changed"),
    instead(
        &["alias", "aliases", "a", "commands", "keys"],
        ":help lists keys and commands",
    ),
    instead(&["colorscheme", "colors"], ":theme chooses a theme"),
    instead(&["wide"], ":columns chooses the columns"),
    instead(
        &[
            "delete", "kill", "rm", "edit", "shell", "exec", "scale", "restart",
        ],
        "hss-top changes nothing in a cluster; kubectl does",
    ),
    instead(&["logs", "log"], "HSS has no logs; kubectl logs has them"),
    instead(&["describe", "yaml", "json", "detail"], "Enter shows the details"),
    instead(
        &["dir", "bench", "screendump", "sd", "set", "config"],
        "hss-top config shows and creates the configuration",
    ),
];

/// What to use instead of the command of this name.
pub fn of(name: &str) -> Option<&'static str> {
    let habit = COMMAND_HABITS.iter().find(|habit| habit.names.contains(&name));
    habit.map(|habit| habit.instead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::command::COMMANDS;

    #[test]
    fn a_habit_is_no_command() {
        for name in COMMAND_HABITS.iter().flat_map(|habit| habit.names) {
            assert!(!COMMANDS.iter().any(|row| row.is_called(name)), "{name}");
        }
    }
}
