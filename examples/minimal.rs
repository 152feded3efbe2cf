//! The smallest terminal program of this kind: one frame, and then each key changes a number.
//! `benches/whole-process.sh` measures hss-top against it.

use std::io;

use crossterm::event::{Event, EventStream, KeyCode};
use futures_util::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

#[tokio::main]
async fn main() -> io::Result<()> {
    crossterm::terminal::enable_raw_mode()?;
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let mut events = EventStream::new();
    for number in 0.. {
        terminal.draw(|frame| frame.render_widget(format!("FRESH {number}"), frame.area()))?;
        if let Some(Ok(Event::Key(key))) = events.next().await
            && key.code == KeyCode::Char('q')
        {
            break;
        }
    }
    crossterm::terminal::disable_raw_mode()
}
