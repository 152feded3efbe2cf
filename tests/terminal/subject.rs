//! The program under test, and what a case of it comes to.

use std::path::PathBuf;
use std::time::Duration;

use portable_pty::CommandBuilder;

use crate::support::mishap::pass;
use crate::support::program::Program;
use crate::support::pty::Pty;
use crate::support::run::Folder;

/// What was measured, or why the program fails the case.
pub type Verdict = Result<String, String>;

/// How long the program may take to come up. Not part of any case.
pub const START: Duration = Duration::from_secs(20);

/// The sizes that a case is run at.
pub const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];

/// hss-top passes.
pub fn passes(id: &str, case: impl FnOnce(Program) -> Verdict) {
    match case(Program::Ours) {
        Ok(measured) => println!("{id}: {measured}"),
        Err(why) => panic!("{id}: {why}"),
    }
}

/// hss-top passes one time out of three: for a limit on time that a busy machine may overrun by itself.
pub fn passes_in_three(id: &str, case: impl Fn(Program) -> Verdict) {
    let mut last = String::new();
    for _ in 0..3 {
        match case(Program::Ours) {
            Ok(measured) => return println!("{id}: {measured}"),
            Err(why) => last = why,
        }
        pass(Duration::from_millis(500));
    }
    panic!("{id}: {last}");
}

/// The naive twin does not: the case proves something.
pub fn twin_fails(id: &str, case: impl FnOnce(Program) -> Verdict) {
    match case(Program::Twin) {
        Ok(measured) => panic!("{id}: the naive twin passes: {measured}"),
        Err(why) => println!(
            "{id}: the naive twin fails: {}",
            why.lines().next().unwrap_or_default()
        ),
    }
}

/// The case goes on if this holds.
pub fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

pub fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// Where the pods come from.
#[derive(Debug, Clone, Copy)]
pub enum Pods<'a> {
    /// A small simulated fleet; to the naive twin, nowhere.
    Simulated,
    /// This server.
    Server(&'a str),
}

/// A way to start a program.
pub struct Subject<'a> {
    pub program: Program,
    pub pods: Pods<'a>,
    /// Flags of hss-top; the naive twin has none.
    pub flags: Vec<String>,
    pub variables: Vec<(&'a str, String)>,
    pub columns: u16,
    pub rows: u16,
    /// Where it runs and logs.
    pub folder: Folder,
}

impl<'a> Subject<'a> {
    /// A program at 80x24 with simulated pods. The name is of the folder it gets.
    pub fn new(program: Program, name: &str) -> Self {
        Self {
            program,
            pods: Pods::Simulated,
            flags: Vec::new(),
            variables: Vec::new(),
            columns: 80,
            rows: 24,
            folder: Folder::new(&format!("terminal-{name}-{program:?}")),
        }
    }

    pub fn size(mut self, (columns, rows): (u16, u16)) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    pub fn pods(mut self, pods: Pods<'a>) -> Self {
        self.pods = pods;
        self
    }

    pub fn flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(ToString::to_string));
        self
    }

    pub fn variable(mut self, name: &'a str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    pub fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The log; empty where there is none.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// What shows when it has come up.
    pub fn ready(&self) -> &'static str {
        match (self.program, self.pods) {
            (Program::Twin, Pods::Simulated) => "LOADING",
            _ => "FRESH",
        }
    }

    /// Program and flags, one a word.
    pub fn words(&self) -> Vec<String> {
        let mut words = vec![self.program.path().display().to_string()];
        if self.program == Program::Ours {
            let log = self.log_file().display().to_string();
            words.extend(["--log-file", log.as_str()].map(str::to_owned));
            let pods: &[&str] = match self.pods {
                // A case that has a folder for the state is about what is kept there.
                Pods::Simulated if self.variables.iter().any(|(name, _)| *name == "XDG_STATE_HOME") => {
                    &["--demo", "--pods", "300", "--serverless", "10"]
                }
                Pods::Simulated => &["--demo", "--no-state", "--pods", "300", "--serverless", "10"],
                Pods::Server(url) => &[
                    "--endpoint",
                    url,
                    "--project-id",
                    "p",
                    "--calls-per-minute",
                    "1000",
                ],
            };
            words.extend(pods.iter().map(ToString::to_string));
            words.extend(self.flags.iter().cloned());
        }
        words
    }

    /// Variables beside those that a terminal sets.
    pub fn environment(&self) -> Vec<(&'a str, String)> {
        let mut variables = self.variables.clone();
        variables.push(("HSS_TOP_TOKEN", "t".to_owned()));
        if let (Program::Twin, Pods::Server(url)) = (self.program, self.pods) {
            variables.push(("NAIVE_TWIN_URL", format!("{url}/v5/p/kubernetes/pods?limit=20")));
        }
        variables
    }

    /// Runs these words before those of the program, or none.
    pub fn launch(&self, before: &[&str], controls: bool) -> Pty {
        let words = before.iter().map(ToString::to_string).chain(self.words());
        let mut words = words;
        let mut command = CommandBuilder::new(words.next().unwrap_or_default());
        command.args(words);
        command.cwd(self.folder.dir());
        command.set_controlling_tty(controls);
        let mut variables = self.environment();
        if !before.is_empty() {
            variables.push(path());
        }
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Pty::launch(self.columns, self.rows, command, &variables)
    }

    /// Runs it.
    pub fn start(&self) -> Pty {
        self.launch(&[], true)
    }

    /// Runs it, and waits until it has come up.
    pub fn start_ready(&self) -> Result<Pty, String> {
        let pty = self.start();
        pty.comes_text(START, self.ready())?;
        Ok(pty)
    }
}

/// The variable by which a shell finds programs.
pub fn path() -> (&'static str, String) {
    ("PATH", std::env::var("PATH").unwrap_or_default())
}

/// Whether the log has a line of this level with this text; each line is a JSON object.
pub fn logged(subject: &Subject<'_>, text: &str) -> Result<(), String> {
    if subject.program == Program::Twin {
        return Ok(());
    }
    let log = subject.log();
    for line in log.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        let message = line
            .pointer("/fields/message")
            .and_then(|message| message.as_str());
        if message.is_some_and(|message| message.contains(text)) {
            return Ok(());
        }
    }
    Err(format!("no line {text:?} in the log:\n{log}"))
}
