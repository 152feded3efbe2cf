//! A key pair from a program: `credential_process`.
//!
//! The contract is that of AWS's `credential_process`: the program prints one JSON object with `Version` 1,
//! `AccessKeyId`, `SecretAccessKey`, and for a temporary pair `SessionToken` and `Expiration`. It runs
//! without a shell, without a terminal for prompts, without our secrets in its environment, and for
//! [`PATIENCE`] at most. What it prints, on stdout or stderr, is never shown: it may be a secret. It runs in
//! a process group of its own. The group ends when the program ends, when its time is up, and when its caller
//! gives up, as at the end of hss-top. Processes that are left over get TERM, and KILL after a tenth of a
//! second. An agent that should survive needs a session of its own, like a daemon.

use std::fmt;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::KeyPair;
use super::chain::SECRET_VARIABLES;
use crate::hss::json;

/// The time limit of the program.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait for the rest of its output after it has ended.
const GRACE: Duration = Duration::from_millis(250);
/// How long to wait between two checks whether the processes that got TERM have ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// How many checks to make before KILL: together a tenth of a second.
const LOOKS: u32 = 50;
/// The most bytes of its output that are read.
const MOST_BYTES: u64 = 64 << 10;

/// Why a program delivered no key pair, as a sentence that names it and repeats nothing of its output.
#[derive(Debug)]
pub enum HelperFault {
    /// The configuration names no program.
    NoProgram,
    /// This program could not be started or read from, or ended with a failure.
    Failed(String, io::Error),
    /// This program took longer than [`PATIENCE`].
    Slow(String),
    /// This program printed something else.
    NoKeys(String),
}

impl fmt::Display for HelperFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProgram => f.write_str("credential_process names no program"),
            Self::Failed(program, error) => write!(f, "{program}: {error}"),
            Self::Slow(program) => write!(f, "{program} took longer than {} s", PATIENCE.as_secs()),
            Self::NoKeys(program) => write!(f, "{program} did not print the JSON of a credential_process"),
        }
    }
}

impl std::error::Error for HelperFault {}

/// Runs the program and reads its key pair and the expiry.
pub async fn key_pair(command: &[String]) -> Result<(KeyPair, Option<Timestamp>), HelperFault> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(HelperFault::NoProgram);
    };
    let failed = |error| HelperFault::Failed(program.clone(), error);
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // In a group of its own it cannot prompt on our terminal, and everything that it started can be ended
        // with it.
        .process_group(0)
        .kill_on_drop(true);
    for name in SECRET_VARIABLES {
        command.env_remove(name);
    }
    let child = command.spawn().map_err(failed)?;
    let mut helper = HelperGroup::of(child);
    let printed = timeout(PATIENCE, output(&mut helper.leader)).await;
    drop(helper);
    match printed {
        Err(_) => Err(HelperFault::Slow(program.clone())),
        Ok(Err(error)) => Err(failed(error)),
        Ok(Ok(printed)) => read(&printed).ok_or_else(|| HelperFault::NoKeys(program.clone())),
    }
}

/// What the program printed until it ended. A process that it left behind, such as an agent, may hold its
/// stdout open, so the end of the output is awaited for [`GRACE`] at most after that.
async fn output(child: &mut Child) -> io::Result<Vec<u8>> {
    let mut printed = Vec::new();
    let status = match child.stdout.take() {
        None => child.wait().await?,
        Some(stdout) => {
            let mut stdout = stdout.take(MOST_BYTES);
            let status = tokio::select! {
                biased;
                read = stdout.read_to_end(&mut printed) => {
                    read?;
                    child.wait().await?
                }
                status = child.wait() => status?,
            };
            // What it wrote before it ended is in the pipe.
            if let Ok(read) = timeout(GRACE, stdout.read_to_end(&mut printed)).await {
                read?;
            }
            status
        }
    };
    if status.success() {
        Ok(printed)
    } else {
        Err(io::Error::other(format!(
            "ended with {status}; what it prints is not shown, because it may be a secret: run it by hand"
        )))
    }
}

/// The program and what it started. Dropping this ends all of them.
pub(crate) struct HelperGroup {
    pub(crate) leader: Child,
    id: Option<Pid>,
}

impl HelperGroup {
    pub(crate) fn of(leader: Child) -> Self {
        let id = leader.id().and_then(|id| i32::try_from(id).ok());
        Self {
            leader,
            id: id.and_then(Pid::from_raw),
        }
    }
}

impl Drop for HelperGroup {
    /// Waits for a tenth of a second at most, and only if a process is left: at the end of hss-top there is
    /// no later.
    fn drop(&mut self) {
        let Some(group) = self.id else { return };
        if kill_process_group(group, Signal::TERM).is_err() {
            return;
        }
        for _ in 0..LOOKS {
            // A leader that ended stays in the process table until its status is read.
            let _ = self.leader.try_wait();
            if test_kill_process_group(group).is_err() {
                return;
            }
            std::thread::park_timeout(LOOK_EVERY);
        }
        let _ = kill_process_group(group, Signal::KILL);
    }
}

