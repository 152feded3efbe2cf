//! Whatever the service sends, the terminal executes nothing of it, and everything that is written is
//! harmless to print.
//!
//! Tables of surfaces, [`WALKS`]: each is a way for remote text to be seen. A corpus of hostile texts is in every
//! field of both lists, in error bodies and headers; the binary runs in a pseudo-terminal.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests, which print what they measured"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use hss_top::fleet::RemoteText;
use serde_json::{Value, json};
use support::child::Running;
use support::corpus::{assert_harmless, corpus, is_allowed, is_forbidden, run_together, sequences};
use support::program::Program;
use support::pty::Pty;
use support::run::{Folder, run};
use support::scripted::{Scripted, Step};
use support::serving::Serving;

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "t");
/// Esc as a whole sequence: the byte alone, with a key soon behind it, would be Alt and that key.
const ESC: &str = "\x1b[27u";
const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];

/// A way for remote text to be seen: its name, the steps, and the evidence that they worked.
type Surface = (&'static str, fn(&mut Stage), &'static str);

/// The surfaces, in walks that are made side by side: most of the time they wait for the next picture.
const WALKS: [&[Surface]; 3] = [
    &[
        ("table", Stage::through_the_table, "POD"),
        ("table, every column", Stage::sort_by_each, "POD"),
        ("overview", Stage::through_the_overview, "POD"),
        ("chosen columns", Stage::choose_columns, "POD"),
        ("detail", Stage::through_the_details, "POD"),
        ("record", Stage::through_the_records, "POD"),
        ("menus of pods", Stage::through_the_menus, "POD"),
    ],
    &[
        ("comparisons", Stage::through_comparisons, "POD"),
        ("help", |stage| stage.type_and_look(&["?", "G", "g", ESC]), "POD"),
        ("filter", Stage::complete_filters, "POD"),
        ("paste into the filter", |stage| stage.paste_after("/"), "POD"),
        ("paste into a command", |stage| stage.paste_after(":"), "POD"),
        ("scope", Stage::scope, "POD"),
        ("export", Stage::export, "wrote"),
    ],
    &[
        ("changes", Stage::changes, "POD"),
        ("error footer, and calls that failed", Stage::errors, "HSS says"),
        ("the past", Stage::through_the_past, "VIEWING"),
        ("what is kept on disk", Stage::restored, "OFFLINE"),
    ],
];

/// A page with each text in every field of an entry of both lists.
fn page() -> String {
    page_of(1_753_498_970_618, str::to_owned)
}

/// The page of the snapshot of this date, with these words of the texts in what may change.
fn page_of(last_update_time: i64, word: fn(&str) -> String) -> String {
    let texts = corpus();
    let node = |text: &str| {
        json!({
            "id": text, "pod_name": text, "namespace_name": text, "cluster_name": text, "cluster_id": text,
            "cluster_type": text, "region_id": text, "node_name": text, "node_ip": text, "pod_ip": text,
            "status": word(text), "cpu": text, "memory": text, "cpu_limit": word(text), "memory_limit": text,
            "create_time": 1_753_227_292_000_i64, text: text,
        })
    };
    let serverless = |text: &str| {
        json!({
            "pod_name": text, "namespace_name": "serverless", "cluster_name": text, "pod_ip": text,
            "status": text, "cpu": text, "memory": text, "cpu_limit": text, "memory_limit": text,
            "protect_status": word(text), "detect_result": word(text), "create_time": text,
        })
    };
    json!({
        "total_num": 2 * texts.len(),
        "last_update_time": last_update_time,
        "data_list": texts.iter().map(|(_, text)| node(text)).collect::<Vec<_>>(),
        "pod_info_list": texts.iter().map(|(_, text)| serverless(text)).collect::<Vec<_>>(),
    })
    .to_string()
}

/// Error answers that hold all texts between them, in body and headers.
fn errors() -> Vec<Step> {
    let all = run_together(&corpus(), 12);
    let characters: Vec<char> = all.chars().collect();
    let mut steps = Vec::new();
    for chunk in characters.chunks(60) {
        let text: String = chunk.iter().collect();
        let body = json!({"error_code": text, "error_msg": text, "request_id": text}).to_string();
        // A header can hold everything but C0.
        let header: String = text
            .chars()
            .filter(|it| !it.is_ascii_control() || *it == '\t')
            .collect();
        let headers = format!("Content-Type: application/json\r\nX-Request-Id: {header}\r\n");
        steps.push(Step::http("400 Bad Request", &headers, &body));
        steps.push(Step::http(
            "302 Found",
            &format!("Location: https://{header}/\r\n"),
            "",
        ));
        steps.push(Step::http(
            "200 OK",
            &format!("Content-Type: text/html; {header}\r\n"),
            &text,
        ));
        steps.push(Step::http("403 Forbidden", &headers, &body));
    }
    // The last is repeated.
    steps.push(Step::json(
        "400 Bad Request",
        &json!({"error_code": all, "error_msg": all}).to_string(),
    ));
    steps
}

