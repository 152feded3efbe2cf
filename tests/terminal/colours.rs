//! T23: what the terminal answers about its colours: at once, late, in pieces, never, or nonsense; and a scheme that changes.

use std::time::Duration;

use crate::subject::Subject;
use crate::support::mishap::pass;
use crate::support::program::Program;
use crate::support::pty::{Ending, Pty};

const QUESTION: &[u8] = b"\x1b]11;?\x07";
const LIGHT: &str = "\x1b]11;rgb:ffff/ffff/ffff\x07";
const DARK: &str = "\x1b]11;rgb:0000/2b2b/3636\x1b\\";

fn subject(name: &str) -> Subject<'static> {
    Subject::new(Program::Ours, &format!("colours-{name}"))
        .size((120, 40))
        .variable("COLORTERM", "truecolor")
}

fn count(pty: &Pty, wanted: &[u8]) -> usize {
    pty.raw().windows(wanted.len()).filter(|it| *it == wanted).count()
}

/// Waits until the background was requested more than this many times.
fn asks(pty: &Pty, before: usize) {
    for _ in 0..400 {
        if count(pty, QUESTION) > before {
            return;
        }
        pass(Duration::from_millis(50));
    }
    panic!("not asked for more than {before} times");
}

/// The colour of a heading of the table.
fn colour(pty: &Pty) -> vt100::Color {
    pty.with_screen(|screen| {
        let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
        let row = screen.rows(0, columns).position(|row| row.contains("RISK"));
        let row = u16::try_from(row.unwrap_or_default()).unwrap().min(rows - 1);
        let cell = |column| screen.cell(row, column);
        let found = (0..columns).filter_map(cell).find(|cell| cell.contents() == "N");
        found.map_or(vt100::Color::Default, vt100::Cell::fgcolor)
    })
}

/// Waits until the heading is in a colour that fulfils `condition`.
fn coloured(pty: &Pty, what: &str, condition: impl Fn(vt100::Color) -> bool) {
    for _ in 0..400 {
        if condition(colour(pty)) {
            return;
        }
        pass(Duration::from_millis(50));
    }
    panic!("{what}: {:?}", colour(pty));
}

/// Whether a colour was chosen for a light background: it is a dark one.
fn is_for_light(colour: vt100::Color) -> bool {
    matches!(colour, vt100::Color::Rgb(red, green, blue) if u16::from(red) + u16::from(green) + u16::from(blue) < 384)
}

fn is_for_dark(colour: vt100::Color) -> bool {
    matches!(colour, vt100::Color::Rgb(..)) && !is_for_light(colour)
}

fn is_of_sixteen(colour: vt100::Color) -> bool {
    matches!(colour, vt100::Color::Idx(0..16))
}

fn leaves(mut pty: Pty) {
    pty.keys("\x03");
    let (code, _) = pty.ends(Duration::from_secs(5)).unwrap();
    assert_eq!((code, pty.state()), (Ok(0), Ending::CLEAN));
    let (on, off) = (b"\x1b[?2031h", b"\x1b[?2031l");
    let raw = pty.raw();
    let last = |wanted: &[u8]| raw.windows(wanted.len()).rposition(|it| it == wanted);
    assert!(last(off) > last(on), "reports of the scheme are off at the end");
}

#[test]
fn t23_an_answer_chooses_the_theme_at_once_or_late_and_whole_or_in_pieces() {
    for (name, answer, is_right) in [
        ("light", LIGHT, is_for_light as fn(vt100::Color) -> bool),
        ("dark", DARK, is_for_dark),
    ] {
        let mut pty = subject(name).start();
        asks(&pty, 0);
        pty.keys(answer);
        pty.shows("FRESH");
        coloured(&pty, name, is_right);
        leaves(pty);
    }
    let mut pty = subject("late").start_ready().unwrap();
    coloured(&pty, "before the answer", is_of_sixteen);
    let (first, second) = LIGHT.split_at(12);
    pty.keys(first);
    pass(Duration::from_millis(400));
    pty.keys(second);
    coloured(&pty, "in pieces", is_for_light);
    assert!(!pty.shows("FRESH").contains("ffff"), "no part of it is a key");
    leaves(pty);
}

