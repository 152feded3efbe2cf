//! Looking back, with the data going on behind.

use crate::support::pty::Pty;
use crate::support::run::{Folder, each_second};
use crate::support::simulate::Simulate;

/// The pods as they were, in one key; under the filter of now; and back.
#[test]
fn the_pods_as_they_were_are_one_key_away_and_esc_returns() {
    let folder = Folder::new("terminal-time-machine");
    let hss = Simulate::start(&["--snapshot-every", "2s"], &[]);
    let flags = each_second(&hss.url);
    let variables = [
        ("HSS_TOP_TOKEN", "canary-token"),
        ("XDG_STATE_HOME", folder.path()),
        ("XDG_RUNTIME_DIR", folder.path()),
    ];
    let mut pty = Pty::start(160, 30, &flags, &variables);
    pty.until("changes between two snapshots", |screen| {
        screen.contains("FRESH") && screen.contains(" unread")
    });
    // The task of the night shift: the pods as they were, in at most six keys.
    pty.keys("<");
    let screen = pty.until("the past", |screen| {
        screen.contains("VIEWING ") && screen.contains("snapshot ")
    });
    assert!(
        screen.contains("Esc returns") && screen.contains("FRESH"),
        "{screen}"
    );
    pty.keys("/ns:payments\r");
    let screen = pty.until("the filter", |screen| screen.contains("filtered from"));
    assert!(screen.contains("VIEWING "), "{screen}");
    pty.keys("\x1b");
    let screen = pty.until("now", |screen| !screen.contains("VIEWING "));
    assert!(screen.contains("ns:payments"), "the filter stays: {screen}");
    pty.keys(":at 99:99\r");
    pty.until("the forms", |screen| {
        screen.contains("expected a time such as 03:10")
    });
    pty.keys(":at 1d\r");
    pty.until("what is kept", |screen| {
        screen.contains("nothing older is stored: snapshots begin at")
    });
    pty.keys("F");
    pty.until("a held picture", |screen| screen.contains("FROZEN since"));
    pty.until("what came meanwhile", |screen| {
        screen.contains("since, and a newer list")
    });
    pty.keys("F");
    pty.until("now", |screen| !screen.contains("FROZEN since"));
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}
