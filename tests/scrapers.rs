//! Prometheus and VictoriaMetrics themselves as independent readers of `/metrics`, and Prometheus of the alert rules.
//!
//! Opt-in, since it installs packages from PyPI and Debian: `cargo test --locked -- --ignored`

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

#[test]
#[ignore = "installs packages from PyPI and Debian"]
fn victoria_metrics_takes_the_scrape_configuration_and_the_rules_too() {
    let scrape = "-promscrape.config=prometheus.yml";
    for (name, arguments) in [
        ("victoria-metrics", [scrape].as_slice()),
        (
            "vmagent",
            [scrape, "-remoteWrite.url=http://127.0.0.1:1/"].as_slice(),
        ),
        ("vmalert", ["-rule=hss-top.rules.yml"].as_slice()),
    ] {
        let told = tool(name)
            .arg("-dryRun")
            .args(arguments)
            .current_dir(format!("{ROOT}/assets/prometheus"))
            .output()
            .unwrap();
        let text = [told.stdout, told.stderr].concat();
        assert!(
            told.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&text)
        );
    }
}

/// HSS with one of two snapshots: in the second one a namespace is gone.
struct TwoSnapshots {
    url: String,
    is_second: Arc<AtomicBool>,
}

impl TwoSnapshots {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let is_second = Arc::new(AtomicBool::new(false));
        let second = Arc::clone(&is_second);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = Self::answer(stream, second.load(Ordering::SeqCst));
            }
        });
        Self { url, is_second }
    }

    fn answer(mut stream: TcpStream, is_second: bool) -> std::io::Result<()> {
        let mut head = BufReader::new(stream.try_clone()?);
        let mut line = String::new();
        while head.read_line(&mut line)? > 2 {
            line.clear();
        }
        let pod = |namespace: &str| {
            format!(
                r#"{{"id":"{namespace}","pod_name":"x","namespace_name":"{namespace}","cluster_name":"c","status":"Running"}}"#
            )
        };
        let (date, pods) = if is_second {
            (1_755_250_275_618_i64, vec![pod("stays")])
        } else {
            (1_755_250_215_618, vec![pod("stays"), pod("goes")])
        };
        let body = format!(
            r#"{{"total_num":{},"last_update_time":{date},"data_list":[{}],"pod_info_list":[]}}"#,
            pods.len(),
            pods.join(",")
        );
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ";
        write!(stream, "{head}{}\r\n\r\n{body}", body.len())
    }
}

/// A database that scrapes; killed when dropped.
struct Scraper {
    child: Child,
    address: SocketAddr,
    _folder: Folder,
}

impl Drop for Scraper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Scraper {
    /// Starts this program of Debian, which scrapes `target` each second.
    fn start(
        program: &str,
        target: SocketAddr,
        flags: impl Fn(&str, &str, SocketAddr) -> Vec<String>,
    ) -> Self {
        let folder = Folder::new(program);
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: hss-top\n  static_configs: [{{targets: ['{target}']}}]\n"
        );
        let file = folder.write("scrape.yml", &config);
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let data = folder.join("data").display().to_string();
        let child = tool(program)
            .args(flags(&file, &data, address))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            address,
            _folder: folder,
        }
    }

    fn prometheus(target: SocketAddr) -> Self {
        Self::start("prometheus", target, |file, data, address| {
            vec![
                format!("--config.file={file}"),
                format!("--storage.tsdb.path={data}"),
                format!("--web.listen-address={address}"),
            ]
        })
    }

    /// Its answers leave out the newest 30 seconds by default.
    fn victoria_metrics(target: SocketAddr) -> Self {
        Self::start("victoria-metrics", target, |file, data, address| {
            vec![
                format!("-promscrape.config={file}"),
                format!("-storageDataPath={data}"),
                format!("-httpListenAddr={address}"),
                "-search.latencyOffset=1s".to_owned(),
                "-search.disableCache".to_owned(),
            ]
        })
    }

    /// The first value that a query finds.
    fn ask(&self, query: &str) -> Option<u64> {
        let output = Command::new("python3")
            .args([
                "-c",
                "import sys,json,urllib.request,urllib.parse;\
                 u=sys.argv[1]+'/api/v1/query?'+urllib.parse.urlencode({'query':sys.argv[2]});\
                 print(json.load(urllib.request.urlopen(u,timeout=5))['data']['result'][0]['value'][1])",
            ])
            .args([format!("http://{}", self.address), query.to_owned()])
            .stderr(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    }

    fn until(&self, query: &str, wanted: Option<u64>, within: Duration) {
        let begun = Instant::now();
        while self.ask(query) != wanted {
            assert!(begun.elapsed() < within, "{query}: {:?}", self.ask(query));
            std::thread::park_timeout(Duration::from_millis(200));
        }
    }
}

/// What a database is to do with the page: the target is up, every line is a series, and a namespace that vanishes has no
/// value any more, long before the five minutes after which a database forgets what it does not see.
fn stores_every_line_and_forgets_what_vanishes(start: fn(SocketAddr) -> Scraper) {
    const LONG: Duration = Duration::from_mins(1);
    let hss = TwoSnapshots::start();
    let serving = Serving::of(&hss.url, &["--interval", "1s", "--calls-per-minute", "600"]);
    serving.until("/metrics", |answer| answer.body.contains("namespace=\"goes\""));
    let scraper = start(serving.address);
    scraper.until("up", Some(1), LONG);
    let page = serving.get("/metrics").body;
    let lines = page.lines().filter(|line| !line.starts_with('#')).count() as u64;
    scraper.until("scrape_samples_scraped", Some(lines), LONG);
    scraper.until("scrape_samples_post_metric_relabeling", Some(lines), LONG);
    let stored = "count({job=\"hss-top\",__name__=~\"hss_.*|process_.*\"})";
    scraper.until(stored, Some(lines), LONG);
    let of = |namespace: &str| format!("sum(hss_pods{{namespace=\"{namespace}\"}})");
    assert_eq!(
        [scraper.ask(&of("goes")), scraper.ask(&of("stays"))],
        [Some(1), Some(1)]
    );
    hss.is_second.store(true, Ordering::SeqCst);
    serving.until("/metrics", |answer| !answer.body.contains("namespace=\"goes\""));
    scraper.until(&of("goes"), None, Duration::from_secs(20));
    assert_eq!(scraper.ask(&of("stays")), Some(1));
    assert_eq!(scraper.ask("up"), Some(1));
}

#[test]
#[ignore = "installs packages from PyPI and Debian"]
fn prometheus_stores_every_line_and_forgets_what_vanishes() {
    stores_every_line_and_forgets_what_vanishes(Scraper::prometheus);
}

#[test]
#[ignore = "installs packages from PyPI and Debian"]
fn victoria_metrics_stores_every_line_and_forgets_what_vanishes() {
    stores_every_line_and_forgets_what_vanishes(Scraper::victoria_metrics);
}
