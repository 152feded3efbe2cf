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

/// The most bytes of a frame after the selection moved by one row, on average: the rows with their marks and bars, the counts,
/// and the detail beside them.
const MOST: usize = 900;
/// The most bytes where the detail shows a pod of another kind, and so nearly all of its lines change.
const MOST_OF_ANOTHER_KIND: usize = 1300;

#[tokio::test]
#[expect(clippy::print_stdout, reason = "it prints what it measured")]
async fn a_move_by_one_row_is_written_in_few_bytes() {
    let mut model = loaded_model(Size::new(200, 60)).await;
    let wire = Wire::default();
    let mut screen = Display::new(wire.clone());
    render::draw(&mut screen, &model, &coloured()).unwrap();
    let mut frames = Vec::new();
    for key in "jjjjjjjjjjkkkkk".split("").filter(|key| !key.is_empty()) {
        wire.0.take();
        press(&mut model, key);
        render::draw(&mut screen, &model, &coloured()).unwrap();
        frames.push(wire.0.take().len());
    }
    println!("bytes of frames after a move: {frames:?}");
    let average = frames.iter().sum::<usize>() / frames.len();
    assert!((1..=MOST).contains(&average), "{average} bytes: {frames:?}");
    assert!(
        frames.iter().all(|bytes| *bytes <= MOST_OF_ANOTHER_KIND),
        "{frames:?}"
    );
}
