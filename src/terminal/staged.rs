//! Runs parts of tests in a process and a terminal of their own, because they change the terminal, install
//! handlers, or end the process.
//!
//! A part is this test program again, with [`parts::part`] as its only test; see [`super::staged_parts`].

use std::fs;
use std::io::{Read as _, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The variables that name the part, and the file for its notes.
pub(super) const PART: &str = "HSS_TOP_TEST_PART";
pub(super) const NOTES: &str = "HSS_TOP_TEST_NOTES";
/// The name of the test that plays a part.
pub(super) const PLAYER: &str = "terminal::staged_parts::part";
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);
/// The size of the terminal.
pub(super) const COLUMNS: u16 = 60;
pub(super) const ROWS: u16 = 17;

/// What the part wrote to the terminal.
#[derive(Default)]
struct TerminalOutput {
    bytes: Vec<u8>,
    is_closed: bool,
}

/// A running part.
pub(super) struct Staged {
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    written: Arc<(Mutex<TerminalOutput>, Condvar)>,
    folder: TempDir,
}

impl Staged {
    pub(super) fn start(part: &str) -> Self {
        Self::start_in(part, (COLUMNS, ROWS)).read()
    }

    /// The same in a terminal of this size, whose output is not read yet. So it can be closed.
    pub(super) fn start_in(part: &str, (cols, rows): (u16, u16)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = PtySize {
            rows,
            cols,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(fs::read_link("/proc/self/exe").unwrap());
        command.args([PLAYER, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(PART, part);
        command.env(NOTES, folder.path().join("notes"));
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        Self {
            keyboard: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            child,
            written: Arc::default(),
            folder,
        }
    }

    /// Reads what it writes.
    pub(super) fn read(self) -> Self {
        let mut reader = self.master.as_ref().unwrap().try_clone_reader().unwrap();
        let writer = Arc::clone(&self.written);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                let count = reader.read(&mut bytes).unwrap_or(0);
                let mut written = writer.0.lock().unwrap();
                written.bytes.extend_from_slice(bytes.get(..count).unwrap());
                written.is_closed = count == 0;
                writer.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        self
    }

    /// Waits until the part has written this text.
    #[track_caller]
    pub(super) fn until(&self, text: &str) {
        self.until_all(|output| output.contains(text), text);
    }

    /// Waits until this holds for everything that the part has written.
    #[track_caller]
    pub(super) fn until_all(&self, is_there: impl Fn(&str) -> bool, what: &str) {
        self.wait_for(|written| is_there(&String::from_utf8_lossy(&written.bytes)), what);
    }

    #[track_caller]
    fn wait_for(&self, is_there: impl Fn(&TerminalOutput) -> bool, what: &str) {
        let written = self.written.0.lock().unwrap();
        let waited = self.written.1.wait_timeout_while(written, PATIENCE, |written| {
            !is_there(written) && !written.is_closed
        });
        let (written, _) = waited.unwrap();
        let text = String::from_utf8_lossy(&written.bytes);
        assert!(
            is_there(&written),
            "no {what:?} in {text:?}, notes: {:?}",
            self.notes()
        );
    }

    /// Everything that it wrote.
    pub(super) fn output(&self) -> String {
        String::from_utf8_lossy(&self.written.0.lock().unwrap().bytes).into_owned()
    }

    pub(super) fn keys(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    pub(super) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    pub(super) fn resize(&self, cols: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols,
            ..PtySize::default()
        };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Closes the terminal.
    pub(super) fn hang_up(&mut self) {
        (self.keyboard, self.master) = (None, None);
    }

    /// Whether the terminal edits lines, as a shell expects it.
    pub(super) fn edits_lines(&self) -> bool {
        let mode = self.master.as_ref().unwrap().get_termios().unwrap();
        format!("{:?}", mode.local_flags).contains("ICANON")
    }

    /// Waits until the kernel reports this state of the process, such as `T` for stopped.
    #[track_caller]
    pub(super) fn until_state(&self, state: char) {
        let path = format!("/proc/{}/stat", self.child.process_id().unwrap());
        let is_there = || {
            let stat = fs::read_to_string(&path).unwrap_or_default();
            stat.rsplit_once(") ")
                .is_some_and(|(_, rest)| rest.starts_with(state))
        };
        self.poll(is_there, "state");
    }

    /// Waits until the part has noted this.
    #[track_caller]
    pub(super) fn until_noted(&self, note: &str) {
        self.poll(|| self.notes().iter().any(|line| line == note), note);
    }

    #[track_caller]
    fn poll(&self, is_there: impl Fn() -> bool, what: &str) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while !is_there() {
            let is_late = tokio::time::Instant::now() > until;
            assert!(
                !is_late,
                "no {what} in {:?}; notes: {:?}",
                self.output(),
                self.notes()
            );
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// What the part has noted so far, line by line.
    pub(super) fn notes(&self) -> Vec<String> {
        let notes = fs::read_to_string(self.folder.path().join("notes")).unwrap_or_default();
        notes.lines().map(str::to_owned).collect()
    }

    /// Waits for the end of the process.
    #[track_caller]
    pub(super) fn ended(&mut self) -> ExitStatus {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            let is_late = tokio::time::Instant::now() > until;
            assert!(
                !is_late,
                "it runs on: {:?}; notes: {:?}",
                self.output(),
                self.notes()
            );
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