/// A running dashboard and where its files are.
struct Stage {
    folder: Folder,
    size: (u16, u16),
    server: Option<Scripted>,
    flags: Vec<String>,
    pty: Option<Pty>,
    looks: usize,
    rows: usize,
    /// All that was written to the terminal by programs that ended.
    raw: Vec<u8>,
}

impl Stage {
    async fn start(size: (u16, u16), walk: usize) -> Self {
        let folder = Folder::new(&format!("injection-{}x{}-{walk}", size.0, size.1));
        let server = Scripted::start(vec![Step::json("200 OK", &page())]).await;
        let flags = [
            "--endpoint",
            &server.url(),
            "--project-id",
            "p",
            "--calls-per-minute",
            "1000",
            "--interval",
            "24h",
            "--log-level",
            "trace",
            "--log-file",
            folder.join("log").to_str().unwrap(),
        ]
        .map(str::to_owned)
        .to_vec();
        let mut stage = Self {
            folder,
            size,
            server: Some(server),
            flags,
            pty: None,
            looks: 0,
            rows: 0,
            raw: Vec::new(),
        };
        stage.open();
        stage.pty().until("all pods", |screen| {
            screen.contains("FRESH") && screen.contains(&format!("of {}", 2 * corpus().len()))
        });
        stage
    }

    /// Starts the program.
    fn open(&mut self) {
        let home = ("HOME", self.folder.path());
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        self.pty = Some(Pty::start(self.size.0, self.size.1, &flags, &[TOKEN, home]));
    }

    fn pty(&mut self) -> &mut Pty {
        self.pty.as_mut().unwrap()
    }

    /// Ends the program and keeps what it wrote.
    fn close(&mut self) {
        let pty = self.pty.take().unwrap();
        pty.signal("TERM");
        let (code, raw, _) = pty.ended();
        assert_eq!(code, 143);
        self.raw.extend(raw);
    }

    /// Types each of `keys` and looks at the screen after each.
    fn type_and_look(&mut self, keys: &[&str]) {
        for key in keys {
            self.pty().draws_after(key);
            self.look(key);
        }
    }

    fn through_the_table(&mut self) {
        let screens = 2 * corpus().len() / usize::from(self.size.1 - 10) + 1;
        self.type_and_look(&vec!["\x06"; screens]);
        self.type_and_look(&["g"]);
    }

    fn sort_by_each(&mut self) {
        self.type_and_look(&["\x0e", "P", "S", "C", "M", "A", "R", "s"]);
        self.escape();
        self.type_and_look(&["g"]);
    }

    /// Every text that HSS sends, in columns that somebody chose.
    fn choose_columns(&mut self) {
        for list in [
            "risk,pod,region,type,clusterid,id",
            "pod:9,detect_result,podip,nodeip,cpu,mem",
        ] {
            self.type_and_look(&[":", "columns ", list, "\r", "\x06", "l", "l", "l", "l", "h", "g"]);
        }
        self.type_and_look(&["w", "j", " ", "+", "+"]);
        self.escape();
        self.type_and_look(&[":", "columns reset", "\r"]);
    }

    fn through_the_details(&mut self) {
        self.type_and_look(&["\r"]);
        self.type_and_look(&vec!["j"; 2 * corpus().len()]);
        self.pty().shows("Why");
        self.type_and_look(&["\r", "g"]);
    }

    /// Every namespace and cluster with such a name, its pods, and the way back.
    fn through_the_overview(&mut self) {
        self.type_and_look(&["2", "s"]);
        self.escape();
        self.type_and_look(&["P", "O"]);
        for _ in 0..12 {
            self.type_and_look(&["\r", "2", "j"]);
        }
        self.type_and_look(&["/", "\x15", "\r"]);
        self.type_and_look(&vec!["j"; 2 * corpus().len()]);
        self.type_and_look(&["1", "g"]);
    }

