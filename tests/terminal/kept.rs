//! What is kept between two runs of the dashboard: the views that were saved, and what was typed.

use std::time::Duration;

use crate::subject::{SIZES, Subject, Verdict, ensure, passes};
use crate::support::program::Program;

/// How long a key may take to the screen, and a file to the disk.
const SOON: Duration = Duration::from_secs(5);

fn subject<'a>(name: &str, size: (u16, u16)) -> Subject<'a> {
    let subject = Subject::new(Program::Ours, name).size(size);
    let state = subject.folder.join("state");
    subject.variable("XDG_STATE_HOME", &state.display().to_string())
}

/// Saves a view, quits, and starts with it.
fn view_is_there_again(size: (u16, u16)) -> Verdict {
    let subject = subject(&format!("kept-view-{}", size.0), size);
    let own = "# by hand\nno_bom=true\n";
    subject.folder.write("config.toml", own);
    let config = subject.folder.join("config.toml");
    let subject = subject.variable("HSS_TOP_CONFIG", &config.display().to_string());
    let mut first = subject.start_ready()?;
    first.keys("/status:Failed\r");
    first.comes_text(SOON, "status:Failed")?;
    first.keys(":view save night shift\r");
    first.comes_text(SOON, "view night shift is saved")?;
    first.quit();
    first.ends(SOON)?.0?;
    let file = subject.folder.join("state/hss-top/demo/views.toml");
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    ensure(
        text.contains("[views.\"night shift\"]\nfilter = \"status:Failed\""),
        || text,
    )?;
    let again = subject.flags(&["--view", "night shift"]);
    let mut second = again.start_ready()?;
    second.comes_text(SOON, "status:Failed")?;
    second.keys(":view\r");
    second.comes_text(SOON, "saved from the dashboard")?;
    second.keys("d");
    second.comes_text(SOON, "view night shift is deleted")?;
    second.keys("u");
    second.comes_text(SOON, "view night shift is saved")?;
    second.quit();
    second.ends(SOON)?.0?;
    let now = std::fs::read_to_string(config).map_err(|error| error.to_string())?;
    ensure(now == own, || format!("the configuration was rewritten: {now}"))?;
    Ok("saved, shown by --view, deleted and brought back".to_owned())
}

#[test]
fn a_view_that_was_saved_is_there_in_the_next_run() {
    for size in SIZES {
        passes(&format!("saved view at {size:?}"), |_| view_is_there_again(size));
    }
}

/// Types a filter and a command, quits, and finds both again; what a second dashboard typed meanwhile too.
fn lines_are_there_again(size: (u16, u16)) -> Verdict {
    let subject = subject(&format!("kept-lines-{}", size.0), size);
    let (mut first, mut other) = (subject.start_ready()?, subject.start_ready()?);
    first.keys("/status:Failed\r");
    first.comes_text(SOON, "status:Failed")?;
    other.keys("/ns:payments\r");
    other.comes_text(SOON, "ns:payments")?;
    first.keys(":sort age\r");
    for mut pty in [first, other] {
        pty.quit();
        pty.ends(SOON)?.0?;
    }
    let path = subject.folder.join("state/hss-top/demo/typed.txt");
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    for line in ["/ status:Failed", "/ ns:payments", ": sort age"] {
        ensure(text.lines().any(|it| it == line), || text.clone())?;
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    ensure(mode & 0o777 == 0o600, || format!("mode {mode:o}"))?;
    let mut second = subject.start_ready()?;
    second.keys("/st\x1b[A");
    second.comes_text(SOON, " /status:Failed")?;
    second.keys("\x15ns\x1b[A\r");
    second.comes_text(SOON, "/ ns:payments")?;
    second.keys(":\x1b[A");
    second.comes_text(SOON, " :sort age")?;
    second.quit();
    second.ends(SOON)?.0?;
    Ok("the lines of both dashboards are there in the next run".to_owned())
}

#[test]
fn what_was_typed_is_there_in_the_next_run() {
    for size in SIZES {
        passes(&format!("typed lines at {size:?}"), |_| {
            lines_are_there_again(size)
        });
    }
}

#[test]
fn an_unknown_view_is_refused_with_the_nearest_name() {
    use crate::support::run::run;
    let subject = subject("kept-unknown", SIZES[0]);
    let state = subject.folder.join("state");
    let views = "# hss-top saved views 1\n[views.night]\nfilter = \"status:Failed\"\n";
    subject.folder.write("state/hss-top/demo/views.toml", views);
    let state = state.display().to_string();
    let listed = |view: &str| {
        let flags = [
            "list", "--demo", "--pods", "30", "--view", view, "--output", "name", "--quiet",
        ];
        run(&flags, &[("XDG_STATE_HOME", &state)])
    };
    let (code, _, stderr) = listed("nihgt");
    assert_eq!(code, Some(3), "{stderr}");
    assert!(stderr.contains("did you mean night?"), "{stderr}");
    let (code, _, stderr) = listed("night");
    assert_eq!(code, Some(0), "{stderr}");
}
