//! The network between the program and HSS: TLS and proxies, fault by fault, with the binary in a
//! pseudo-terminal.
//!
//! | id | proven elsewhere | by |
//! |---|---|---|
//! | H15 | `http://` without the flag ends with exit code 3 and sends nothing | `dashboard.rs` |
//! | H15 | files of certificates and keys that are wrong are told at the start | `tls.rs` |
//! | H16 | `NO_PROXY` is kept; a proxy is named without its password by `doctor` | `secrets.rs` |

use std::sync::Arc;
use std::time::Duration;

use crate::support::fault_case::{Case, Seat, play_all};
use crate::support::fault_stage::{CANARY, PODS, Stage};
use crate::support::faultd::Faultd;
use crate::support::scripted::Step;
use crate::support::tls::Authority;
use rustls::ServerConfig;

const SECOND: Duration = Duration::from_secs(1);
const PROXY_USER: &str = "ops:canary-proxy";
const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", CANARY);

/// What a server shows itself with instead of its own certificate.
type Mask = fn(&Authority, &Authority) -> Arc<ServerConfig>;

fn encrypted() -> Vec<Case> {
    let masks: [(&'static str, Mask, &'static str); 4] = [
        (
            "a certificate that ended",
            |ours, _| ours.expired_server("localhost"),
            "certificate expired",
        ),
        (
            "a certificate of another host",
            |ours, _| ours.server("hss.example", false),
            "is not valid for",
        ),
        (
            "an unknown authority",
            |_, other| other.server("localhost", false),
            "is not signed by",
        ),
        (
            "a client certificate is wanted",
            |ours, _| ours.server("localhost", true),
            "wants a client certificate",
        ),
    ];
    let case = |(fault, mask, says): (&'static str, Mask, &'static str)| {
        Case::new("H15", fault, move |seat| {
            let other = Authority::new(&folder("other", fault, seat));
            behind_tls(seat, fault, |ours, hss, stage| {
                hss.identify(mask(ours, &other));
                stage.asks();
                stage.shows("OFFLINE", &["cannot connect to localhost:", says], SECOND)?;
                stage.obeys_keys()?;
                stage.rests()?;
                if !hss.calls_since(stage.broke()).is_empty() {
                    return Err("the call was sent".to_owned());
                }
                stage.heals(|hss| hss.identify(ours.server("localhost", false)))
            })
        })
    };
    let mut cases: Vec<Case> = masks.map(case).into();
    cases.push(Case::new("H15", "TLS 1.1 at the most", |seat| {
        behind_tls(seat, "TLS 1.1", |_, hss, stage| {
            // A fatal alert of TLS 1.1: protocol version.
            let alert = Step::Greeting(vec![0x15, 3, 2, 0, 2, 2, 70]);
            hss.break_always_where("", alert);
            hss.cut();
            stage.asks();
            stage.shows("OFFLINE", &["the server has no TLS 1.2 or newer"], SECOND)?;
            stage.obeys_keys()?;
            stage.rests()?;
            stage.heals(Faultd::mend)
        })
    }));
    cases.push(Case::new("H10", "302 from https to http", |seat| {
        let plain = Faultd::start(1);
        let location = format!("Location: {}/steal\r\n", plain.url());
        behind_tls(seat, "redirect", |_, _, stage| {
            stage.breaks(|hss| hss.break_with([Step::http("302 Found", &location, "")]));
            stage.shows("STALE", &["redirect (302) to 127.0.0.1 refused"], SECOND)?;
            stage.asked_at_most(1)?;
            stage.heals(Faultd::mend)?;
            if plain.requests().is_empty() {
                Ok(())
            } else {
                Err("the redirect was followed".to_owned())
            }
        })
    }));
    cases
}

fn folder(what: &str, fault: &str, seat: Seat) -> String {
    format!("{what}-{}-{}", fault.replace(' ', "-"), seat.surface.columns)
}

