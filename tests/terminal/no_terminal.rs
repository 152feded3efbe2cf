//! T11: there is no terminal, or none that could show a dashboard.

use std::time::Duration;

use tokio::time::Instant;

use crate::subject::{Subject, Verdict, ensure, passes_in_three, twin_fails};
use crate::support::program::Program;

/// Runs the words by a shell in a pseudo-terminal, with standard input and output redirected as told: exit code,
/// how long it took, and all that was written anywhere.
fn run(program: Program, redirected: &str, term: Option<&str>) -> Result<(u32, Duration, Vec<u8>), String> {
    let subject = Subject::new(program, "none");
    let subject = match term {
        Some(term) => subject.variable("TERM", term),
        None => subject,
    };
    let unset = if term.is_none() { "unset TERM; " } else { "" };
    let script = format!("set -o pipefail; {unset}exec \"$@\" {redirected}");
    let start = Instant::now();
    let mut pty = subject.launch(&["bash", "-c", &script, "bash"], true);
    let (code, _) = pty.ends(Duration::from_secs(3))?;
    let time = start.elapsed();
    let mut written = pty.raw();
    written.extend(std::fs::read(subject.folder.join("out")).unwrap_or_default());
    Ok((code?, time, written))
}

fn refuses(program: Program, redirected: &str, term: Option<&str>) -> Verdict {
    let (code, time, written) = run(program, redirected, term)?;
    let text = String::from_utf8_lossy(&written);
    ensure(code == 2, || format!("exit {code}"))?;
    ensure(!text.contains('\x1b'), || format!("escape sequences: {text:?}"))?;
    let line = text.trim_end();
    ensure(
        line.starts_with("hss-top: ") && line.contains("terminal") && line.lines().count() == 1,
        || format!("not one plain line: {text:?}"),
    )?;
    ensure(time <= Duration::from_millis(200), || {
        format!("took {} ms", time.as_millis())
    })?;
    Ok(format!("refused in {} ms, exit 2", time.as_millis()))
}

#[test]
fn t11_no_terminal() {
    for (name, redirected, term) in [
        ("output to a file", "> out", Some("xterm")),
        ("output to a pipe", "| cat", Some("xterm")),
        ("no input", "< /dev/null", Some("xterm")),
        ("neither", "< /dev/null > out", Some("xterm")),
        ("not even for errors", "< /dev/null > out 2>&1", Some("xterm")),
        ("TERM=dumb", "", Some("dumb")),
        ("TERM empty", "", Some("")),
        ("no TERM", "", None),
    ] {
        let case = |program| refuses(program, redirected, term);
        passes_in_three(&format!("T11 {name}"), case);
        // Each time it takes its three seconds.
        if ["output to a file", "TERM=dumb"].contains(&name) {
            twin_fails(&format!("T11 {name}"), case);
        }
    }
}
