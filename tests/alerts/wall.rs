//! The manual's recipes for a wall, run as they stand there.

use std::process::Command;

use portable_pty::CommandBuilder;

use super::support::pty::{Ending, Pty};
use super::support::run::Folder;
use super::support::simulate::Simulate;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hss-top");

/// The manual's first block in this language below the heading of the wall.
fn recipe(language: &str) -> String {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/screen.md")).unwrap();
    let (_, section) = page.split_once("## A wall\n").unwrap();
    let (_, block) = section.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

/// The environment of a dashboard of this simulator that keeps its files in this folder.
fn environment<'a>(hss: &'a Simulate, folder: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("HSS_TOP_ENDPOINT", &hss.url),
        ("HSS_TOP_PROJECT_ID", "p-1"),
        ("HSS_TOP_TOKEN", "t"),
        ("HSS_TOP_CALLS_PER_MINUTE", "1000"),
        ("HSS_TOP_METADATA_ENDPOINT", "off"),
        ("HSS_TOP_LIST_OLD_AFTER", "100years"),
        ("XDG_RUNTIME_DIR", folder),
        ("XDG_STATE_HOME", folder),
    ]
}

/// Ends the server of tmux, however the test ends.
struct TmuxServer<'a>(&'a str);

impl Drop for TmuxServer<'_> {
    fn drop(&mut self) {
        let mut end = Command::new("tmux");
        let _ = end.arg("kill-server").env("TMUX_TMPDIR", self.0).output();
    }
}

#[test]
fn the_recipe_for_tmux_begins_a_wall_to_which_others_attach() {
    if Command::new("tmux").arg("-V").output().is_err() {
        return;
    }
    let hss = Simulate::start(&["--serverless", "120"], &[]);
    let folder = Folder::new("wall");
    let folder = folder.path();
    let of_program = std::path::Path::new(PROGRAM).parent().unwrap().display();
    let path = format!("{of_program}:{}", std::env::var("PATH").unwrap());
    let tmux = [("TMUX_TMPDIR", folder), ("PATH", &path), ("LANG", "C.UTF-8")];
    let variables = [&environment(&hss, folder)[..], &tmux].concat();
    let lines = recipe("sh");
    let [begin, attach] = lines.lines().collect::<Vec<&str>>().try_into().unwrap();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", begin])
        .env_clear()
        .env("TERM", "xterm-256color");
    assert!(shell.envs(variables.iter().copied()).status().unwrap().success());
    let _server = TmuxServer(folder);
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", attach]);
    let mut pty = Pty::launch(120, 40, command, &variables);
    let screen = pty.until("the pods on a wall", |screen| {
        screen.contains("FRESH") && screen.contains("ends the wall")
    });
    assert!(screen.contains("at risk"), "{screen}");
    // One stray key does not end it, and the chord does.
    pty.keys("q");
    pty.shows("that key does nothing on a wall; Ctrl-x q ends it");
    pty.keys("\x18q");
    pty.ended();
}

#[test]
fn the_unit_is_valid_and_what_it_starts_is_a_wall_on_a_console_until_it_is_stopped() {
    let hss = Simulate::start(&["--serverless", "120"], &[]);
    let folder = Folder::new("wall");
    let unit = recipe("ini").replace("/usr/local/bin/hss-top", PROGRAM);
    let file = folder.write("hss-top-wall.service", &unit);
    // systemd makes the folders of its service.
    std::fs::create_dir_all(folder.join("hss-top")).unwrap();
    // Where there is systemd it is asked; it warns of what it does not know, and goes on.
    if let Ok(verified) = Command::new("systemd-analyze")
        .args(["verify", "--man=no", &file])
        .output()
    {
        let said = String::from_utf8_lossy(&verified.stderr);
        let is_well = verified.status.success() && !said.contains("hss-top-wall.service");
        assert!(is_well, "{said}");
    }
    let values = |key: &str| -> Vec<String> {
        let lines = unit.lines().filter_map(|line| line.strip_prefix(key));
        let words = lines.flat_map(|line| line.split(' '));
        let here = |word: &str| word.replace("%S", folder.path()).replace("%t", folder.path());
        words.map(here).collect()
    };
    let stated = values("Environment=");
    let stated: Vec<(&str, &str)> = stated.iter().filter_map(|it| it.split_once('=')).collect();
    // What the unit says counts.
    let mut variables = environment(&hss, folder.path());
    variables.extend(stated);
    let words = values("ExecStart=");
    let mut command = CommandBuilder::new(&words[0]);
    command.args(&words[1..]);
    let pty = Pty::launch(80, 25, command, &variables);
    let screen = pty.until("the pods on a wall", |screen| {
        screen.contains("FRESH") && screen.contains("row 1 of")
    });
    for missing in ['○', '◐', '◌', '✓'] {
        assert!(!screen.contains(missing), "no console has a {missing}: {screen}");
    }
    pty.signal("TERM");
    let (code, _, ending) = pty.ended();
    assert_eq!((code, ending), (143, Ending::CLEAN));
}
