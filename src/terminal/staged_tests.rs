//! The terminal is as it was before, however the program ends or stops.

use rustix::process::Signal;

use super::fault::FATAL;
use super::staged::{COLUMNS, ROWS, Staged};

/// What enters the screen, and what leaves it.
const ENTERED: &str = "\x1b[?1049h";
const LEFT: &str = "\x1b[999;1H\x1b[J\x1b[?1049l";

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[track_caller]
fn is_restored(staged: &Staged) {
    staged.until_all(
        |output| count(output, ENTERED) == count(output, LEFT) && output.rfind(LEFT) > output.rfind(ENTERED),
        "end of the screen",
    );
    assert!(staged.edits_lines());
}

#[test]
fn the_screen_is_entered_and_left_with_its_modes_and_nothing_is_written_outside() {
    let mut staged = Staged::start("screen");
    staged.until("<inside>");
    assert!(!staged.edits_lines());
    staged.keys("x");
    assert_eq!(staged.ended().exit_code(), 7);
    staged.until("<again>");
    is_restored(&staged);
    assert_eq!(
        staged.notes(),
        [
            "None true".to_owned(),
            format!("Size {{ width: {COLUMNS}, height: {ROWS} }}"),
            "unchanged: true".to_owned(),
            "written too early: 0".to_owned(),
            "raw: true true".to_owned(),
            "written: 8".to_owned(),
            "restored: true false".to_owned(),
            "written too late: 0".to_owned(),
            "restored: true false".to_owned(),
        ]
    );
    let output = staged.output();
    let (first, second) = output.split_once("said ").unwrap();
    assert!(
        !output.contains("<early>") && !output.contains("<late>"),
        "{output:?}"
    );
    assert!(
        second.starts_with("\\u{1b}[2J\r\n"),
        "no command of the terminal: {second:?}"
    );
    assert!(
        first.contains(LEFT),
        "first the screen, then the words: {first:?}"
    );
    // With and without the background's colour and the mouse.
    for part in ["\x1b]11;?\x07", "\x1b[?2031h", "\x1b[?1002h"] {
        assert_eq!((count(first, part), count(second, part)), (1, 0), "{part:?}");
    }
    assert_eq!(count(&output, LEFT), 2, "once for each time: {output:?}");
}

#[test]
fn a_program_that_is_about_to_end_does_not_take_the_terminal() {
    let mut staged = Staged::start("due");
    assert_eq!(staged.ended().exit_code(), 0);
    assert_eq!(staged.notes(), ["due: false", "due: true", "raw: false"]);
    assert!(!staged.output().contains(ENTERED));
}

#[test]
fn a_program_in_the_background_knows_it() {
    let mut staged = Staged::start("group");
    assert_eq!(staged.ended().exit_code(), 0);
    assert_eq!(
        staged.notes(),
        ["in front: false, can be suspended: true", "ended well: true"]
    );
}

#[test]
fn whoever_restores_the_terminal_already_is_waited_for() {
    let mut staged = Staged::start("another");
    assert_eq!(staged.ended().exit_code(), 0);
    assert_eq!(staged.notes(), ["waited: true"]);
    assert!(staged.edits_lines());
}

#[test]
fn one_signal_asks_for_the_end_and_the_second_ends() {
    let mut staged = Staged::start("guard");
    staged.until("<inside>");
    staged.resize(COLUMNS + 3, ROWS);
    staged.until_noted(&format!("{}x{ROWS} 0", COLUMNS + 3));
    staged.signal(Signal::TERM);
    staged.until_noted("Signal(15)");
    // It must not stop now, as nobody would continue it.
    staged.signal(Signal::TSTP);
    staged.signal(Signal::TERM);
    assert_eq!(staged.ended().exit_code(), 143);
    staged.until("hss-top: ended by SIGTERM\r\n");
    is_restored(&staged);
    assert_eq!(count(&staged.output(), ENTERED), 1);
    assert_eq!(
        staged.notes()[0],
        format!("Size {{ width: {COLUMNS}, height: {ROWS} }}")
    );
    assert_eq!(
        staged.notes()[1],
        "can be suspended: false",
        "nobody would resume it"
    );
}

#[test]
fn a_program_that_does_not_end_by_itself_is_ended_in_time() {
    let mut staged = Staged::start("guard");
    staged.until("<inside>");
    let began = tokio::time::Instant::now();
    staged.signal(Signal::INT);
    assert_eq!(staged.ended().exit_code(), 130);
    assert!(
        began.elapsed().as_millis() >= 1000,
        "it was given time: {:?}",
        began.elapsed()
    );
    is_restored(&staged);
    assert!(!staged.output().contains("ended by"));
}

