//! The text below the options in the help of each command: examples and exit codes.
//!
//! A paragraph is one line, which the help wraps to the terminal. An example is no longer than [`EXAMPLE`], because a wrapped
//! one breaks when it is pasted. Must not: say what an option does.

/// The longest line of an example, in columns: the help wraps at 80 on a usual terminal.
#[cfg(test)]
const EXAMPLE: usize = 78;

pub(super) const DOCTOR: &str = "\
Examples:
  hss-top doctor --profile prod
  hss-top doctor --profile prod --output json

Exit codes: 0 all checks passed, 1 one failed, 2 wrong command line.";

pub(super) const LIST: &str = "\
The filter and the view of the configuration file only apply to the dashboard; flags and variables also apply here. A view has \
the columns of table and markdown too; --output wide and the forms for programs have every field.

If pods are missing, the exit code is not 0, a line on stderr says why, and the list says so too: in json and yaml \"complete\" \
is false, the last line of jsonl is an object without a pod, and the last line of the other forms except name begins with \
INCOMPLETE. A line on stderr also says that HSS's list is older than --list-old-after, and that HSS lists no pods of the \
namespace, the cluster or the pod that was asked for. A reader that closes the pipe (| head) ends the list with exit code 0.

Examples:
  hss-top list --profile prod --filter detect:risk
  hss-top list --profile prod --view hot
  hss-top list --profile prod --max-age 15m --output csv > pods.csv

Exit codes: 0 the list is complete, 2 wrong command line, 3 configuration or credential, 4 pods are missing, 5 network or \
service, 6 the list cannot be written.";

pub(super) const CHECK: &str = "\
Examples:
  hss-top check --profile prod --fail-on detect:risk --max-age 1h
  hss-top check --profile prod --fail-on 'detect:risk or status:Failed' \\
    --warn-on 'mem%>=90' --max-age 1h --output nagios

Exit codes: 0 nothing was found, 1 a pod matches --fail-on, 2 wrong command line, 3 configuration or credential, 4 nothing is \
proven: pods are missing, HSS's list is too old (--list-old-after) or has no date, or HSS lists no pods of the namespace, the cluster, the \
pod or the names in --filter that were asked for, or no call of the budget was free, or the recording of --replay has pseudonyms and a filter has other names, 5 network or service, 6 the \
verdict cannot be written. What was found is always reported.

With --output nagios the codes are those of a plug-in, whatever happens: 0 OK, 1 WARNING (--warn-on, or --stale), 2 CRITICAL \
(--fail-on, or HSS cannot be reached), 3 UNKNOWN (command line, configuration, credential, names that no pod has, no call of the \
budget was free, a signal, a defect). Nothing is on stderr: notes are in the lines after the verdict. It ends after 55 seconds unless --timeout says otherwise, because Nagios ends a plug-in after a minute.";

pub(super) const WATCH: &str = "\
Each change is printed once, in the order of the saved log, including those that a dashboard on the same state records. Its id \
is the same in every run, so a reader that remembers the last one can continue after it. --filter accepts the filters of the \
dashboard's list of changes: changed:, from:, to: and the filter of the pods.

Examples:
  hss-top watch --profile prod --filter 'to:risk ns:payments'
  hss-top watch --profile prod --output jsonl >> changes.jsonl
  hss-top watch --profile prod --output jsonl \\
    --after \"$(tail -n1 changes.jsonl | jq -r .id)\" >> changes.jsonl

Exit codes: 0 its reader left or the recording of --replay has ended, 2 wrong command line, 3 configuration, or the \
credential was refused before HSS answered once, 5 calls failed for longer than --give-up-after, 6 its lines cannot be written, \
128 + n a signal ended it.";

pub(super) const REPORT: &str = "\
The report shows what is new, resolved and still open, the highest usage, the times when no hss-top watched, and the mutes. If \
pods are missing it says INCOMPLETE and why, and the exit code is not 0. With --filter or --view it is about the pods that match \
now, and about what was resolved of them.

