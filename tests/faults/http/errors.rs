//! Answers that are errors, lead elsewhere, or are not of the API.

use super::{HTML, JSON, SECOND, lasting, passing, plain};
use crate::support::fault_case::Case;
use crate::support::fault_stage::{PODS, Stage};
use crate::support::faultd::Faultd;
use crate::support::faultd::answers::REQUEST_ID;
use crate::support::scripted::Step;

pub fn errors() -> Vec<Case> {
    let long = |status: &str, code: &str| {
        let message = format!(
            "{}\\u001b]0;pwned\\u0007\\u202ereversed",
            "a word too many, ".repeat(40)
        );
        let body = format!(r#"{{"error_code":"{code}","error_msg":"{message}"}}"#);
        let headers = format!("{JSON}X-Request-Id: {REQUEST_ID}\r\n");
        Step::http(status, &headers, body)
    };
    let error =
        move |fault, status: &'static str, code: &'static str, word, says: &'static [&'static str]| {
            Case::new("H8", fault, move |seat| {
                // Where there is no room for the request's id, the health screen has it: see `tests/screens.rs`.
                let has_room = seat.surface.columns >= 120;
                let says = if has_room {
                    says
                } else {
                    says.get(..2).unwrap_or(says)
                };
                lasting(word, says).play(seat, |hss| hss.break_with([long(status, code)]))
            })
        };
    vec![
        plain(
            "H5",
            "500, 502, 503 in turns",
            passing(&["HSS answered with an error (50"]),
            || {
                [
                    "500 Internal Server Error",
                    "502 Bad Gateway",
                    "503 Service Unavailable",
                ]
                .map(|status| Step::http(status, JSON, ""))
                .into()
            },
        ),
        Case::new("H5", "500, 502, then fine", |seat| {
            let hss = Faultd::start(PODS);
            let mut stage = Stage::start(seat, &hss)?;
            let steps = ["500 Internal Server Error", "502 Bad Gateway"].map(|it| Step::http(it, JSON, ""));
            stage.breaks(|hss| hss.break_once(steps));
            let broke = stage.broke();
            stage.tries(3)?;
            stage.gets_fresh(broke, 4 * SECOND)?;
            stage.asked_at_most(3)?;
            stage.ends()
        }),
        error(
            "400 with a long message, ESC and bidi",
            "400 Bad Request",
            "HSS.0001",
            "STALE",
            &["HSS says: a word", "(400 HSS.0001", ", request", REQUEST_ID],
        ),
        error(
            "403 with a long message, ESC and bidi",
            "403 Forbidden",
            "HSS.0013",
            "DENIED",
            &["HSS says: a word", "(403 HSS.0013", ", request", REQUEST_ID],
        ),
        error(
            "404 with a long message, ESC and bidi",
            "404 Not Found",
            "HSS.0004",
            "STALE",
            &["HSS says: a word", "(404 HSS.0004", ", request", REQUEST_ID],
        ),
    ]
}

/// Redirects: where to, seen from the endpoint and another host.
type Target = fn(&Faultd) -> String;

pub fn elsewhere() -> Vec<Case> {
    let targets: [(&'static str, Target); 4] = [
        ("302 to the same host, another port", |other| {
            format!("{}/v5/p-1/kubernetes/pods", other.url())
        }),
        ("302 to another host", |other| {
            format!("http://localhost:{}/steal?x=y", other.address.port())
        }),
        ("302 in a loop", |_| "/v5/p-1/kubernetes/pods".to_owned()),
        ("302 without a protocol", |other| {
            format!("//{}/steal", other.address)
        }),
    ];
    let case = |(fault, target): (&'static str, Target)| {
        Case::new("H10", fault, move |seat| {
            let other = Faultd::start(1);
            let location = target(&other);
            let head = format!("Location: {location}\r\n");
            let host = if location.contains("localhost") {
                "localhost"
            } else {
                "127.0.0.1"
            };
            let says = format!("redirect (302) to {host} refused");
            let hss = Faultd::start(PODS);
            let mut stage = Stage::start(seat, &hss)?;
            stage.breaks(|hss| hss.break_with([Step::http("302 Found", &head, "")]));
            if !other.requests().is_empty() {
                return Err("the redirect was followed".to_owned());
            }
            stage.shows("STALE", &[&says], SECOND)?;
            stage.obeys_keys()?;
            stage.rests()?;
            stage.asked_at_most(1)?;
            stage.heals(Faultd::mend)?;
            if let [request, ..] = other.requests().as_slice() {
                return Err(format!("the redirect was followed: {}", request.head));
            }
            stage.ends()
        })
    };
    targets.map(case).into()
}

pub fn not_the_api() -> Vec<Case> {
    let page = "<html><body>Sign in: <form action=x></form></body></html>";
    let case = move |fault, status: &'static str, headers: &'static str, body: &'static str, says| {
        Case::new("H13", fault, move |seat| {
            lasting("STALE", says).play(seat, |hss| hss.break_with([Step::http(status, headers, body)]))
        })
    };
    vec![
        case(
            "200 and a sign-in page",
            "200 OK",
            HTML,
            page,
            &["not the API: an HTML page (200): a proxy or a sign-in page?"],
        ),
        case(
            "200 and a page that calls itself JSON",
            "200 OK",
            JSON,
            page,
            &["not the API: an HTML page (200)"],
        ),
        case(
            "200 and no page",
            "200 OK",
            JSON,
            r#"{"message":"ok"}"#,
            &["answer unreadable: neither total_num nor a list"],
        ),
        case(
            "206",
            "206 Partial Content",
            JSON,
            r#"{"total_num":0,"data_list":[]}"#,
            &["not the API: only a part of an answer (206)"],
        ),
        case(
            "511",
            "511 Network Authentication Required",
            HTML,
            page,
            &["not the API: the network asks for a sign-in (511)"],
        ),
        case(
            "407",
            "407 Proxy Authentication Required",
            HTML,
            page,
            &["not the API: a proxy asks for a sign-in (407)"],
        ),
        case(
            "200 and nothing",
            "200 OK",
            JSON,
            "",
            &["not the API: an empty answer (200)"],
        ),
        case(
            "204",
            "204 No Content",
            "",
            "",
            &["not the API: an empty answer (204)"],
        ),
    ]
}