#[test]
fn a_hang_up_of_a_terminal_that_is_there_is_a_signal() {
    let staged = Staged::start("guard");
    staged.until("<inside>");
    staged.signal(Signal::HUP);
    staged.until_noted("Signal(1)");
}

#[test]
fn a_lost_terminal_is_noticed_with_and_without_a_signal() {
    let mut staged = Staged::start_in("lost, by a signal", (COLUMNS, ROWS));
    staged.until_noted("ready");
    staged.hang_up();
    staged.until_noted("TerminalLost");
    assert_eq!(staged.notes()[1], "TerminalLost", "{:?}", staged.notes());
    let mut staged = Staged::start_in("lost, without a signal", (COLUMNS, ROWS));
    staged.until_noted("ready");
    staged.signal(Signal::HUP);
    // Longer than the deadline of an end that has a reason.
    std::thread::park_timeout(std::time::Duration::from_millis(1600));
    assert_eq!(staged.notes(), ["ready"], "the terminal is there");
    staged.hang_up();
    staged.until_noted("TerminalLost");
    assert_eq!(staged.ended().exit_code(), 129);
}

#[test]
fn a_suspended_program_gives_the_terminal_back_and_takes_it_again() {
    let mut staged = Staged::start("suspended");
    staged.until("<inside>");
    staged.until_state('T');
    is_restored(&staged);
    staged.signal(Signal::CONT);
    staged.until_noted(&format!("{COLUMNS}x{ROWS} 1"));
    assert!(!staged.edits_lines());
    // From outside this time.
    staged.signal(Signal::TSTP);
    staged.until_state('T');
    is_restored(&staged);
    staged.signal(Signal::CONT);
    staged.until_noted(&format!("{COLUMNS}x{ROWS} 2"));
    staged.until_all(|output| count(output, ENTERED) == 3, "screen again");
    staged.signal(Signal::TERM);
    staged.until_noted("Signal(15)");
    staged.signal(Signal::TERM);
    assert_eq!(staged.ended().exit_code(), 143);
    is_restored(&staged);
}

#[test]
fn a_panic_restores_the_terminal_and_says_in_one_line_what_and_where() {
    let mut staged = Staged::start("panic");
    assert_eq!(staged.ended().exit_code(), 101);
    staged.until("and a report\r\n");
    is_restored(&staged);
    let output = staged.output();
    let (_, told) = output.split_once("hss-top: crashed: ").unwrap();
    assert!(
        told.starts_with("boom None \\u{1b}[31m (src/terminal/staged_parts.rs:"),
        "{told:?}"
    );
    let mut staged = Staged::start("panic of a plug-in");
    assert_eq!(staged.ended().exit_code(), 3);
    staged.until("UNKNOWN - crashed: a plain text (src/terminal/staged_parts.rs:");
}

#[test]
fn a_fault_restores_the_terminal_and_has_its_usual_effect() {
    for (signal, line) in FATAL {
        let mut staged = Staged::start(&format!("fault {signal}"));
        let status = staged.ended();
        staged.until(line.trim_end());
        is_restored(&staged);
        assert!(status.signal().is_some(), "{signal}: {status:?}");
        assert!(staged.notes().is_empty(), "{signal}");
    }
}

#[test]
fn only_one_thread_ends_the_program() {
    let mut staged = Staged::start("claimed");
    assert_eq!(staged.ended().exit_code(), 0);
    assert_eq!(staged.notes(), ["the second went on: false"]);
}

#[test]
fn a_status_line_replaces_itself_and_never_wraps() {
    let mut staged = Staged::start("status line");
    assert_eq!(staged.ended().exit_code(), 0);
    assert_eq!(
        staged.notes(),
        [
            format!("Some({COLUMNS})"),
            "[false, false, false, true]".to_owned()
        ]
    );
    let long = "x".repeat(usize::from(COLUMNS) - 1);
    staged.until(&format!("\r\x1b[2Kone\r\x1b[2K{long}\r\x1b[2K"));
    assert_eq!(count(&staged.output(), "\x1b[2K"), 3, "{:?}", staged.output());
}

#[test]
fn a_terminal_without_a_size_has_80_columns() {
    let mut staged = Staged::start_in("no size", (0, 0)).read();
    assert_eq!(staged.ended().exit_code(), 0);
    assert_eq!(staged.notes(), ["None Some(80)"]);
    staged.until(&format!("\r\x1b[2K{}", "y".repeat(79)));
    assert!(!staged.output().contains(&"y".repeat(80)));
}
