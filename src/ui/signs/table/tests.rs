use super::*;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar as _;

fn of_terminal(set: &[(&str, &str)]) -> SignSet {
    SignSet::of_terminal(&|name| {
        let found = set.iter().find(|(it, _)| *it == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn the_first_variable_of_the_locale_that_is_set_decides() {
    for (set, signs) in [
        (&[][..], SignSet::Ascii),
        (&[("LANG", "en_US.UTF-8")], SignSet::Utf8),
        (&[("LANG", "C.utf8")], SignSet::Utf8),
        (&[("LC_CTYPE", "UTF-8")], SignSet::Utf8),
        (&[("LANG", "de_DE.UTF-8@euro")], SignSet::Utf8),
        (&[("LANG", "C")], SignSet::Ascii),
        (&[("LANG", "zh_CN.GB18030")], SignSet::Ascii),
        (&[("LANG", "en_US")], SignSet::Ascii),
        (&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")], SignSet::Ascii),
        (&[("LC_ALL", ""), ("LANG", "en_US.UTF-8")], SignSet::Utf8),
        (&[("LC_CTYPE", "POSIX"), ("LANG", "en_US.UTF-8")], SignSet::Ascii),
        (&[("LC_ALL", "C.UTF-8"), ("LC_CTYPE", "C")], SignSet::Utf8),
        (&[("LANG", "C.UTF-8"), ("TERM", "linux")], SignSet::Console),
        (
            &[("LANG", "C.UTF-8"), ("TERM", "linux-16color")],
            SignSet::Console,
        ),
        (&[("LANG", "C"), ("TERM", "linux")], SignSet::Ascii),
    ] {
        assert_eq!(of_terminal(set), signs, "{set:?}");
    }
}

#[test]
fn a_sign_is_one_cell_and_means_one_thing_in_every_set() {
    for set in [
        |sign: &Sign| sign.utf8,
        |sign: &Sign| sign.console,
        |sign: &Sign| sign.ascii,
    ] {
        let mut seen: Vec<char> = STATES.iter().map(set).collect();
        seen.extend(HEARTBEAT.iter().flat_map(|beat| beat.chars()));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count, "{seen:?}");
    }
    for sign in STATES.iter().chain(&LINES).chain(&TREND) {
        assert!(sign.ascii.is_ascii());
        for character in [sign.utf8, sign.console, sign.ascii] {
            assert_eq!(character.width(), Some(1), "{sign:?}");
        }
    }
    for named in [
        FINE, OFF, BUSY, PENDING, DONE, FAILED, BROKEN, RISK, GONE, UNLIMITED, ABSENT, DOUBT, USAGE, ROSE,
        FELL, MARKED, DIFFERS,
    ] {
        assert!(
            STATES.iter().any(|sign| named == sign.utf8.to_string()),
            "{named}"
        );
    }
}

fn adapted(set: SignSet, text: &str) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
    buffer.set_string(0, 0, text, Style::new());
    set.adapt(&mut buffer);
    let mut line = String::new();
    let mut covered = 0;
    for cell in &buffer.content {
        if covered == 0 {
            line.push_str(cell.symbol());
            covered = cell.cell_width();
        }
        covered -= 1;
    }
    line.trim_end().to_owned()
}

#[test]
fn what_is_drawn_keeps_its_columns_in_ascii() {
    for (drawn, ascii) in [
        ("▲ 60 ●", "! 60 *"),
        ("███▌░▶", "###|.>"),
        ("⣀⣤⣶⣿⠀⡇", ".:|# #"),
        ("a…z 1–5", "a+z 1-5"),
        ("生产-1", "????-1"),
        ("é e\u{301} x", "? ? x"),
        ("集▲", "??!"),
        ("↓ CPU ↑ ≠", "v CPU ^ d"),
        ("RISK▼ ›", "RISKv >"),
        ("AGE△ ‹", "AGE^ <"),
        ("87 % → 94 %", "87 % ->94 %"),
    ] {
        assert_eq!(adapted(SignSet::Ascii, drawn), ascii, "{drawn}");
    }
}

#[test]
fn a_console_gets_what_its_fonts_hold_and_names_as_they_are() {
    for (drawn, shown) in [("▲◐○ 生产", "▲~o 生产"), ("╭─╮✓⣿", "┌─┐=█")] {
        assert_eq!(adapted(SignSet::Console, drawn), shown);
    }
}

#[test]
fn a_printed_line_is_ascii_too() {
    assert_eq!(SignSet::Ascii.text("→ AK12… 生"), "-> AK12+ ?");
    assert_eq!(SignSet::Utf8.text("→ 生"), "→ 生");
}

/// The texts between backticks.
fn quoted(cell: &str) -> String {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.collect::<Vec<_>>().join(" ").replace("\\|", "|")
}

#[test]
fn the_manual_shows_every_sign_as_each_terminal_does() {
    let page = include_str!("../../../../docs/terminals.md");
    let table = page.split_once("| means | sign |").unwrap().1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut shown = String::new();
    for row in rows {
        // A bar in a cell is written `\|`.
        let cells: Vec<String> = row
            .replace("\\|", "¦")
            .split('|')
            .map(|it| quoted(&it.replace('¦', "\\|")))
            .collect();
        let [_, _, sign, console, ascii, _] = cells.as_slice() else {
            panic!("{row}");
        };
        assert_eq!(SignSet::Console.text(sign), console.as_str(), "{row}");
        assert_eq!(SignSet::Ascii.text(sign), ascii.as_str(), "{row}");
        shown.push_str(sign);
    }
    for sign in STATES {
        assert!(shown.contains(sign.utf8), "{sign:?} is not in the manual");
    }
}
