//! With masked names, no name leaves the program: every name, address and id contains a canary, which is
//! searched for in every byte that was written to the terminal, in copies and in files.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::json;
use support::pty::Pty;
use support::run::Folder;
use support::scripted::{Scripted, Step};

/// Esc in the form that no key behind it can make another key of.
const ESC: &str = "\x1b[27u";

/// The text in each name, and the addresses.
const CANARIES: [&str; 5] = ["canary", "CANARY", "203.0.113", "198.51.100", "127.0.0.1"];

/// The pods, in this state.
fn page(status: &str) -> Step {
    let node = |at: u8| {
        json!({
            "id": format!("canary-id-{at}"), "pod_name": format!("canary-pod-{at}"), "namespace_name": "canary-ns",
            "cluster_name": "canary-cluster", "cluster_id": "canary-cluster-id", "cluster_type": "cce",
            "region_id": "canary-region", "node_name": "canary-node", "node_ip": "198.51.100.7",
            "pod_ip": format!("203.0.113.{at}"), "status": status, "cpu": "10m", "memory": "10Mi",
            "cpu_limit": "100m", "memory_limit": "100Mi", "create_time": 1_753_227_292_000_i64,
        })
    };
    let serverless = json!({
        "pod_name": "canary-serverless", "namespace_name": "canary-ns", "cluster_name": "canary-cluster",
        "pod_ip": "203.0.113.99", "status": "Running", "protect_status": "opened", "detect_result": "risk",
    });
    let page = json!({
        "total_num": 31, "last_update_time": 1_753_498_970_618_i64 + i64::from(status == "Failed"),
        "data_list": (0..30).map(node).collect::<Vec<_>>(), "pod_info_list": [serverless],
    });
    Step::json("200 OK", &page.to_string())
}

fn assert_no_canary(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for canary in CANARIES {
        let at = text.find(canary);
        let near = at.and_then(|at| text.get(text.floor_char_boundary(at.saturating_sub(200))..at));
        assert!(at.is_none(), "{canary} is in {what}, after {near:?}");
    }
}

/// What was sent to the clipboard.
fn copies(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let codes = Regex::new("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07").unwrap();
    let decode = |code: &str| String::from_utf8(STANDARD.decode(code).unwrap()).unwrap();
    codes
        .captures_iter(&text)
        .map(|found| decode(&found[1]))
        .collect()
}

struct Masked {
    server: Option<Scripted>,
    folder: Folder,
    pty: Pty,
}

impl Masked {
    async fn start(name: &str, size: (u16, u16)) -> Self {
        let folder = Folder::new(name);
        let server = Scripted::start(vec![page("Running"), page("Failed")]).await;
        let flags = [
            "--endpoint",
            &server.url(),
            "--project-id",
            "canaryproject",
            "--enterprise-project-id",
            "canary-eps",
            "--calls-per-minute",
            "1000",
            "--interval",
            "24h",
            "--log-file",
            folder.join("canary.log").to_str().unwrap(),
            "--mask",
        ]
        .map(str::to_owned);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let variables = [("HSS_TOP_TOKEN", "t"), ("HOME", folder.path())];
        let mut pty = Pty::start(size.0, size.1, &flags, &variables);
        pty.until("all pods", |screen| {
            screen.contains("FRESH") && screen.contains("of 31")
        });
        pty.keys("\x12");
        pty.until("the second list", |screen| {
            screen.contains("FRESH") && server.requests().len() >= 2
        });
        Self {
            server: Some(server),
            folder,
            pty,
        }
    }

    /// The first text on the screen of this form.
    fn shown(&self, form: &str) -> String {
        let screen = self
            .pty
            .until(form, |screen| Regex::new(form).unwrap().is_match(screen));
        Regex::new(form)
            .unwrap()
            .find(&screen)
            .unwrap()
            .as_str()
            .to_owned()
    }