    fn through_the_records(&mut self) {
        self.type_and_look(&["y"]);
        self.pty().shows("data_list");
        self.type_and_look(&vec!["j"; 2 * corpus().len()]);
        self.pty().shows("pod_info_list");
        self.type_and_look(&["y", "\r", "g"]);
    }

    fn through_the_menus(&mut self) {
        for _ in 0..corpus().len() {
            self.type_and_look(&["o", "G", "q", "j"]);
        }
        self.type_and_look(&["g"]);
    }

    /// Each pod beside the first one, all fields of both.
    fn through_comparisons(&mut self) {
        self.type_and_look(&["=", "a", "q", " "]);
        for _ in 0..corpus().len() {
            self.type_and_look(&["j", "=", "G", "q"]);
        }
        self.type_and_look(&["U", "g"]);
    }

    fn complete_filters(&mut self) {
        for column in ["pod", "ns", "cluster", "node", "status", "type", "region"] {
            self.type_and_look(&["/", column, ":", "\t", "\r"]);
            // The filter may have the text of a pod: in the menu of views too.
            self.type_and_look(&[":view save ", column, "\r", "V", "G", "q"]);
            self.type_and_look(&["/", "\x15", "\r"]);
        }
    }

    fn paste_after(&mut self, key: &str) {
        self.type_and_look(&[key]);
        // Every one of them takes its time.
        let every = if std::env::var_os("LONG_TESTS").is_some() {
            1
        } else {
            5
        };
        for (_, text) in corpus().into_iter().step_by(every) {
            // Line breaks end nothing here: it is a paste.
            let start: String = text.chars().take(300).collect();
            self.type_and_look(&[&format!("\x1b[200~{start}\x1b[201~"), "\x15"]);
        }
        self.type_and_look(&[&format!("\x1b[200~{}\x1b[201~", "x".repeat(5000))]);
        self.escape();
    }

    /// Esc, until the prompt or menu is gone.
    fn escape(&mut self) {
        self.type_and_look(&[ESC]);
        self.pty().shows("? help");
    }

    fn scope(&mut self) {
        for (_, text) in corpus().into_iter().filter(|(_, text)| text.len() < 200).take(20) {
            self.type_and_look(&[":", "ns ", &format!("\x1b[200~{text}\x1b[201~"), "\r"]);
        }
        self.type_and_look(&[":", "all", "\r"]);
        // The hundred pods and more are all in view again.
        self.pty().until("all pods", |screen| screen.contains(" of 1"));
    }

    fn export(&mut self) {
        for (key, ending) in [("c", ".csv"), ("j", ".json")] {
            self.type_and_look(&["e"]);
            self.pty().shows("write ");
            self.pty().keys(key);
            let screen = self.pty().until("what was written", |screen| {
                screen
                    .lines()
                    .any(|line| line.contains("wrote ") && line.contains(ending))
            });
            assert!(screen.contains("wrote 1"), "{screen}");
            self.look("export");
        }
    }

