//! Commands that k9s and vi have and hss-top has not: what to use instead.
//!
//! A row is only told where there is no command of that name.

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
        "HSS lists pods only; /NAME shows those of a workload",
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
        "HSS lists pods only",
    ),
    instead(
        &["no", "node", "nodes"],
        "/node:NAME shows the pods of a node, :sort node sorts by it",
    ),
    instead(
        &["overview", "pulses", "pu", "xray", "popeye", "top"],
        "p shows only problems; the line above the table counts them",
    ),
    instead(
        &["changes", "events", "ev"],
        "NEW, ↑ and ↓ mark the pods that changed; a marks them as read",
    ),
    instead(
        &["alias", "aliases", "a", "commands", "keys"],
        ":help lists keys and commands",
    ),
    instead(
        &["theme", "skin", "colorscheme", "colors"],
        "--theme dark or light; [theme] of the configuration file",
    ),
    instead(
        &["columns", "cols", "wide"],
        "a wider window shows more columns; :sort FIELD shows one more",
    ),
    instead(&["mask"], "names cannot be masked"),
    instead(
        &["copy", "yank"],
        "y sends the pod's name to the terminal's clipboard",
    ),
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