Examples:
  hss-top report --profile prod --since 12h --max-age 1h
  hss-top report --profile prod --since friday --filter ns:payments
  hss-top report --profile prod --since friday --output csv > week.csv

Exit codes: 0 the report is complete, 2 wrong command line, 3 configuration or credential, 4 pods or the saved state are \
missing, 5 network or service, 6 the report cannot be written.";

pub(super) const EXPORT: &str = "\
It reads the saved state of the source that the flags select, and makes no call. hss-top schema history and hss-top schema \
changes print the JSON Schema of a record. For changes, --filter is that of hss-top watch; for history it can only use \
cluster, ns and pod, because a record of usage has no other field.

Examples:
  hss-top export history --profile prod --since 30d --by day > usage.jsonl
  hss-top export changes --profile prod --since friday --output csv
  hss-top export changes --profile prod --filter 'to:risk ns:payments'

Exit codes: 0 all that is saved is printed, 1 nothing is saved for this source, or the saved state cannot be read, 2 wrong \
command line, 3 configuration or credential, 4 the state file is damaged, of another source or of a newer version, \
6 the records cannot be written.";

pub(super) const MUTES_LIST: &str = "\
Examples:
  hss-top mutes list --profile prod
  hss-top mutes list --profile prod --all --output jsonl

Exit codes: 0 the mutes are printed, 1 nothing is saved for this source, or the saved state cannot be read, 2 wrong command line, \
3 configuration or credential, 4 the state file is damaged, of another source or of a newer version, 5 the collector does not \
answer, 6 the mutes cannot be written.";

pub(super) const MUTES_ADD: &str = "\
A muted pod that gets worse reappears, whatever --until says.

Examples:
  hss-top mutes add --profile prod 'ns:load-test' --until 2h
  hss-top mutes add --profile prod 'ns:payments pod:batch-*' --until worse

Exit codes: 0 the mute is active, 1 it cannot be saved, 2 wrong command line, 3 configuration or credential, or a token \
that can only read, 4 the state file is damaged, of another source or of a newer version, 5 it is active here, but the collector \
does not answer.";

pub(super) const MUTES_EXPIRE: &str = "\
Example:
  hss-top mutes expire --profile prod 3 4

Exit codes: 0 the mutes have ended, 1 one of them is not active, or nothing is saved for this source, 2 wrong command line, \
3 configuration or credential, or a token that can only read, 4 the state file is damaged, of another source or of a newer \
version, 5 they have ended here, but the collector does not answer.";

pub(super) const RECORD: &str = "\
The file has each call with its answer and its time, as one JSON object per line: hss-top schema recording. It never contains a \
credential, a signature, the body of a sign-in, or the id of the project. With --mask, names, addresses and ids are pseudonyms \
too, and the same name has the same one everywhere; without it, the file has the names of pods.

Examples:
  hss-top record --profile prod --mask --out hss.jsonl.gz
  hss-top record --profile prod --mask --out hss.jsonl.gz --for 10m
  hss-top --replay hss.jsonl.gz
  hss-top list --replay hss.jsonl.gz --output json

The file appears when it is complete; only its owner may read it. A signal ends it cleanly. If pods are missing or calls fail \
until the end, the file still appears.

Exit codes: 0 recorded, 1 the file exists, 2 wrong command line, 3 configuration or credential, 4 pods are missing, 5 network or \
service, 6 the file cannot be written, 128 + n a signal ended it.";

pub(super) const SERVE: &str = "\
It keeps the list like the dashboard, with the same budget, state and changes, but without a screen. Requests cause no call to \
HSS. The log goes to --log-file, or to stderr as one JSON object per line.

  GET /v5/{project_id}/kubernetes/pods   the pods, as HSS itself answers
  GET /v1/state                          how current the list is; ?seen=TAG&wait=20 waits until it changes
  GET /v1/changes                        the changes
  GET, POST /v1/acks, /v1/mutes          the acknowledgements and mutes of the team
  GET /v1/openapi.json                   the description of /v1, as hss-top schema openapi prints it
  GET /metrics                           metrics of the pods and of the collector, for Prometheus
  GET /healthz                           200 while the process is alive
  GET /readyz                            200 once all pods are loaded, and 503 before