    /// Another server with these answers takes the place of the one before.
    fn serve(&mut self, steps: Vec<Step>) {
        let address = self.server.take().unwrap().address;
        let server = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(Scripted::start_at(&address.to_string(), steps))
        });
        self.server = Some(server);
    }

    /// Every word of every pod changes, in the next snapshot; what changed is listed, opened, muted and reported.
    fn changes(&mut self) {
        let changed = |text: &str| format!("{text}x");
        self.serve(vec![Step::json("200 OK", &page_of(1_753_585_370_618, changed))]);
        self.type_and_look(&["3", "\x12"]);
        self.pty()
            .until("the changes", |screen| screen.contains("HSS's list of"));
        let lines = 5 * corpus().len();
        let screens = lines / usize::from(self.size.1 - 6) + 1;
        self.type_and_look(&vec!["\x06"; screens]);
        self.type_and_look(&["g", "/to:x", "\r"]);
        self.escape();
        for _ in 0..20 {
            self.type_and_look(&["\r", ESC, "a", "m", "n", "\r", "j", "j", "j", "j", "j"]);
        }
        self.type_and_look(&["M", "L", "\x06", ESC, ":", "report 1h\r"]);
        self.pty().until("what was written", |screen| {
            screen.contains("findings of the last 1h to")
        });
        let files = fs::read_dir(self.folder.dir()).unwrap();
        let mut files = files.map(|entry| entry.unwrap().path());
        let report = files
            .find(|path| path.extension().is_some_and(|it| it == "md"))
            .unwrap();
        harmless_lines("the report", &fs::read(report).unwrap());
        self.type_and_look(&["1", "3"]);
        self.pty().shows("unread");
        self.type_and_look(&["1"]);
        self.serve(vec![Step::json("200 OK", &page_of(1_753_585_370_618, changed))]);
    }

    /// The pods as they were in the snapshot before, from what is stored of it; and a picture that is held.
    fn through_the_past(&mut self) {
        self.type_and_look(&["<"]);
        self.pty().shows("VIEWING");
        self.through_the_table();
        self.type_and_look(&[
            "2", "j", "\x06", "1", "\r", "j", "y", "y", ESC, "/", "x", "\r", "/", "\x15", "\r",
        ]);
        self.pty().shows("VIEWING");
        // One pod at two dates.
        self.type_and_look(&["=", "a", "<", "]", "G", "q"]);
        self.type_and_look(&[ESC, "F", "j", "\x06"]);
        self.pty().shows("FROZEN since");
        self.type_and_look(&["F", "<"]);
        self.pty().shows("VIEWING");
    }

    /// The same program, while all it asks for fails.
    fn errors(&mut self) {
        let steps = errors();
        let count = steps.len();
        self.serve(steps);
        let server = self.server.take().unwrap();
        while server.requests().len() <= count {
            self.type_and_look(&["\x12"]);
        }
        self.pty().shows("HSS says");
        self.server = Some(server);
        self.look("errors");
        // Codes and request ids of the calls that failed, and the sentence of the last.
        self.type_and_look(&["4", "G", "g"]);
        self.pty().shows("REQUEST ID");
        self.type_and_look(&vec!["j"; 100]);
        self.type_and_look(&[ESC]);
    }

    /// Another program, which knows only what the first one kept.
    fn restored(&mut self) {
        self.close();
        self.server = None;
        self.open();
        let all = format!("of {}", 2 * corpus().len());
        self.pty().until("what was kept", |screen| {
            screen.contains("OFFLINE") && screen.contains(&all)
        });
        self.through_the_table();
        self.pty().shows("OFFLINE");
    }

    /// Every row is as wide as the terminal, holds nothing forbidden, and the columns stand under their headings.
    fn look(&mut self, what: &str) {
        let pty = self.pty.as_mut().unwrap();
        let (columns, rows) = self.size;
        let checked = pty.with_screen(|screen| {
            assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste());
            for row in 0..rows {
                assert!(
                    !screen.row_wrapped(row),
                    "row {row} runs over its end after {what:?}"
                );
                let mut text = String::new();
                let mut width = 0;
                while width < columns {
                    let cell = screen.cell(row, width).unwrap();
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                    width += if cell.is_wide() { 2 } else { 1 };
                }
                assert_eq!(
                    width, columns,
                    "row {row} has another width than the screen after {what:?}"
                );
                assert_harmless(&format!("the screen after {what:?}"), &text, &[]);
            }
            columns_stand(screen, columns, rows, what)
        });
        self.looks += 1;
        self.rows += checked;
    }
}

/// Left-aligned columns begin under their headings, with a blank before them; an odd status begins with its
/// sign. Returns how many rows were checked.
fn columns_stand(screen: &vt100::Screen, columns: u16, rows: u16, what: &str) -> usize {
    let text = |row: u16| screen.contents_between(row, 0, row, columns);
    let Some(heading) =
        (0..rows.min(6)).find(|row| text(*row).contains("POD") && text(*row).contains("STATUS"))
    else {
        return 0;
    };
    let at = |name: &str| {
        let characters: Vec<char> = text(heading).chars().collect();
        let name: Vec<char> = name.chars().collect();
        characters
            .windows(name.len())
            .position(|it| it == name)
            .map(|at| u16::try_from(at).unwrap())
    };
    let places: Vec<u16> = ["NAMESPACE", "POD", "STATUS", "PROTECT", "DETECT"]
        .into_iter()
        .filter_map(at)
        .collect();
    let status = at("STATUS").unwrap();
    let mut checked = 0;
    for row in heading + 1..rows - 1 {
        let line = text(row);
        if line.contains("── ") && columns < 150 || line.trim().is_empty() || line.contains(" by ") {
            break;
        }
        let cell = |column: u16| screen.cell(row, column).unwrap();
        let has_border = (0..columns - 2).any(|column| cell(column).contents() == "│");
        if has_border || !matches!(cell(status).contents(), "?" | "–") {
            continue; // a menu stands over it, or a prompt
        }
        for place in &places {
            assert!(
                matches!(cell(place - 1).contents(), "" | " "),
                "column at {place} is shifted in row {row} after {what:?}: {line}"
            );
            assert!(!cell(*place).is_wide_continuation());
        }
        checked += 1;
    }
    checked
}