fn read(printed: &[u8]) -> Option<(KeyPair, Option<Timestamp>)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Printed {
        version: u32,
        access_key_id: String,
        secret_access_key: String,
        session_token: Option<String>,
        expiration: Option<Timestamp>,
    }
    let printed: Printed = serde_json::from_str(&json::text(printed.to_vec())).ok()?;
    let complete =
        printed.version == 1 && !printed.access_key_id.is_empty() && !printed.secret_access_key.is_empty();
    let keys = KeyPair {
        access: printed.access_key_id,
        secret: printed.secret_access_key.into(),
        security_token: printed
            .session_token
            .filter(|token| !token.is_empty())
            .map(Into::into),
    };
    complete.then_some((keys, printed.expiration))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn command(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    async fn script(text: &str) -> Result<(KeyPair, Option<Timestamp>), HelperFault> {
        key_pair(&command(&["/bin/sh", "-c", text])).await
    }

    #[tokio::test]
    async fn a_program_that_follows_the_contract_yields_a_key_pair() {
        let (keys, ends) = script(
            r#"printf '{"Version":1,"AccessKeyId":"AK1","SecretAccessKey":"canary","SessionToken":"t",
            "Expiration":"2026-01-01T00:00:00Z"}'"#,
        )
        .await
        .unwrap();
        assert_eq!(
            (keys.access.as_str(), keys.secret.expose_secret()),
            ("AK1", "canary")
        );
        assert_eq!(keys.security_token.unwrap().expose_secret(), "t");
        assert_eq!(ends, Some("2026-01-01T00:00:00Z".parse().unwrap()));
        let (keys, ends) = script(r#"echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B"}'"#)
            .await
            .unwrap();
        assert!(keys.security_token.is_none() && ends.is_none());
        let marked = r#"printf '\357\273\277{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B"}'"#;
        assert!(script(marked).await.is_ok(), "after a byte order mark");
    }

    #[tokio::test]
    async fn nothing_that_a_failing_program_prints_is_repeated() {
        for text in [
            "echo canary; echo canary >&2; exit 3",
            "echo '{\"canary\":1}'",
            "echo '{\"Version\":2,\"AccessKeyId\":\"canary\",\"SecretAccessKey\":\"canary\"}'",
            "printf canary",
            "kill -9 $$",
        ] {
            let sentence = script(text).await.unwrap_err().to_string();
            assert!(
                sentence.starts_with("/bin/sh") && !sentence.contains("canary"),
                "{sentence}"
            );
        }
        let none = key_pair(&command(&["/nonexistent/helper"])).await;
        let none = none.unwrap_err().to_string();
        assert!(none.starts_with("/nonexistent/helper: "), "{none}");
        assert!(key_pair(&[]).await.is_err());
    }

    #[tokio::test]
    async fn a_program_that_leaves_a_process_behind_yields_its_keys() {
        let began = tokio::time::Instant::now();
        let (keys, _) = script(
            r#"sleep 60 & printf '{"Version":1,"AccessKeyId":"AK1","SecretAccessKey":"canary"}'; kill -0 $!"#,
        )
        .await
        .unwrap();
        assert_eq!(keys.secret.expose_secret(), "canary");
        assert!(
            began.elapsed() < PATIENCE,
            "what it left behind is not waited for"
        );
    }

    #[tokio::test]
    async fn a_large_answer_is_complete_although_a_process_holds_the_output() {
        let (keys, _) = script(
            r#"sleep 60 & s=$(head -c 60000 /dev/zero | tr '\0' x); printf '{"Version":1,"AccessKeyId":"AK1","SecretAccessKey":"%s"}' "$s""#,
        )
        .await
        .unwrap();
        assert_eq!(keys.secret.expose_secret().len(), 60_000);
    }

    /// Whether a process runs; a zombie does not.
    fn runs(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        stat.rsplit_once(") ")
            .is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
    }

    /// The kernel ends a process a moment after the signal.
    async fn ended(pid: &str) -> bool {
        let began = tokio::time::Instant::now();
        while runs(pid) && began.elapsed() < Duration::from_secs(5) {
            tokio::task::yield_now().await;
        }
        !runs(pid)
    }

    #[tokio::test]
    async fn processes_of_a_program_end_with_it_even_if_it_is_given_up_or_ignores_term() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        let file = path.display();
        let keys = r#"printf '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B"}'"#;
        for stubborn in ["", "trap '' TERM; "] {
            let start = format!("{stubborn}sleep 600 & echo $! > {file}.new; mv {file}.new {file}");
            // One that follows the contract, and one that hangs and is given up.
            script(&format!("{start}; {keys}")).await.unwrap();
            let left = std::fs::read_to_string(&path).unwrap();
            assert!(ended(&left).await, "{left}");
            std::fs::remove_file(&path).unwrap();
            let hanging = format!("{start}; wait");
            let started = async {
                while !path.exists() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                result = script(&hanging) => panic!("{:?}", result.map(|_| ())),
                () = started => {}
            }
            let left = std::fs::read_to_string(&path).unwrap();
            assert!(ended(&left).await, "{left}");
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_program_that_hangs_is_ended_after_the_time_limit() {
        let began = tokio::time::Instant::now();
        let sentence = script("sleep 600").await.unwrap_err().to_string();
        assert_eq!(sentence, "/bin/sh took longer than 10 s");
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test]
    async fn the_program_runs_without_a_shell_and_without_input() {
        let (keys, _) = key_pair(&command(&[
            "/bin/sh",
            "-c",
            r#"read line; printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"x%s"}' "$1" "$line""#,
            "helper",
            "$HOME;*",
        ]))
        .await
        .unwrap();
        assert_eq!(
            (keys.access.as_str(), keys.secret.expose_secret()),
            ("$HOME;*", "x")
        );
    }
}