/// A program that trusts an authority of the test's own, and a server of that authority.
fn behind_tls(
    seat: Seat,
    fault: &str,
    play: impl FnOnce(&Authority, &Faultd, &mut Stage) -> Result<(), String>,
) -> Result<String, String> {
    let ours = Authority::new(&folder("ours", fault, seat));
    let hss = Faultd::with_tls(PODS, Some(ours.server("localhost", false)));
    let url = format!("https://localhost:{}", hss.address.port());
    let file = ours.file().display().to_string();
    let mut stage = Stage::start_with(seat, &hss, &["--endpoint", &url, "--ca-file", &file], &[TOKEN])?;
    play(&ours, &hss, &mut stage)?;
    stage.ends()
}

fn proxied() -> Vec<Case> {
    let refusal = || {
        Step::http(
            "407 Proxy Authentication Required",
            "Content-Type: text/html\r\n",
            "<html>",
        )
    };
    vec![
        Case::new("H16", "the proxy dies", |seat| {
            behind_proxy(seat, |proxy, stage| {
                proxy.stop();
                stage.asks();
                let via = format!("via proxy {}", proxy.address);
                stage.shows("OFFLINE", &["cannot connect to hss.test", &via], SECOND)?;
                stage.obeys_keys()?;
                stage.rests()?;
                stage.heals(Faultd::start_again)
            })
        }),
        Case::new("H16", "the proxy asks for a sign-in", move |seat| {
            behind_proxy(seat, |_, stage| {
                stage.breaks(|proxy| proxy.break_with([refusal()]));
                stage.shows(
                    "STALE",
                    &["not the API: a proxy asks for a sign-in (407)"],
                    SECOND,
                )?;
                stage.obeys_keys()?;
                stage.rests()?;
                stage.asked_at_most(1)?;
                stage.heals(Faultd::mend)
            })
        }),
        Case::new("H16", "the proxy of a tunnel asks for a sign-in", move |seat| {
            let ours = Authority::new(&folder("tunnel", "", seat));
            let hss = Faultd::with_tls(PODS, Some(ours.server("hss.test", false)));
            let proxy = Faultd::start(0);
            proxy.lead_to(hss.address);
            let address = format!("http://{PROXY_USER}@{}", proxy.address);
            let file = ours.file().display().to_string();
            let flags = ["--endpoint", "https://hss.test", "--ca-file", &file];
            let variables = [TOKEN, ("HTTPS_PROXY", &address)];
            let mut stage = Stage::start_with(seat, &hss, &flags, &variables)?;
            proxy.break_always_where("CONNECT ", refusal());
            proxy.cut();
            stage.asks();
            let via = format!("via proxy {}", proxy.address);
            stage.shows("OFFLINE", &["cannot connect to hss.test", &via], SECOND)?;
            stage.obeys_keys()?;
            stage.rests()?;
            stage.heals(|_| proxy.mend())?;
            let heads = proxy.requests();
            if heads
                .iter()
                .any(|it| it.head.contains(CANARY) || !it.head.starts_with("CONNECT hss.test:443 "))
            {
                return Err(format!("the proxy saw more than the host: {heads:?}"));
            }
            stage.ends()
        }),
        Case::new("H16", "a dead proxy is not on the way to this machine", |seat| {
            let hss = Faultd::start(PODS);
            let dead = Faultd::start(0);
            dead.stop();
            let (url, address) = (hss.url(), format!("http://{PROXY_USER}@{}", dead.address));
            let variables = [TOKEN, ("HTTP_PROXY", address.as_str()), ("ALL_PROXY", &address)];
            Stage::start_with(seat, &hss, &["--endpoint", &url], &variables)?.ends()
        }),
    ]
}

/// A program whose way leads through a proxy, which answers for HSS.
fn behind_proxy(
    seat: Seat,
    play: impl FnOnce(&Faultd, &mut Stage) -> Result<(), String>,
) -> Result<String, String> {
    let proxy = Faultd::start(PODS);
    let address = format!("http://{PROXY_USER}@{}", proxy.address);
    let flags = ["--endpoint", "http://hss.test", "--allow-http"];
    let mut stage = Stage::start_with(seat, &proxy, &flags, &[TOKEN, ("HTTP_PROXY", &address)])?;
    play(&proxy, &mut stage)?;
    stage.ends()
}

#[test]
fn every_fault_of_tls_is_told_and_outlived() {
    play_all(&encrypted());
}

#[test]
fn every_fault_of_a_proxy_is_told_and_outlived() {
    play_all(&proxied());
}