    fn look(&mut self, keys: &[&str]) {
        for key in keys {
            self.pty.draws_after(key);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_leaves_through_screen_title_clipboard_or_file() {
    for size in [(80, 24), (200, 60)] {
        let mut it = Masked::start(&format!("masking-{}", size.0), size).await;
        it.pty.shows("MASKED");
        // Table, details, menu, comparison, help, health.
        it.look(&[
            "\x0e", "j", "\r", " ", "\r", "j", "o", "G", "q", " ", "j", "=", "a", "G", "q", "U", "=",
        ]);
        it.look(&["a", "q", "?", "G", "q", "4", "1"]);
        // The record, the detail over a long time, and every column there is.
        it.look(&[
            "y", "G", "y", "]", "q", "w", "a", ESC, "l", "l", "l", "w", "r", ESC,
        ]);
        // The overview, the pods of a namespace, and the way back; the file of it.
        it.look(&["2", "j", "\r", ESC, ESC, "2", "e"]);
        it.pty.keys("c");
        it.pty.shows("masked, to a new file");
        it.look(&[ESC, "1"]);
        // The changes, their pods and their filter; a mute and an acknowledgement, and the list of both.
        it.look(&[
            "3", "j", "\r", "G", "y", "q", "r", "m", "n", "h", "m", "f", "L", "j", "L",
        ]);
        it.look(&[
            "/",
            "ns:",
            "\t",
            "\x15",
            "changed:status canary-pod-1",
            "\r",
            ESC,
            ESC,
            ESC,
            "1",
        ]);
        // Filters: completed, typed by a name that nobody should read, and by a pseudonym.
        it.look(&[
            "/",
            "ns:",
            "\t",
            "\x15",
            "canary-ns",
            "\r",
            "/",
            "\x15",
            "ip:203.0.113.5 !x",
            "\r",
            ESC,
            ESC,
            "/",
            "\x15",
            "ns:/canary-ns(/",
            "\r",
            ESC,
        ]);
        it.pty.shows("of 31");
        let namespace = it.shown("ns-[0-9a-f]{2}");
        it.pty.keys(&format!("/ns:{namespace}\r"));
        it.pty.until("the filter", |screen| {
            screen.contains(&format!("/ ns:{namespace}")) && !screen.contains("pods match the filter")
        });
        it.look(&[ESC, ":nosuch canary-pod-1\r", ":columns canary-ns\r"]);
        it.look(&[
            ":view canary-ns\r",
            ":sort canary-ns\r",
            ":filter ns:/canary-ns(/\r",
            ":theme canary\r",
        ]);
        it.look(&[":", "\x10", ESC]);
        // Copies, of a pod on a node.
        it.look(&["g"]);
        for keys in [
            "c",
            "Y",
            ":copy kubectl\r",
            ":copy ip\r",
            ":copy node\r",
            ":copy cluster\r",
        ] {
            it.pty.keys(keys);
            it.pty.shows("sent to the terminal: ");
            it.look(&[ESC]);
        }
        // Files.
        for key in ["c", "j"] {
            it.look(&["e"]);
            it.pty.keys(key);
            it.pty.shows("masked, to a new file");
            it.look(&[ESC]);
        }
        it.pty.keys(":report 12h\r");
        it.pty.shows("masked, to a new file");
        it.look(&[ESC]);
        // What is asked of HSS is the name itself.
        it.pty.keys(&format!(":ns {namespace}\r"));
        it.pty.shows(&format!("ns:{namespace}"));
        let server = it.server.take().unwrap();
        let is_asked = || {
            server
                .requests()
                .iter()
                .any(|request| request.contains("namespace_name=canary-ns"))
        };
        it.pty.until("the call", |_| is_asked());
        // An error names the server.
        drop(server);
        it.look(&["\x12"]);
        it.pty.shows("OFFLINE");
        it.look(&["4", "?", "q", "1"]);
        it.pty.shows("hidden while names are masked");
        it.pty.quit();
        let (_, raw, _) = it.pty.ended();
        assert_no_canary("what was written", &raw);
        let copies = copies(&raw);
        assert_eq!(copies.len(), 6, "{copies:?}");
        for copy in &copies {
            assert_no_canary("a copy", copy.as_bytes());
        }
        let mut files = 0;
        for entry in fs::read_dir(it.folder.dir()).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|ending| ["csv", "json", "md"].iter().any(|it| ending == *it))
            {
                assert_no_canary("a file", &fs::read(&path).unwrap());
                files += 1;
            }
        }
        assert_eq!(files, 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_shows_the_names_and_hides_them_again_and_the_rows_stay() {
    let mut it = Masked::start("masking-command", (120, 40)).await;
    it.pty.keys("\x0e");
    it.pty.shows("POD△");
    it.look(&["g", "j", "j"]);
    it.pty.keys(":mask\r");
    // By name this is the third.
    let at_cursor = |screen: &str, name: &str| {
        let mut rows = screen.lines().filter(|line| line.contains('▌'));
        rows.any(|row| row.contains(name))
    };
    it.pty.until("the names", |screen| {
        !screen.contains("MASKED") && at_cursor(screen, "canary-pod-10 ")
    });
    it.pty.keys("/ns:canary-ns\r");
    it.pty.shows("/ ns:canary-ns");
    it.pty.keys(":mask\r");
    let filter = Regex::new("/ ns:ns-[0-9a-f]{2}").unwrap();
    it.pty.until("the pseudonyms", |screen| {
        let is_masked = screen.contains("MASKED") && !screen.contains("canary");
        is_masked && at_cursor(screen, "pod-") && filter.is_match(screen)
    });
    // What was typed before is not offered now.
    it.look(&["/", "\x15", "\x10"]);
    let screen = it.pty.shows("Tab");
    assert!(!screen.contains("canary"), "{screen}");
    it.look(&[ESC]);
    it.pty.quit();
}
