//! Answers that HSS, a gateway or a proxy may give, and what must come of each: read by hss-top, and by Huawei's own SDK.
//!
//! The result of an answer is a line, the same for both clients (see [`line_of`] and `tests/sdk_answers.py`):
//!
//! ```text
//! 1 of 107: web-0|Running|250m|1753227292000     entries and total; name, status, cpu, create_time of each entry
//! no list of –                                   an answer without a list is taken for a page
//! error 404 APIG.0101: no such API               an error of the service
//! failed: …                                      anything else
//! ```
//!
//! `–` is absent and `?` cannot be read. hss-top is as lenient as the SDK; where the two differ, it is on purpose, and the
//! table says why.

use hss_top::fleet::Field;
use hss_top::fleet::create_time::CreateTime;
use hss_top::fleet::pod::CommonFields;
use hss_top::fleet::raw::List;
use hss_top::hss::{Answer, Error};

use super::scripted::Step;

/// An answer.
pub struct Known {
    pub name: &'static str,
    pub status: &'static str,
    pub headers: &'static str,
    pub body: Vec<u8>,
    /// The result here. A failure may say more.
    pub ours: &'static str,
    /// The result in the SDK, if it differs, and why.
    pub sdk: Option<(&'static str, &'static str)>,
}

impl Known {
    pub fn step(&self) -> Step {
        Step::http(self.status, self.headers, &self.body)
    }

    fn of(name: &'static str, headers: &'static str, body: impl Into<Vec<u8>>, ours: &'static str) -> Self {
        Self {
            name,
            status: "200 OK",
            headers,
            body: body.into(),
            ours,
            sdk: None,
        }
    }

    fn status(self, status: &'static str) -> Self {
        Self { status, ..self }
    }

    fn but_sdk(self, reads: &'static str, why: &'static str) -> Self {
        Self {
            sdk: Some((reads, why)),
            ..self
        }
    }
}

/// What hss-top makes of an answer.
pub fn line_of(result: &Result<Answer, Error>) -> String {
    match result {
        Ok(answer) => {
            let pods = &answer.value.pods;
            let of = |list: List| pods.iter().filter(move |pod| pod.list == list);
            let nodes = of(List::Node).map(|pod| pods.node(pod).common);
            let serverless = of(List::Serverless).map(|pod| pods.serverless(pod).common);
            let rows: Vec<String> = nodes.chain(serverless).map(|record| entry(&record)).collect();
            let total = answer
                .value
                .total
                .map_or("–".to_owned(), |total| total.to_string());
            let rows_are = rows
                .iter()
                .map(|row| format!(" {row}"))
                .collect::<Vec<_>>()
                .join(",");
            format!("{} of {total}:{rows_are}", rows.len())
        }
        Err(Error::Service(error)) => {
            let raw =
                |text: &Option<hss_top::fleet::RemoteText>| text.as_ref().map(|text| text.raw().to_owned());
            let code = raw(&error.body.code).unwrap_or_else(|| error.status.to_string());
            let message = raw(&error.body.message).unwrap_or_default();
            format!("error {} {code}: {message}", error.status)
        }
        Err(other) => format!("failed: {other}"),
    }
}

fn entry(common: &CommonFields) -> String {
    fn cell<T>(field: &Field<T>, text: impl Fn(&T) -> String) -> String {
        match field {
            Field::Absent => "–".to_owned(),
            Field::Unreadable => "?".to_owned(),
            Field::Value(value) => text(value),
        }
    }
    [
        cell(&common.name, |name| name.raw().to_owned()),
        cell(&common.status, |status| status.raw().to_owned()),
        cell(&common.cpu, |cpu| cpu.text.raw().to_owned()),
        cell(&common.create_time, CreateTime::shown),
    ]
    .join("|")
}

const JSON: &str = "Content-Type: application/json\r\n";
const PAGE: &str = r#"{"total_num":107,"data_list":[{"pod_name":"web-0","status":"Running","cpu":"250m","create_time":1753227292000}]}"#;
const PAGE_IS: &str = "1 of 107: web-0|Running|250m|1753227292000";