/// What is in a file or stream: only lines of harmless text.
fn harmless_lines(what: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what} is not UTF-8: {error}"));
    assert_harmless(what, text, &['\n', '\r']);
}

fn check_log(folder: &Folder) -> usize {
    let log = fs::read(folder.join("log")).unwrap();
    harmless_lines("the log", &log);
    let lines = String::from_utf8(log).unwrap();
    for line in lines.lines() {
        assert!(serde_json::from_str::<Value>(line).unwrap().is_object(), "{line}");
    }
    lines.lines().count()
}

/// The two exported files: the same pods, in the same order, each text as it should be.
fn check_files(folder: &Folder) -> [usize; 2] {
    let find = |ending: &str| {
        let paths: Vec<_> = fs::read_dir(folder.dir())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension.to_str() == Some(ending))
            })
            .collect();
        assert_eq!(paths.len(), 1, "{paths:?}");
        let name = paths[0].file_name().unwrap().to_str().unwrap();
        assert!(
            name.starts_with("hss-top-pods-20") && name.is_ascii(),
            "nothing of the service is in {name}"
        );
        let metadata = fs::metadata(&paths[0]).unwrap();
        assert_eq!(metadata.mode() & 0o7777, 0o600);
        let bytes = fs::read(&paths[0]).unwrap();
        // The one mark of ours, for spreadsheets.
        let mark = if ending == "csv" { "\u{feff}" } else { "" };
        harmless_lines(name, bytes.strip_prefix(mark.as_bytes()).unwrap());
        bytes
    };
    let (table, objects) = (find("csv"), find("json"));
    assert!(objects.is_ascii());
    let objects: Vec<BTreeMap<String, Value>> = serde_json::from_slice(&objects).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_slice());
    let heading = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(
        (records.len(), objects.len()),
        (2 * corpus().len(), records.len())
    );
    let mut guarded = 0;
    for (record, object) in records.iter().zip(&objects) {
        for (name, cell) in heading.iter().zip(record) {
            let first = cell.trim_start().chars().next();
            assert!(
                !first.is_some_and(|it| "=+-@\t\r\n＝＋－＠".contains(it)),
                "{name} begins a formula: {cell:?}"
            );
            let text = cell.strip_prefix('\'').unwrap_or(cell);
            guarded += cell.len() - text.len();
            let expected = match &object[name] {
                Value::Null => String::new(),
                Value::String(raw) => RemoteText::name(raw).shown().to_owned(),
                other => other.to_string(),
            };
            assert_eq!(
                text, expected,
                "{name} is another text in the table than among the objects"
            );
        }
    }
    // Every text that was served is there to the letter, up to what is kept of it; what was cut says so.
    for (what, text) in corpus().into_iter().filter(|(_, text)| !text.is_empty()) {
        let is_cut = text.chars().count() > 256;
        let kept: String = if is_cut {
            text.chars().take(240).collect()
        } else {
            text.clone()
        };
        let is_kept = |told: &str| {
            if is_cut {
                told.starts_with(&kept) && told.contains('…')
            } else {
                told == kept
            }
        };
        for column in [
            "pod_name",
            "cluster_name",
            "status",
            "cpu",
            "node_name",
            "detect_result",
        ] {
            let holds = objects
                .iter()
                .any(|object| object[column].as_str().is_some_and(is_kept));
            assert!(holds, "{what} is not in column {column}");
        }
    }
    [records.len(), guarded]
}

