//! `hss-top serve` and clients that cannot be trusted: tokens, TLS, and what strangers do to a port.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::run::{Folder, run};
use support::serving::Serving;
use support::tls::Authority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::time::Instant;

const TOKEN: &str = "canary-0123456789abcdef";
const DEMO: [&str; 5] = ["--demo", "--pods", "300", "--serverless", "20"];
/// The longest that an answer may take while others misbehave.
const PROMPT: Duration = Duration::from_secs(5);

/// A demo's service.
fn demo() -> Serving {
    let serving = Serving::start(&DEMO, &[]);
    serving.until("/readyz", |answer| answer.status == 200);
    serving
}

/// Asks for the metrics; they must come soon.
fn scrape(serving: &Serving) {
    let begun = Instant::now();
    let answer = serving.get("/metrics");
    assert!(
        answer.status == 200 && answer.body.contains("\nhss_pods{"),
        "{answer:?}"
    );
    assert!(begun.elapsed() < PROMPT, "{:?}", begun.elapsed());
}

#[test]
fn beyond_this_machine_only_a_client_with_the_token_is_answered() {
    let folder = Folder::new("serve-token");
    let file = folder.write("token", &format!("{TOKEN}\n"));
    let flags = [&DEMO[..], &["--client-token-file", &file]].concat();
    let serving = Serving::start_at("0.0.0.0:0", &flags, &[]);
    serving.until("/readyz", |answer| answer.status == 200);
    for path in ["/metrics", "/v5/demo-project/kubernetes/pods", "/", "/x"] {
        for headers in [
            "",
            "X-Auth-Token: canary-0123456789abcdee\r\n",
            "Authorization: Bearer x\r\n",
        ] {
            let answer = serving.ask("GET", path, headers);
            assert_eq!(answer.status, 401, "{path} {headers}");
            assert!(answer.header("www-authenticate").is_some());
            assert!(!answer.body.contains("canary"));
        }
    }
    let right = format!("Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(serving.ask("GET", "/metrics", &right).status, 200);
    let url = format!("http://{}", serving.address);
    let flags = [
        "list",
        "--endpoint",
        &url,
        "--project-id",
        "demo-project",
        "--no-state",
        "--output",
        "name",
    ];
    let (code, out, err) = run(&flags, &[("HSS_TOP_TOKEN", TOKEN)]);
    assert_eq!((code, out.lines().count()), (Some(0), 320), "{err}");
    let (code, _, err) = run(&flags, &[("HSS_TOP_TOKEN", "canary-another")]);
    assert!(
        code == Some(3)
            && err.contains("accepts its own token (--client-token-file or ")
            && err.contains("→ this collector needs its own token"),
        "{err}"
    );
    let elsewhere = flags.map(|flag| if flag == "demo-project" { "another" } else { flag });
    let (code, _, err) = run(&elsewhere, &[("HSS_TOP_TOKEN", TOKEN)]);
    assert!(
        code == Some(3)
            && err.contains(
                "the collector says: this hss-top collector keeps the pods of project demo-project (403"
            )
            && !err.contains("role"),
        "{err}"
    );
    serving.signal("TERM");
    let (code, said) = serving.end();
    assert!(
        code == Some(0) && !said.contains("canary") && said.contains("\"status\":401"),
        "{said}"
    );
}

#[test]
fn a_renewed_certificate_is_used_without_a_restart() {
    let folder = Folder::new("serve-tls");
    let authorities = ["before", "after"].map(Authority::new);
    let write = |authority: &Authority| {
        let (certificate, key) = authority.server_pem("localhost");
        (
            folder.write("cert.pem", &certificate),
            folder.write("key.pem", &key),
        )
    };
    let (certificate, key) = write(&authorities[0]);
    let flags = [
        &DEMO[..],
        &["--tls-cert-file", &certificate, "--tls-key-file", &key],
    ]
    .concat();
    let serving = Serving::start(&flags, &[]);
    let url = format!("https://localhost:{}", serving.address.port());
    let list = |authority: &Authority| {
        let file = authority.file();
        let flags = [
            "list",
            "--endpoint",
            &url,
            "--project-id",
            "demo-project",
            "--no-state",
            "--output",
            "name",
            "--give-up-after",
            "1s",
            "--ca-file",
            file.to_str().unwrap(),
        ];
        run(&flags, &[("HSS_TOP_TOKEN", "any-token")]).0
    };
    let until = |authority: &Authority| {
        let begun = Instant::now();
        while list(authority) != Some(0) {
            assert!(begun.elapsed() < Duration::from_mins(1));
        }
    };
    until(&authorities[0]);
    assert_ne!(list(&authorities[1]), Some(0));
    write(&authorities[1]);
    until(&authorities[1]);
    assert_ne!(list(&authorities[0]), Some(0));
}

#[test]
fn files_that_cannot_be_used_are_told_at_the_start() {
    let folder = Folder::new("serve-files");
    let short = folder.write("short", "short");
    let pem = folder.write("pem", "no pem");
    let token = "canary-0123456789abcdef";
    let (same, other) = (
        folder.write("same", token),
        folder.write("other", &format!("{token}\n")),
    );
    for (flags, words) in [
        (
            ["--client-token-file", &short, "--demo", "--demo"],
            "16 printable characters",
        ),
        (
            ["--client-token-file", "/nonexistent", "--demo", "--demo"],
            "/nonexistent",
        ),
        (
            ["--client-token-file", &same, "--deciding-token-file", &other],
            "have the same token",
        ),
        (
            ["--tls-cert-file", &pem, "--tls-key-file", &pem],
            "no PEM certificate",
        ),
    ] {
        let mut line = vec!["serve", "--listen", "127.0.0.1:0"];
        line.extend(flags.iter().filter(|flag| **flag != "--demo"));
        line.push("--demo");
        let (code, _, err) = run(&line, &[]);
        assert!(code == Some(3) && err.contains(words), "{code:?} {err}");
    }
    let (code, _, err) = run(&["serve", "--demo", "--tls-cert-file", &pem], &[]);
    assert!(code == Some(2) && err.contains("--tls-key-file"), "{err}");
}

#[test]
fn a_changed_file_that_cannot_be_used_is_told_once_and_so_is_its_repair() {
    let folder = Folder::new("serve-changed");
    let before = "canary-before-0123456789";
    let file = folder.write("token", before);
    let (certificate, key) = Authority::new("changed").server_pem("localhost");
    let (cert_file, key_file) = (
        folder.write("cert.pem", &certificate),
        folder.write("key.pem", &key),
    );
    let with_token = Serving::start(&[&DEMO[..], &["--client-token-file", &file]].concat(), &[]);
    let tls = ["--tls-cert-file", &cert_file, "--tls-key-file", &key_file];
    let with_tls = Serving::start(&[&DEMO[..], &tls].concat(), &[]);
    let ask_for = |token: &str, time: Duration| {
        let (begun, header) = (Instant::now(), format!("X-Auth-Token: {token}\r\n"));
        let mut status = 0;
        while begun.elapsed() < time {
            status = with_token.ask("GET", "/v1/state", &header).status;
            std::thread::park_timeout(Duration::from_millis(200));
        }
        status
    };
    folder.write("token", "short");
    folder.write("cert.pem", "no pem");
    assert_eq!(
        ask_for(before, Duration::from_secs(11)),
        200,
        "the previous one holds"
    );
    folder.write("token", "canary-after-0123456789");
    folder.write("cert.pem", &certificate);
    assert_eq!(ask_for("canary-after-0123456789", Duration::from_secs(6)), 200);
    for (serving, what) in [(with_token, "client token"), (with_tls, "certificate")] {
        serving.signal("TERM");
        let (_, said) = serving.end();
        let told = |end: &str| said.matches(&format!("the changed {what} {end}")).count();
        assert_eq!(
            (
                told("cannot be used: the previous one stays valid"),
                told("is in use")
            ),
            (1, 1),
            "{said}"
        );
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn a_site_that_sends_a_browser_here_gets_nothing() {
    let serving = demo();
    let request = "GET /metrics HTTP/1.1\r\nHost: rebind.example:9464\r\nConnection: close\r\n\r\n";
    let answer = serving.send(request.as_bytes());
    assert!(
        answer.starts_with("HTTP/1.1 421 ") && !answer.contains("hss_pods"),
        "{answer}"
    );
}

#[test]
fn half_open_connections_and_slow_readers_do_not_keep_others_waiting() {
    let serving = demo();
    let opened: Vec<TcpStream> = (0..2000)
        .map(|number| {
            let mut stream = serving.connect();
            let bytes = match number % 4 {
                0 => String::new(),
                1 => "GET /met".to_owned(),
                2 => "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nhalf".to_owned(),
                // Asks again and again, and reads nothing; so few that none is refused for asking too often.
                _ if number < 80 => "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(40),
                _ => "GET /metrics HTTP/1.1\r\nHost: localhost\r\n".to_owned(),
            };
            let _ = stream.write_all(bytes.as_bytes());
            stream
        })
        .collect();
    (0..20).for_each(|_| scrape(&serving));
    drop(opened);
    scrape(&serving);
}

#[test]
fn those_who_wait_for_news_do_not_keep_others_waiting() {
    let serving = demo();
    let state = serving.until("/v1/state", |answer| answer.body.contains("\"state\":\"FRESH\""));
    let tag = state
        .body
        .split("\"tag\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let request = format!("GET /v1/state?seen={tag}&wait=20 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let waiting: Vec<TcpStream> = (0..900)
        .map(|_| {
            let mut stream = serving.connect();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    (0..20).for_each(|_| scrape(&serving));
    drop(waiting);
    scrape(&serving);
}

#[test]
fn what_is_no_request_is_refused_and_harms_nobody() {
    let serving = demo();
    let long = "x".repeat(1 << 20);
    let many: Vec<String> = (0..5000).map(|number| format!("X-{number}: 1\r\n")).collect();
    let many = many.concat();
    for (bytes, statuses) in [
        (
            format!("GET /metrics HTTP/1.1\r\nHost: h\r\nX: {long}\r\n\r\n"),
            &["431"][..],
        ),
        (
            format!("GET /{long} HTTP/1.1\r\nHost: h\r\n\r\n"),
            &["431", "414"],
        ),
        (
            format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"),
            &["431"],
        ),
        ("\u{16}\u{3}\u{1}\u{2}".to_owned(), &["400"]),
        ("GET /metrics\r\n\r\n".to_owned(), &["400"]),
        (
            "get /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(),
            &["405"],
        ),
        ("GET /metrics HTTP/9.9\r\n\r\n".to_owned(), &["400", "505"]),
        ("\r\n".repeat(100_000), &["400", "431"]),
        (
            "GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
                .to_owned(),
            &["400"],
        ),
    ] {
        let answer = serving.send(bytes.as_bytes());
        let status = answer.split(' ').nth(1).unwrap_or_default();
        let is_closed = answer.is_empty();
        let begins: String = answer.chars().take(200).collect();
        assert!(is_closed || statuses.contains(&status), "{statuses:?}: {begins}");
        scrape(&serving);
    }
}

#[test]
fn requests_that_follow_each_other_at_once_are_all_answered() {
    let serving = demo();
    let mut stream = serving.connect();
    let one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream
        .write_all(format!("{}{last}", one.repeat(99)).as_bytes())
        .unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 100);
}

#[test]
fn a_client_that_asks_too_often_is_told_so_and_probes_are_counted_with_it() {
    let serving = demo();
    let mut stream = serving.connect();
    let one = "GET /v5/demo-project/kubernetes/pods HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = one.replace("Host", "Connection: close\r\nHost");
    let flood = format!("{}{last}", one.repeat(3000));
    let mut writer = stream.try_clone().unwrap();
    let written = std::thread::spawn(move || writer.write_all(flood.as_bytes()));
    let mut all = String::new();
    let _ = stream.read_to_string(&mut all);
    let _ = written.join().unwrap();
    let refused = all.matches("HTTP/1.1 429").count();
    assert!(
        refused > 0 && all.contains("APIG.0308") && all.contains("retry-after: 1\r\nx-hss-top-source: store"),
        "{refused}"
    );
    serving.until("/metrics", |answer| answer.status == 200);
}

#[test]
fn a_stop_under_load_takes_seconds() {
    let serving = demo();
    let streams: Vec<TcpStream> = (0..200)
        .map(|number| {
            let mut stream = serving.connect();
            let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1 + number % 40);
            let _ = stream.write_all(request.as_bytes());
            stream
        })
        .collect();
    let begun = Instant::now();
    serving.signal("TERM");
    let (code, said) = serving.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(begun.elapsed() < PROMPT, "{:?}", begun.elapsed());
    drop(streams);
}

/// What a client of a script reads, again and again, until it is cut off; returns how many answers were complete, and whether
/// one of them was none of ours.
fn read_all(serving: std::net::SocketAddr) -> (usize, bool) {
    let Ok(mut stream) = TcpStream::connect(serving) else {
        return (0, false);
    };
    stream.set_read_timeout(Some(PROMPT * 4)).unwrap();
    let request = "GET /v5/demo-project/kubernetes/pods?limit=200 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (mut complete, mut answer, mut bytes) = (0, Vec::new(), vec![0; 1 << 16]);
    'requests: while stream.write_all(request.as_bytes()).is_ok() {
        answer.clear();
        loop {
            match stream.read(&mut bytes) {
                Ok(count @ 1..) => answer.extend_from_slice(&bytes[..count]),
                _ => break 'requests,
            }
            let text = String::from_utf8_lossy(&answer);
            let whole = text.split_once("\r\n\r\n").filter(|(head, body)| {
                let length = head.split("content-length: ").nth(1);
                length.and_then(|rest| rest.lines().next()?.parse().ok()) == Some(body.len())
            });
            if let Some((head, body)) = whole {
                let is_page = head.starts_with("HTTP/1.1 200") && body.starts_with("{\"total_num\":320,");
                // Before the first list, and where a client asks too often.
                let is_refusal = ["HTTP/1.1 503", "HTTP/1.1 429"]
                    .iter()
                    .any(|begin| head.starts_with(begin));
                if !is_page && !is_refusal {
                    return (complete, true);
                }
                complete += usize::from(is_page);
                break;
            }
        }
    }
    (complete, false)
}

#[test]
fn a_restart_under_load_gives_no_wrong_answer_and_serves_again_at_once() {
    let folder = Folder::new("serve-restart");
    let hss = support::simulate::Simulate::start(&["--pods", "300", "--serverless", "20"], &[]);
    let variables = [("HSS_TOP_TOKEN", "canary-t"), ("XDG_STATE_HOME", folder.path())];
    let flags = ["--endpoint", &hss.url, "--project-id", "demo-project"];
    let first = Serving::start(&flags, &variables);
    first.until("/readyz", |answer| answer.status == 200);
    let address = first.address;
    let readers: Vec<_> = (0..20)
        .map(|_| std::thread::spawn(move || read_all(address)))
        .collect();
    first.until("/metrics", |answer| {
        !answer.body.contains("hss_api_calls_saved_total 0\n")
    });
    first.signal("TERM");
    let (code, said) = first.end();
    assert_eq!(code, Some(0), "{said}");
    let read: Vec<(usize, bool)> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    let complete: usize = read.iter().map(|(count, _)| count).sum();
    assert!(complete > 0 && read.iter().all(|(_, is_odd)| !is_odd), "{read:?}");
    // At the same address, although connections of the one before are not forgotten yet, and with its pods.
    let second = Serving::start_at(&address.to_string(), &flags, &variables);
    let ready = second.until("/readyz", |answer| answer.status == 200);
    assert_eq!(ready.body, "ready\n");
    let page = second.get("/v5/demo-project/kubernetes/pods?limit=200");
    assert!(page.body.starts_with("{\"total_num\":320,"), "{page:?}");
}

/// The rest of an answer, up to the end of its body.
async fn answered(stream: &mut tokio::net::TcpStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"alive\n") {
        assert!(
            stream.read_buf(&mut answer).await.unwrap() > 0,
            "it closed: {answer:?}"
        );
    }
    String::from_utf8(answer).unwrap()
}

/// 2,000 clients with a connection each, of four addresses, each of which may send 1,000 requests at once; needs `LONG_TESTS=1`, because it needs 4,000 files.
#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_connections_are_all_answered_and_more_make_room_for_each_other() {
    if std::env::var_os("LONG_TESTS").is_none() {
        return;
    }
    let limit = getrlimit(Resource::Nofile);
    let files = limit.maximum.map_or(16_384, |most| most.min(16_384));
    assert!(files >= 6000, "this test needs 6,000 files, and may open {files}");
    let raised = Rlimit {
        current: Some(files),
        ..limit
    };
    // The service inherits it.
    setrlimit(Resource::Nofile, raised).unwrap();
    let serving = tokio::task::spawn_blocking(demo).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let connect = async |network: u8| {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind((Ipv4Addr::new(127, 0, 9, network), 0).into())
            .unwrap();
        socket.connect(serving.address).await.unwrap()
    };
    let mut streams = Vec::new();
    for number in 0..2000_u32 {
        let mut stream = connect(1 + u8::try_from(number / 500).unwrap()).await;
        stream.write_all(request).await.unwrap();
        streams.push(stream);
    }
    for stream in &mut streams {
        assert!(answered(stream).await.starts_with("HTTP/1.1 200"));
    }
    // Nobody was closed meanwhile: the same connections are used again.
    for stream in &mut streams {
        stream.write_all(request).await.unwrap();
        assert!(answered(stream).await.starts_with("HTTP/1.1 200"));
    }
    // Beyond the limit, those who come are served, and those of the largest crowd make room.
    let mut later = Vec::new();
    for _ in 0..100 {
        let mut stream = connect(5).await;
        stream.write_all(request).await.unwrap();
        assert!(answered(&mut stream).await.starts_with("HTTP/1.1 200"));
        later.push(stream);
    }
    let begun = Instant::now();
    let open = tokio::task::spawn_blocking(move || serving.get("/metrics").body)
        .await
        .unwrap();
    assert!(begun.elapsed() < PROMPT, "{:?}", begun.elapsed());
    assert!(open.contains("\nprocess_open_fds "), "{open}");
}
