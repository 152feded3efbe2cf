//! One collector for several profiles: each with its own credential, state and journal, and all on one budget.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::run::{Folder, run};
use support::scripted::{Scripted, Step};
use support::serving::{Answered, Serving};
use support::simulate::Simulate;

const VARIABLES: [(&str, &str); 1] = [("HSS_TOP_TOKEN", "canary-t")];

/// A configuration with a profile for each of these names, servers and projects.
fn configured(folder: &Folder, profiles: &[(&str, &str, &str)]) -> String {
    let profile = |(name, url, project): &(&str, &str, &str)| {
        format!("[profiles.{name}]\nendpoint = \"{url}\"\nproject_id = \"{project}\"\n")
    };
    let text: String = profiles.iter().map(profile).collect();
    folder.write("config.toml", &text)
}

fn flags<'a>(config: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let own = [
        "--config",
        config,
        "--no-state",
        "--profile",
        "east",
        "--profile",
        "west",
    ];
    [&own, more].concat()
}

fn object(answer: &Answered) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| unreachable!("{error}: {answer:?}"))
}

/// The sum of the samples of this metric with this label.
fn sum(page: &str, name: &str, label: &str) -> f64 {
    let of_name = page.lines().filter_map(|line| line.strip_prefix(name));
    let labelled = of_name.filter(|rest| rest.starts_with('{') && rest.contains(label));
    labelled
        .map(|rest| rest.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum()
}

#[test]
fn each_profile_is_served_under_its_project_and_has_its_own_journal() {
    let east = Simulate::start(&["--pods", "30", "--serverless", "0", "--seed", "1"], &[]);
    let west = Simulate::start(&["--pods", "50", "--serverless", "4", "--seed", "2"], &[]);
    let folder = Folder::new("serve-profiles");
    let config = configured(
        &folder,
        &[("east", &east.url, "p-east"), ("west", &west.url, "p-west")],
    );
    let serving = Serving::start(&flags(&config, &[]), &VARIABLES);
    serving.until("/readyz", |answer| answer.status == 200);
    let pods = |project: &str| serving.get(&format!("/v5/{project}/kubernetes/pods?limit=200"));
    assert_eq!(object(&pods("p-east"))["total_num"], 30);
    assert_eq!(object(&pods("p-west"))["total_num"], 54);
    let other = pods("p-north");
    assert_eq!(other.status, 403);
    assert!(
        other.body.contains("projects p-east, p-west") && !other.body.contains("p-north"),
        "{other:?}"
    );

    let page = serving
        .until("/metrics", |answer| {
            sum(&answer.body, "hss_pods", "profile=\"west\"") > 0.0
        })
        .body;
    assert_eq!(sum(&page, "hss_pods", "profile=\"east\"").to_string(), "30");
    assert_eq!(sum(&page, "hss_pods", "profile=\"west\"").to_string(), "54");
    assert!(
        page.contains("hss_profile_info{profile=\"east\",project=\"p-east\",place=\"127.0.0.1:"),
        "{page}"
    );
    assert!(
        page.contains("\nprocess_resident_memory_bytes "),
        "the process has one memory"
    );
    let heads: Vec<&str> = page.lines().filter(|line| line.starts_with("# TYPE")).collect();
    assert_eq!(
        heads.len(),
        heads.iter().collect::<BTreeSet<_>>().len(),
        "each family once"
    );
    let series: Vec<&str> = page.lines().filter(|line| !line.starts_with('#')).collect();
    let names: BTreeSet<&str> = series
        .iter()
        .map(|line| line.rsplit_once(' ').unwrap().0)
        .collect();
    assert_eq!(series.len(), names.len(), "each series once");

    assert_eq!(serving.get("/v1/state").status, 400, "which one is not said");
    for (project, total) in [("p-east", 30), ("p-west", 54)] {
        let state = object(&serving.get(&format!("/v1/state?project_id={project}")));
        assert_eq!(
            (&state["project_id"], &state["total_num"]),
            (&project.into(), &total.into())
        );
    }
    let now = hss_top::clock::Clock::system().now().as_millisecond();
    let ack = json!({ "records": [{ "who": "ops-a", "at": now, "pod": "id\u{0}a", "finding": "dd23e1be204952fe",
        "until": null, "undone": null }] });
    let taken = serving.post("/v1/acks?project_id=p-east", &ack.to_string(), "");
    assert_eq!(object(&taken)["added"], 1, "{taken:?}");
    assert_eq!(serving.post("/v1/acks", &ack.to_string(), "").status, 400);
    let decided =
        |project: &str| object(&serving.get(&format!("/v1/acks?project_id={project}")))["total"].clone();
    assert_eq!([decided("p-east"), decided("p-west")], [json!(1), json!(0)]);

    let url = format!("http://{}", serving.address);
    let list = [
        "list",
        "--endpoint",
        &url,
        "--project-id",
        "p-west",
        "--no-state",
        "--output",
        "name",
    ];
    let (code, out, err) = run(&list, &VARIABLES);
    assert_eq!((code, out.lines().count()), (Some(0), 54), "{err}");
}

#[test]
fn profiles_at_one_server_share_what_it_allows() {
    let hss = Simulate::start(
        &["--pods", "2000", "--serverless", "0", "--calls-per-minute", "5"],
        &[],
    );
    let folder = Folder::new("serve-shared");
    let config = configured(
        &folder,
        &[("east", &hss.url, "p-east"), ("west", &hss.url, "p-west")],
    );
    let serving = Serving::start(&flags(&config, &[]), &VARIABLES);
    let calls =
        |page: &str, profile: &str| sum(page, "hss_api_calls_total", &format!("profile=\"{profile}\""));
    let page = serving
        .until("/metrics", |answer| {
            calls(&answer.body, "east") + calls(&answer.body, "west") > 3.0
        })
        .body;
    // Each has begun, together they made no more than one of them may, and the server refused none.
    assert!(calls(&page, "east") > 0.0 && calls(&page, "west") > 0.0, "{page}");
    assert!(calls(&page, "east") + calls(&page, "west") <= 5.0, "{page}");
    assert!(
        sum(&page, "hss_api_calls_total", "outcome=\"failed\"") < 1.0,
        "{page}"
    );
}

const REFUSAL: &str = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: decrypt token fail"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_credential_does_not_end_the_others() {
    let refusing = Scripted::start(vec![Step::json("401 Unauthorized", REFUSAL)]).await;
    let (refused, folder) = (refusing.url(), Folder::new("serve-refused"));
    let work = move || {
        let east = Simulate::start(&["--pods", "30"], &[]);
        let config = configured(
            &folder,
            &[("east", &east.url, "p-east"), ("west", &refused, "p-west")],
        );
        let serving = Serving::start(&flags(&config, &[]), &VARIABLES);
        serving.until("/metrics", |answer| {
            answer
                .body
                .contains("hss_sync_state{profile=\"west\",state=\"auth\"} 1")
                && answer
                    .body
                    .contains("hss_sync_state{profile=\"east\",state=\"fresh\"} 1")
        });
        let without = serving.get("/v1/state");
        assert!(
            without.body.contains("keeps the projects p-east, p-west"),
            "{without:?}"
        );
        let ready = serving.get("/readyz");
        assert_eq!(ready.status, 503);
        assert_eq!(
            ready.body,
            "not ready: no sweep has seen all pods of profile=\"west\" yet; AUTH: HSS refuses the credential\n"
        );
        assert_eq!(serving.get("/v5/p-east/kubernetes/pods").status, 200);
        assert_eq!(serving.get("/v5/p-west/kubernetes/pods").status, 503);
        serving.signal("TERM");
        assert_eq!(serving.end().0, Some(0));
        let config = configured(
            &folder,
            &[("east", &refused, "p-east"), ("west", &refused, "p-west")],
        );
        let (code, _, err) = run(
            &[&["serve", "--listen", "127.0.0.1:0"], &*flags(&config, &[])].concat(),
            &VARIABLES,
        );
        assert!(
            code == Some(3) && err.contains("decrypt token fail") && !err.contains("canary"),
            "{err}"
        );
        for name in ["east", "west"] {
            assert!(err.contains(&format!("hss-top: profile {name}: ")), "{err}");
            assert!(err.contains(&format!(r#""profile":"{name}""#)), "{err}");
        }
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}

#[test]
fn profiles_that_clients_could_not_tell_apart_are_refused_at_the_start() {
    let folder = Folder::new("serve-same");
    let url = "http://127.0.0.1:9";
    let config = configured(
        &folder,
        &[("east", url, "p-1"), ("west", url, "p-1"), ("north", url, "p-2")],
    );
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--config",
        &config,
        "--no-state",
        "--profile",
        "north",
    ];
    for (more, words) in [
        (
            ["--profile", "east", "--profile", "west"].as_slice(),
            "the profiles east and west have the same project p-1",
        ),
        (
            &["--profile", "north"],
            "the profiles north and north have the same project p-2",
        ),
        (&["--profile", "south"], "there is no profile south"),
        (
            &["--profile", "east", "--demo"],
            "the profiles north and east have the same project demo-project",
        ),
    ] {
        let (code, _, err) = run(&[&serve, more].concat(), &VARIABLES);
        assert!(code == Some(3) && err.contains(words), "{code:?} {err}");
    }
}

#[test]
fn a_variable_that_replaces_what_a_profile_says_is_refused_where_there_are_several() {
    let folder = Folder::new("serve-replaced");
    let token = folder.write("token", "canary-of-the-profile");
    let profile = |name: &str| {
        format!(
            "[profiles.{name}]\nendpoint = \"http://127.0.0.1:9\"\nproject_id = \"p-{name}\"\ntoken_file = \"{token}\"\n"
        )
    };
    let config = folder.write("config.toml", &(profile("east") + &profile("west")));
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    for (variable, told) in [
        (
            ("HSS_TOP_TOKEN", "canary-t"),
            "profile east: HSS_TOP_TOKEN replaces its credential",
        ),
        (
            ("HSS_TOP_PROJECT_ID", "p"),
            "profile east: HSS_TOP_PROJECT_ID replaces its project_id",
        ),
    ] {
        let (code, _, err) = run(&[&serve, &*flags(&config, &[])].concat(), &[variable]);
        assert!(
            code == Some(3) && err.contains(told) && !err.contains("canary"),
            "{code:?} {err}"
        );
    }
    // With one profile a variable replaces its value, as everywhere.
    let one = ["--config", &config, "--no-state", "--profile", "east"];
    let serving = Serving::start(&one, &VARIABLES);
    assert_eq!(serving.get("/healthz").status, 200);
}

/// The line of the shipped unit, with another configuration and any port.
/// systemd does not hand a 0 on to journald, whose own limit of 10,000 lines in 30 s then holds.
#[test]
fn no_unit_asks_for_a_limit_that_systemd_does_not_hand_on() {
    for unit in [
        include_str!("../assets/systemd/hss-top@.service"),
        include_str!("../packaging/systemd/hss-top-check@.service"),
        include_str!("../packaging/systemd/hss-top-watch@.service"),
    ] {
        let limit = |name: &str| {
            let value = unit.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            value.trim_end_matches('s').parse::<u64>().unwrap()
        };
        assert_eq!(limit("LogRateLimitIntervalSec="), 1);
        assert!(limit("LogRateLimitBurst=") >= 100_000);
    }
}

#[test]
fn the_line_of_the_systemd_unit_serves_the_profile_of_its_instance() {
    let hss = Simulate::start(&["--pods", "30", "--serverless", "0"], &[]);
    let folder = Folder::new("serve-unit");
    let config = configured(
        &folder,
        &[
            ("east", &hss.url, "p-east"),
            ("west", "http://127.0.0.1:9", "p-west"),
        ],
    );
    let unit = include_str!("../assets/systemd/hss-top@.service");
    let line = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="))
        .unwrap();
    let line = line
        .replace("%i", "east")
        .replace("/etc/hss-top/config.toml", &config);
    let (before, listen) = line.split_once(" --listen ").unwrap();
    assert_eq!(listen, "127.0.0.1:9464");
    let mut words = before.split(' ');
    assert_eq!(
        [words.next(), words.next()],
        [Some("/usr/local/bin/hss-top"), Some("serve")]
    );
    let flags: Vec<&str> = words.collect();
    let state = folder.join("state").display().to_string();
    let serving = Serving::start(&flags, &[VARIABLES[0], ("XDG_STATE_HOME", &state)]);
    serving.until("/readyz", |answer| answer.status == 200);
    assert_eq!(object(&serving.get("/v1/state"))["project_id"], "p-east");
    serving.signal("TERM");
    assert_eq!(serving.end().0, Some(0), "as RestartPreventExitStatus expects");
    assert!(
        std::fs::read_dir(folder.join("state/hss-top")).unwrap().count() > 0,
        "its state is kept there"
    );
}
