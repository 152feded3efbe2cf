//! What can happen to a terminal, and what can be seen of it without an assertion: a case is to say why it fails.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::termios::{Action, tcflow};
use tokio::time::Instant;

use super::measure::Meter;
use super::pty::{Ending, Pty, size};

/// How often something is looked for that tells nobody of its coming.
const LOOK: Duration = Duration::from_millis(2);

/// Looks until `look` sees something; answers it and how long that took.
pub fn watch_for<T>(
    limit: Duration,
    what: &str,
    mut look: impl FnMut() -> Option<T>,
) -> Result<(T, Duration), String> {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return Ok((seen, start.elapsed()));
        }
        if start.elapsed() > limit {
            return Err(format!("{what}: not within {limit:?}"));
        }
        thread::park_timeout(LOOK);
    }
}

/// Lets time pass that is part of the case: how long a terminal is stalled, for one.
pub fn pass(time: Duration) {
    let start = Instant::now();
    while let Some(rest) = time.checked_sub(start.elapsed()) {
        thread::park_timeout(rest);
    }
}

/// The process that `parent` started, if it runs `name`.
pub fn child_of(parent: u32, name: &str) -> Option<u32> {
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let (head, tail) = stat.rsplit_once(") ")?;
        // The kernel keeps 15 characters of a name.
        let named = head.split_once('(')?.1 == name.get(..15).unwrap_or(name);
        let of = tail.split(' ').nth(1)?.parse() == Ok(parent);
        (named && of).then_some(pid)
    })
}

/// Sends a signal by name to a process.
pub fn signal(pid: u32, name: &str) -> Result<(), String> {
    let status = std::process::Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .status()
        .map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("no process {pid} to send {name}"))
    }
}

impl Pty {
    /// Waits until the screen fulfils `condition`; answers how long that took.
    pub fn comes(
        &self,
        limit: Duration,
        what: &str,
        condition: impl Fn(&vt100::Screen) -> bool,
    ) -> Result<Duration, String> {
        let start = Instant::now();
        let (seen, news) = (self.seen.0.lock().unwrap(), &self.seen.1);
        let (seen, _) = news
            .wait_timeout_while(seen, limit, |seen| {
                !condition(seen.screen.screen()) && !seen.closed
            })
            .unwrap();
        if condition(seen.screen.screen()) {
            Ok(start.elapsed())
        } else {
            let screen = seen.screen.screen().contents();
            Err(format!("{what}: not within {limit:?}; the screen:\n{screen}"))
        }
    }

    /// Waits until the screen shows `text`.
    pub fn comes_text(&self, limit: Duration, text: &str) -> Result<Duration, String> {
        self.comes(limit, text, |screen| screen.contents().contains(text))
    }

    /// What a look at the screen sees.
    pub fn look<T>(&self, look: impl Fn(&vt100::Screen) -> T) -> T {
        look(self.seen.0.lock().unwrap().screen.screen())
    }

    /// The screen as it is.
    pub fn screen(&self) -> String {
        self.seen.0.lock().unwrap().screen.screen().contents()
    }

    /// All that was written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// How much was written so far.
    pub fn bytes_written(&self) -> usize {
        self.seen.0.lock().unwrap().raw.len()
    }

    /// Nobody reads what the program writes, from now on or no more.
    pub fn stall(&self, stalled: bool) {
        self.seen.0.lock().unwrap().stalled = stalled;
        self.seen.1.notify_all();
    }

    /// The terminal as another program has it open.
    pub fn held_open(&self) -> std::os::fd::OwnedFd {
        let name = self.master.tty_name().unwrap();
        rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap()
    }

    /// The terminal reads what the program writes this late from now on.
    pub fn lag(&self, time: Duration) {
        self.seen.0.lock().unwrap().lag = time;
    }

    /// The terminal stops or starts output, as Ctrl-S and Ctrl-Q do where they are no keys.
    pub fn flow(&self, action: Action) {
        tcflow(self.held_open(), action).unwrap();
    }

