//! Exported files, by the program in a pseudo-terminal: the key, the command, and the files after an
//! interruption. (`tests/injection.rs` checks their content.)

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests, which print what they measured"
)]

mod support;

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use support::pty::{Ending, Pty};
use support::run::Folder;

/// The demo, with the folder as home and current folder.
fn demo(folder: &Folder, pods: &str) -> Pty {
    Pty::start(120, 40, &["--demo", "--pods", pods], &[("HOME", folder.path())])
}

fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.dir()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name != ".local");
    names.sort();
    names
}

#[test]
fn the_key_and_the_command_write_what_is_shown() {
    let folder = Folder::new("export");
    let mut pty = demo(&folder, "1071");
    pty.until("the demo", |screen| {
        screen.contains("FRESH") && screen.contains("of 1,111")
    });
    pty.keys("\x0e/ns:payments\r");
    let screen = pty.until("payments", |screen| screen.contains("filtered from 1,111"));
    let shown: usize = screen
        .split(" row ")
        .nth(1)
        .and_then(|rest| rest.split(" of ").nth(1))
        .and_then(|rest| rest.split(' ').next())
        .and_then(|count| count.replace(',', "").parse().ok())
        .unwrap();
    pty.keys("e");
    pty.until("the choice", |screen| {
        screen.contains(&format!("write {shown} pods as")) && screen.contains("c CSV")
    });
    pty.keys("c");
    let screen = pty.shows(&format!("wrote {shown} pods to hss-top-pods-"));
    let name = screen
        .split("wrote ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().nth(3))
        .unwrap();
    assert_eq!(names(&folder), [name]);
    let table = fs::read_to_string(folder.join(name)).unwrap();
    let rows: Vec<&str> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(rows.len(), shown);
    assert!(rows.is_sorted(), "the order is that of the screen");
    assert!(table.lines().skip(1).all(|line| line.contains(",payments,")));

    pty.keys(":export json mine.json\r");
    pty.shows(&format!("wrote {shown} pods to mine.json"));
    let objects: Vec<serde_json::Value> =
        serde_json::from_slice(&fs::read(folder.join("mine.json")).unwrap()).unwrap();
    assert_eq!(objects.len(), shown);
    assert!(
        objects
            .iter()
            .all(|object| object["namespace_name"] == "payments")
    );
    for name in names(&folder) {
        assert_eq!(fs::metadata(folder.join(name)).unwrap().mode() & 0o7777, 0o600);
    }

    pty.keys(":export csv mine.json\r");
    pty.shows("no file written: mine.json already exists; choose another name");
    pty.keys(":export csv ~/own.csv\r");
    pty.shows(&format!(
        "wrote {shown} pods to {}",
        folder.join("own.csv").display()
    ));
    pty.keys(":export csv ~/own.csv\r");
    pty.shows("own.csv already exists; choose another name");
    pty.keys(":export csv no/such/folder.csv\r");
    pty.shows("no file written: no/such/folder.csv: No such file");
    pty.keys("/\x15pod:nothing-is-named-so\r");
    pty.shows("0 of 1,111 pods match");
    pty.keys("ej");
    pty.shows("there is no pod to write");
    pty.quit();
    let (code, _, ending) = pty.ended();
    assert_eq!((code, ending), (0, Ending::CLEAN));
    assert_eq!(names(&folder).len(), 3);
    assert!(names(&folder).contains(&"own.csv".to_owned()));
}

/// T3: SIGTERM during an export.
#[test]
fn a_signal_in_the_middle_leaves_a_whole_file_or_none() {
    let (pods, all) = if std::env::var_os("LONG_TESTS").is_some() {
        ("60000", " 60,040 pods ")
    } else {
        ("4000", " 4,040 pods ")
    };
    let (mut whole, mut none) = (0, 0);
    for (round, key) in ["c", "j", "c", "j"].into_iter().enumerate() {
        let folder = Folder::new(&format!("export-end-{round}"));
        let mut pty = demo(&folder, pods);
        // The rows follow the state word by a moment: they are chosen and sorted off the loop.
        pty.until("the demo", |screen| {
            screen.contains("FRESH") && screen.contains(all)
        });
        pty.keys("e");
        pty.shows("write ");
        pty.keys(key);
        match round {
            0 | 1 => {} // perhaps before it begins
            2 => drop(pty.until("the beginning or the end", |screen| {
                screen.contains("writing the file") || screen.contains("wrote ")
            })),
            _ => drop(pty.shows("wrote ")),
        }
        pty.signal("TERM");
        let (code, _, ending) = pty.ended();
        assert_eq!((code, ending), (143, Ending::CLEAN));
        match names(&folder).as_slice() {
            [] => none += 1,
            [name] => {
                let text = fs::read_to_string(folder.join(name)).unwrap();
                let rows = if name.ends_with("json") {
                    serde_json::from_str::<Vec<serde_json::Value>>(&text)
                        .unwrap()
                        .len()
                } else {
                    text.lines().count() - 1
                };
                assert_eq!(rows, pods.parse::<usize>().unwrap() + 40, "{name} is cut");
                whole += 1;
            }
            more => panic!("something is left over: {more:?}"),
        }
    }
    assert!(whole > 0, "the last one was written");
    println!("SIGTERM during an export of {pods} pods: {whole} whole files, {none} times none, 0 parts");
}
