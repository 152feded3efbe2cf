//! Huawei's own Python SDK, signing with an access key pair, against the simulator: an independent client.
//!
//! Opt-in, since it installs two packages from PyPI: `cargo test --locked -- --ignored`

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;
use std::process::Command;

use support::simulate::Simulate;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const KEYS: [(&str, &str); 2] = [
    ("HUAWEICLOUD_SDK_AK", "AKEXAMPLE0001"),
    ("HUAWEICLOUD_SDK_SK", "sk-example"),
];

/// What the SDK prints when it lists pods of `url` with this secret key.
fn listed(url: &str, secret: &str) -> String {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk");
    let install = Command::new(format!("{ROOT}/tests/install-sdk.sh"))
        .arg(&environment)
        .status()
        .unwrap();
    assert!(install.success(), "the SDK cannot be installed");
    let output = Command::new(environment.join("bin/python"))
        .args([&format!("{ROOT}/tests/sdk_pods.py"), url, KEYS[0].1, secret])
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
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
