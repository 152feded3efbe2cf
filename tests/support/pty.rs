//! The program in a pseudo-terminal, with vt100 as the oracle of what the screen shows.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::program::Program;
use super::run::Folder;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the program wrote, and whether anybody reads it.
pub(super) struct Seen {
    pub(super) screen: vt100::Parser,
    pub(super) raw: Vec<u8>,
    pub(super) closed: bool,
    /// Nobody reads for now.
    pub(super) stalled: bool,
    /// Whoever reads lags behind by this much.
    pub(super) lag: Duration,
    /// Whoever reads goes away for good.
    pub(super) leaving: bool,
}

/// Rows or columns of a terminal, which has at least one of each.
pub fn cells(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

/// A running program.
pub struct Pty {
    pub(super) master: Box<dyn MasterPty + Send>,
    pub(super) keyboard: Box<dyn Write + Send>,
    pub(super) child: Box<dyn Child + Send + Sync>,
    pub(super) seen: Arc<(Mutex<Seen>, Condvar)>,
    pub(super) termios_before: String,
    /// The key that ends the program, whatever is open.
    quits_by: &'static str,
    /// Where it counts its calls, unless the test names a folder: nobody else's are counted with them.
    _runtime: Folder,
}

pub(super) fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        cols: columns,
        rows,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Pty {
    /// Runs hss-top with these flags, and these variables and no others but what a terminal sets.
    pub fn start(columns: u16, rows: u16, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_program(Program::Ours, columns, rows, flags, variables)
    }

    /// The same with another program.
    pub fn start_program(
        program: Program,
        columns: u16,
        rows: u16,
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = CommandBuilder::new(program.path());
        command.args(flags);
        let mut pty = Self::launch(columns, rows, command, variables);
        if program == Program::Twin {
            pty.quits_by = "q";
        }
        pty
    }

    /// The same with any command.
    pub fn launch(columns: u16, rows: u16, mut command: CommandBuilder, variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("HSS_TOP_METADATA_ENDPOINT", "off");
        // The lists of most tests have a date that does not move.
        command.env("HSS_TOP_LIST_OLD_AFTER", "100years");
        let runtime = Folder::new("runtime");
        command.env("XDG_RUNTIME_DIR", runtime.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        let termios_before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        let seen = Seen {
            screen: parser,
            raw: Vec::new(),
            closed: false,
            stalled: false,
            lag: Duration::ZERO,
            leaving: false,
        };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let mut output = pair.master.try_clone_reader().unwrap();
        let writer = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            let mut count = 0;
            loop {
                let seen = writer.0.lock().unwrap();
                let seen = writer.1.wait_while(seen, |seen| seen.stalled).unwrap();
                if seen.leaving {
                    return;
                }
                drop(seen);
                // One that lags comes late to what is there, and then reads all of it, which takes several reads. What it
                // read first of that it shows first.
                let is_first = count < 1024;
                count = output.read(&mut bytes).unwrap_or(0);
                let lag = writer.0.lock().unwrap().lag;
                if is_first {
                    std::thread::park_timeout(lag);
                }
                let mut seen = writer.0.lock().unwrap();
                let read = bytes.get(..count).unwrap();
                seen.screen.process(read);
                seen.raw.extend_from_slice(read);
                seen.closed = count == 0;
                writer.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Self {
            master: pair.master,
            keyboard,
            child,
            seen,
            termios_before,
            quits_by: "\x03",
            _runtime: runtime,
        }
    }

    /// Types text; `\r` is Enter, `\x1b` Esc.
    pub fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Ends the program, whatever is open.
    pub fn quit(&mut self) {
        self.keys(self.quits_by);
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.seen
            .0
            .lock()
            .unwrap()
            .screen
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Waits until the screen fulfils `condition`; answers it.
    pub fn until(&self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let (seen, news) = (self.seen.0.lock().unwrap(), &self.seen.1);
        let (seen, _) = news
            .wait_timeout_while(seen, PATIENCE, |seen| {
                !condition(&seen.screen.screen().contents()) && !seen.closed
            })
            .unwrap();
        let screen = seen.screen.screen().contents();
        assert!(condition(&screen), "{what} did not show; the screen:\n{screen}");
        screen
    }

    /// Waits until what was written so far meets the condition: bells and titles come behind the frame.
    pub fn writes(&self, what: &str, condition: impl Fn(&[u8]) -> bool) {
        let (seen, news) = (self.seen.0.lock().unwrap(), &self.seen.1);
        let unmet = |seen: &mut Seen| !condition(&seen.raw) && !seen.closed;
        let (seen, _) = news.wait_timeout_while(seen, PATIENCE, unmet).unwrap();
        assert!(condition(&seen.raw), "{what} was not written");
    }

    /// Waits until the screen shows `text`.
    pub fn shows(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    /// Looks at the screen, cell by cell.
    pub fn with_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen.0.lock().unwrap().screen.screen())
    }

    /// Types, and waits until a frame that began after that is on the screen.
    pub fn draws_after(&mut self, keys: &str) {
        const END: &[u8] = b"\x1b[?2026l";
        let before = self.seen.0.lock().unwrap().raw.len();
        self.keys(keys);
        let (seen, news) = (self.seen.0.lock().unwrap(), &self.seen.1);
        let (_seen, timeout) = news
            .wait_timeout_while(seen, PATIENCE, |seen| {
                !(seen.closed || seen.raw.len() > before && seen.raw.ends_with(END))
            })
            .unwrap();
        assert!(!timeout.timed_out(), "nothing was drawn after {keys:?}");
    }

    /// Waits at most so long until the screen fulfils `condition`; answers it, or as the error what shows instead.
    pub fn within(&self, patience: Duration, condition: impl Fn(&str) -> bool) -> Result<String, String> {
        let (seen, news) = (self.seen.0.lock().unwrap(), &self.seen.1);
        let unmet = |seen: &mut Seen| !condition(&seen.screen.screen().contents()) && !seen.closed;
        let (seen, _) = news.wait_timeout_while(seen, patience, unmet).unwrap();
        let screen = seen.screen.screen().contents();
        if condition(&screen) {
            Ok(screen)
        } else {
            Err(screen)
        }
    }

    /// All that was written so far.
    pub fn written(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        assert!(
            std::process::Command::new("kill")
                .args(["-s", name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for the end; answers exit code and all that was written.
    pub fn ended(mut self) -> (u32, Vec<u8>, Ending) {
        let (seen, news) = (self.seen.0.lock().unwrap(), &self.seen.1);
        let (seen, timeout) = news
            .wait_timeout_while(seen, PATIENCE, |seen| !seen.closed)
            .unwrap();
        assert!(
            !timeout.timed_out(),
            "still running:\n{}",
            seen.screen.screen().contents()
        );
        let ending = Ending {
            alternate_screen: seen.screen.screen().alternate_screen(),
            cursor_hidden: seen.screen.screen().hide_cursor(),
            bracketed_paste: seen.screen.screen().bracketed_paste(),
            mouse_reports: seen.screen.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None,
            termios_restored: format!("{:?}", self.master.get_termios()) == self.termios_before,
        };
        let raw = seen.raw.clone();
        drop(seen);
        (self.child.wait().unwrap().exit_code(), raw, ending)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// The terminal after the end.
#[expect(clippy::struct_excessive_bools, reason = "five facts of a terminal")]
#[derive(Debug, PartialEq, Eq)]
pub struct Ending {
    pub alternate_screen: bool,
    pub cursor_hidden: bool,
    pub bracketed_paste: bool,
    pub mouse_reports: bool,
    pub termios_restored: bool,
}

impl Ending {
    /// A terminal as the shell left it.
    pub const CLEAN: Self = Self {
        alternate_screen: false,
        cursor_hidden: false,
        bracketed_paste: false,
        mouse_reports: false,
        termios_restored: true,
    };
}
