//! `hss-top serve`, as a supervisor starts it and scrapers and scripts ask it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use support::run::{Folder, run};
use support::scripted::{Scripted, Step};
use support::serving::Serving;
use support::simulate::Simulate;

const PAGE: &str = r#"{"total_num":3,"last_update_time":1755250215618,"data_list":[
    {"id":"1","pod_name":"api-1","namespace_name":"pay","cluster_name":"c","status":"Running","cpu":"183m","cpu_limit":"2",
     "memory":"1Gi","memory_limit":"1Gi","create_time":1755000000000},
    {"id":"2","pod_name":"x\u001b[2J","namespace_name":"pa\u202ey","cluster_name":"c","status":"Failed"}],
    "pod_info_list":[{"pod_name":"settle","namespace_name":"cci","cluster_name":"d","status":"Running",
     "protect_status":"opened","detect_result":"risk"}]}"#;

/// A service of a server that gives this answer to every call; the runtime must not wait for its requests.
async fn served<T: Send + 'static>(
    steps: Vec<Step>,
    flags: &'static [&'static str],
    work: impl FnOnce(Serving, &Scripted) -> T + Send + 'static,
) -> T {
    let server = Scripted::start(steps).await;
    tokio::task::spawn_blocking(move || work(Serving::of(&server.url(), flags), &server))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn scrapes_cause_no_call_and_get_the_pods_of_the_last_sweep() {
    served(
        vec![Step::json("200 OK", PAGE)],
        &["--metrics-risky-pods", "5"],
        |serving, server| {
            serving.until("/readyz", |answer| answer.status == 200);
            let page = serving.until("/metrics", |answer| answer.body.contains("hss_pods{"));
            for line in [
                "hss_pods{cluster=\"c\",namespace=\"pay\",source=\"node\"} 1",
                "hss_pods_by_detection{cluster=\"d\",namespace=\"cci\",detection=\"risk\"} 1",
                "hss_pods_cpu_cores{cluster=\"c\",namespace=\"pay\"} 0.183",
                "hss_snapshot_timestamp_seconds 1755250215.618",
                "hss_sweep_complete 1",
            ] {
                assert!(
                    page.body.lines().any(|found| found == line),
                    "{line}\n{}",
                    page.body
                );
            }
            assert!(
                page.body
                    .bytes()
                    .all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte))
            );
            let calls = server.requests().len();
            for _ in 0..50 {
                assert_eq!(serving.get("/metrics").status, 200);
            }
            assert_eq!(server.requests().len(), calls);
            let kind = "text/plain; version=0.0.4; charset=utf-8";
            assert_eq!(page.header("content-type"), Some(kind));
            let open = serving.ask(
                "GET",
                "/metrics",
                "Accept: application/openmetrics-text; version=1.0.0\r\n",
            );
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            assert_eq!(open.header("content-type"), Some(kind));
            assert!(open.body.ends_with("# EOF\n"));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_answer_a_scrape_is_answered_and_readiness_is_denied() {
    served(vec![Step::Silence], &[], |serving, _| {
        let page = serving.get("/metrics");
        assert_eq!(page.status, 200);
        assert!(page.body.contains("\nhss_sweep_complete 0\n"), "{}", page.body);
        assert!(!page.body.contains("hss_pods"), "{}", page.body);
        assert_eq!(serving.get("/readyz").status, 503);
        assert_eq!(serving.get("/healthz").status, 200);
        serving.signal("TERM");
        let (code, said) = serving.end();
        assert_eq!(code, Some(0), "{said}");
    })
    .await;
}

#[test]
fn its_log_tells_how_it_began_what_happened_and_how_it_ended() {
    let hss = Simulate::start(&["--pods", "30", "--serverless", "0"], &[]);
    let serving = Serving::of(&hss.url, &[]);
    let mute = r#"{"records":[{"who":"ops","at":1760000000000,"target":{"filter":"ns:x"},"ends":"changed","until":null,
        "undone":null}]}"#;
    serving.until("/readyz", |answer| answer.status == 200);
    assert_eq!(serving.post("/v1/mutes", mute, "").status, 200);
    assert_eq!(serving.post("/v1/mutes", "{", "").status, 400);
    let address = serving.address;
    serving.signal("TERM");
    let (_, said) = serving.end();
    for told in [
        &format!(
            r#""message":"hss-top serve has started","version":"{}","listening":"http://{address}""#,
            env!("CARGO_PKG_VERSION")
        ),
        r#""message":"the state of the list changed","before":"LOADING","state":"FRESH""#,
        r#""message":"a sweep is complete","purpose":"Fleet","pods":30"#,
        r#""message":"a client decided for the team""#,
        r#""who":"ops","about":"filter ns:x""#,
        r#""status":400,"why":"Invalid parameter.""#,
        r#""message":"a signal asks for the end","signal":15"#,
        r#""message":"hss-top serve has ended""#,
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_sweep_is_not_taken_for_the_fleet() {
    let first = PAGE.replace("\"total_num\":3", "\"total_num\":300");
    let steps = vec![Step::json("200 OK", &first), Step::Silence];
    served(steps, &[], |serving, _| {
        let page = serving.until("/metrics", |answer| {
            answer.body.contains("hss_sweep_records_met 3")
        });
        assert!(!page.body.contains("hss_pods"), "{}", page.body);
        assert_eq!(serving.get("/readyz").status, 503);
    })
    .await;
}

#[test]
fn another_path_gets_a_list_of_what_there_is_and_another_method_what_is_allowed() {
    let serving = Serving::start(&["--demo", "--pods", "20"], &[]);
    for target in ["/", "/metrics/", "/%2e%2e/etc/passwd", "/x?secret=canary"] {
        let answer = serving.get(target);
        assert_eq!(answer.status, 404, "{target}");
        assert!(answer.body.contains("GET /metrics"), "{answer:?}");
        assert!(!answer.body.contains("canary") && !answer.body.contains("passwd"));
    }
    for method in ["POST", "DELETE", "OPTIONS", "BREW"] {
        let answer = serving.ask(method, "/metrics", "");
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("GET, HEAD")),
            "{method}"
        );
    }
    let head = serving.ask("HEAD", "/metrics", "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert!(head.header("content-length").is_some_and(|length| length != "0"));
}

