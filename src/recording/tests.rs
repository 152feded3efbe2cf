//! Recordings from an exchange to the file and back, and files that are damaged.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::hss::Error;
use crate::hss::transport::{AnswerReplay as _, HeardAnswer, HeardExchange};
use crate::secrets;

const PROJECT_ID: &str = "05b0d1c8a2800f3d2f2ac01d3c8a4e21";
const DOMAIN_ID: &str = "99b0d1c8a2800f3d2f2ac01d3c8a4e99";

fn began() -> Timestamp {
    Timestamp::from_second(1_760_000_000).unwrap()
}

fn header() -> RecordingHeader {
    RecordingHeader {
        place: "cn-north-4".to_owned(),
        calls_per_minute: 5,
        interval_s: 60,
        page_size: 200,
        ..RecordingHeader::begun_at(began())
    }
}

/// A call of the first page at this second, and its answer.
fn heard(second: i64, status: u16, headers: &[(&str, &str)], body: &str) -> HeardExchange {
    let pairs = headers.iter().map(|(name, value)| {
        (
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            value.parse().unwrap(),
        )
    });
    HeardExchange {
        method: Method::GET,
        path: format!("/v5/{PROJECT_ID}/kubernetes/pods"),
        query: "enterprise_project_id=all_granted_eps&limit=200&offset=0".to_owned(),
        sent_at: began() + jiff::SignedDuration::from_secs(second),
        took: Duration::from_millis(250),
        outcome: Ok(HeardAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: pairs.collect(),
            body: Some(Ok(body.as_bytes().to_vec())),
        }),
    }
}

