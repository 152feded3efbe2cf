//! The view of the health: every state word with its story, and the last calls.

use std::sync::Arc;
use std::time::Duration;

use hss_top::app::Model;
use hss_top::app::event::Event;
use hss_top::collector::planned::WaitCause;
use hss_top::collector::status::Problem;
use hss_top::fleet::RemoteText;
use hss_top::fleet::list_age::ListAgeLimit;
use hss_top::health::Vitals;
use hss_top::hss::Error;
use hss_top::hss::call_record::{CallRecord, CallSubject};
use hss_top::hss::error::ServiceError;
use hss_top::log::{LogFault, LogTrouble};
use hss_top::ui::{Palette, SignSet, Theme};
use jiff::SignedDuration;
use ratatui::layout::Size;

use crate::support::stage::{draw, feed, loaded_model, now, press, text};
use crate::{coloured, roles};

/// Calls of the last minutes, the oldest first: pages, a sign-in, a snapshot that was asked for, a search, and what went wrong.
fn calls() -> Arc<[Arc<CallRecord>]> {
    let page = |page: u32| CallSubject::Page {
        offset: (page - 1) * 200,
        limit: 200,
        total: Some(1111),
        is_search: false,
    };
    let failed = |subject, status, code: &str| (subject, Some(status), Some(code.to_owned()), None);
    let mut calls = vec![
        (CallSubject::SignIn, Some(201), None, None),
        (CallSubject::Projects, Some(200), None, None),
    ];
    calls.extend((1..=6).map(|at| (page(at), Some(200), None, None)));
    calls.extend([
        failed(page(1), 429, "APIGW.0308"),
        (page(1), None, None, Some("timed out")),
        (CallSubject::Synchronise, Some(200), None, None),
        failed(CallSubject::SignIn, 401, "IAM.0101"),
        (page(1), Some(200), None, None),
    ]);
    let search = CallSubject::Page {
        offset: 0,
        limit: 200,
        total: Some(97),
        is_search: true,
    };
    calls.push((search, Some(200), None, None));
    calls.extend((1..=12).map(|_| (page(1), Some(200), None, None)));
    let many = i64::try_from(calls.len()).unwrap();
    let record = |(at, (subject, status, code, fault)): (usize, (_, Option<u16>, Option<String>, _))| {
        let number = u64::try_from(at).unwrap() + 1;
        let ago = 12 * (many - i64::try_from(at).unwrap()) + 5;
        Arc::new(CallRecord {
            number,
            at: now() - SignedDuration::from_secs(ago),
            subject,
            status,
            code: code.as_deref().map(RemoteText::name),
            fault,
            request_id: status.map(|_| {
                RemoteText::name(&format!(
                    "{:032x}",
                    u128::from(number) * 0x5d21_f0a3_c7e9_4b6f_8a1d
                ))
            }),
            took: Duration::from_millis(if status.is_some() { 80 + number * 7 } else { 30_000 }),
            bytes: status.filter(|status| *status != 401).map(|_| 4_000 * number),
        })
    };
    calls.into_iter().enumerate().map(record).collect()
}

/// A model that was measured for an hour, with its files.
pub async fn measured_model(size: Size) -> Model {
    let mut model = loaded_model(size).await;
    for step in 0..720 {
        let vitals = Vitals {
            uptime: Duration::from_secs(step * 5),
            cpu: Duration::from_millis(400 + step * 6),
            resident: Some((12 << 20) + (step.min(60) << 18)),
            peak: Some(30 << 20),
            threads: Some(9),
            descriptors: Some(14),
            state_bytes: Some(318 << 10),
        };
        feed(&mut model, Event::Vitals(vitals));
    }
    model.started_at = "2025-08-15T08:30:15Z".parse().unwrap();
    model.status.calls = calls();
    (model.status.calls_made, model.status.calls_failed) = (1234, 12);
    (model.status.calls_left, model.status.calls_limit) = (4, 5);
    let in_use = "2025-08-16T09:00:00Z".parse().unwrap();
    model.status.credential_end = Some(in_use);
    model.places.state = Some("/home/op/.local/state/hss-top/cn-north-4-0123456789abcdef.sqlite".into());
    model
}

#[tokio::test]
async fn the_health_of_the_program_itself() {
    for (width, height) in [(80, 24), (120, 40), (200, 60), (280, 70)] {
        let mut model = measured_model(Size::new(width, height)).await;
        press(&mut model, "4");
        let buffer = draw(&model, coloured());
        insta::assert_snapshot!(format!("health_{width}x{height}"), text(&buffer));
        insta::assert_snapshot!(format!("health_{width}x{height}_roles"), roles(&buffer));
        press(&mut model, "?");
        assert!(text(&draw(&model, coloured())).contains("Keys of the health screen"));
        press(&mut model, "<Esc>");
        feed(
            &mut model,
            Event::Log(Some(LogTrouble::Off(LogFault::Refused(
                "no storage space".into(),
            )))),
        );
        let screen = text(&draw(&model, coloured()));
        assert!(
            screen.contains("▲ log off: no storage space") && screen.contains("▲ log off  "),
            "{screen}"
        );
        press(&mut model, "<Esc>");
        assert!(text(&draw(&model, coloured())).contains("RISK▼"));
    }
}

