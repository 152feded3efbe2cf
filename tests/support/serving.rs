//! `hss-top serve` as a process, and a client that sends exactly what a test wrote.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use super::run::Folder;

/// How long a test waits for what has to come.
const SOON: Duration = Duration::from_mins(1);

/// A running service; killed when dropped.
pub struct Serving {
    child: Child,
    errors: Option<BufReader<ChildStderr>>,
    pub address: SocketAddr,
    _runtime: Folder,
}

/// An answer.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answered {
    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.to_ascii_lowercase() == name).then_some(value.trim())
        })
    }

    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }
}

impl Serving {
    /// Starts it with these flags, and these variables and no others.
    pub fn start(flags: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_at("127.0.0.1:0", flags, variables)
    }

    /// The same at this address.
    pub fn start_at(listen: &str, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let runtime = Folder::new("serve-runtime");
        let mut child = Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .args(["serve", "--listen", listen])
            .args(flags)
            .env_clear()
            .env("XDG_RUNTIME_DIR", runtime.path())
            .env("HSS_TOP_METADATA_ENDPOINT", "off")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut lines = String::new();
        let address = loop {
            let mut line = String::new();
            let read = errors.read_line(&mut line).unwrap();
            lines.push_str(&line);
            assert!(read > 0, "it ended: {lines}");
            if let Some((_, address)) = line.trim().split_once("listening on http") {
                let address = address.trim_start_matches('s').trim_start_matches("://");
                break address.replace("0.0.0.0", "127.0.0.1").parse().unwrap();
            }
        };
        Self {
            child,
            errors: Some(errors),
            address,
            _runtime: runtime,
        }
    }

    /// One that keeps the pods of this server.
    pub fn of(url: &str, flags: &[&str]) -> Self {
        let all = [&["--endpoint", url, "--project-id", "p", "--no-state"], flags].concat();
        Self::start(&all, &[("HSS_TOP_TOKEN", "canary-t")])
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A new connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream
    }

    /// Sends these bytes; reads until the server closes.
    pub fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        String::from_utf8_lossy(&all).into_owned()
    }

    /// The answer to a request with these headers.
    pub fn ask(&self, method: &str, target: &str, headers: &str) -> Answered {
        let head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", self.address);
        let request = format!("{head}Connection: close\r\n{headers}\r\n");
        Answered::read(&self.send(request.as_bytes()))
    }

    /// The answer to a POST of this JSON with these other headers.
    pub fn post(&self, target: &str, body: &str, headers: &str) -> Answered {
        let length = body.len();
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.address
        );
        let kind = "Content-Type: application/json\r\n";
        let request = format!("{head}{kind}Content-Length: {length}\r\n{headers}\r\n{body}");
        Answered::read(&self.send(request.as_bytes()))
    }

    /// The answer to a plain GET.
    pub fn get(&self, target: &str) -> Answered {
        self.ask("GET", target, "")
    }

    /// Asks again and again until the answer is as wanted.
    pub fn until(&self, target: &str, is_it: impl Fn(&Answered) -> bool) -> Answered {
        let begun = Instant::now();
        loop {
            let answer = self.get(target);
            if is_it(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < SOON, "{target}: {answer:?}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Sends this signal.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end: exit code, and what else it said on stderr.
    pub fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        if let Some(mut errors) = self.errors.take() {
            errors.read_to_string(&mut said).unwrap();
        }
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
