//! `hss-top simulate` as a process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A running simulator; killed when dropped.
pub struct Simulate {
    child: Child,
    pub url: String,
}

impl Simulate {
    /// Starts it with these flags, and these variables beside ours.
    pub fn start(flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .arg("simulate")
            .args(flags)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url }
    }

    /// The flags of a program that asks for these pods each second, with this configuration file.
    pub fn watched_each_second<'a>(&'a self, config: &'a str) -> [&'a str; 10] {
        [
            "--endpoint",
            &self.url,
            "--project-id",
            "p-1",
            "--calls-per-minute",
            "1000",
            "--interval",
            "1s",
            "--config",
            config,
        ]
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.url.strip_prefix("http://").unwrap().to_owned()
    }
}

impl Drop for Simulate {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