/// The bytes of a recording of these exchanges.
fn recorded(exchanges: Vec<HeardExchange>, is_masked: bool) -> Vec<u8> {
    let cleaner = ExchangeCleaner::new(began(), is_masked).unwrap();
    let mut writer = RecordingWriter::begin(Vec::new(), false, &cleaner.header(header())).unwrap();
    for exchange in exchanges {
        writer.write(&cleaner.clean(exchange)).unwrap();
    }
    writer.finish("sweeps", 90_000).unwrap().1
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn opened(bytes: &[u8]) -> Result<Recording, String> {
    let (_folder, path) = file(bytes);
    Recording::open(&path).map_err(|fault| {
        let text = fault.to_string();
        text.replace(&path.display().to_string(), "F")
    })
}

/// The statuses of the next answers to the call of the first page; 0 for a failure.
fn statuses(replay: &RecordingReplay, count: usize) -> Vec<u16> {
    let query = "enterprise_project_id=all_granted_eps&limit=200&offset=0";
    let next = |_| {
        let answer = replay.answer(&Method::GET, "/v5/project/kubernetes/pods", query);
        answer.unwrap().outcome.map_or(0, |answer| answer.status.as_u16())
    };
    (0..count).map(next).collect()
}

#[test]
fn what_was_recorded_is_replayed_in_its_order_and_the_last_answer_stays() {
    let page = r#"{"total_num":0,"data_list":[]}"#;
    let exchanges = vec![
        heard(0, 429, &[("retry-after", "2")], "{}"),
        heard(3, 200, &[("date", "Thu, 09 Oct 2025 08:53:23 GMT")], page),
        heard(63, 500, &[], "oops"),
        heard(70, 201, &[], page),
    ];
    let recording = opened(&recorded(exchanges, false)).unwrap();
    assert_eq!(
        (recording.exchanges(), recording.length()),
        (4, Duration::from_secs(90))
    );
    let at_once = RecordingReplay::begin(recording.clone(), ReplayPace::AtOnce);
    assert_eq!(
        statuses(&at_once, 4),
        [200, 201, 201, 201],
        "failures were overcome"
    );
    let as_recorded = RecordingReplay::begin(recording, ReplayPace::AsRecorded);
    assert_eq!(
        statuses(&as_recorded, 4),
        [429, 200, 200, 200],
        "the next one is a minute away"
    );
}

#[tokio::test(start_paused = true)]
async fn with_time_the_later_answers_come_and_an_overcome_refusal_does_not() {
    let exchanges = vec![
        heard(0, 401, &[], "{}"),
        heard(1, 200, &[], "{}"),
        heard(61, 500, &[], ""),
        heard(65, 200, &[], "{}"),
        heard(125, 401, &[], "{}"),
    ];
    let recording = opened(&recorded(exchanges, false)).unwrap();
    let replay = RecordingReplay::begin(recording.clone(), ReplayPace::AsRecorded);
    assert_eq!(statuses(&replay, 2), [200, 200]);
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(statuses(&replay, 3), [500, 200, 200]);
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(statuses(&replay, 2), [401, 401], "nothing overcame this one");
    let refused = recorded(vec![heard(0, 503, &[], ""), heard(9, 500, &[], "")], false);
    let replay = RecordingReplay::begin(opened(&refused).unwrap(), ReplayPace::AtOnce);
    assert_eq!(
        statuses(&replay, 2),
        [500, 500],
        "the last failure is what there is"
    );
}

#[test]
fn a_call_that_was_not_recorded_has_a_sentence() {
    let recording = opened(&recorded(vec![heard(0, 200, &[], "{}")], false)).unwrap();
    let replay = RecordingReplay::begin(recording, ReplayPace::AtOnce);
    let error = replay.answer(
        &Method::GET,
        "/v5/project/kubernetes/pods",
        "enterprise_project_id=0&offset=7",
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "the recording has no answer to GET /kubernetes/pods?offset=7"
    );
}

#[test]
fn a_failure_is_recorded_with_its_kind_and_a_sign_in_only_with_its_outcome() {
    let failed = HeardExchange {
        outcome: Err(Error::Connect {
            place: "hss.canary:443".to_owned(),
            proxy: None,
            cause: crate::fleet::RemoteText::message("Connection refused"),
        }),
        ..heard(0, 200, &[], "")
    };
    let sign_in = HeardExchange {
        method: Method::POST,
        path: "/v3/auth/tokens".to_owned(),
        query: "name=canary".to_owned(),
        outcome: Ok(HeardAnswer {
            status: StatusCode::UNAUTHORIZED,
            headers: HeaderMap::new(),
            body: None,
        }),
        ..heard(1, 401, &[], "")
    };
    let bytes = recorded(vec![sign_in, failed], false);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(!text.contains("canary"), "{text}");
    assert!(
        text.contains(r#""path":"/v3/auth/tokens","status":401}"#),
        "{text}"
    );
    let recording = opened(&bytes).unwrap();
    let replay = RecordingReplay::begin(recording, ReplayPace::AsRecorded);
    assert_eq!(statuses(&replay, 1), [0]);
}

#[test]
fn no_secret_and_no_id_of_an_account_is_in_the_bytes() {
    const SECRETS: [&str; 4] = [
        "canary-token-MIIFxQYJKoZIhvcNAQcCoIIFtjCCBbICAQEx",
        "CANARYSECRETKEY9x8y7z6w5v4u3t2s1r0q9p8o7n",
        "canary/pass+word=1",
        "Canary \"quoted\" päss\\word",
    ];
    for secret in SECRETS {
        secrets::protect(secret);
    }
    secrets::protect_access_key("CANARYACCESSKEYID123");
    let json = |text: &str| Value::from(text).to_string();
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let mut exchanges = Vec::new();
    for secret in SECRETS.into_iter().chain(["CANARYACCESSKEYID123"]) {
        let (quoted, encoded) = (json(secret), encoded(secret));
        let message = json(&format!(
            "X-Auth-Token: {secret} domain {DOMAIN_ID} of {PROJECT_ID}"
        ));
        for body in [
            format!(r#"{{"error_code":"APIG.0301","error_msg":{message},"domain_id":"{DOMAIN_ID}"}}"#),
            format!(
                r#"{{"total_num":1,"data_list":[{{"id":"1","pod_name":{quoted},"note":"{encoded}","domain_id":"{DOMAIN_ID}"}}]}}"#
            ),
            format!("<html>{secret} {encoded} {DOMAIN_ID}</html>"),
            // A token that is not ours, in an error beside an empty list.
            r#"{"error_code":"HSS.0001","error_msg":"denied: Bearer canary-of-somebody-else-0123456789abcdef","total_num":0,"data_list":[]}"#.to_owned(),
            format!(
                r#"{{"error_msg":"verify aksk signature fail, canonicalRequest:GET|/v5/{PROJECT_ID}|x-sdk-date:20261129T211213Z|canary-signature"}}"#
            ),
            format!(
                r#"{{"message":"denied","encoded_authorization_message":"canarycanarycanary","user_id":"{DOMAIN_ID}"}}"#
            ),
        ] {
            for status in [200, 401] {
                let headers = [
                    ("x-request-id", encoded.as_str()),
                    ("set-cookie", "canary-session=1"),
                    ("location", "https://user:canary@portal/login?ticket=canary"),
                ];
                exchanges.push(heard(0, status, &headers, &body));
            }
        }
    }
    for is_masked in [false, true] {
        let bytes = recorded(exchanges.clone(), is_masked);
        let text = String::from_utf8(bytes).unwrap();
        for word in [
            "canary-",
            "CANARYSECRET",
            "CANARYACCESS",
            "canarycanary",
            "canary/pass",
            "päss",
        ] {
            let place = text
                .find(word)
                .map(|at| text.get(at.saturating_sub(200)..at + 60));
            assert_eq!(place, None, "{word} is in a recording, masked: {is_masked}");
        }
        for id in [PROJECT_ID, DOMAIN_ID, "x-sdk-date:2026"] {
            let place = text.find(id).map(|at| text.get(at.saturating_sub(200)..at + 60));
            assert_eq!(place, None, "{id}, masked: {is_masked}");
        }
    }
}

#[test]
fn a_damaged_recording_says_where_and_what() {
    let good = String::from_utf8(recorded(
        vec![heard(0, 200, &[], "{}"), heard(1, 200, &[], "{}")],
        false,
    ))
    .unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let joined = |lines: &[&str]| lines.join("\n") + "\n";
    let deep = format!("{{\"at_ms\":0,\"x\":{}", "[".repeat(10_000));
    let [head, first, second, last] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    let newer = head.replacen("\"hss_top_recording\":1", "\"hss_top_recording\":9", 1);
    let no_status = first.replace("\"status\":200,", "");
    let odd_status = first.replace("\"status\":200", "\"status\":20");
    let odd_header = first.replace("\"status\":200,", "\"status\":200,\"headers\":[[\"a b\",\"x\"]],");
    let month = first.replace("\"at_ms\":0", "\"at_ms\":99999999999");
    let cases: Vec<(String, &str)> = vec![
        (String::new(), "F: this is not a recording of hss-top record"),
        ("{}\n".to_owned(), "F: this is not a recording"),
        ("[][]\u{7}\n".to_owned(), "F: this is not a recording"),
        (
            joined(&[&newer, first, last]),
            "F: this recording has version 9, but this hss-top reads version 1",
        ),
        (
            joined(&["{\"hss_top_recording\":1}"]),
            "F line 1: the first line of the recording is damaged: missing field",
        ),
        (
            joined(&[&head.replacen("2025-", "9999-", 1), first, second, last]),
            "F line 1: the first line of the recording is damaged: recorded_at is before 2020",
        ),
        (joined(&[head]), "F line 2: the recording is truncated"),
        (
            joined(&[head, first, second]),
            "F line 4: the recording is truncated",
        ),
        (
            joined(&[head, first, second, last]).trim_end().to_owned(),
            "F line 4: the recording is truncated",
        ),
        (good.get(..good.len() / 2).unwrap().to_owned(), "truncated"),
        (
            joined(&[head, first, last]),
            "F line 3: damaged: the last line counts 2 exchanges, but there are 1",
        ),
        (
            joined(&[head, first, second, last, first]),
            "F line 5: damaged: there is more after the last line",
        ),
        (
            joined(&[head, "\u{1b}]0;x\u{7}", second, last]),
            "F line 2: damaged: expected value",
        ),
        (joined(&[head, &deep, last]), "F line 2: damaged: "),
        (
            joined(&[head, &no_status, second, last]),
            "F line 2: damaged: it has neither a status nor an error",
        ),
        (
            joined(&[head, first, &odd_status, last]),
            "F line 3: damaged: 20 is no HTTP status",
        ),
        (
            joined(&[head, &odd_header, second, last]),
            "F line 2: damaged: a header has no valid name",
        ),
        (
            joined(&[head, &month, second, last]),
            "F line 2: damaged: at_ms is over a month",
        ),
    ];
    for (text, told) in cases {
        let fault = opened(text.as_bytes()).unwrap_err();
        assert!(fault.contains(told), "{fault} instead of {told}");
        assert!(fault.len() < 300, "{fault}");
    }
    for path in ["/dev/zero", "/tmp"] {
        let fault = Recording::open(std::path::Path::new(path))
            .unwrap_err()
            .to_string();
        assert_eq!(fault, format!("{path}: a recording must be a regular file"));
    }
}

#[test]
fn a_giant_line_is_refused_before_it_fills_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.gz");
    let mut gzip =
        flate2::write::GzEncoder::new(fs::File::create(&path).unwrap(), flate2::Compression::fast());
    writeln!(gzip, "{}", serde_json::to_string(&header()).unwrap()).unwrap();
    let part = vec![b'a'; 1 << 20];
    (0..40).for_each(|_| gzip.write_all(&part).unwrap());
    gzip.finish().unwrap();
    let fault = Recording::open(&path).unwrap_err().to_string();
    assert!(
        fault.ends_with("line 2: damaged: the line is longer than 32 MiB"),
        "{fault}"
    );
    let whole = fs::read(&path).unwrap();
    fs::write(&path, whole.get(..whole.len() / 2).unwrap()).unwrap();
    let fault = Recording::open(&path).unwrap_err().to_string();
    assert!(fault.contains("line 2: damaged: "), "{fault}");
}

#[test]
fn every_line_has_its_members_in_the_schema() {
    let bytes = recorded(
        vec![
            heard(0, 200, &[("date", "x")], "{}"),
            HeardExchange {
                outcome: Err(Error::Incomplete),
                ..heard(1, 200, &[], "")
            },
        ],
        false,
    );
    let schema = schema::line();
    let text = String::from_utf8(bytes).unwrap();
    let last = text.lines().count() - 1;
    for (at, line) in text.lines().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        let kind = &schema["oneOf"][if at == 0 {
            0
        } else if at == last {
            2
        } else {
            1
        }];
        for (name, value) in line.as_object().unwrap() {
            let described = &kind["properties"][name];
            assert!(described.is_object(), "{name} is not in the schema");
            let is_of_kind = match described["type"].as_str() {
                Some("string") => value.is_string(),
                Some("integer") => value.is_u64(),
                Some("boolean") => value.is_boolean(),
                Some("array") => value.is_array(),
                Some("object") => value.is_object(),
                _ => described.get("const").is_some(),
            };
            assert!(is_of_kind, "{name}: {value}");
        }
        for name in kind["required"].as_array().unwrap() {
            assert!(line.get(name.as_str().unwrap()).is_some(), "{name} in {line}");
        }
    }
}

proptest! {
    /// A file of a stranger, or a good one with a hole, a change or a part of another one: an error or a
    /// recording, never a panic.
    #[test]
    fn any_bytes_are_a_recording_or_an_error(
        at in 0usize..4000, length in 0usize..80, instead in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let page = r#"{"total_num":1,"data_list":[{"id":"1","pod_name":"a"}]}"#;
        let mut bytes = recorded(vec![heard(0, 200, &[("date", "x")], page), heard(1, 500, &[], "")], false);
        let start = at.min(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, instead);
        if let Ok(recording) = opened(&bytes) {
            let replay = RecordingReplay::begin(recording, ReplayPace::AtOnce);
            let _ = replay.answer(&Method::GET, "/v5/project/kubernetes/pods", "");
        }
    }
}