--profile may be given several times: each profile has its own state and credential, and all share what HSS allows one user and \
one address. Clients name the pods they want by their project (project_id below /v1), and metrics have the label profile.

Clients send the token of --client-token-file as \"Authorization: Bearer ...\" or as X-Auth-Token; /healthz and /readyz need none. \
Only the token of --deciding-token-file may POST. These files and those of TLS are read again when they change. Without tokens \
every user of this machine may do both.

Examples:
  hss-top serve --profile prod --profile test
  hss-top serve --profile prod --listen 0.0.0.0:9464 \\
    --client-token-file client-token \\
    --tls-cert-file cert.pem --tls-key-file key.pem

Exit codes: 0 ended by a signal, 1 cannot listen on the address, 2 wrong command line, 3 configuration, or HSS refused the \
credential before its first answer.";

pub(super) const ALERTS_TEST: &str = "\
Examples:
  hss-top alerts test
  hss-top alerts test --rule pager --via webhook

Exit codes: 0 all were delivered, 1 one was not, or the configuration has a fault, 2 wrong command line, 3 configuration.";

pub(super) const ALERTS_LOG: &str = "\
Example:
  hss-top alerts log --profile prod | tail -n 3

Exit codes: 0 the receipts are printed, 2 wrong command line, 3 configuration or credential, or the receipts cannot be read.";

pub(super) const CONFIG_SHOW: &str = "\
Examples:
  hss-top config show --profile prod
  hss-top config show --profile prod --output json

Exit codes: 0 hss-top can start with it, 2 wrong command line, 3 something is missing or wrong.";

pub(super) const CONFIG_INIT: &str = "\
Examples:
  hss-top config init
  hss-top config init --config ./hss-top.toml

Exit codes: 0 the file is written, 1 it exists or cannot be written, 2 wrong command line, 3 no folder is known for it.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Command;

    /// The commands at the end of each line of commands, with their names.
    fn leaves(command: &Command, before: &str, found: &mut Vec<(String, Command)>) {
        for inner in command.get_subcommands() {
            let name = format!("{before}{}", inner.get_name());
            if inner.has_subcommands() {
                leaves(inner, &format!("{name} "), found);
            } else {
                found.push((name, inner.clone()));
            }
        }
    }

    #[test]
    fn the_help_of_each_command_that_can_fail_has_examples_to_paste_and_its_exit_codes() {
        let mut found = Vec::new();
        leaves(&Cli::whole(), "", &mut found);
        // They print a text of the program itself, or run until they are ended.
        let plain = [
            "themes",
            "config schema",
            "schema",
            "keys",
            "fields",
            "completions",
            "man",
            "values",
            "simulate",
        ];
        for (name, command) in found {
            let footer = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let mut is_example = false;
            for line in footer.lines() {
                is_example = line.starts_with("  hss-top ") || is_example && line.starts_with("    ");
                assert!(!is_example || line.chars().count() <= EXAMPLE, "{name}: {line}");
            }
            if plain.contains(&name.as_str()) {
                continue;
            }
            assert!(
                footer.contains(&format!("\n  hss-top {name} "))
                    || footer.contains(&format!("\n  hss-top {name}\n")),
                "{name}: {footer}"
            );
            assert!(footer.contains("\nExit codes: 0 "), "{name}: {footer}");
            // Each paragraph is one line: the help wraps it once.
            let prose = |line: &str| !line.is_empty() && !line.starts_with(' ') && !line.ends_with(':');
            let lines: Vec<&str> = footer.lines().collect();
            let broken = lines.windows(2).find(|pair| prose(pair[0]) && prose(pair[1]));
            assert_eq!(broken, None, "{name}");
        }
    }
}
