//! A text that HSS sends is one row in the table of fields, and nothing else.
//!
//! The sources are copied, a row is added to the table, and the copy is built and tested: the properties of the fleet, of
//! files, of what is sent on and of the screen hold with one field more, and it is read, filtered, sorted, exported, shown,
//! masked and stored (`one_field_more/inside.rs`). That takes minutes, so it is behind `LONG_TESTS=1`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

#[path = "one_field_more/stored.rs"]
mod stored;

use std::fs;
use std::path::Path;
use std::process::Command;

use stored::{PAGE, fleet_of, sorted};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const TABLE: &str = "src/fleet/fields/table.rs";
/// The end of the section of texts that HSS sends.
const END: &str = "    }\n    derived texts {";
/// The field more. Both lists have it.
const ROW: &str = r#"
        /// The address of the host.
        HostIp("host_ip", Lists::Both, Wording::Names(NameKind::Address)) => FieldRow {
            name: "hostip",
            title: "HOST IP",
            label: "Host IP",
            is_searched: true,
            exports: &[("host_ip", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
"#;
/// The tests of the copy: those of the field, and those of everything that has to do with fields.
const TESTED: [&str; 8] = [
    "one_field_more",
    "fleet::",
    "hss::wire",
    "serve::pods",
    "report::",
    "views::pods",
    "views::compare",
    "app::columns",
];

/// Writes a file that is not the same already, so that cargo builds no more than it must.
fn put(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Copies a folder, with each text as `change` makes it.
fn copy(from: &Path, to: &Path, change: &dyn Fn(&Path, String) -> String) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to, change);
        } else {
            put(&to, &change(&path, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The table with the field more.
fn with_row(table: &str) -> String {
    let (texts, rest) = table.split_once(END).unwrap();
    format!("{texts}{}{END}{rest}", ROW.trim_start_matches('\n'))
}

#[test]
fn the_row_has_its_place_in_the_table() {
    let table = fs::read_to_string(Path::new(ROOT).join(TABLE)).unwrap();
    assert_eq!(table.matches(END).count(), 1);
    assert!(with_row(&table).contains("..FieldRow::EMPTY\n        },\n        /// The address of the host."));
}

#[test]
fn a_field_more_is_one_row() {
    if std::env::var_os("LONG_TESTS").is_none() {
        println!("needs LONG_TESTS=1");
        return;
    }
    let (root, place) = (
        Path::new(ROOT),
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("one-field-more"),
    );
    let program = place.join("program");
    let change = |path: &Path, text: String| match path.strip_prefix(root).unwrap().to_str().unwrap() {
        TABLE => with_row(&text),
        "src/lib.rs" => format!("{text}\n#[cfg(test)]\nmod one_field_more;\n"),
        _ => text,
    };
    copy(&root.join("src"), &program.join("src"), &change);
    for (from, to) in [
        ("inside.rs", "one_field_more.rs"),
        ("stored.rs", "one_field_more/stored.rs"),
    ] {
        let text = fs::read_to_string(root.join("tests/one_field_more").join(from)).unwrap();
        put(
            &program.join("src").join(to),
            &text.replace("hss_top::", "crate::"),
        );
    }
    // Of another version, or cargo would put what it builds in the place of what the other tests use. And without the dependency
    // that gives tests the feature, or cargo would build the library once more for its own tests.
    let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
    for (name, itself) in [
        (
            "Cargo.toml",
            "hss-top = { path = \".\", features = [\"fault-injection\"] }\n",
        ),
        ("Cargo.lock", " \"hss-top\",\n"),
    ] {
        let mut text = fs::read_to_string(root.join(name)).unwrap();
        for (before, after) in [
            (
                format!("name = \"hss-top\"\n{version}"),
                "name = \"hss-top\"\nversion = \"0.0.1\"",
            ),
            (itself.to_owned(), ""),
        ] {
            assert_eq!(text.matches(&before).count(), 1, "{name}: {before}");
            text = text.replace(&before, after);
        }
        put(&program.join(name), &text);
    }
    for same in [
        "README.md",
        "assets",
        "benches",
        "docs",
        "examples",
        "packaging",
        "tests",
    ] {
        let link = program.join(same);
        if fs::symlink_metadata(&link).is_err() {
            std::os::unix::fs::symlink(root.join(same), link).unwrap();
        }
    }
    stored::write(&place.join("before"), &fleet_of(PAGE));
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo tells a test about its package makes the build scripts of others, such as ring's, run again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    // Only the library is built, so no program takes the place of the one that other tests run.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    cargo
        .args([
            "test",
            "--locked",
            "--offline",
            "--lib",
            "--features",
            "fault-injection",
            "--target-dir",
        ])
        .arg(target)
        .arg("--")
        .args(TESTED)
        .current_dir(&program)
        .env("ONE_FIELD_MORE", &place)
        // Nobody looks for a line of this build in a debugger.
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .env_remove("LONG_TESTS");
    let output = cargo.output().unwrap();
    let (told, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{errors}\n{told}");
    assert_eq!(told.matches("test one_field_more::").count(), 4, "{told}");
    // The program before leaves out what it does not know.
    let before = fleet_of(PAGE);
    assert_eq!(
        stored::read(&place.join("after")),
        [sorted(&before), sorted(&before)]
    );
    println!("{}", told.lines().last().unwrap_or_default());
}