/// Makes one walk. Answers the rows of the table that were checked.
async fn walk(size: (u16, u16), number: usize) -> usize {
    let mut stage = Stage::start(size, number).await;
    let mut report = Vec::new();
    for (name, act, shows) in WALKS[number] {
        let before = (stage.looks, stage.rows);
        tokio::task::block_in_place(|| act(&mut stage));
        stage.pty().shows(shows);
        report.push(format!(
            "{name}: {} screens, {} table rows",
            stage.looks - before.0,
            stage.rows - before.1
        ));
        if *name == "export" {
            let [rows, guarded] = check_files(&stage.folder);
            report.push(format!(
                "  files of {rows} rows, {guarded} cells guarded, mode 0600"
            ));
        }
    }
    stage.close();
    let (found, text) = sequences(&stage.raw);
    for (sequence, times) in &found {
        assert!(
            is_allowed(sequence),
            "{sequence:?} was sent to the terminal {times} times"
        );
    }
    // The one line of ours that is said on the shell's screen.
    let text = text.replace("hss-top: ended by SIGTERM\r\n", "");
    assert_harmless("the terminal's bytes", &text, &[]);
    let lines = check_log(&stage.folder);
    let kinds: std::collections::BTreeSet<&str> = found
        .keys()
        .map(|it| it.trim_start_matches(|it: char| it.is_ascii_digit() || it == '[' || it == ';'))
        .collect();
    println!(
        "{}x{}: {} texts in 29 fields; {} bytes, {} sequences of these kinds: {kinds:?}; log of {lines} lines\n  {}",
        size.0,
        size.1,
        corpus().len(),
        stage.raw.len(),
        found.values().sum::<usize>(),
        report.join("\n  ")
    );
    stage.rows
}

fn whole_corpus_at(size: (u16, u16)) {
    // Each has a runtime of its own: it blocks while it waits for a picture, and its server must not.
    let make = |number| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(walk(size, number))
    };
    let rows: usize = std::thread::scope(|scope| {
        let walks: Vec<_> = (0..WALKS.len())
            .map(|number| scope.spawn(move || make(number)))
            .collect();
        walks.into_iter().map(|walk| walk.join().unwrap()).sum()
    });
    assert!(rows > 200, "only {rows} rows of the table were checked");
}

#[test]
fn what_the_corpus_asks_of_a_terminal_is_not_what_hss_top_sends() {
    // Other sequences of the same texts are not.
    let of_both = ["[H", "[2J", "[?1049l", "[?25l", "[?1006h"];
    for (name, text) in corpus() {
        let (found, _) = sequences(text.as_bytes());
        for sequence in found.keys().filter(|it| !of_both.contains(&it.as_str())) {
            assert!(!is_allowed(sequence), "{name}: {sequence:?}");
        }
    }
}

#[test]
fn nothing_of_the_corpus_reaches_a_small_terminal() {
    whole_corpus_at(SIZES[0]);
}

#[test]
fn nothing_of_the_corpus_reaches_a_large_terminal() {
    whole_corpus_at(SIZES[1]);
}

/// The same judge finds what gets through a program that trusts its libraries.
#[tokio::test(flavor = "multi_thread")]
async fn the_naive_twin_fails() {
    let hss = Scripted::start(vec![Step::json("200 OK", &page())]).await;
    let url = hss.url();
    let raw = tokio::task::block_in_place(|| {
        let variables = [("NAIVE_TWIN_URL", url.as_str()), TOKEN];
        let mut pty = Pty::start_program(Program::Twin, 200, 60, &[], &variables);
        pty.shows("FRESH");
        for _ in 0..corpus().len() {
            pty.keys("j");
        }
        pty.shows("生产集群");
        pty.quit();
        pty.ended().1
    });
    let text = String::from_utf8_lossy(&raw);
    let forbidden = text
        .chars()
        .filter(|it| is_forbidden(*it) && !matches!(it, '\u{1b}' | '\r' | '\n'))
        .count();
    println!("naive twin: {forbidden} forbidden characters reach the terminal");
    assert!(forbidden > 100, "{forbidden}");
}

/// Where there is no terminal: stdout, stderr and the doctor's two outputs.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_doctor_prints_is_harmless() {
    let steps = errors();
    let count = steps.len();
    let server = Scripted::start(steps).await;
    let url = server.url();
    let bytes = tokio::task::spawn_blocking(move || {
        let mut bytes = 0;
        for at in 0..count {
            let output = if at % 2 == 0 { "text" } else { "json" };
            let flags = [
                "doctor",
                "--endpoint",
                &url,
                "--project-id",
                "p",
                "--output",
                output,
            ];
            let (code, out, err) = run(&flags, &[TOKEN]);
            assert_eq!(code, Some(1));
            harmless_lines("stdout", out.as_bytes());
            harmless_lines("stderr", err.as_bytes());
            bytes += out.len() + err.len();
        }
        bytes
    })
    .await
    .unwrap();
    println!("doctor: {count} runs, {bytes} bytes, all harmless");
}

