//! A program as a sink: the notice as JSON on its standard input.
//!
//! It runs without a shell, without a terminal, without our secrets in its environment, and for [`PATIENCE`] at most; what it
//! prints is not read, so that it can neither fill the memory nor reach the screen; only `alerts test` shows how it begins. It runs in a process group of its own, and
//! the group ends with it: see [`HelperGroup`]. An agent that should outlive it needs a session of its own.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::Access;
use rustix::io::Errno;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{ChildStderr, Command};
use tokio::time::timeout;

use crate::env;
use crate::files;
use crate::fleet::RemoteText;
use crate::hss::auth::chain::SECRET_VARIABLES;
use crate::hss::auth::process::{HelperGroup, PATIENCE};
use crate::secrets::values::shortened;

/// Where programs are looked for without a `PATH`.
const USUAL_FOLDERS: &str = "/bin:/usr/bin";
/// Characters of what a program says that are shown.
const MOST_SAID: usize = 200;
/// Bytes of it that are stored.
const MOST_HEARD: usize = 4 * MOST_SAID;
/// How long what a program wrote before its end may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// Bytes of a script that may be its first line, as for the kernel.
const FIRST_LINE: u64 = 256;

/// Tells a program that is configured at this file, line and key.
///
/// # Errors
/// Why the program did not accept the alert, as a sentence that names it and repeats none of its output.
pub(super) async fn tell(words: &[String], stated_at: Option<&str>, body: &str) -> Result<(), String> {
    let told = tell_program(words, body, None).await;
    told.map_err(|why| at(stated_at, &why))
}

/// The same for a person who tries it: also the beginning of what the program wrote to standard error, safe to show. Some
/// programs end well although they told nobody, and only say so there.
pub(super) async fn try_out(
    words: &[String],
    stated_at: Option<&str>,
    body: &str,
) -> (Result<(), String>, String) {
    let mut heard = Vec::new();
    let told = tell_program(words, body, Some(&mut heard)).await;
    let said = String::from_utf8_lossy(&heard);
    let said: String = said.trim().chars().take(MOST_SAID).collect();
    let said = RemoteText::message(&said).shown().to_owned();
    (told.map_err(|why| at(stated_at, &why)), said)
}

/// Reads what the program says up to its end; only the beginning is stored, so that it never waits for a reader.
async fn listen(errors: Option<ChildStderr>, heard: Option<&mut Vec<u8>>) {
    let (Some(mut errors), Some(heard)) = (errors, heard) else {
        return;
    };
    let mut piece = [0; 512];
    while let Ok(read @ 1..) = errors.read(&mut piece).await {
        if heard.len() < MOST_HEARD {
            heard.extend_from_slice(piece.get(..read).unwrap_or_default());
        }
    }
}

async fn tell_program(words: &[String], body: &str, heard: Option<&mut Vec<u8>>) -> Result<(), String> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("the rule names no program".to_owned());
    };
    let name = name(program);
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(match heard {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        })
        .process_group(0)
        .kill_on_drop(true);
    for variable in SECRET_VARIABLES {
        command.env_remove(variable);
    }
    let child = command.spawn().map_err(|error| {
        let missing = find(program, env::os("PATH").as_deref()).err();
        missing.unwrap_or_else(|| match error.raw_os_error() {
            Some(code) if code == Errno::NOEXEC.raw_os_error() => {
                format!("{name} is not a program; scripts begin with a line like #!/bin/sh")
            }
            _ => format!("{name}: {error}"),
        })
    })?;
    let mut group = HelperGroup::of(child);
    let errors = group.leader.stderr.take();
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
    let ended = {
        let mut hearing = pin!(listen(errors, heard));
        let both = async {
            let mut work = pin!(work);
            tokio::select! {
                ended = &mut work => {
                    // What it wrote before its end is there already; what it left running may hold the pipe open.
                    let _ = timeout(LAST_WORDS, &mut hearing).await;
                    ended
                }
                () = &mut hearing => work.await,
            }
        };
        timeout(PATIENCE, both).await
    };
    drop(group);
    match ended {
        Err(_) => Err(format!("{name} took longer than {} s", PATIENCE.as_secs())),
        Ok(Err(error)) => Err(format!("{name}: {error}")),
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("{name} ended with {status}")),
    }
}

/// Whether the program is there and can be run. Blocking.
///
/// # Errors
/// Why not, in the words of a delivery that fails for it.
pub(super) fn check(words: &[String], stated_at: Option<&str>) -> Result<(), String> {
    let Some(program) = words.first() else {
        return Ok(());
    };
    find(program, env::os("PATH").as_deref()).map_err(|why| at(stated_at, &why))
}

fn at(stated_at: Option<&str>, why: &str) -> String {
    stated_at.map_or_else(|| why.to_owned(), |place| format!("{place}: {why}"))
}

