//! The naive twin works: a case that it fails, it fails for the fault and not for itself.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use support::program::Program;
use support::pty::{Ending, Pty};
use support::simulate::Simulate;

#[test]
fn the_naive_twin_shows_pods_and_quits() {
    let hss = Simulate::start(&[], &[("HSS_TOP_TOKEN", "t")]);
    let url = format!("{}/v5/p-1/kubernetes/pods?limit=20", hss.url);
    let variables = [("NAIVE_TWIN_URL", url.as_str()), ("HSS_TOP_TOKEN", "t")];
    let mut pty = Pty::start_program(Program::Twin, 80, 24, &[], &variables);
    pty.shows("FRESH");
    pty.keys("jj");
    pty.shows("> ");
    pty.quit();
    let (code, _, ending) = pty.ended();
    assert_eq!(code, 0);
    assert!(!ending.alternate_screen && ending.termios_restored, "{ending:?}");
}

#[test]
fn its_way_out_is_clean_too() {
    let mut pty = Pty::start_program(Program::Twin, 80, 24, &[], &[]);
    pty.shows("LOADING");
    pty.quit();
    let (code, _, ending) = pty.ended();
    assert_eq!((code, ending), (0, Ending::CLEAN));
}