/// Why the SDK reads something else.
const STRICT: &str =
    "its parser of pages takes no NaN, and what it does not take is an empty page without an error";
const EMPTY: &str = "it takes what is absent for empty: a fleet would vanish from the screen";
const RAW: &str = "it shows the whole body: a message alone reads better";

/// A page of one entry with this field.
fn with(field: &str) -> String {
    format!(r#"{{"total_num":1,"data_list":[{{{field}}}]}}"#)
}

/// The same of the serverless list.
fn serverless(field: &str) -> String {
    format!(r#"{{"total_num":1,"pod_info_list":[{{{field}}}]}}"#)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// All of them.
pub fn known() -> Vec<Known> {
    [bodies(), fields(), no_pages(), errors()]
        .into_iter()
        .flatten()
        .collect()
}

/// One page in many wrappings.
fn bodies() -> Vec<Known> {
    let (head, tail) = PAGE.as_bytes().split_at(40);
    let members = [gzip(head), gzip(tail)].concat();
    let gzip_json = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    vec![
        Known::of("a plain page", JSON, PAGE, PAGE_IS),
        Known::of(
            "behind a byte order mark",
            "Content-Type: application/json; charset=utf-8\r\n",
            format!("\u{feff}{PAGE}"),
            PAGE_IS,
        ),
        Known::of(
            "sent as plain text",
            "Content-Type: text/plain\r\n",
            PAGE,
            PAGE_IS,
        ),
        Known::of(
            "sent as bytes",
            "Content-Type: application/octet-stream\r\n",
            PAGE,
            PAGE_IS,
        ),
        Known::of("sent as HTML", "Content-Type: text/html\r\n", PAGE, PAGE_IS),
        Known::of("sent as nothing", "", PAGE, PAGE_IS),
        Known::of("compressed", gzip_json, gzip(PAGE.as_bytes()), PAGE_IS),
        Known::of(
            "compressed, in capitals",
            "Content-Type: application/json\r\nContent-Encoding: GZIP\r\n",
            gzip(PAGE.as_bytes()),
            PAGE_IS,
        ),
        Known::of(
            "compressed, by its old name",
            "Content-Type: application/json\r\nContent-Encoding: x-gzip\r\n",
            gzip(PAGE.as_bytes()),
            PAGE_IS,
        ),
        Known::of("compressed in two members", gzip_json, members.clone(), PAGE_IS),
        Known::of(
            "compressed, with zeros behind it",
            gzip_json,
            [members.as_slice(), &[0; 64]].concat(),
            PAGE_IS,
        ),
        Known::of(
            "compressed twice",
            "Content-Type: application/json\r\nContent-Encoding: gzip, gzip\r\n",
            gzip(&gzip(PAGE.as_bytes())),
            PAGE_IS,
        ),
        Known::of(
            "Chinese names as plain text",
            "Content-Type: text/plain\r\n",
            with(r#""pod_name":"支付""#),
            "1 of 1: 支付|–|–|–",
        )
        .but_sdk(
            "1 of 1: æ\u{94}¯ä»\u{98}|–|–|–",
            "it reads text/plain as Latin-1; JSON is UTF-8 (RFC 8259)",
        ),
    ]
}

/// One field in many forms.
fn fields() -> Vec<Known> {
    let of = |name, field: &str, ours| Known::of(name, JSON, with(field), ours);
    vec![
        of(
            "half a surrogate pair",
            r#""pod_name":"web-\ud83d""#,
            "1 of 1: web-\u{fffd}|–|–|–",
        ),
        of(
            "a whole pair",
            r#""pod_name":"web-\ud83d\ude00""#,
            "1 of 1: web-\u{1f600}|–|–|–",
        ),
        Known::of(
            "a byte that is no UTF-8",
            JSON,
            [b"{\"total_num\":1,\"data_list\":[{\"pod_name\":\"a\xff\"}]}".as_slice()].concat(),
            "1 of 1: a\u{fffd}|–|–|–",
        ),
        of("a quantity that is NaN", r#""cpu":NaN"#, "1 of 1: –|–|NaN|–").but_sdk("no list of –", STRICT),
        of(
            "a quantity beyond a double",
            r#""cpu":1e999"#,
            "1 of 1: –|–|1e999|–",
        )
        .but_sdk(
            "1 of 1: –|–|1E+999|–",
            "Python writes it so; Kubernetes and we keep the digits",
        ),
        of(
            "a quantity with an exponent",
            r#""cpu":1e3"#,
            "1 of 1: –|–|1000|–",
        )
        .but_sdk("1 of 1: –|–|1E+3|–", "Python writes it so"),
        of(
            "a quantity that is a number",
            r#""cpu":0.25"#,
            "1 of 1: –|–|0.25|–",
        ),
        of(
            "a quantity of thirty digits",
            r#""cpu":123456789012345678901234567890"#,
            "1 of 1: –|–|123456789012345678901234567890|–",
        ),
        of("a name that is a number", r#""pod_name":7"#, "1 of 1: 7|–|–|–"),
        of("a name that is true", r#""pod_name":true"#, "1 of 1: ?|–|–|–").but_sdk(
            "1 of 1: True|–|–|–",
            "a Python word; a pod of that name would be another",
        ),
        of("a name that is a list", r#""pod_name":["a"]"#, "1 of 1: ?|–|–|–")
            .but_sdk("1 of 1: ['a']|–|–|–", "Python's way to write a list is no name"),
        of(
            "a date in a text",
            r#""create_time":"1753227292000""#,
            "1 of 1: –|–|–|1753227292000",
        ),
        of("an invalid date", r#""create_time":"soon""#, "1 of 1: –|–|–|soon")
            .but_sdk("failed: ValueError", "one field costs it the page"),
        of("a date that is NaN", r#""create_time":NaN"#, "1 of 1: –|–|–|NaN").but_sdk("no list of –", STRICT),
        of(
            "a date with a fraction",
            r#""create_time":1.5"#,
            "1 of 1: –|–|–|1.5",
        )
        .but_sdk(
            "1 of 1: –|–|–|1",
            "half a millisecond is a sign that it is no date in milliseconds",
        ),
        of("a tab in a text", "\"pod_name\":\"a\tb\"", "1 of 1: a\tb|–|–|–")
            .but_sdk("no list of –", "one text costs it the page"),
        of(
            "a name twice",
            r#""pod_name":"a","pod_name":"b""#,
            "1 of 1: b|–|–|–",
        ),
        of("null", r#""pod_name":null,"cpu":null"#, "1 of 1: –|–|–|–"),
        Known::of(
            "a serverless status that is an object",
            JSON,
            serverless(r#""pod_name":"s","status":{"phase":"Running"}"#),
            r#"1 of 1: s|{"phase":"Running"}|–|–"#,
        )
        .but_sdk(
            "1 of 1: s|{'phase': 'Running'}|–|–",
            "Python's way to write an object; the API page says AnyType, so JSON",
        ),
        Known::of(
            "a serverless status that is a number",
            JSON,
            serverless(r#""pod_name":"s","status":3"#),
            "1 of 1: s|3|–|–",
        ),
        Known::of(
            "a total in a text",
            JSON,
            r#"{"total_num":"6","data_list":[{}]}"#,
            "1 of 6: –|–|–|–",
        ),
        Known::of(
            "a total that is NaN",
            JSON,
            r#"{"total_num":NaN,"data_list":[{"pod_name":"a"}]}"#,
            "1 of –: a|–|–|–",
        )
        .but_sdk("no list of –", STRICT),
        Known::of(
            "NaN where nobody looks",
            JSON,
            r#"{"total_num":1,"odd":[NaN,1e999,"\ud83d"],"data_list":[{"pod_name":"a"}]}"#,
            "1 of 1: a|–|–|–",
        )
        .but_sdk("no list of –", STRICT),
        Known::of(
            "an empty list",
            JSON,
            r#"{"total_num":0,"data_list":[]}"#,
            "0 of 0:",
        ),
    ]
}

/// A status of success, and no page.
fn no_pages() -> Vec<Known> {
    vec![
        Known::of(
            "an empty object",
            JSON,
            "{}",
            "failed: answer unreadable: neither total_num nor a list",
        )
        .but_sdk("no list of –", EMPTY),
        Known::of(
            "a message",
            JSON,
            r#"{"message":"ok"}"#,
            r#"failed: answer unreadable: neither total_num nor a list: {"message":"ok"}"#,
        )
        .but_sdk("no list of –", EMPTY),
        Known::of(
            "a page one level down",
            JSON,
            r#"{"data":{"total_num":1,"data_list":[]}}"#,
            "failed: answer unreadable: neither total_num nor a list",
        )
        .but_sdk("no list of –", EMPTY),
        Known::of(
            "names in another style",
            JSON,
            r#"{"totalNum":1,"dataList":[]}"#,
            "failed: answer unreadable: neither total_num nor a list",
        )
        .but_sdk("no list of –", EMPTY),
        Known::of(
            "a list that is an object",
            JSON,
            r#"{"total_num":1,"data_list":{"pod_name":"a"}}"#,
            "failed: answer unreadable: data_list is not a list",
        )
        .but_sdk("1 of 1: a|–|–|–", "a guess: an empty object becomes an empty pod"),
        Known::of(
            "a list that is a text",
            JSON,
            r#"{"total_num":1,"data_list":"none"}"#,
            "failed: answer unreadable: data_list is not a list",
        )
        .but_sdk("1 of 1: –|–|–|–", "a pod without any field is made of a word"),
        Known::of(
            "a sign-in page",
            "Content-Type: text/html\r\n",
            "<html>Sign in</html>",
            "failed: not the API: an HTML page (200)",
        )
        .but_sdk("no list of –", EMPTY),
        Known::of("nothing", JSON, "", "failed: not the API: an empty answer (200)")
            .but_sdk("no list of –", EMPTY),
        Known::of(
            "an error with a good status",
            JSON,
            r#"{"error_code":"HSS.0010","error_msg":"denied"}"#,
            "error 200 HSS.0010: denied",
        )
        .but_sdk("no list of –", EMPTY),
        Known::of(
            "an error beside an empty list",
            JSON,
            r#"{"total_num":0,"data_list":[],"error_code":"HSS.0001","error_msg":"quota"}"#,
            "error 200 HSS.0001: quota",
        )
        .but_sdk("0 of 0:", EMPTY),
        Known::of(
            "a code of success beside an empty list",
            JSON,
            r#"{"total_num":0,"data_list":[],"error_code":0,"error_msg":""}"#,
            "0 of 0:",
        ),
        Known::of(
            "an empty list without a total",
            JSON,
            r#"{"data_list":[]}"#,
            "failed: answer unreadable: an empty list without a readable total_num",
        )
        .but_sdk("0 of –:", EMPTY),
        Known::of(
            "an empty list with a total that is a word",
            JSON,
            r#"{"total_num":"abc","data_list":[]}"#,
            "failed: answer unreadable: an empty list without a readable total_num",
        )
        .but_sdk("failed: ValueError", "both fail, in other words"),
        Known::of(
            "a total of zero without a list",
            JSON,
            r#"{"total_num":0}"#,
            "failed: answer unreadable: total_num is 0, but there is no list",
        )
        .but_sdk("no list of 0", EMPTY),
        Known::of(
            "a part",
            JSON,
            PAGE,
            "failed: not the API: only a part of an answer (206)",
        )
        .but_sdk(
            "1 of 107: web-0|Running|250m|1753227292000",
            "a part that nobody asked for is not the whole",
        )
        .status("206 Partial Content"),
    ]
}

/// Errors in many shapes.
fn errors() -> Vec<Known> {
    let of = |name, body: &'static str, ours| Known::of(name, JSON, body, ours).status("404 Not Found");
    vec![
        of(
            "an error of the gateway",
            r#"{"error_msg":"no such API","error_code":"APIG.0101","request_id":"r"}"#,
            "error 404 APIG.0101: no such API",
        ),
        of(
            "an error in camel case",
            r#"{"errorCode":"X.2","errorMsg":"no"}"#,
            "error 404 X.2: no",
        ),
        of(
            "a code and a message",
            r#"{"code":"X.1","message":"no"}"#,
            "error 404 X.1: no",
        ),
        of(
            "an error of IAM",
            r#"{"error":{"code":401,"message":"Unauthorized.","title":"t"}}"#,
            "error 404 401: Unauthorized.",
        ),
        of(
            "an error four levels down",
            r#"{"a":{"b":{"c":{"error_code":"X.3","error_msg":"deep"}}}}"#,
            "error 404 X.3: deep",
        ),
        of(
            "an error without error_msg",
            r#"{"error_code":"00000010","error_description":"no access"}"#,
            "error 404 00000010: no access",
        )
        .but_sdk(
            "error 404 404: {\"error_code\":\"00000010\",\"error_description\":\"no access\"}",
            "a code that is there is worth more than a status",
        ),
        of(
            "half a pair beside the code",
            r#"{"error_code":"X","error_msg":"no","extra":"\ud83d"}"#,
            "error 404 X: no",
        ),
        of(
            "NaN beside the code",
            r#"{"error_code":"X","error_msg":"no","extra":NaN,"large":1e999}"#,
            "error 404 X: no",
        ),
        Known::of(
            "an error behind a byte order mark",
            "Content-Type: application/json; charset=utf-8\r\n",
            "\u{feff}{\"error_code\":\"X\",\"error_msg\":\"no\"}",
            "error 404 X: no",
        )
        .but_sdk(
            "error 404 404: \u{feff}{\"error_code\":\"X\",\"error_msg\":\"no\"}",
            "its parser of errors, unlike that of pages, takes no byte order mark",
        )
        .status("404 Not Found"),
        of(
            "a message without a code",
            r#"{"message":"no Route matched with those values"}"#,
            "error 404 404: no Route matched with those values",
        )
        .but_sdk(
            "error 404 404: {\"message\":\"no Route matched with those values\"}",
            RAW,
        ),
        of("a detail", r#"{"detail":"quota"}"#, "error 404 404: quota")
            .but_sdk("error 404 404: {\"detail\":\"quota\"}", RAW),
        of(
            "an error that is a word",
            r#"{"error":"unauthorized_client"}"#,
            "error 404 404: unauthorized_client",
        )
        .but_sdk("error 404 404: {\"error\":\"unauthorized_client\"}", RAW),
        of(
            "an error in a list",
            r#"[{"error_code":"X.4","error_msg":"listed"}]"#,
            "error 404 X.4: listed",
        )
        .but_sdk(
            "error 404 404: [{\"error_code\":\"X.4\",\"error_msg\":\"listed\"}]",
            "it does not look into lists",
        ),
        of(
            "an unknown shape",
            r#"{"fault":{"n":7}}"#,
            r#"error 404 404: {"fault":{"n":7}}"#,
        ),
        Known::of(
            "an error as plain text",
            "Content-Type: text/plain\r\n",
            "no healthy upstream",
            "error 503 503: no healthy upstream",
        )
        .status("503 Service Unavailable"),
        Known::of(
            "too many calls, as plain text",
            "Content-Type: text/plain\r\n",
            "local_rate_limited",
            "error 429 429: local_rate_limited",
        )
        .but_sdk(
            "error 429 429: HTTPConnectionPool",
            "of a 429 it shows its own retry error, and nothing of the answer",
        )
        .status("429 Too Many Requests"),
    ]
}
