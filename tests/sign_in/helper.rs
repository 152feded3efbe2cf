//! A credential's program does not outlive who started it.

use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use super::support::pty::Pty;
use super::support::run::Folder;

/// A configuration whose program starts another one and waits for it, and the file that names that one.
fn hanging_helper(folder: &Folder) -> (String, std::path::PathBuf) {
    let file = folder.join("started");
    let shown = file.display();
    let script = format!("sleep 600 & echo $! > {shown}.new; mv {shown}.new {shown}; wait");
    let config = format!("[profiles.a]\ncredential_process = [\"/bin/sh\", \"-c\", '''{script}''']\n");
    (folder.write("config.toml", &config), file)
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::yield_now();
    }
}

/// Whether a process runs; one that ended and was not asked for does not.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

#[test]
fn what_a_credentials_program_started_ends_with_the_dashboard() {
    for ending in ["q", "TERM", "HUP"] {
        let folder = Folder::new("helper");
        let (config, started) = hanging_helper(&folder);
        let flags = [
            "--config",
            &config,
            "--profile",
            "a",
            "--endpoint",
            "http://127.0.0.1:9",
            "--project-id",
            "p",
        ];
        let mut pty = Pty::start(80, 24, &flags, &[("HOME", folder.path())]);
        wait_until("the program starts", || started.exists());
        let pid = std::fs::read_to_string(&started).unwrap();
        assert!(runs(&pid));
        if ending == "q" {
            pty.quit();
        } else {
            pty.signal(ending);
        }
        drop(pty.ended());
        wait_until(&format!("{pid} ends with {ending}"), || !runs(&pid));
    }
}

#[test]
fn what_a_credentials_program_started_ends_with_the_doctor() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let folder = Folder::new("helper-of-doctor");
        let (config, started) = hanging_helper(&folder);
        let mut doctor = Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .args(["doctor", "--config", &config, "--profile", "a"])
            .args(["--endpoint", "http://127.0.0.1:9", "--project-id", "p"])
            .env_clear()
            .env("HOME", folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("the program starts", || started.exists());
        let pid = std::fs::read_to_string(&started).unwrap();
        let id = doctor.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(doctor.wait().unwrap().code(), Some(code));
        wait_until(&format!("{pid} ends with {signal}"), || !runs(&pid));
    }
}
