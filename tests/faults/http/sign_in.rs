//! Credentials that HSS takes no more.

use super::SECOND;
use crate::support::fault_case::{Case, Seat};
use crate::support::fault_stage::{PODS, Stage, brief};
use crate::support::faultd::Faultd;
use crate::support::scripted::Step;

const LOGIN: [(&str, &str); 3] = [
    ("HSS_TOP_IAM_USER", "ops"),
    ("HSS_TOP_IAM_PASSWORD", "canary-password"),
    ("HSS_TOP_IAM_DOMAIN", "acme"),
];

/// A program that signs in with a password; the fault; what it must come to; how many more sign-ins there may be.
fn signs_in(
    seat: Seat,
    breaks: impl FnOnce(&Faultd),
    then: impl FnOnce(&mut Stage) -> Result<(), String>,
) -> Result<String, String> {
    let hss = Faultd::start(PODS);
    let url = hss.url();
    let flags = [
        "--endpoint",
        &url,
        "--iam-endpoint",
        &url,
        "--region",
        "cn-north-4",
    ];
    let mut stage = Stage::start_with(seat, &hss, &flags, &LOGIN)?;
    let sign_ins = || {
        hss.requests()
            .iter()
            .filter(|it| it.head.contains("/v3/auth/tokens"))
            .count()
    };
    stage.breaks(breaks);
    then(&mut stage)?;
    if sign_ins() != 2 {
        return Err(format!(
            "{} sign-ins, not one at the start and one more",
            sign_ins()
        ));
    }
    stage.ends()
}

fn refused() -> Step {
    Step::json(
        "401 Unauthorized",
        r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: token expired"}"#,
    )
}

pub fn sign_in() -> Vec<Case> {
    vec![
        Case::new("H9", "401 once", |seat| {
            signs_in(
                seat,
                |hss| hss.break_once([refused()]),
                |stage| {
                    let broke = stage.broke();
                    stage.tries(2)?;
                    stage.gets_fresh(broke, 4 * SECOND)?;
                    stage.asked_at_most(2)
                },
            )
        }),
        Case::new("H9", "the token ends in mid-sweep", |seat| {
            let breaks = |hss: &Faultd| {
                hss.renew(PODS + 1);
                hss.break_where("offset=200", [refused()]);
            };
            signs_in(seat, breaks, |stage| {
                let (broke, whole) = (stage.broke(), format!("of {}", PODS + 1));
                stage
                    .pty
                    .within(4 * SECOND, |screen| screen.contains(&whole))
                    .map_err(|it| brief(&it))?;
                stage.gets_fresh(broke, 4 * SECOND)?;
                stage.asked_at_most(3)
            })
        }),
        Case::new("H9", "401 forever", |seat| {
            signs_in(
                seat,
                |hss| hss.break_with([refused()]),
                |stage| {
                    stage.shows("AUTH", &["authentication information: token expired"], SECOND)?;
                    stage.obeys_keys()?;
                    stage.rests()?;
                    stage.asked_at_most(2)?;
                    stage.heals(Faultd::mend)
                },
            )
        }),
    ]
}