#[tokio::test]
async fn everything_that_health_answers_is_on_a_usual_screen() {
    // The lower screen is scrolled to the calls that failed.
    for (size, keys) in [
        (Size::new(120, 40), "4jjjjjjjjjjjjjjjjjj"),
        (Size::new(200, 60), "4"),
    ] {
        let mut model = measured_model(size).await;
        press(&mut model, keys);
        let screen = text(&draw(&model, coloured()));
        for part in [
            // The last calls: when, what for, status, code, request id, how long, how much.
            "09:26:34  page 1 of 6",
            "429  APIGW.0308",
            "000000000003463175c20733a6ebdb05         143   35.1Ki",
            "sign-in",
            // The budget, and why the next call is when.
            "4 of 5 left in this minute",
            "in 59s, at 09:31:14: the list is checked every",
            "the last one saw all 1,111 records",
            "History ",
            "Memory ",
            "% of a core",
            "Threads ",
            "Open files ",
            "State       /home/op/",
            "Log ",
            "Credential  HUAWEICLOUD_SDK_AK AKOP…; valid for 23h, until Aug 16 09:00",
            concat!("hss-top     ", env!("CARGO_PKG_VERSION")),
            "HSS's API v5, state file format ",
        ] {
            assert!(screen.contains(part), "{part}: {screen}");
        }
    }
}

/// What makes each state, beside FRESH.
fn in_state(model: &mut Model, word: &str) {
    let status = &mut model.status;
    let refused = |code: u16, name: &str, message: &str| {
        let mut error = ServiceError {
            status: code,
            request_id: Some(RemoteText::name("5d21f0a3c7e94b6f8a1d2c3b4e5f6071")),
            ..ServiceError::default()
        };
        error.body.code = Some(RemoteText::name(name));
        error.body.message = Some(RemoteText::message(message));
        Some(Problem {
            error: error.into(),
            until: None,
        })
    };
    status.next_at = Some(now() + SignedDuration::from_secs(41));
    match word {
        "LOADING" => {
            (status.loading, status.met, status.whole) = (true, 400, false);
            (status.calls_left, status.calls_of_others, status.others.programs) = (0, 3, 1);
            (status.pace, status.wait_cause) = (Some(800), WaitCause::Calls);
            status.done_at = Some(now() + SignedDuration::from_mins(2));
        }
        "THROTTLED" => {
            status.problem = refused(429, "APIGW.0308", "The throttling threshold has been reached");
            (status.held_until, status.wait_cause) = (status.next_at, WaitCause::Service);
        }
        "AUTH" => {
            status.problem = refused(401, "APIGW.0301", "Incorrect IAM authentication information");
            status.wait_cause = WaitCause::Rest;
        }
        "OFFLINE" => {
            let error = Error::Connect {
                proxy: None,
                place: "hss.cn-north-4.myhuaweicloud.com".into(),
                cause: RemoteText::message("Connection refused (os error 111)"),
            };
            status.problem = Some(Problem { error, until: None });
            status.wait_cause = WaitCause::Pause;
        }
        "OLD" => {
            status.snapshot_at = Some(now() - SignedDuration::from_hours(4 * 24));
            model.list_age_limit = ListAgeLimit::default();
        }
        _ => {}
    }
}

#[tokio::test]
async fn each_state_tells_its_story() {
    for word in ["LOADING", "THROTTLED", "AUTH", "OFFLINE", "OLD"] {
        let mut model = measured_model(Size::new(80, 24)).await;
        in_state(&mut model, word);
        press(&mut model, "4jjj");
        let buffer = draw(&model, coloured());
        let screen = text(&buffer);
        assert!(screen.contains(word), "{screen}");
        let name = word.to_lowercase();
        insta::assert_snapshot!(format!("health_{name}_80x24"), screen);
        insta::assert_snapshot!(format!("health_{name}_80x24_roles"), roles(&buffer));
    }
}

#[tokio::test]
async fn its_signs_and_colours_suit_the_terminal() {
    let mut model = measured_model(Size::new(120, 40)).await;
    in_state(&mut model, "THROTTLED");
    press(&mut model, "4");
    let ascii = text(&draw(&model, coloured().with_signs(SignSet::Ascii)));
    assert!(ascii.is_ascii(), "{ascii}");
    insta::assert_snapshot!("health_ascii_120x40", ascii);
    let light = draw(&model, Theme::new(Palette::Light));
    insta::assert_snapshot!("health_light_120x40_roles", roles(&light));
}

#[tokio::test]
async fn a_mask_hides_what_may_be_a_name_and_no_id() {
    let mut model = measured_model(Size::new(200, 60)).await;
    let mut odd = (*model.status.calls[0]).clone();
    (odd.number, odd.request_id) = (99, Some(RemoteText::name("payment-api-1")));
    model.status.calls = model
        .status
        .calls
        .iter()
        .cloned()
        .chain([Arc::new(odd)])
        .collect();
    press(&mut model, "4");
    assert!(text(&draw(&model, coloured())).contains("payment-api-1"));
    assert!(model.mask(true));
    let screen = text(&draw(&model, coloured()));
    assert!(
        !screen.contains("payment-api-1") && screen.contains("hidden"),
        "{screen}"
    );
    assert!(screen.contains("5d21f0a3c7e94b6f8a1d"), "{screen}");
}

#[tokio::test]
async fn a_long_error_of_a_call_is_whole_below_the_table() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut model = measured_model(Size::new(width, height)).await;
        let mut refused = (*model.status.calls[0]).clone();
        refused.number = 99;
        refused.code = Some(RemoteText::name("APIG.0106.OrchestrationParameterInvalid"));
        model.status.calls = Arc::new([Arc::new(refused)]);
        press(&mut model, "4");
        let screen = text(&draw(&model, coloured()));
        assert!(
            screen.contains("error APIG.0106.OrchestrationParameterInvalid"),
            "{screen}"
        );
    }
}
