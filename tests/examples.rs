//! The examples do what they say.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An example's program, which cargo builds anew if it is not current.
fn example(name: &str) -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    // What cargo tells a test about its package makes the build scripts of others, such as ring's, run again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            build.env_remove(&name);
        }
    }
    build.args(["build", "--quiet", "--locked", "--example", name]);
    assert!(build.status().unwrap().success());
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join(name)
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    output
}

#[test]
fn filter_pods_prints_what_the_filter_lets_through() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/page-example.json");
    let lines = |filter: &str| {
        let page = Stdio::from(File::open(&page).unwrap());
        let output = run(Command::new(example("filter_pods")).arg(filter).stdin(page));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        lines("ns:kube-system"),
        "kube-system\tnode-problem-controller-667894bc4-nz5xj\n"
    );
    assert_eq!(lines("ns:payments"), "");
}

#[test]
fn the_simulated_hss_serves_a_client_in_a_test() {
    run(&mut Command::new(example("simulated_hss")));
}
