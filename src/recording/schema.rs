//! The JSON Schema of the lines of a recording.
//!
//! A test compares its members with those that are written. Must not: describe what is never written.

use serde_json::{Map, Value, json};

use super::failure::KINDS;
use super::{PROJECT, VERSION};
use crate::report::listing::schema::DIALECT;

/// A member of a line: its name, its type, whether it is always there, and its meaning.
type Member = (&'static str, &'static str, bool, &'static str);

const HEADER: [Member; 12] = [
    ("hss_top_recording", "integer", true, "the version of this form"),
    ("hss_top", "string", true, "the version of the recording program"),
    ("recorded_at", "string", true, "when the recording began (UTC)"),
    (
        "masked",
        "boolean",
        true,
        "whether names, addresses and ids are pseudonyms",
    ),
    (
        "place",
        "string",
        true,
        "the region, or host and port of the endpoint",
    ),
    (
        "calls_per_minute",
        "integer",
        true,
        "calls that were allowed per minute",
    ),
    (
        "interval_s",
        "integer",
        true,
        "seconds between checks of the list",
    ),
    ("page_size", "integer", true, "records per page"),
    (
        "enterprise_project_id",
        "string",
        true,
        "all_granted_eps, 0, or enterprise-project in place of an id",
    ),
    (
        "cluster",
        "string",
        false,
        "the cluster whose pods were asked for",
    ),
    (
        "namespace",
        "string",
        false,
        "the namespace whose pods were asked for",
    ),
    ("pod", "string", false, "the pod that was asked for"),
];

const EXCHANGE: [Member; 9] = [
    (
        "at_ms",
        "integer",
        true,
        "milliseconds from the beginning of the recording to that of the call",
    ),
    ("took_ms", "integer", true, "milliseconds that the call took"),
    ("method", "string", true, "the method of HTTP"),
    (
        "path",
        "string",
        true,
        "the path below the endpoint, encoded, with project in place of the project's id",
    ),
    ("query", "string", false, "the query, encoded"),
    ("status", "integer", false, "the HTTP status"),
    (
        "headers",
        "array",
        false,
        "the headers that hss-top reads, as pairs of name and value",
    ),
    (
        "body",
        "string",
        false,
        "the body; absent in the outcome of a sign-in, which is not replayed",
    ),
    ("error", "object", false, "why there is no answer, or no body"),
];

const END: [Member; 3] = [
    (
        "end",
        "string",
        true,
        "why the recording ended: sweeps, time, signal or failed",
    ),
    (
        "at_ms",
        "integer",
        true,
        "milliseconds from the beginning of the recording",
    ),
    (
        "exchanges",
        "integer",
        true,
        "the number of exchanges before this line",
    ),
];

/// The schema of a line.
pub fn line() -> Value {
    let mut header = object("The first line", &HEADER);
    header["properties"]["hss_top_recording"] = json!({"const": VERSION, "description": HEADER[0].3});
    let mut exchange = object("A call and its outcome", &EXCHANGE);
    let pair = json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2});
    exchange["properties"]["headers"]["items"] = pair;
    exchange["properties"]["error"]["properties"] = json!({
        "kind": {"enum": KINDS, "description": "what failed"},
        "why": {"type": "string", "description": "what the system said; absent if names are masked"},
    });
    exchange["properties"]["error"]["required"] = json!(["kind"]);
    exchange["properties"]["path"]["examples"] = json!([format!("/v5/{PROJECT}/kubernetes/pods")]);
    json!({
        "$schema": DIALECT,
        "title": "A line of a file of hss-top record",
        "oneOf": [header, exchange, object("The last line", &END)],
    })
}

fn object(title: &str, members: &[Member]) -> Value {
    let described =
        |(name, kind, _, means): &Member| ((*name).to_owned(), json!({"type": kind, "description": means}));
    let properties: Map<String, Value> = members.iter().map(described).collect();
    let required: Vec<&str> = members.iter().filter(|it| it.2).map(|it| it.0).collect();
    json!({"title": title, "type": "object", "properties": properties, "required": required})
}
