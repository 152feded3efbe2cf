//! Huawei's own Python SDK as an independent client: signing with an access key pair against the simulator, and reading the
//! same answers as hss-top; [`sign_in`] compares what both send to sign in.
//!
//! Opt-in, since it installs two packages from PyPI: `cargo test --locked -- --ignored`

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

#[path = "official_sdk/sign_in.rs"]
mod sign_in;

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use support::answering::Answering;
use support::answers::known;
use support::serving::Serving;
use support::simulate::Simulate;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const KEYS: [(&str, &str); 2] = [
    ("HUAWEICLOUD_SDK_AK", "AKEXAMPLE0001"),
    ("HUAWEICLOUD_SDK_SK", "sk-example"),
];

/// What a script in the SDK's environment prints.
fn printed(script: &str, arguments: &[&str]) -> String {
    run(script, arguments, None)
}

/// The same with these variables and no others.
fn printed_with(script: &str, arguments: &[&str], variables: &HashMap<&str, String>) -> String {
    run(script, arguments, Some(variables))
}

fn run(script: &str, arguments: &[&str], variables: Option<&HashMap<&str, String>>) -> String {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk");
    let install = Command::new(format!("{ROOT}/tests/install-sdk.sh"))
        .arg(&environment)
        .status()
        .unwrap();
    assert!(install.success(), "the SDK cannot be installed");
    let mut command = Command::new(environment.join("bin/python"));
    if let Some(variables) = variables {
        command.env_clear().envs(variables);
    }
    let output = command
        .arg(format!("{ROOT}/tests/{script}"))
        .args(arguments)
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What the SDK prints when it lists pods of `url` with this secret key.
fn listed(url: &str, secret: &str) -> String {
    printed("sdk_pods.py", &[url, KEYS[0].1, secret])
}

/// What Python says behind that is of its version.
fn is_the_beginning(expected: &str) -> bool {
    expected.starts_with("failed: ") || expected.ends_with("HTTPConnectionPool")
}

/// hss-top's side of the table is held by `tests/hss_client.rs`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs packages from PyPI"]
async fn the_official_sdk_reads_the_known_answers_as_the_table_says() {
    let known = known();
    let answers: Vec<Vec<u8>> = known.iter().map(|known| known.step().bytes()).collect();
    let times = answers.len().to_string();
    let hss = Answering::start(move |number, _| answers[number].clone()).await;
    let url = hss.url();
    let lines = tokio::task::spawn_blocking(move || printed("sdk_answers.py", &[&url, &times])).await;
    let lines: Vec<String> = serde_json::from_str(&lines.unwrap()).unwrap();
    let mut others = Vec::new();
    for (known, line) in known.iter().zip(&lines) {
        let expected = known.sdk.map_or(known.ours, |(reads, _)| reads);
        let is_right = line == expected || is_the_beginning(expected) && line.starts_with(expected);
        if !is_right {
            others.push(format!("{}: {line}\n  not: {expected}", known.name));
        }
    }
    assert_eq!(lines.len(), known.len());
    assert!(others.is_empty(), "{}", others.join("\n"));
}

#[test]
#[ignore = "installs packages from PyPI"]
fn the_official_sdk_lists_the_simulators_pods() {
    let hss = Simulate::start(&["--pods", "1071", "--serverless", "40"], &KEYS);
    assert_eq!(
        listed(&hss.url, KEYS[1].1),
        r#"{"nodes": 1071, "serverless": 40, "total": 1111}"#
    );
    assert_eq!(
        listed(&hss.url, "another"),
        r#"{"code": "APIGW.0301", "status": 401}"#
    );
}

#[test]
#[ignore = "installs packages from PyPI"]
fn the_official_sdk_reads_a_collector_as_it_reads_hss() {
    let hss = Simulate::start(&["--pods", "1071", "--serverless", "40"], &KEYS);
    let place = ["--endpoint", &hss.url, "--project-id", "p-1", "--no-state"];
    let flags = [&place[..], &["--calls-per-minute", "6000"]].concat();
    let serving = Serving::start(&flags, &KEYS);
    serving.until("/readyz", |answer| answer.status == 200);
    // It signs with a key pair that the collector neither has nor looks at.
    assert_eq!(
        listed(&format!("http://{}", serving.address), "another"),
        r#"{"nodes": 1071, "serverless": 40, "total": 1111}"#
    );
}
