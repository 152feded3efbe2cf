//! Answers with wrong content: the table stays complete, and unreadable values say so.
//!
//! | id | fault | what must be |
//! |---|---|---|
//! | D1 | a `total_num` that does not fit the list, or is invalid | the rows, and an end after at most two more calls |
//! | D2 | an answer without a page, although its status is a success | what it lacks and how it begins; the rows stay |
//! | D3 | entries with one id, with one name in two clusters, without an id | one row per pod, the last value wins, the cursor stays on its pod |
//! | D4 | a value of a wrong type in each field | every row, and in that field only `?`, or what it may mean |
//! | D5 | invalid dates, and those of a night with two o'clock twice | `?` or the right age, never a negative one |
//! | D6 | quantities of every kind | their value, `?`, or a full bar |
//! | D7 | 20,000 pods with texts of 4 KiB, a tenth of which changes each time | keys within a frame, bounded memory |
//! | D8 | pods with a value of a wrong type in each field, and others in the next list | the overview, the changes, the health, the past and a report show them, and the program goes on |

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests, which print what they measured"
)]

mod support;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use support::answering::{Answering, number};
use support::measure::Meter;
use support::pty::Pty;
use support::run::{Folder, each_second};
use support::scripted::{Scripted, Step};
use tokio::time::Instant;

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "t");

/// A dashboard that only asks on request.
fn dashboard(url: &str, (columns, rows): (u16, u16), flags: &[&str], variables: &[(&str, &str)]) -> Pty {
    let base = [
        "--endpoint",
        url,
        "--project-id",
        "p",
        "--interval",
        "24h",
        "--calls-per-minute",
        "1000",
        "--no-state",
    ];
    Pty::start(
        columns,
        rows,
        &[&base, flags].concat(),
        &[&[TOKEN], variables].concat(),
    )
}

fn page(rows: &[Value]) -> String {
    json!({"total_num": rows.len(), "last_update_time": 1_753_498_970_618_i64, "data_list": rows}).to_string()
}