/// Before there is a screen: errors of a configuration repeat parts of it.
#[test]
fn what_is_said_on_stderr_is_harmless() {
    let folder = Folder::new("injection-config");
    let mut bytes = 0;
    for (at, (_, text)) in corpus().into_iter().enumerate() {
        // A JSON text is a TOML one, but for the escape of what lies beyond U+FFFF, which JSON does not need.
        let value = Value::from(text.replace('\u{7f}', "")).to_string();
        let lines = [
            format!("interval = {value}"),
            format!("filter = {value}"),
            format!("endpoint = {value}"),
            format!("{value} = 1"),
            format!("profile = {value}"),
            format!("credential_process = [{value}]"),
        ];
        // All of them in a long run, each other one otherwise.
        let every = if std::env::var_os("LONG_TESTS").is_some() {
            1
        } else {
            3
        };
        for line in lines.iter().skip(at % every).step_by(every) {
            let config = folder.write(&format!("{at}.toml"), line);
            let (code, out, err) = run(&["--config", &config, "--region", "r"], &[TOKEN]);
            assert!(code != Some(0) && out.is_empty(), "{line}: {out}");
            harmless_lines("stderr", err.as_bytes());
            bytes += err.len();
        }
    }
    println!("stderr: {bytes} bytes, all harmless");
}

/// Every word of every pod changes, in each form of a stream of changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_changes_is_harmless_to_print() {
    for form in ["text", "jsonl"] {
        let steps = vec![
            Step::json("200 OK", &page_of(1_755_163_815_000, str::to_owned)),
            Step::json("200 OK", &page_of(1_755_250_215_000, |text| format!("{text}x"))),
        ];
        let server = Scripted::start(steps).await;
        let url = server.url();
        let read = move || {
            let place = [
                "--endpoint",
                &url,
                "--project-id",
                "p",
                "--no-state",
                "--interval",
                "1s",
            ];
            let watch = Running::start(&[&["watch", "--output", form][..], &place].concat(), &[TOKEN]);
            let out = watch.lines(corpus().len()).concat();
            let (_, rest, err) = watch.end(rustix::process::Signal::TERM);
            (out + &rest, err)
        };
        let (out, err) = tokio::task::spawn_blocking(read).await.unwrap();
        assert_harmless(form, &out, &['\n']);
        assert_harmless("stderr", &err, &['\n']);
    }
}

/// What is saved of two snapshots with the corpus: usage, changes, mutes, and the report of them.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_state_tells_is_harmless_to_print() {
    // Without a usage that can be read there would be no history.
    let used = |page: String| {
        let mut page: Value = serde_json::from_str(&page).unwrap();
        for pod in page["data_list"].as_array_mut().unwrap() {
            (pod["cpu"], pod["memory"]) = ("1m".into(), "1Mi".into());
        }
        Step::json("200 OK", &page.to_string())
    };
    let steps = vec![
        used(page_of(1_755_163_815_000, str::to_owned)),
        used(page_of(1_755_250_215_000, |text| format!("{text}x"))),
    ];
    let server = Scripted::start(steps).await;
    let url = server.url();
    tokio::task::spawn_blocking(move || {
        let folder = Folder::new("injection-state");
        let state = [TOKEN, ("XDG_STATE_HOME", folder.path())];
        let place = ["--endpoint", &url, "--project-id", "p"];
        let watch = ["watch", "--output", "jsonl", "--interval", "1s"];
        let watch = Running::start(&[&watch[..], &place].concat(), &state);
        watch.lines(corpus().len());
        watch.end(rustix::process::Signal::TERM);
        let print = |command: &[&str]| {
            let (code, out, err) = run(&[command, &place].concat(), &state);
            assert_harmless("stderr", &err, &['\n']);
            assert_eq!(code, Some(0), "{command:?}: {err}");
            out
        };
        // A command line cannot hold NUL.
        for (_, text) in corpus().into_iter().filter(|(_, text)| text.len() < 200) {
            let filter = format!("ns:\"{}\"", text.replace(['"', '\\', '\0'], ""));
            let (_, out, err) = run(
                &[&["mutes", "add", &filter, "--until", "forever"][..], &place].concat(),
                &state,
            );
            assert_harmless("stdout", &out, &['\n']);
            assert_harmless("stderr", &err, &['\n']);
        }
        for (command, least) in [
            (&["report", "--max-age", "2h"][..], corpus().len()),
            (&["report", "--max-age", "2h", "--output", "json"], corpus().len()),
            (&["report", "--max-age", "2h", "--output", "csv"], corpus().len()),
            (&["export", "history"], corpus().len()),
            (&["export", "history", "--output", "csv"], corpus().len()),
            (&["export", "changes"], corpus().len()),
            (&["export", "changes", "--output", "csv"], corpus().len()),
            (&["mutes", "list"], 20),
            (&["mutes", "list", "--output", "jsonl"], 20),
        ] {
            let out = print(command);
            let is_csv = command.contains(&"csv");
            assert_harmless(
                &command.join(" "),
                &out,
                if is_csv { &['\n', '\r'] } else { &['\n'] },
            );
            assert!(
                out.lines().count() > least,
                "{command:?}: {} lines",
                out.lines().count()
            );
        }
    })
    .await
    .unwrap();
}

