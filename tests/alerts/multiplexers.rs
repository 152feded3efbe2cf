//! Notifications and bells through real multiplexers: the bytes that reach the terminal around them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use portable_pty::CommandBuilder;

use super::support::pty::Pty;
use super::support::run::Folder;
use super::support::simulate::Simulate;
use super::{ALL, bells, notifications};

/// The words that start a dashboard whose rules ring and notify, on a fleet that changes.
fn words(folder: &Folder, hss: &Simulate) -> Vec<String> {
    let rules = ALL.replace("VIA", "via = [\"banner\", \"bell\", \"notify\"]");
    let config = folder.write("config.toml", &rules);
    let program = env!("CARGO_BIN_EXE_hss-top");
    let words = [&[program, "--no-state"], &hss.watched_each_second(&config)[..]].concat();
    words.into_iter().map(str::to_owned).collect()
}

/// What the terminal around a multiplexer gets until an alert is told, and then `wanted`, if anything is.
fn told_outside(pty: &Pty, wanted: Option<&str>) -> Vec<u8> {
    pty.until("the banner", |screen| screen.contains("! acknowledge"));
    if let Some(wanted) = wanted {
        let is_told = || String::from_utf8_lossy(&pty.written()).contains(wanted);
        // Nothing on the screen shows it.
        for _ in 0..200 {
            if is_told() {
                break;
            }
            let _ = pty.within(Duration::from_millis(100), |_| false);
        }
        assert!(is_told(), "no notification outside");
    }
    pty.written()
}

const KITTY: &str = "\x1b]99;i=hss-top-";

#[test]
fn tmux_passes_a_notification_on_where_it_may_and_shows_nothing_of_it_elsewhere() {
    if Command::new("tmux").arg("-V").output().is_err() {
        return;
    }
    for passes in ["on", "off"] {
        let folder = Folder::new("tmux");
        let hss = Simulate::start(&["--serverless", "120", "--snapshot-every", "2s"], &[]);
        let conf = folder.write("tmux.conf", &format!("set -g allow-passthrough {passes}\n"));
        let socket = folder.join("socket").display().to_string();
        let quoted: Vec<String> = words(&folder, &hss)
            .iter()
            .map(|word| format!("'{word}'"))
            .collect();
        let mut command = CommandBuilder::new("tmux");
        command.args(["-S", &socket, "-f", &conf, "new-session"]);
        command.arg(format!("exec {}", quoted.join(" ")));
        let path = std::env::var("PATH").unwrap();
        let variables = [
            ("PATH", path.as_str()),
            ("HSS_TOP_TOKEN", "t"),
            ("KITTY_WINDOW_ID", "1"),
        ];
        let mut pty = Pty::launch(120, 40, command, &variables);
        let is_on = passes == "on";
        let raw = told_outside(&pty, is_on.then_some(KITTY));
        let told = notifications(&raw);
        if is_on {
            assert!(
                told[0].starts_with(KITTY) && told[0].ends_with("\x1b\\"),
                "{told:?}"
            );
            assert!(!told[0].contains("tmux;"), "{told:?}");
        } else {
            assert_eq!(told, [] as [&str; 0]);
        }
        assert!(bells(&raw) >= 1, "the bell rings either way");
        let screen = pty.shows("! acknowledge");
        assert!(!screen.contains("99;i=") && !screen.contains("tmux;"), "{screen}");
        pty.quit();
        pty.ended();
        let _ = Command::new("tmux").args(["-S", &socket, "kill-server"]).output();
    }
}

#[test]
#[ignore = "downloads a Debian package"]
fn screen_passes_a_notification_and_a_bell_on() {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screen");
    let install = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/install-screen.sh");
    let install = Command::new(install).arg(&place).status().unwrap();
    assert!(install.success(), "screen cannot be unpacked");
    let folder = Folder::new("screen");
    let hss = Simulate::start(&["--serverless", "120", "--snapshot-every", "2s"], &[]);
    let sockets = folder.join("sockets");
    std::fs::create_dir(&sockets).unwrap();
    let mut private = Command::new("chmod");
    assert!(private.arg("700").arg(&sockets).status().unwrap().success());
    // With its bell as a flash, as Debian has it: what rings is what was wrapped.
    let rc = folder.write("screenrc", "vbell on\n");
    let mut command = CommandBuilder::new(place.join("usr/bin/screen"));
    command.args(["-U", "-c", &rc]);
    command.args(words(&folder, &hss));
    let libraries = place.join("lib").display().to_string();
    let sockets = sockets.display().to_string();
    let variables = [
        ("HSS_TOP_TOKEN", "t"),
        ("KITTY_WINDOW_ID", "1"),
        ("SCREENDIR", sockets.as_str()),
        ("LD_LIBRARY_PATH", &libraries),
    ];
    let mut pty = Pty::launch(120, 40, command, &variables);
    let raw = told_outside(&pty, Some(KITTY));
    let told = notifications(&raw);
    assert!(
        told[0].starts_with(KITTY) && told[0].ends_with('\x07'),
        "{told:?}"
    );
    assert!(bells(&raw) >= 1, "the wrapped bell rings outside");
    let screen = pty.shows("! acknowledge");
    assert!(!screen.contains("99;i="), "nothing of it is printed: {screen}");
    pty.quit();
    pty.ended();
}
