//! Prometheus itself as an independent reader of `/metrics`, and of the alert rules.
//!
//! Opt-in, since it installs packages from PyPI and Debian: `cargo test --locked -- --ignored`

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::run::Folder;
use support::serving::Serving;
use tokio::time::Instant;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folder with all that is installed.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scrapers");
    let install = Command::new(format!("{ROOT}/tests/install-scrapers.sh"))
        .arg(&folder)
        .status()
        .unwrap();
    assert!(install.success(), "the scrapers cannot be installed");
    folder
}

fn tool(name: &str) -> Command {
    Command::new(installed().join("root/usr/bin").join(name))
}

/// A demo's service that knows all pods.
fn demo() -> Serving {
    let serving = Serving::start(
        &[
            "--demo",
            "--metrics-risky-pods",
            "50",
            "--metrics-namespaces",
            "20",
        ],
        &[],
    );
    serving.until("/metrics", |answer| answer.body.contains("\nhss_pods{"));
    serving
}

#[test]
#[ignore = "installs packages from PyPI and Debian"]
fn the_python_library_reads_the_same_samples_in_both_forms() {
    let serving = demo();
    let output = Command::new(installed().join("bin/python"))
        .arg(format!("{ROOT}/tests/scrape_pages.py"))
        .arg(format!("http://{}/metrics", serving.address))
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let page = serving.get("/metrics").body;
    let lines = page.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(
        (&found["same"], &found["plain"]),
        (&true.into(), &lines.into()),
        "{found}"
    );
}

#[test]
#[ignore = "installs packages from PyPI and Debian"]
fn promtool_has_no_remark_on_the_page_and_the_rules_do_what_their_tests_say() {
    let serving = demo();
    let mut check = tool("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let page = serving.get("/metrics").body;
    check.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let told = check.wait_with_output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    for arguments in [
        ["check", "rules", "--lint-fatal", "hss-top.rules.yml"].as_slice(),
        &["test", "rules", "hss-top.test.yml"],
        &["check", "config", "prometheus.yml"],
    ] {
        let told = tool("promtool")
            .args(arguments)
            .current_dir(format!("{ROOT}/assets/prometheus"))
            .output()
            .unwrap();
        let text = [told.stdout, told.stderr].concat();
        assert!(
            told.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&text)
        );
    }
}

/// A running Prometheus; killed when dropped.
struct Prometheus(Child);

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "installs packages from PyPI and Debian"]
fn prometheus_stores_every_line() {
    let serving = demo();
    let folder = Folder::new("prometheus");
    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: hss-top\n  static_configs: [{{targets: ['{}']}}]\n",
        serving.address
    );
    let file = folder.write("prometheus.yml", &config);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let _prometheus = Prometheus(
        tool("prometheus")
            .arg(format!("--config.file={file}"))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let ask = |query: &str| -> Option<u64> {
        let output = Command::new("python3")
            .args([
                "-c",
                "import sys,json,urllib.request,urllib.parse;\
                 u=sys.argv[1]+'/api/v1/query?'+urllib.parse.urlencode({'query':sys.argv[2]});\
                 print(json.load(urllib.request.urlopen(u,timeout=5))['data']['result'][0]['value'][1])",
            ])
            .args([format!("http://{address}"), query.to_owned()])
            .stderr(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    let begun = Instant::now();
    let until = |query: &str, wanted: u64| {
        while ask(query) != Some(wanted) {
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "{query}: {:?}",
                ask(query)
            );
            std::thread::park_timeout(Duration::from_millis(200));
        }
    };
    until("up", 1);
    let page = serving.get("/metrics").body;
    let lines = page.lines().filter(|line| !line.starts_with('#')).count() as u64;
    until("scrape_samples_scraped", lines);
    until("scrape_samples_post_metric_relabeling", lines);
    until("count({job=\"hss-top\",__name__=~\"hss_.*|process_.*\"})", lines);
}
