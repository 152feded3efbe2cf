//! A connection, byte by byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread::park_timeout;
use std::time::Duration;

use rustls::{ServerConnection, StreamOwned};

/// How often a head that is not whole yet is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A connection, in the clear or not.
pub enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Wire {
    pub fn stream(&mut self) -> &mut dyn ReadWrite {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.as_mut(),
        }
    }

    /// Reads a request's head; of a plain one, the last byte is left unread, so that closing now resets the connection.
    pub fn read_head(&mut self) -> std::io::Result<String> {
        let mut head = Vec::new();
        match self {
            Self::Plain(stream) => {
                let mut bytes = vec![0; 16 << 10];
                let end = loop {
                    let count = stream.peek(&mut bytes)?;
                    if count == 0 {
                        return Err(std::io::ErrorKind::UnexpectedEof.into());
                    }
                    let read = bytes.get(..count).unwrap_or_default();
                    if let Some(at) = read.windows(4).position(|it| it == b"\r\n\r\n") {
                        break at + 4;
                    }
                    park_timeout(LOOK_EVERY);
                };
                head.resize(end - 1, 0);
                stream.read_exact(&mut head)?;
                head.push(b'\n');
            }
            Self::Tls(stream) => {
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") {
                    stream.read_exact(&mut byte)?;
                    head.extend(byte);
                }
            }
        }
        Ok(String::from_utf8_lossy(&head).into_owned())
    }

    pub fn read_rest(&mut self, head: &str) -> std::io::Result<()> {
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        let unread = usize::from(matches!(self, Self::Plain(_)));
        let mut rest = vec![0; length.unwrap_or(0) + unread];
        self.stream().read_exact(&mut rest)
    }
}

pub trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

impl Wire {
    /// After a handshake that failed, the peer is to read why.
    pub fn linger_if_tls(&mut self) {
        if matches!(self, Self::Tls(_)) {
            self.linger();
        }
    }

    /// Ends the sending, and waits a little until the peer has read it: closed at once, it might be lost in a reset.
    pub fn linger(&mut self) {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &mut stream.sock,
        };
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
        while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
    }
}
