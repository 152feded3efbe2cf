//! A frame is one write.

use std::io::{self, Write};

/// Ends a synchronized update: the last bytes of each whole frame.
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// Collects a frame and writes it at once: a flush in the middle of a frame waits for its end.
#[derive(Debug)]
pub struct WholeFrames<W> {
    out: W,
    frame: Vec<u8>,
}

impl<W: Write> WholeFrames<W> {
    /// Writes whole frames to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            frame: Vec::with_capacity(64 << 10),
        }
    }
}

impl<W: Write> Write for WholeFrames<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.frame.ends_with(FRAME_END) {
            return Ok(());
        }
        let result = self.out.write_all(&self.frame);
        self.frame.clear();
        result?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_written_once_and_whole() {
        struct Count(Vec<Vec<u8>>);
        impl Write for Count {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.push(bytes.to_vec());
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut frames = WholeFrames::new(Count(Vec::new()));
        for part in [&b"\x1b[?2026h"[..], b"pods", FRAME_END] {
            frames.write_all(part).unwrap();
            frames.flush().unwrap();
        }
        assert_eq!(frames.out.0, [b"\x1b[?2026hpods\x1b[?2026l".to_vec()]);
    }
}