/// Looks for a program as the system does: by its path, or by its name in the folders of `PATH`.
fn find(program: &str, folders: Option<&OsStr>) -> Result<(), String> {
    let places: Vec<PathBuf> = if program.contains('/') {
        vec![program.into()]
    } else {
        let folders = folders.unwrap_or(OsStr::new(USUAL_FOLDERS)).as_bytes();
        let folders = folders.split(|byte| *byte == b':').map(OsStr::from_bytes);
        folders.map(|folder| Path::new(folder).join(program)).collect()
    };
    let there = places.iter().find(|place| place.is_file() && may_run(place));
    let shown = name(program);
    match there.map(|place| missing_interpreter(place)) {
        Some(None) => Ok(()),
        Some(Some(interpreter)) => Err(format!(
            "{shown} needs {interpreter}, which is missing; install it, or correct the first line of {shown}"
        )),
        None if places.iter().any(|place| place.exists()) => {
            Err(format!("{shown} cannot be run; make it executable"))
        }
        None => Err(format!(
            "there is no program {shown}; install it, or correct its path"
        )),
    }
}

fn may_run(path: &Path) -> bool {
    rustix::fs::access(path, Access::EXEC_OK).is_ok()
}

/// The program that a script names in its first line, if it is not there: the system then says that the script is missing.
fn missing_interpreter(script: &Path) -> Option<String> {
    let mut start = Vec::new();
    let file = files::open(script).ok()?;
    file.take(FIRST_LINE).read_to_end(&mut start).ok()?;
    let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let words = line.split(|byte| matches!(byte, b' ' | b'\t'));
    let interpreter = words.into_iter().find(|word| !word.is_empty())?;
    let is_there = Path::new(OsStr::from_bytes(interpreter)).exists();
    // An editor of Windows leaves a carriage return there, which nobody sees.
    let shown = String::from_utf8_lossy(interpreter).escape_debug().to_string();
    (!is_there).then_some(shown)
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
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    async fn script(text: &str, body: &str) -> Result<(), String> {
        let words = ["/bin/sh", "-c", text];
        tell(&words.map(str::to_owned), None, body).await
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
        for (program, why) in [
            (
                "/nonexistent/page",
                "there is no program page; install it, or correct its path",
            ),
            (
                "no-such-pager",
                "there is no program no-such-pager; install it, or correct its path",
            ),
            ("/etc/passwd", "passwd cannot be run; make it executable"),
            ("/etc", "etc cannot be run; make it executable"),
        ] {
            let words = [program.to_owned()];
            let why = format!("F line 2: alerts.command: {why}");
            let place = Some("F line 2: alerts.command");
            assert_eq!(tell(&words, place, "").await, Err(why.clone()));
            assert_eq!(check(&words, place), Err(why), "a check says the same");
        }
        assert!(tell(&[], None, "").await.is_err());
        assert_eq!(check(&["sh".to_owned()], None), Ok(()));
    }

    #[tokio::test]
    async fn a_script_whose_interpreter_is_missing_is_told_with_the_interpreter() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("page");
        let words = [script.display().to_string()];
        for (line, why) in [
            (
                "#!/nonexistent/python3 -u\n",
                "page needs /nonexistent/python3, which is missing; install it, or correct the first line of page",
            ),
            (
                "#! /bin/sh\r\n",
                "page needs /bin/sh\\r, which is missing; install it, or correct the first line of page",
            ),
        ] {
            std::fs::write(&script, line).unwrap();
            std::fs::set_permissions(&script, Permissions::from_mode(0o700)).unwrap();
            assert_eq!(check(&words, None), Err(why.to_owned()));
            assert_eq!(tell(&words, None, "").await, Err(why.to_owned()));
        }
    }

    #[tokio::test]
    async fn who_tries_a_program_hears_how_its_errors_begin() {
        let tried = async |text: &str| {
            let words = ["/bin/sh", "-c", text].map(str::to_owned);
            try_out(&words, None, "{}").await
        };
        assert_eq!(tried("echo out").await, (Ok(()), String::new()));
        let (told, said) = tried("printf 'dropped \\033[2Jone\\n' >&2").await;
        assert_eq!((told, said.as_str()), (Ok(()), "dropped \\u{1b}[2Jone"));
        // More than a pipe holds does not keep it waiting, and nobody sees all of it.
        let (told, said) = tried("head -c 300000 /dev/zero | tr '\\0' e >&2; exit 4").await;
        assert_eq!(told, Err("sh ended with exit status: 4".to_owned()));
        assert_eq!(said.chars().count(), MOST_SAID);
        // What it leaves running does not delay the answer.
        let (told, said) = tried("echo soon >&2; setsid sleep 20 >/dev/null & exit 0").await;
        assert_eq!((told, said.as_str()), (Ok(()), "soon"));
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