#[test]
fn t23_without_an_answer_or_with_nonsense_the_screen_stays_as_it_is_and_keys_work() {
    let mut pty = subject("never").start_ready().unwrap();
    pty.keys("\x1b]11;rgb:zz/zz/zz\x07\x1b]11;\x07\x1b[?997;9n\x1b]11;rgb:ff/ff/ff/ff/ff\x07");
    pty.keys("?");
    pty.shows("Keys of");
    pty.keys("\x1b");
    coloured(&pty, "nonsense", is_of_sixteen);
    leaves(pty);
}

#[test]
fn t23_a_scheme_that_changes_is_followed_and_its_background_asked_for() {
    let mut pty = subject("switch").start_ready().unwrap();
    pty.keys("\x1b[?997;1n");
    pty.keys(DARK);
    coloured(&pty, "dark", is_for_dark);
    let asked = count(&pty, QUESTION);
    pty.keys("\x1b[?997;2n");
    coloured(&pty, "light by its scheme", is_for_light);
    asks(&pty, asked);
    pty.keys(LIGHT);
    pty.keys("\x1b[?997;1n");
    pty.keys(DARK);
    coloured(&pty, "dark again", is_for_dark);
    // Other colours of the same kind, as kitty and VTE report them.
    let asked = count(&pty, QUESTION);
    pty.keys("\x1b[?997;1n");
    asks(&pty, asked);
    leaves(pty);
}

#[test]
fn t23_a_background_from_before_the_change_does_not_win() {
    let mut pty = subject("stale").start_ready().unwrap();
    pty.keys(DARK);
    coloured(&pty, "dark", is_for_dark);
    let asked = count(&pty, QUESTION);
    pty.keys("\x1b[?997;2n");
    asks(&pty, asked);
    // As tmux 3.8 answers until its own terminal has told it the new one.
    pty.keys(DARK);
    asks(&pty, asked + 1);
    coloured(&pty, "light by its scheme", is_for_light);
    pty.keys(LIGHT);
    coloured(&pty, "light", is_for_light);
    leaves(pty);
}

#[test]
fn t23_nothing_is_asked_where_the_answer_changes_nothing() {
    for (name, flags, variable) in [
        ("named", &["--theme", "dark"][..], ("LC_NAME", "C")),
        ("no-colour", &[], ("NO_COLOR", "1")),
        ("console", &[], ("TERM", "linux")),
    ] {
        let pty = subject(name).flags(flags).variable(variable.0, variable.1);
        let pty = pty.start_ready().unwrap();
        assert_eq!(count(&pty, QUESTION), 0, "{name}");
        assert_eq!(count(&pty, b"\x1b[?2031h"), 0, "{name}");
        leaves_quietly(pty);
    }
}

fn leaves_quietly(mut pty: Pty) {
    pty.keys("\x03");
    let (code, _) = pty.ends(Duration::from_secs(5)).unwrap();
    assert_eq!((code, pty.state()), (Ok(0), Ending::CLEAN));
}

#[test]
fn t23_a_theme_that_is_named_paints_every_cell() {
    let pty = subject("painted")
        .flags(&["--theme", "light"])
        .start_ready()
        .unwrap();
    let painted = vt100::Color::Rgb(0xfc, 0xfc, 0xfa);
    let all = pty.with_screen(|screen| {
        let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
        let mut cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        cells.all(|(row, column)| {
            let cell = screen.cell(row, column);
            cell.is_some_and(|cell| cell.bgcolor() != vt100::Color::Default)
        }) && screen.cell(0, 0).is_some_and(|cell| cell.bgcolor() == painted)
    });
    assert!(all);
    leaves_quietly(pty);
}