    /// Tells the program a size that the oracle does not take part in: none, or one of a storm.
    pub fn resize_only(&self, columns: u16, rows: u16) {
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Types bytes; blocks while the program does not read them.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).unwrap();
    }

    /// The terminal as it is.
    pub fn state(&self) -> Ending {
        let seen = self.seen.0.lock().unwrap();
        let screen = seen.screen.screen();
        Ending {
            alternate_screen: screen.alternate_screen(),
            cursor_hidden: screen.hide_cursor(),
            bracketed_paste: screen.bracketed_paste(),
            mouse_reports: screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None,
            termios_restored: format!("{:?}", self.master.get_termios()) == self.termios_before,
        }
    }

    /// Waits for the program's end: its exit code, or the signal that killed it, and how long that took.
    pub fn ends(&mut self, limit: Duration) -> Result<(Result<u32, String>, Duration), String> {
        let end = self.ends_unread(limit)?;
        // What it wrote last may still be under way.
        let (seen, news) = (self.seen.0.lock().unwrap(), &self.seen.1);
        drop(news.wait_timeout_while(seen, limit, |seen| !seen.closed));
        Ok(end)
    }

    /// The same where nobody reads.
    pub fn ends_unread(&mut self, limit: Duration) -> Result<(Result<u32, String>, Duration), String> {
        let child = &mut self.child;
        let (status, time) = watch_for(limit, "the end", || child.try_wait().unwrap())?;
        let code = match status.signal() {
            Some(signal) => Err(format!("killed: {signal}")),
            None => Ok(status.exit_code()),
        };
        Ok((code, time))
    }

    /// Closes the terminal. Answers what is left: the program.
    pub fn hang_up(mut self) -> Orphan {
        self.seen.0.lock().unwrap().leaving = true;
        self.seen.1.notify_all();
        // The reader waits for bytes: a new size brings some.
        let mut columns = 80;
        while Arc::strong_count(&self.seen) > 1 {
            self.resize_only(columns, 24);
            columns = 160 - columns + 1;
            thread::park_timeout(Duration::from_millis(20));
        }
        let pid = self.pid();
        let child = std::mem::replace(&mut self.child, Box::new(Gone));
        drop(self);
        Orphan { pid, child }
    }
}

/// A program without its terminal; killed when dropped.
pub struct Orphan {
    pub pid: u32,
    child: Box<dyn portable_pty::Child + Send + Sync>,
}

impl Orphan {
    /// Waits for its end: exit code, how long it took, and the processor time until then.
    pub fn ends(&mut self, limit: Duration) -> Result<(u32, Duration, Duration), String> {
        let meter = Meter::of(self.pid);
        let (before, mut after) = (meter.cpu(), meter.cpu());
        let child = &mut self.child;
        let end = watch_for(limit, "the end", || {
            after = after.max(meter.cpu());
            child.try_wait().unwrap()
        });
        let cpu = after.saturating_sub(before);
        match end {
            Ok((status, time)) => Ok((status.exit_code(), time, cpu)),
            Err(why) => Err(format!("{why}, and {} ms of processor time", cpu.as_millis())),
        }
    }
}

impl Drop for Orphan {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Stands where a child was taken away.
#[derive(Debug)]
struct Gone;

impl portable_pty::ChildKiller for Gone {
    fn kill(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn clone_killer(&self) -> Box<dyn portable_pty::ChildKiller + Send + Sync> {
        Box::new(Self)
    }
}

impl portable_pty::Child for Gone {
    fn try_wait(&mut self) -> std::io::Result<Option<portable_pty::ExitStatus>> {
        self.wait().map(Some)
    }

    fn wait(&mut self) -> std::io::Result<portable_pty::ExitStatus> {
        Ok(portable_pty::ExitStatus::with_exit_code(0))
    }

    fn process_id(&self) -> Option<u32> {
        None
    }
}
