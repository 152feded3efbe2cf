//! The binary as a process whose lines are read while it runs.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use super::run::Folder;

/// How long a line may take to come.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running program; killed when dropped.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    said: Receiver<String>,
    _runtime: Folder,
}

impl Running {
    /// Starts it with these flags and variables.
    pub fn start(flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let (mut child, runtime) = spawn(flags, variables);
        let lines = lines_of(child.stdout.take().unwrap());
        let said = lines_of(child.stderr.take().unwrap());
        Self {
            child,
            lines,
            said,
            _runtime: runtime,
        }
    }

    /// The next line with its end, or what there is of it where the program was killed.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// The next line of stderr.
    pub fn said(&self) -> String {
        self.said.recv_timeout(PATIENCE).unwrap()
    }

    /// The next lines.
    pub fn lines(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.line()).collect()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Sends this signal, and waits for the end: exit code, the rest of stdout, the rest of stderr.
    pub fn end(mut self, signal: rustix::process::Signal) -> (Option<i32>, String, String) {
        self.signal(signal);
        self.ended()
    }

    /// Waits for the end: exit code, the rest of stdout, the rest of stderr.
    pub fn ended(&mut self) -> (Option<i32>, String, String) {
        let (out, err) = (self.lines.iter().collect(), self.said.iter().collect());
        (self.child.wait().unwrap().code(), out, err)
    }
}

fn lines_of(out: impl Read + Send + 'static) -> Receiver<String> {
    // More than any test reads: a full channel only holds up the program under test.
    let (lines_in, lines) = sync_channel(1 << 16);
    std::thread::spawn(move || {
        let mut out = BufReader::new(out);
        let mut line = String::new();
        while out.read_line(&mut line).is_ok_and(|length| length > 0) {
            if lines_in.send(std::mem::take(&mut line)).is_err() {
                return;
            }
        }
    });
    lines
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program whose output is left to the test.
pub struct Unread {
    child: Child,
    /// Its standard output.
    pub out: Option<ChildStdout>,
    _runtime: Folder,
}

impl Unread {
    pub fn start(flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let (mut child, runtime) = spawn(flags, variables);
        let out = child.stdout.take();
        Self {
            child,
            out,
            _runtime: runtime,
        }
    }

    /// Waits for the end: exit code and stderr.
    pub fn ended(self) -> (Option<i32>, String) {
        let ended = self.child.wait_with_output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    }
}

fn spawn(flags: &[&str], variables: &[(&str, &str)]) -> (Child, Folder) {
    let runtime = Folder::new("child-runtime");
    let child = Command::new(env!("CARGO_BIN_EXE_hss-top"))
        .args(flags)
        .env_clear()
        .env("XDG_RUNTIME_DIR", runtime.path())
        .env("HSS_TOP_METADATA_ENDPOINT", "off")
        .env("LANG", "C.UTF-8")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (child, runtime)
}