#[test]
fn every_signal_that_asks_for_the_end_ends_it_at_once_and_in_order() {
    for name in ["TERM", "INT", "HUP"] {
        let serving = Serving::start(&["--demo", "--pods", "20"], &[]);
        serving.signal(name);
        let (code, said) = serving.end();
        assert_eq!(code, Some(0), "{name}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_cannot_do_is_said_in_one_sentence_with_a_code() {
    let refusal = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: decrypt token fail"}"#;
    let server = Scripted::start(vec![Step::json("401 Unauthorized", refusal)]).await;
    let url = server.url();
    let ran = tokio::task::spawn_blocking(move || {
        let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = busy.local_addr().unwrap().to_string();
        let secret = [("HSS_TOP_TOKEN", "canary-t")];
        let refused = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--no-state",
            "--endpoint",
            &url,
            "--project-id",
            "p",
        ];
        let ran = [
            run(&["serve", "--demo", "--listen", &taken], &[]),
            run(&["serve", "--demo", "--listen", "0.0.0.0:0"], &[]),
            run(&["serve", "--demo", "--listen", "127.0.0.1"], &[]),
            run(&["serve"], &[]),
            run(&refused, &secret),
        ];
        drop(busy);
        ran
    });
    let [busy, open, wrong, missing, refused] = ran.await.unwrap();
    for ((code, out, err), expected, words) in [
        (busy, 1, "another program listens there"),
        (open, 3, "other machines could read everything"),
        (wrong, 2, "--listen"),
        (missing, 3, "Still missing"),
        (refused, 3, "decrypt token fail"),
    ] {
        assert_eq!((code, out.as_str()), (Some(expected), ""), "{err}");
        assert!(err.contains(words) && !err.contains("canary"), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_run_stored_is_served_at_once() {
    let state = Folder::new("serve-state");
    let path = state.path().to_owned();
    let server = Scripted::start(vec![Step::json("200 OK", PAGE), Step::Silence]).await;
    let url = server.url();
    tokio::task::spawn_blocking(move || {
        let variables = [("HSS_TOP_TOKEN", "canary-t"), ("XDG_STATE_HOME", path.as_str())];
        let flags = ["--endpoint", &url, "--project-id", "p"];
        let first = Serving::start(&flags, &variables);
        first.until("/readyz", |answer| answer.status == 200);
        first.signal("TERM");
        assert_eq!(first.end().0, Some(0));
        let second = Serving::start(&flags, &variables);
        second.until("/readyz", |answer| answer.status == 200);
        let page = second.get("/metrics").body;
        assert!(
            page.contains("\nhss_list_restored 1\n") && page.contains("hss_pods{"),
            "{page}"
        );
    })
    .await
    .unwrap();
}

/// The pods as a program reads them: their names, sorted.
fn names(page: &serde_json::Value) -> Vec<String> {
    let lists = ["data_list", "pod_info_list"].map(|list| page[list].as_array().unwrap().clone());
    let mut names: Vec<String> = lists
        .concat()
        .iter()
        .map(|pod| pod["pod_name"].to_string())
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pods_are_served_as_hss_sent_them() {
    served(vec![Step::json("200 OK", PAGE)], &[], |serving, server| {
        serving.until("/readyz", |answer| answer.status == 200);
        let calls = server.requests().len();
        let of = |query: &str| serving.get(&format!("/v5/p/kubernetes/pods{query}"));
        let answer = of("?limit=200&enterprise_project_id=all_granted_eps");
        assert_eq!(answer.status, 200, "{answer:?}");
        let page: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        let sent: serde_json::Value = serde_json::from_str(PAGE).unwrap();
        assert_eq!(page, sent, "every field, and nothing else");
        assert!(answer.body.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        assert_eq!(answer.header("x-hss-top-source"), Some("store"));
        assert_eq!(answer.header("x-hss-top-state"), Some("OLD"));
        assert_eq!(answer.header("age"), answer.header("x-hss-top-age"));
        let found: serde_json::Value = serde_json::from_str(&of("?namespace_name=cc").body).unwrap();
        assert_eq!(
            (&found["total_num"], names(&found)),
            (&1.into(), vec!["\"settle\"".to_owned()])
        );
        for (query, status, code) in [
            ("?limit=9", 400, "HSS.0001"),
            ("?offset=2000001", 400, "HSS.0001"),
            ("?enterprise_project_id=0", 403, "HSS.0013"),
        ] {
            let answer = of(query);
            let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(
                (answer.status, &body["error_code"]),
                (status, &code.into()),
                "{query}"
            );
        }
        let other = serving.get("/v5/another/kubernetes/pods");
        assert_eq!(other.status, 403);
        assert!(
            other.body.contains("project p") && !other.body.contains("another"),
            "{other:?}"
        );
        let sync = serving.ask("POST", "/v5/p/kubernetes/save-clusters", "Content-Length: 0\r\n");
        assert_eq!((sync.status, sync.body.contains("APIG.0101")), (404, true));
        assert_eq!(server.requests().len(), calls);
        let saved = serving.until("/metrics", |answer| {
            answer.body.contains("\nhss_api_calls_saved_total 2\n")
        });
        assert!(
            saved
                .body
                .contains("hss_http_requests_total{endpoint=\"pods\",outcome=\"refused\"} 4")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_all_pods_are_known_a_page_is_unavailable_and_never_wrong() {
    let first = PAGE.replace("\"total_num\":3", "\"total_num\":300");
    let steps = vec![Step::json("200 OK", &first), Step::Silence];
    served(steps, &[], |serving, _| {
        serving.until("/metrics", |answer| {
            answer.body.contains("hss_sweep_records_met 3")
        });
        let answer = serving.get("/v5/p/kubernetes/pods");
        assert_eq!(answer.status, 503);
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=300).contains(&wait), "{answer:?}");
        assert!(answer.body.contains("HSSTOP.0001"));
        assert_eq!(answer.header("x-hss-top-state"), Some("LOADING"));
        for told in [answer.body, serving.get("/readyz").body] {
            assert!(told.contains("LOADING: 3 of 300 pods, about "), "{told}");
        }
    })
    .await;
}

#[test]
fn a_screen_reads_the_collector_as_it_reads_hss() {
    let hss = Simulate::start(&["--pods", "1071", "--serverless", "40", "--mirrored", "7"], &[]);
    let fast = ["--calls-per-minute", "6000", "--interval", "1h"];
    let serving = Serving::of(&hss.url, &fast);
    serving.until("/readyz", |answer| answer.status == 200);
    let list = |url: &str| {
        let flags = [
            "list",
            "--endpoint",
            url,
            "--project-id",
            "p",
            "--no-state",
            "--output",
            "csv",
        ];
        let flags = [
            &flags[..],
            &["--sort", "pod", "--quiet", "--calls-per-minute", "6000"],
        ]
        .concat();
        let (code, out, err) = run(&flags, &[("HSS_TOP_TOKEN", "canary-t")]);
        assert_eq!(code, Some(0), "{err}");
        out
    };
    let (direct, through) = (list(&hss.url), list(&format!("http://{}", serving.address)));
    assert!(direct.lines().count() > 1071, "{direct}");
    assert!(direct == through);
}
