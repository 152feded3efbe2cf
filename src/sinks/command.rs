//! A program that is told: the notice as JSON on its standard input.
//!
//! It runs without a shell, without a terminal, without our secrets in its environment, and for [`PATIENCE`] at most; what it
//! prints is not read, so that it can neither fill the memory nor reach the screen. It runs in a process group of its own, and
//! the group ends with it: see [`HelperGroup`]. An agent that should outlive it needs a session of its own.

use std::io;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::hss::auth::chain::SECRET_VARIABLES;
use crate::hss::auth::process::{HelperGroup, PATIENCE};
use crate::secrets::values::shortened;

/// Tells a program.
///
/// # Errors
/// Why the program did not accept the alert, as a sentence that names it and repeats none of its output.
pub(super) async fn tell(command: &[String], body: &str) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("the rule names no program".to_owned());
    };
    let name = name(program);
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    for variable in SECRET_VARIABLES {
        command.env_remove(variable);
    }
    let child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("there is no program {name}; install it, or correct its path"),
        io::ErrorKind::PermissionDenied => format!("{name} may not be run; make it executable"),
        _ => format!("{name}: {error}"),
    })?;
    let mut group = HelperGroup::of(child);
    let work = async {
        if let Some(mut input) = group.leader.stdin.take() {
            // One that reads nothing and ends well was told.
            match input.write_all(body.as_bytes()).await {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
                _ => drop(input),
            }
        }
        group.leader.wait().await
    };
    let ended = timeout(PATIENCE, work).await;
    drop(group);
    match ended {
        Err(_) => Err(format!("{name} took longer than {} s", PATIENCE.as_secs())),
        Ok(Err(error)) => Err(format!("{name}: {error}")),
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("{name} ended with {status}")),
    }
}

/// What a program is called: the last part of its path, short enough not to be a secret.
pub fn name(program: &str) -> String {
    let name = program.rsplit('/').next().unwrap_or(program);
    if name.chars().count() > 32 {
        shortened(name)
    } else {
        name.to_owned()
    }
}

/// What the courier of a command is called: the program, and something that tells two of its commands apart.
pub(super) fn courier_name(words: &[String]) -> String {
    let program = words.first().map(|program| name(program)).unwrap_or_default();
    let all = crc32fast::hash(words.join("\0").as_bytes());
    format!("{program} ({all:08x})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn script(text: &str, body: &str) -> Result<(), String> {
        let words = ["/bin/sh", "-c", text];
        tell(&words.map(str::to_owned), body).await
    }

    #[tokio::test]
    async fn a_program_gets_the_json_on_its_input_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("told");
        let shown = file.display();
        script(
            &format!("cat > {shown}; env | grep -c HUAWEICLOUD_SDK_SK= >> {shown}; true"),
            "{\"a\":1}",
        )
        .await
        .unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"a\":1}0\n");
        script("exit 0", &"x".repeat(1 << 20)).await.unwrap();
    }

    #[tokio::test]
    async fn one_that_fails_or_is_missing_is_named_and_not_quoted() {
        assert_eq!(
            script("echo canary >&2; exit 3", "").await,
            Err("sh ended with exit status: 3".to_owned())
        );
        let missing = tell(&["/nonexistent/page".to_owned()], "").await.unwrap_err();
        assert_eq!(
            missing,
            "there is no program page; install it, or correct its path"
        );
        let no_program = tell(&["/etc/passwd".to_owned()], "").await.unwrap_err();
        assert_eq!(no_program, "passwd may not be run; make it executable");
        assert!(tell(&[], "").await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_is_ended_after_its_time_with_what_it_started() {
        let began = tokio::time::Instant::now();
        assert_eq!(
            script("sleep 600 & wait", "").await,
            Err("sh took longer than 10 s".to_owned())
        );
        assert_eq!(began.elapsed(), Duration::from_secs(10));
    }
}
