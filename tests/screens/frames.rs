//! What a frame sends to the terminal.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use hss_top::terminal::Display;
use hss_top::views::render;
use ratatui::layout::Size;

use super::coloured;
use super::support::stage::{loaded_model, press};

/// Keeps what would go to the terminal.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<Vec<u8>>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The most bytes of a frame after the selection moved by one row, with the marks, bars and counts of a full row beside it.
const MOST: usize = 865;

#[tokio::test]
async fn a_move_by_one_row_is_written_in_few_bytes() {
    let mut model = loaded_model(Size::new(200, 60)).await;
    let wire = Wire::default();
    let mut screen = Display::new(wire.clone());
    render::draw(&mut screen, &model, &coloured()).unwrap();
    for key in ["j", "j", "k", "j"] {
        wire.0.take();
        press(&mut model, key);
        render::draw(&mut screen, &model, &coloured()).unwrap();
        let bytes = wire.0.take();
        assert!(bytes.len() <= MOST, "{} bytes", bytes.len());
    }
}