/// What one form of a list of the corpus may hold beside harmless characters.
#[tokio::test(flavor = "multi_thread")]
async fn every_form_without_a_screen_is_harmless_to_print() {
    let server = Scripted::start(vec![Step::json("200 OK", &page())]).await;
    let url = server.url();
    let print = move |command: &[&str]| {
        let place = ["--endpoint", &url, "--project-id", "p", "--no-state"];
        let (code, out, err) = run(&[command, &place].concat(), &[TOKEN]);
        assert_harmless("stderr", &err, &['\n']);
        (code, out)
    };
    tokio::task::spawn_blocking(move || {
        let pods = 2 * corpus().len();
        for (form, lines, allowed) in [
            ("table", pods + 1, &['\n'][..]),
            ("wide", pods + 1, &['\n']),
            ("json", pods + 4, &['\n']),
            ("jsonl", pods, &['\n']),
            ("csv", pods + 1, &['\n', '\r']),
            ("tsv", pods + 1, &['\n', '\t']),
            ("yaml", 26 * pods + 16, &['\n']),
            ("name", pods, &['\n']),
            ("markdown", pods + 2, &['\n']),
        ] {
            let (code, out) = print(&["list", "--output", form]);
            assert_harmless(form, &out, allowed);
            // The corpus may be known by fewer pods: equal names are one.
            assert!(
                code == Some(0) && out.lines().count() <= lines,
                "{form}: {code:?} {}",
                out.lines().count()
            );
            assert!(out.lines().count() > corpus().len(), "{form}");
        }
        for form in ["text", "json", "junit", "nagios"] {
            let (code, out) = print(&["check", "--fail-on", "risk>=0", "--output", form]);
            assert_harmless(form, &out, &['\n']);
            assert_eq!(code, Some(if form == "nagios" { 2 } else { 1 }), "{form}");
            assert!(form == "junit" || out.lines().count() == 1, "{form}");
            assert!(form != "nagios" || out.matches('|').count() == 1, "{form}");
        }
    })
    .await
    .unwrap();
}

/// What scrapers and scripts get of the corpus, and what a supervisor reads on stderr.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_a_collector_is_harmless_to_print() {
    let server = Scripted::start(vec![Step::json("200 OK", &page())]).await;
    let url = server.url();
    tokio::task::spawn_blocking(move || {
        let serving = Serving::of(&url, &["--metrics-risky-pods", "1000", "--log-level", "debug"]);
        serving.until("/readyz", |answer| answer.status == 200);
        let metrics = serving.until("/metrics", |answer| answer.body.contains("\nhss_pod_risk_info{"));
        assert_harmless("metrics", &metrics.body, &['\n']);
        assert!(metrics.body.lines().count() > 10 * corpus().len());
        let page = serving.get("/v5/p/kubernetes/pods?limit=200");
        assert_harmless("page", &page.body, &[]);
        assert!(page.status == 200 && page.body.len() > 1000 * corpus().len());
        for (_, text) in corpus() {
            let name: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let name = name.concat();
            for target in [
                format!("/{name}"),
                format!("/v5/{name}/kubernetes/pods?limit={name}"),
            ] {
                let target: String = target.chars().take(9000).collect();
                let answer = serving.get(&target);
                assert_harmless(&target, &answer.body, &['\n']);
                assert!((400..500).contains(&answer.status), "{answer:?}");
            }
        }
        serving.signal("TERM");
        let (code, said) = serving.end();
        assert_eq!(code, Some(0));
        assert_harmless("stderr", &said, &['\n']);
    })
    .await
    .unwrap();
}
