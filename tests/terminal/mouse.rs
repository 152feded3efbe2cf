//! M1: the mouse, as a terminal reports it.

use crate::subject::{START, Subject};
use crate::support::program::Program;
use crate::support::pty::Pty;

/// What a terminal sends: the button with its modifiers, the cell from 1, and whether it was let go.
fn report(button: u16, (column, row): (u16, u16), is_up: bool) -> String {
    format!("\x1b[<{button};{column};{row}{}", if is_up { 'm' } else { 'M' })
}

const LEFT: u16 = 0;
const RIGHT: u16 = 2;
const DRAG: u16 = 32;
const WHEEL_DOWN: u16 = 65;
const SHIFT: u16 = 4;
/// The modes that have a terminal report the mouse.
const MODES: [&str; 3] = ["\x1b[?1000h", "\x1b[?1002h", "\x1b[?1006h"];

fn started<'a>(name: &str, flags: &[&str]) -> (Subject<'a>, Pty) {
    let subject = Subject::new(Program::Ours, name).size((120, 24)).flags(flags);
    let pty = subject.start();
    pty.comes_text(START, "FRESH").unwrap();
    pty.shows("row 1 of 310");
    (subject, pty)
}

fn click(pty: &mut Pty, at: (u16, u16)) {
    pty.keys(&format!("{}{}", report(LEFT, at, false), report(LEFT, at, true)));
}

/// The cell of the first of these words on the screen, from 1.
fn cell_of(pty: &Pty, word: &str) -> (u16, u16) {
    let screen = pty.with_screen(vt100::Screen::contents);
    let found = screen.lines().enumerate().find_map(|(row, line)| {
        let before = line.split_once(word)?.0.chars().count();
        Some((
            u16::try_from(before).unwrap() + 1,
            u16::try_from(row).unwrap() + 1,
        ))
    });
    found.unwrap_or_else(|| panic!("{word} in {screen}"))
}

#[test]
fn m1_the_mouse_selects_opens_sorts_and_switches() {
    let (_subject, mut pty) = started("mouse", &[]);
    let (_, heading) = cell_of(&pty, "RISK▼");
    // Two notches of the wheel are six rows.
    pty.keys(&report(WHEEL_DOWN, (20, 10), false).repeat(2));
    pty.shows("row 7 of 310");
    click(&mut pty, (20, heading + 2));
    pty.shows("row 2 of 310");
    let at = (20, heading + 4);
    click(&mut pty, at);
    click(&mut pty, at);
    pty.until("the detail", |screen| {
        screen.contains("Why") && !screen.contains("RISK▼")
    });
    pty.keys("\x1b");
    pty.until("the table", |screen| {
        screen.contains("RISK▼") && !screen.contains("Why 3")
    });
    let name = cell_of(&pty, "NAMESPACE");
    click(&mut pty, name);
    pty.shows("NAMESPACE△");
    click(&mut pty, name);
    pty.shows("NAMESPACE▼");
    pty.keys(&report(RIGHT, (20, heading + 3), false));
    pty.shows("kubectl line");
    pty.keys("\x1b");
    pty.until("no menu", |screen| !screen.contains("kubectl line"));
    let tab = cell_of(&pty, "Overview");
    click(&mut pty, tab);
    pty.shows("1 cell = 1 namespace");
    let tab = cell_of(&pty, "Health");
    click(&mut pty, tab);
    pty.shows("Next call");
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

#[test]
fn m1_the_thumb_of_the_scroll_bar_follows_the_mouse() {
    let (_subject, mut pty) = started("mouse-bar", &[]);
    let (_, heading) = cell_of(&pty, "RISK▼");
    let (bar, top) = (120, heading + 1);
    // The sign of the bar in this row of the screen.
    let thumb_at = |row: u16| {
        move |screen: &str| {
            let line = screen.lines().nth(usize::from(row) - 1).unwrap_or_default();
            line.ends_with(['┃', '┫'])
        }
    };
    pty.until("the thumb at the top", thumb_at(top));
    pty.keys(&report(LEFT, (bar, top), false));
    pty.keys(&report(LEFT + DRAG, (bar, top + 8), false));
    pty.until("the thumb under the pointer", |screen| {
        thumb_at(top + 8)(screen) && !thumb_at(top)(screen) && !screen.contains(" row 1 of 310")
    });
    // The pointer may leave the bar, and the ends of the bar are the ends of the list.
    pty.keys(&report(LEFT + DRAG, (40, 24), false));
    pty.shows("row 29");
    pty.keys(&report(LEFT + DRAG, (40, 1), false));
    pty.until("the first rows", thumb_at(top));
    // Once it is let go, the mouse moves nothing.
    pty.keys(&report(LEFT, (40, 1), true));
    pty.keys(&report(LEFT + DRAG, (bar, top + 8), false));
    pty.keys("g");
    pty.until("the first row", |screen| {
        screen.contains("row 1 of 310") && thumb_at(top)(screen)
    });
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

#[test]
fn m1_with_shift_or_without_leave_the_mouse_is_the_terminals() {
    let (_subject, mut pty) = started("mouse-shift", &[]);
    pty.keys(&report(LEFT + SHIFT, (20, 10), false));
    pty.keys(&report(WHEEL_DOWN + SHIFT, (20, 10), false));
    pty.keys("j");
    pty.shows("row 2 of 310");
    let written = String::from_utf8_lossy(&pty.written()).into_owned();
    assert!(
        MODES.iter().any(|mode| written.contains(mode)),
        "the mouse is asked for"
    );
    pty.quit();
    assert_eq!(pty.ended().0, 0);

    let (_subject, mut pty) = started("mouse-none", &["--no-mouse"]);
    pty.keys(&report(WHEEL_DOWN, (20, 10), false));
    pty.keys("j");
    pty.shows("row 2 of 310");
    pty.quit();
    let (code, raw, _) = pty.ended();
    let written = String::from_utf8_lossy(&raw);
    assert!(code == 0 && !MODES.iter().any(|mode| written.contains(mode)));
}
