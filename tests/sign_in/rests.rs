//! How often a password is sent, whatever IAM answers and however many programs ask.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use hss_top::hss::auth::refusals::Refusals;

use super::support::answering::Answering;
use super::support::pty::Pty;
use super::support::run::Folder;
use super::support::scripted::{Scripted, Step};
use super::{Hands, PAGE, call, client, issued, page, password};

/// An answer to a sign-in, and for how many seconds the password then rests.
fn answers() -> Vec<(&'static str, Step, u64)> {
    let says = |status: &str, message: &str| {
        let code = status.split(' ').next().unwrap();
        let body = format!(r#"{{"error":{{"code":{code},"message":"{message}","title":"x"}}}}"#);
        Step::json(status, &body)
    };
    let html = |status: &str| Step::http(status, "Content-Type: text/html\r\n", "<html>Sign in</html>");
    let later = |status: &str, after: &str| Step::http(status, &format!("Retry-After: {after}\r\n"), "{}");
    vec![
        ("401", says("401 Unauthorized", "The password is wrong."), 300),
        ("403", says("403 Forbidden", "no"), 300),
        ("401 of a gateway", html("401 Unauthorized"), 300),
        ("403 of a gateway", html("403 Forbidden"), 60),
        ("400 locked", says("400 Bad Request", "The user is locked."), 900),
        ("423", says("423 Locked", "no"), 900),
        ("400", says("400 Bad Request", "no"), 60),
        ("no token", Step::json("201 Created", r#"{"token":{}}"#), 60),
        ("an HTML page", html("200 OK"), 60),
        (
            "a redirect",
            Step::http("302 Found", "Location: https://other.example/\r\n", ""),
            60,
        ),
        ("429", later("429 Too Many Requests", "90"), 90),
        ("500", says("500 Internal Server Error", "no"), 60),
        ("502", html("502 Bad Gateway"), 60),
        ("503", says("503 Service Unavailable", "no"), 60),
        ("503, at once", later("503 Service Unavailable", "0"), 60),
        ("503, later", later("503 Service Unavailable", "600"), 600),
        ("503, never", later("503 Service Unavailable", "999999"), 3600),
        (
            "half an answer",
            Step::Answer(b"HTTP/1.1 201 Created\r\nContent-Le".to_vec()),
            60,
        ),
    ]
}

#[tokio::test]
async fn whatever_iam_answers_the_password_rests_for_this_run_and_the_next() {
    for (name, answer, rest) in answers() {
        let folder = Folder::new("rests");
        let hss = Scripted::start(vec![page()]).await;
        let iam = Scripted::start(vec![answer]).await;
        let hands = Hands::new();
        let run = || {
            let refusals = Refusals::in_folder(folder.dir());
            client(&hss, Some(&iam), password(), hands.clock()).remembering(Some(refusals))
        };
        let first = run();
        for _ in 0..4 {
            call(&first).await.unwrap_err();
            call(&run()).await.unwrap_err();
        }
        assert_eq!(iam.requests().len(), 1, "{name}");
        hands.turn(Duration::from_secs(rest - 1));
        call(&first).await.unwrap_err();
        call(&run()).await.unwrap_err();
        assert_eq!(iam.requests().len(), 1, "{name} rests for {rest} s");
        hands.turn(Duration::from_secs(1));
        call(&run()).await.unwrap_err();
        call(&first).await.unwrap_err();
        assert_eq!(
            iam.requests().len(),
            2,
            "{name}: the time is over, for one of them"
        );
    }
}

#[tokio::test]
async fn without_a_file_the_program_itself_remembers_and_says_so() {
    let folder = Folder::new("unwritable-rests");
    let hss = Scripted::start(vec![page()]).await;
    for (name, answer, _) in answers() {
        let iam = Scripted::start(vec![answer]).await;
        let refusals = Refusals::in_folder(folder.dir());
        // Nothing can be put in the place of a folder, not even by root.
        std::fs::create_dir_all(refusals.path()).unwrap();
        let client =
            client(&hss, Some(&iam), password(), Hands::new().clock()).remembering(Some(refusals.clone()));
        for _ in 0..4 {
            call(&client).await.unwrap_err();
        }
        assert_eq!(iam.requests().len(), 1, "{name}");
        assert!(
            refusals
                .trouble()
                .is_some_and(|why| why.contains("refused-sign-ins.json"))
        );
    }
}

#[tokio::test]
async fn nothing_rests_where_nothing_was_sent() {
    let folder = Folder::new("unsent-rests");
    let hss = Scripted::start(vec![page()]).await;
    let iam = Scripted::start(vec![page()]).await;
    let run = |iam: &Scripted| {
        let refusals = Refusals::in_folder(folder.dir());
        client(&hss, Some(iam), password(), Hands::new().clock()).remembering(Some(refusals))
    };
    let clients = [run(&iam), run(&iam)];
    let place = iam.address.to_string();
    drop(iam);
    for client in clients.iter().chain(&clients) {
        let error = call(client).await.unwrap_err().to_string();
        assert!(error.starts_with("cannot connect to "), "{error}");
    }
    let iam = Scripted::start_at(&place, vec![issued("token")]).await;
    for client in &clients {
        call(client).await.unwrap();
    }
    assert_eq!(iam.requests().len(), 2);
}

/// Whether the answers to sign-ins may go out.
type Gate = Arc<(Mutex<bool>, Condvar)>;

fn open(gate: &Gate) {
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
}

/// IAM and HSS in one: sign-ins wait at the gate, and are refused or not; each is counted.
async fn services(refuses: bool, gate: &Gate) -> (Answering, Arc<Mutex<usize>>) {
    let (gate, count) = (Arc::clone(gate), Arc::new(Mutex::new(0)));
    let counter = Arc::clone(&count);
    let server = Answering::start(move |_, head| {
        if !head.starts_with("POST /v3/auth/tokens") {
            // The example is one pod of 107.
            return Step::json("200 OK", &PAGE.replace("107", "1")).bytes();
        }
        *counter.lock().unwrap() += 1;
        let is_open = gate.0.lock().unwrap();
        drop(gate.1.wait_while(is_open, |is_open| !*is_open).unwrap());
        let wrong = r#"{"error":{"code":401,"message":"The password is wrong.","title":"Unauthorized"}}"#;
        let answer = if refuses {
            Step::json("401 Unauthorized", wrong)
        } else {
            issued("token")
        };
        answer.bytes()
    })
    .await;
    (server, count)
}

fn dashboard(url: &str, home: &Folder) -> Pty {
    let flags = [
        "--endpoint",
        url,
        "--iam-endpoint",
        url,
        "--project-id",
        "p",
        // Calls are counted for all programs of this machine together.
        "--calls-per-minute",
        "100",
    ];
    let variables = [
        ("HOME", home.path()),
        ("HSS_TOP_IAM_USER", "ops"),
        ("HSS_TOP_IAM_DOMAIN", "acme"),
        ("HSS_TOP_IAM_PASSWORD", "canary-of-five"),
    ];
    Pty::start(120, 30, &flags, &variables)
}

/// Waits until IAM was asked.
fn asked(count: &Arc<Mutex<usize>>) {
    let began = tokio::time::Instant::now();
    while *count.lock().unwrap() == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody signs in");
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn five_dashboards_that_start_together_send_a_wrong_password_once_and_a_right_one_lets_all_in() {
    for (refuses, word, sent) in [(true, "AUTH", 1), (false, "FRESH", 5)] {
        let (home, gate) = (Folder::new("five"), Gate::default());
        let (server, count) = services(refuses, &gate).await;
        let (url, counter) = (server.url(), Arc::clone(&count));
        let all = tokio::task::spawn_blocking(move || {
            let mut all: Vec<Pty> = (0..5).map(|_| dashboard(&url, &home)).collect();
            for pty in &all {
                pty.shows("LOADING");
            }
            asked(&counter);
            open(&gate);
            for pty in &mut all {
                pty.shows(word);
                pty.quit();
            }
            all.into_iter().map(|pty| pty.ended().0).collect::<Vec<u32>>()
        });
        assert_eq!(all.await.unwrap(), [0; 5]);
        assert_eq!(*count.lock().unwrap(), sent, "{word}");
    }
}

/// The answer that it waited for is unknown: it may have been a refusal.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_password_that_a_killed_dashboard_sent_rests() {
    let (home, gate) = (Folder::new("killed"), Gate::default());
    let (server, count) = services(true, &gate).await;
    let (url, counter) = (server.url(), Arc::clone(&count));
    tokio::task::spawn_blocking(move || {
        let first = dashboard(&url, &home);
        asked(&counter);
        first.signal("KILL");
        drop(first.ended());
        let mut next = dashboard(&url, &home);
        next.shows("AUTH");
        next.shows("a sign-in began at ");
        next.quit();
        assert_eq!(next.ended().0, 0);
        open(&gate);
    })
    .await
    .unwrap();
    assert_eq!(*count.lock().unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_screen_says_that_a_refusal_is_not_remembered() {
    let (home, gate) = (Folder::new("unwritable-screen"), Gate::default());
    open(&gate);
    let (server, _) = services(true, &gate).await;
    let url = server.url();
    tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(home.join(".local/state/hss-top/refused-sign-ins.json")).unwrap();
        let mut pty = dashboard(&url, &home);
        pty.shows("AUTH");
        pty.shows("▲ refusal not remembered  ✗ IAM says: ");
        pty.keys("4");
        pty.shows("the refusal could not be remembered:");
        pty.quit();
        assert_eq!(pty.ended().0, 0);
    })
    .await
    .unwrap();
}