/// What `:export csv` writes of the table: each row by its first column, each cell by its heading.
fn exported(pty: &mut Pty, folder: &Folder) -> HashMap<String, HashMap<String, String>> {
    let path = folder.join("table.csv");
    let _ = fs::remove_file(&path);
    pty.keys(&format!(":export csv {}\r", path.display()));
    pty.shows("wrote ");
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let heading = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    rows.iter()
        .map(|row| {
            let cells = heading
                .iter()
                .zip(row)
                .map(|(name, cell)| (name.to_owned(), cell.to_owned()));
            let cells: HashMap<String, String> = cells.collect();
            (cells["id"].clone(), cells)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_a_total_that_does_not_fit_the_list_ends_the_sweep() {
    const ROW: &str = r#""data_list":[{"id":"1","pod_name":"web-0","status":"Running"}]"#;
    // What it says, and what the screen may say.
    const TOTALS: [(&str, &[&str]); 10] = [
        (r#""total_num":107,"#, &["PARTIAL 1 of 107", "FRESH"]),
        (r#""total_num":-1,"#, &["FRESH"]),
        (r#""total_num":1000000000000000,"#, &["FRESH"]),
        (r#""total_num":"107","#, &["PARTIAL 1 of 107", "FRESH"]),
        (r#""total_num":"many","#, &["FRESH"]),
        (r#""total_num":NaN,"#, &["FRESH"]),
        (r#""total_num":[1],"#, &["FRESH"]),
        (r#""total_num":null,"#, &["FRESH"]),
        (r#""total_num":0,"#, &["FRESH"]),
        ("", &["FRESH"]),
    ];
    for (total, words) in TOTALS {
        let first = Step::json("200 OK", &format!("{{{total}{ROW}}}"));
        let empty = Step::json("200 OK", &format!("{{{total}\"data_list\":[]}}"));
        for (then, steps) in [
            ("the same again", vec![first.clone()]),
            ("nothing", vec![first.clone(), empty]),
        ] {
            let hss = Scripted::start(steps).await;
            let mut pty = dashboard(&hss.url(), (120, 24), &[], &[]);
            let screen = pty.until("an end", |screen| {
                !screen.contains("LOADING")
                    && screen.contains("web-0")
                    && words.iter().any(|word| screen.contains(word))
            });
            // It is at rest: what it would ask next is a day away.
            pty.until("the next call", |screen| {
                screen.contains("next 1d") || screen.contains("next 23h")
            });
            let asked = hss.requests().len();
            // One of them was on its way already when the sweep ended.
            assert!(asked <= 4, "{asked} calls for {total} and then {then}:\n{screen}");
            let pods = if screen.contains("PARTIAL") {
                " PARTIAL 1 of 107 "
            } else {
                " 1 pod "
            };
            assert!(screen.contains(pods), "{screen}");
            println!(
                "D1 {total:<32} then {then:<14} {asked} calls, {}",
                words.iter().find(|word| screen.contains(**word)).unwrap_or(&"?")
            );
            pty.quit();
            assert_eq!(pty.ended().0, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_an_answer_without_a_page_is_an_error_and_the_rows_stay() {
    const ASK_NOW: &str = "\u{12}";
    let good = json!({"total_num": 1, "data_list": [{"id": "1", "pod_name": "web-0"}]}).to_string();
    let cases = [
        ("{}", "unreadable: neither total_num nor a list: {}"),
        (
            r#"{"message":"ok"}"#,
            r#"unreadable: neither total_num nor a list: {"message":"ok"}"#,
        ),
        (
            r#"{"data":{"total_num":0,"data_list":[]}}"#,
            "unreadable: neither total_num nor a list",
        ),
        (
            r#"{"totalNum":1,"dataList":[]}"#,
            "unreadable: neither total_num nor a list",
        ),
        (
            r#"{"total_num":1,"data_list":{}}"#,
            "unreadable: data_list is not a list",
        ),
        (
            r#"{"total_num":1,"data_list":"none"}"#,
            "unreadable: data_list is not a list",
        ),
        (r#"{"data_list":[1,2]}"#, "unreadable: a list without objects"),
        (
            r#"{"error_code":"HSS.0011","error_msg":"none"}"#,
            "HSS says: none (200 HSS.0011",
        ),
        (
            r#"{"data_list":[]}"#,
            "unreadable: an empty list without a readable total_num",
        ),
        (
            r#"{"total_num":"abc","data_list":[]}"#,
            "unreadable: an empty list without a readable total_num",
        ),
        (
            r#"{"total_num":0}"#,
            "unreadable: total_num is 0, but there is no list",
        ),
        (
            r#"{"total_num":0,"data_list":[],"error_code":"HSS.0001","error_msg":"quota"}"#,
            "HSS says: quota (200 HSS.0001",
        ),
    ];
    let steps = cases
        .iter()
        .flat_map(|(body, _)| [&good, *body].map(|body| Step::json("200 OK", body)))
        .collect();
    let hss = Scripted::start(steps).await;
    let mut pty = dashboard(&hss.url(), (160, 24), &[], &[]);
    for (_, says) in cases {
        pty.until("the row", |screen| {
            screen.contains("FRESH") && screen.contains("web-0")
        });
        pty.keys(ASK_NOW);
        let screen = pty.until(says, |screen| screen.contains("STALE") && screen.contains(says));
        assert!(
            screen.contains("web-0") && screen.contains(" 1 pod "),
            "the row stays:\n{screen}"
        );
        pty.keys(ASK_NOW);
    }
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_a_list_that_is_empty_although_pods_are_counted_does_not_say_that_there_are_none() {
    let hss = Scripted::start(vec![Step::json("200 OK", r#"{"total_num":5,"data_list":[]}"#)]).await;
    let mut pty = dashboard(&hss.url(), (120, 24), &[], &[]);
    let screen = pty.shows("PARTIAL 0 of 5");
    assert!(
        screen.contains("HSS counts 5 pods here, but its list is empty"),
        "{screen}"
    );
    assert!(!screen.contains("HSS lists no pods"), "{screen}");
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn d3_one_row_a_pod_and_the_cursor_on_it() {
    let pod = |id: &str, name: &str, cluster: &str, node: &str| {
        json!({"id": id, "pod_name": name, "namespace_name": "n", "cluster_name": cluster, "node_name": node,
            "status": "Running"})
    };
    let first = page(&[
        pod("1", "same-id", "c", "old"),
        pod("1", "same-id", "c", "new"),
        pod("2", "same-name", "c-one", "n1"),
        pod("3", "same-name", "c-two", "n2"),
        pod("", "no-id", "c-one", "n3"),
        pod("", "no-id", "c-one", "n4"),
        pod("", "no-id", "c-two", "n5"),
        pod("4", "selected", "c", "n6"),
    ]);
    // The pod of id 4 has another name, and others stand before it now.
    let second = page(&[
        pod("0", "aaa", "c", "n0"),
        pod("01", "aab", "c", "n0"),
        pod("4", "zz-renamed", "c", "n6"),
        pod("1", "same-id", "c", "newest"),
    ]);
    let folder = Folder::new("d3");
    let hss = Scripted::start(vec![Step::json("200 OK", &first), Step::json("200 OK", &second)]).await;
    let mut pty = dashboard(&hss.url(), (200, 30), &[], &[]);
    pty.until("six pods", |screen| {
        screen.contains(" PARTIAL 6 of 8 ") && screen.contains(" 6 pods ")
    });
    let rows = exported(&mut pty, &folder);
    assert_eq!(rows["1"]["node_name"], "new", "the last word wins");
    assert_eq!(
        (
            rows["2"]["cluster_name"].as_str(),
            rows["3"]["cluster_name"].as_str()
        ),
        ("c-one", "c-two")
    );
    pty.keys("\x0e");
    pty.keys("G");
    // Sorted by name, the last row is one of the two of the same name; the one above both is "selected".
    pty.keys("gj");
    let marked = |screen: &str| {
        screen
            .lines()
            .find(|line| line.starts_with('▌'))
            .map(str::to_owned)
            .unwrap_or_default()
    };
    for _ in 0..8 {
        if marked(&pty.with_screen(vt100::Screen::contents)).contains("selected") {
            break;
        }
        pty.draws_after("j");
    }
    pty.until("the cursor on it", |screen| marked(screen).contains("selected"));
    pty.keys("\x12");
    let screen = pty.until("the second list", |screen| {
        screen.contains("zz-renamed") && screen.contains("aab")
    });
    assert!(marked(&screen).contains("zz-renamed"), "{screen}");
    println!("D3 8 entries are 6 pods; the cursor stays on id 4 under another name");
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

/// The fields of an entry of `data_list`, and the columns of a file that show them.
const FIELDS: [&str; 14] = [
    "pod_name",
    "namespace_name",
    "cluster_name",
    "cluster_id",
    "cluster_type",
    "node_name",
    "node_ip",
    "pod_ip",
    "region_id",
    "status",
    "cpu",
    "memory",
    "cpu_limit",
    "create_time",
];

#[tokio::test(flavor = "multi_thread")]
async fn d4_a_wrong_type_costs_its_field_and_nothing_else() {
    // A value; what a text says of it, and what a quantity. A column of dates holds dates only.
    let odd: [(&str, &str, &str); 13] = [
        ("null", "", ""),
        ("1e3", "1000", "1000"),
        ("-1", "'-1", "'-1"),
        ("1.5", "1.5", "1.5"),
        (
            "18446744073709551616",
            "18446744073709551616",
            "18446744073709551616",
        ),
        ("1e999", "1e999", "1e999"),
        ("NaN", "NaN", "NaN"),
        ("{}", "?", "?"),
        (r#"{"a":{"b":[1]}}"#, "?", "?"),
        ("[]", "?", "?"),
        (r#"["Running"]"#, "?", "?"),
        ("true", "?", "?"),
        (r#""""#, "", ""),
    ];
    let good = json!({
        "pod_name": "p", "namespace_name": "n", "cluster_name": "c", "cluster_id": "ci", "cluster_type": "ct",
        "node_name": "nn", "node_ip": "ni", "pod_ip": "pi", "region_id": "r", "status": "Running", "cpu": "1",
        "memory": "1", "cpu_limit": "2", "create_time": 1_753_227_292_000_i64,
    });
    let mut rows = Vec::new();
    for field in FIELDS {
        for (value, ..) in odd {
            let mut row = good.clone();
            row["id"] = json!(format!("{field} {value}"));
            let text = row.to_string();
            let as_it_was = format!("\"{field}\":{}", good[field]);
            assert!(text.contains(&as_it_was));
            rows.push(text.replace(&as_it_was, &format!("\"{field}\":{value}")));
        }
    }
    let serverless: Vec<String> = odd
        .iter()
        .flat_map(|(value, ..)| ["status", "protect_status", "detect_result"].map(|field| (field, value)))
        .enumerate()
        .map(|(at, (field, value))| format!(r#"{{"pod_name":"s-{at}","{field}":{value}}}"#))
        .collect();
    let entries_that_are_none = r#"null,1,"x",[],true"#;
    let body = format!(
        r#"{{"total_num":{},"data_list":[{},{entries_that_are_none}],"pod_info_list":[{}]}}"#,
        rows.len(),
        rows.join(","),
        serverless.join(",")
    );
    let count = rows.len() + serverless.len();
    let folder = Folder::new("d4");
    let hss = Scripted::start(vec![Step::json("200 OK", &body)]).await;
    let mut pty = dashboard(&hss.url(), (200, 60), &[], &[]);
    pty.until("every row", |screen| screen.contains(&format!(" {count} pods ")));
    let table = exported(&mut pty, &folder);
    let mut cells = 0;
    for field in FIELDS {
        for (value, text, quantity) in odd {
            let row = &table[&format!("{field} {value}")];
            for other in FIELDS {
                let kept = match &good[other] {
                    Value::String(text) => text.clone(),
                    _ => "2025-07-22T23:34:52Z".to_owned(),
                };
                let expected = match other {
                    _ if other != field => kept.as_str(),
                    "cpu" | "memory" | "cpu_limit" => quantity,
                    "create_time" => "",
                    // A status may be anything, and is then its JSON.
                    "status" if text == "?" => value,
                    _ => text,
                };
                assert_eq!(row[other], expected, "{other} where {field} is {value}");
                cells += 1;
            }
        }
    }
    println!(
        "D4 {} entries with one odd value each: {count} rows, {cells} cells as they should be",
        rows.len()
    );
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn d5_dates_that_are_none_are_unreadable_and_the_rest_is_right() {
    // What comes, what the file says, what the detail says.
    const DATES: [(i64, &str, &str); 11] = [
        (0, "", "? not a date"),
        (-1, "", "? not a date"),
        (i64::MIN, "", "? not a date"),
        (i64::MAX, "", "? not a date"),
        (1_753_227_292, "", "? not a date"),
        (1_000_000_000_000_000, "", "? not a date"),
        (
            4_000_000_000_000,
            "2096-10-02T07:06:40Z",
            "2096-10-02 09:06:40 +02:00, which is in 69y",
        ),
        // The night in which it is two o'clock twice, and the one in which it is never.
        (
            1_761_438_600_000,
            "2025-10-26T00:30:00Z",
            "2025-10-26 02:30:00 +02:00, ",
        ),
        (
            1_761_442_200_000,
            "2025-10-26T01:30:00Z",
            "2025-10-26 02:30:00 +01:00, ",
        ),
        (
            1_743_296_399_000,
            "2025-03-30T00:59:59Z",
            "2025-03-30 01:59:59 +01:00, ",
        ),
        (
            1_743_296_400_000,
            "2025-03-30T01:00:00Z",
            "2025-03-30 03:00:00 +02:00, ",
        ),
    ];
    let rows: Vec<Value> = DATES
        .iter()
        .enumerate()
        .map(|(at, (ms, ..))| {
            json!({"id": at.to_string(), "pod_name": format!("d-{at:02}"), "create_time": ms})
        })
        .collect();
    let folder = Folder::new("d5");
    let hss = Scripted::start(vec![Step::json("200 OK", &page(&rows))]).await;
    let mut pty = dashboard(&hss.url(), (200, 40), &[], &[("TZ", "Europe/Berlin")]);
    pty.shows(&format!(" {} pods ", DATES.len()));
    let table = exported(&mut pty, &folder);
    for (at, (ms, file, detail)) in DATES.iter().enumerate() {
        assert_eq!(table[&at.to_string()]["create_time"], *file, "{ms}");
        pty.keys(&format!("/\x15pod:d-{at:02}\r"));
        pty.until(detail, |screen| {
            screen.contains(&format!("── d-{at:02} ")) && screen.contains(detail)
        });
    }
    pty.keys("/\x15\r");
    let screen = pty.until("all rows", |screen| !screen.contains("filtered from"));
    // What lies ahead says so, and nothing else has a sign.
    assert_eq!(screen.matches(" -").count(), 1, "{screen}");
    assert!(screen.contains(" -70y "), "{screen}");
    println!("D5 {} dates, in Europe/Berlin: each right or ?", DATES.len());
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_quantities_are_read_or_shown_as_they_are() {
    /// Used, limit, what the detail says of the amount, of the share, and whether the bar is full.
    type Case = (&'static str, &'static str, &'static str, &'static str);
    const CASES: [Case; 19] = [
        ("120m", "1", "0.12 of 1", "12%"),
        ("1", "1", "1 of 1", "100%  ▲ critical"),
        ("2", "1", "2 of 1", "200%  ▲ over"),
        ("50", "1m", "50000m of 1m", ">999%  ▲ over"),
        ("1Gi", "1Gi", "1Gi of 1Gi", "100%  ▲ critical"),
        ("1e3", "2e3", "1e3 of 2e3", "50%"),
        ("699m", "1", "0.699 of 1", "69%"),
        ("700m", "1", "0.7 of 1", "70%  ▲ near"),
        ("", "1", "– of 1", ""),
        ("1", "", "1, limit unknown", ""),
        ("1", "0", "1, no limit", ""),
        ("0", "0", "0, no limit", ""),
        ("∞", "1", "∞ of 1", "?"),
        ("1e400", "1", "1e400 of 1", ">999% ▲ over"),
        ("-5", "1", "-5 of 1", "? negative"),
        ("5", "-1", "5 of -1", "? negative"),
        ("+500m", "+1", "0.5 of +1", "50%"),
        ("20000000000", "1", "20000000000 of 1", ">999% ▲ over"),
        ("1e20", "1e21", "1e20 of 1e21", "?"),
    ];
    let rows: Vec<Value> = CASES
        .iter()
        .enumerate()
        .map(|(at, (used, limit, ..))| {
            json!({"id": at.to_string(), "pod_name": format!("d-{at:02}"), "status": "Running",
                "cpu": used, "cpu_limit": limit})
        })
        .collect();
    let hss = Scripted::start(vec![Step::json("200 OK", &page(&rows))]).await;
    let mut pty = dashboard(&hss.url(), (200, 40), &[], &[]);
    pty.shows(&format!(" {} pods ", CASES.len()));
    for (at, (_, _, amount, share)) in CASES.iter().enumerate() {
        pty.keys(&format!("/\x15pod:d-{at:02}\r"));
        let cpu = |screen: &str| {
            let mut detail = screen.lines().skip_while(|line| !line.contains("── d-")).skip(1);
            detail
                .find(|line| line.contains(" CPU  "))
                .and_then(|line| line.split_once(" CPU  "))
                .map(|(_, cpu)| cpu.split_whitespace().collect::<Vec<_>>().join(" "))
                .unwrap_or_default()
        };
        let (amount, share) = (*amount, share.split_whitespace().collect::<Vec<_>>().join(" "));
        let screen = pty.until(&format!("{amount} … {share}"), |screen| {
            let cpu = cpu(screen);
            screen.contains(&format!("── d-{at:02} ")) && cpu.starts_with(amount) && cpu.contains(&share)
        });
        let cpu = cpu(&screen);
        let is_over = share.contains("over") || share.starts_with("100%");
        assert_eq!(
            is_over,
            cpu.contains('━') && !cpu.contains('─'),
            "a bar is full from 100 % on, and never longer: {cpu}"
        );
    }
    println!("D6 {} quantities", CASES.len());
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

/// The pods of the big fleet and of one of its pages.
const MANY: usize = 20_000;
const PAGE: usize = 200;

/// A page of the big fleet in its `cycle`: in each another tenth of the pods is replaced.
fn many(cycle: usize, offset: usize) -> Vec<u8> {
    let mut rows = String::new();
    for pod in offset..(offset + PAGE).min(MANY) {
        let born = (0..=cycle)
            .rev()
            .find(|cycle| *cycle == 0 || pod % 10 == cycle % 10)
            .unwrap_or(0);
        let separator = if rows.is_empty() { "" } else { "," };
        let _ = write!(
            rows,
            r#"{separator}{{"id":"{pod}-{born}","pod_name":"pod-{pod:05}-{born}","namespace_name":"n{}","status":"Running","cpu":"{}m","cpu_limit":"1","node_name":"{pod:05}-{born}-{}"}}"#,
            pod % 50,
            (pod * 7 + cycle * 13) % 1000,
            "x".repeat(4096 - 8),
        );
    }
    let body = format!(
        r#"{{"total_num":{MANY},"last_update_time":{},"data_list":[{rows}]}}"#,
        1_753_498_970_618_i64 + i64::try_from(cycle).unwrap()
    );
    Step::json("200 OK", &body).bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn d7_a_large_fleet_of_long_texts_stays_usable() {
    const CYCLES: usize = 4;
    if std::env::var_os("LONG_TESTS").is_none() {
        println!("D7 needs LONG_TESTS=1");
        return;
    }
    // Who begins from the start again sees the next cycle.
    let begun = AtomicUsize::new(0);
    let hss = Answering::start(move |_, head| {
        let offset = number(head, "offset").unwrap_or(0);
        if offset == 0 {
            begun.fetch_add(1, Ordering::SeqCst);
        }
        many(begun.load(Ordering::SeqCst).saturating_sub(1), offset)
    })
    .await;
    let mut pty = dashboard(&hss.url(), (120, 40), &[], &[]);
    let meter = Meter::of(pty.pid());
    let mut resident = Vec::new();
    let mut waits = Vec::new();
    for cycle in 0..CYCLES {
        let wanted = hss.asked() + MANY / PAGE;
        if cycle > 0 {
            pty.keys("\x12");
        } else {
            pty.shows("pod-");
        }
        // Keys while it loads.
        let start = Instant::now();
        while hss.asked() < wanted - 1 {
            let pressed = Instant::now();
            pty.draws_after(if waits.len() % 2 == 0 { "j" } else { "k" });
            waits.push(pressed.elapsed());
            assert!(
                start.elapsed() < Duration::from_mins(2),
                "{} of {wanted} calls",
                hss.asked()
            );
        }
        pty.until("the whole fleet", |screen| {
            screen.contains("FRESH") && screen.contains("20,000 pods")
        });
        resident.push(meter.resident());
    }
    waits.sort();
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    println!(
        "D7 {MANY} pods, {CYCLES} cycles of {} calls: resident {resident:?} KiB after each, peak {} KiB; {} keys, drawn after {:?} (median), {:?} (99 %)",
        MANY / PAGE,
        meter.peak(),
        waits.len(),
        at(50),
        at(99)
    );
    // A tenth of the pods is gone each time and stays for ten minutes, with the kilobyte that is kept of its text.
    let grown = resident[CYCLES - 1].saturating_sub(resident[1]);
    assert!(
        grown < 48 << 10,
        "{grown} KiB more after {CYCLES} cycles than after 2"
    );
    let bound = if cfg!(debug_assertions) { 500 } else { 100 };
    assert!(at(99) < Duration::from_millis(bound), "{:?}", at(99));
    pty.keys("/pod:pod-1999*\r");
    pty.shows("filtered from 2");
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn d8_every_view_shows_pods_without_a_readable_field() {
    // Of every pod one field is odd; in the next list the fields after it are.
    let list = |date: i64, shift: usize| {
        let odd = ["null", "{}", "[]", "true", "1e999", "-1", r#""""#];
        let row = |at: usize| {
            let fields = FIELDS.iter().enumerate().map(|(place, field)| {
                let value = match (place + FIELDS.len() - at % FIELDS.len()) % FIELDS.len() {
                    0 => odd[(at + shift) % odd.len()].to_owned(),
                    _ => format!("\"{field}-{at}\""),
                };
                format!("\"{field}\":{value}")
            });
            format!("{{\"id\":\"{at}\",{}}}", fields.collect::<Vec<_>>().join(","))
        };
        let serverless = |at: usize| {
            let (protect, detect) = (odd[(at + shift) % odd.len()], odd[(at / 2 + shift) % odd.len()]);
            format!("{{\"pod_name\":\"s-{at}\",\"protect_status\":{protect},\"detect_result\":{detect}}}")
        };
        let rows: Vec<String> = (0..60).map(|at| row(at + shift)).collect();
        let others: Vec<String> = (0..20).map(serverless).collect();
        let body = format!(
            "{{\"total_num\":60,\"last_update_time\":{date},\"data_list\":[{}],\"pod_info_list\":[{}]}}",
            rows.join(","),
            others.join(",")
        );
        Step::json("200 OK", &body)
    };
    let folder = Folder::new("d8");
    let steps = vec![list(1_753_498_970_618, 0), list(1_753_585_370_618, 3)];
    let hss = Scripted::start(steps).await;
    let url = hss.url();
    let flags = each_second(&url);
    let variables = [
        TOKEN,
        ("XDG_STATE_HOME", folder.path()),
        ("XDG_RUNTIME_DIR", folder.path()),
    ];
    let mut pty = Pty::start(120, 40, &flags, &variables);
    pty.until("the second list", |screen| screen.contains(" unread"));
    for (keys, shown) in [
        ("2", "computed over 8"),
        ("\r", "filtered from"),
        ("3", "HSS's list of"),
        ("/to:gone\r", "filtered from"),
        ("\r", "gone"),
        ("\x1b[27u4", "Next call"),
        ("1<", "VIEWING"),
        ("2", "VIEWING"),
        ("1=", "fields differ"),
        ("\x1b[27u\x1b[27uF", "FROZEN since"),
    ] {
        pty.keys(keys);
        pty.shows(shown);
    }
    let report = folder.join("report.md");
    pty.keys(&format!("F:report 12h {}\r", report.display()));
    pty.shows("of the last 12h to");
    let text = fs::read_to_string(report).unwrap();
    assert!(text.starts_with("# Shift report"), "{text}");
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}
