//! What HSS and IAM would answer.

use hss_top::clock::Clock;
use jiff::fmt::rfc2822::DateTimePrinter;

/// The answer that HSS, or IAM, would give.
pub fn good_answer(play: &mut super::Play, head: &str) -> Vec<u8> {
    let date = http_date();
    let answer = |status: &str, headers: &str, body: &str| {
        let length = body.len();
        let common =
            format!("Date: {date}\r\nContent-Type: application/json\r\nX-Request-Id: {REQUEST_ID}\r\n");
        format!("HTTP/1.1 {status}\r\n{common}{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes()
    };
    if head.contains("/v3/auth/tokens") {
        play.tokens += 1;
        let token = format!("X-Subject-Token: canary-token-{}\r\n", play.tokens);
        let body = r#"{"token":{"expires_at":"2099-11-09T01:42:57.527363Z"}}"#;
        return answer("201 Created", &token, body);
    }
    answer("200 OK", "", &page(play.pods, play.snapshot, head))
}

/// As long as those of the API gateway.
pub const REQUEST_ID: &str = "10f5a58dd2cfdb2b1bfeaa8b1e8fb8d1";

fn page(pods: u32, snapshot: i64, head: &str) -> String {
    let asked = |name: &str| {
        let (_, after) = head.split_once(name)?;
        after.split(['&', ' ']).next()?.parse::<u32>().ok()
    };
    let (offset, limit) = (asked("offset=").unwrap_or(0), asked("limit=").unwrap_or(200));
    let record = |at: u32| {
        format!(
            r#"{{"id":"id-{at}","pod_name":"pod-{at:05}-{snapshot}","namespace_name":"n{}","cluster_name":"c{}","cluster_id":"c{}","node_name":"10.0.0.{}","status":"Running","create_time":1753227292000}}"#,
            at % 7,
            at % 3,
            at % 3,
            at % 200,
        )
    };
    let records: Vec<String> = (offset..pods.min(offset + limit)).map(record).collect();
    let at = 1_755_000_000_000 + 1000 * snapshot;
    format!(
        r#"{{"total_num":{pods},"last_update_time":{at},"data_list":[{}]}}"#,
        records.join(",")
    )
}

/// The time of day as HTTP writes it.
pub fn http_date() -> String {
    let now = Clock::system().now();
    DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap()
}
