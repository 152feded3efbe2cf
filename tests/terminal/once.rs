//! T21: the terminal reads slowly, or nothing for a while, while copies are asked for: each of them arrives once and in order,
//! however many frames are skipped; and of more than find room, the others are told.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::subject::{Pods, Subject, Verdict, ensure, passes, seconds};
use crate::support::mishap::pass;
use crate::support::program::Program;
use crate::support::pty::{Pty, cells};
use crate::support::scripted::{Scripted, Step};

/// Copies that are asked for.
const COPIES: usize = 24;

/// Copies of which not all find room.
const TOO_MANY: usize = 50;

/// How the terminal reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Nothing, until all was asked for.
    Late,
    /// A little at a time, and late.
    Slowly,
}

/// What was copied, what the titles were, and how often the bell rang.
#[derive(Default)]
struct Heard {
    copies: Vec<String>,
    titles: Vec<String>,
    bells: usize,
}

impl vt100::Callbacks for Heard {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.titles.push(String::from_utf8_lossy(title).into_owned());
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        let text = STANDARD.decode(data).unwrap();
        self.copies.push(String::from_utf8(text).unwrap());
    }
}

fn heard(pty: &Pty) -> Heard {
    let mut parser = vt100::Parser::new_with_callbacks(cells(24), cells(80), 0, Heard::default());
    parser.process(&pty.raw());
    std::mem::take(parser.callbacks_mut())
}

fn pods() -> Step {
    let pods: Vec<String> = (0..60)
        .map(|at| format!(r#"{{"id":"{at}","pod_name":"pod-{at:03}","status":"Running"}}"#))
        .collect();
    Step::json(
        "200 OK",
        &format!(r#"{{"total_num":60,"data_list":[{}]}}"#, pods.join(",")),
    )
}

/// A dashboard with its pods by name, the first one selected.
fn by_name(subject: &Subject<'_>) -> Result<Pty, String> {
    let mut pty = subject.start_ready()?;
    // A second time would turn the order round.
    pty.keys("\x0e");
    pty.comes(Duration::from_secs(2), "the pods by name", |screen| {
        screen.contents().contains("pod-000")
    })?;
    Ok(pty)
}

/// Nobody reads from now on, and the kernel keeps no more for who does.
fn stall(pty: &mut Pty) {
    pty.stall(true);
    for at in 0..100 {
        pty.resize_only(200 - at % 2, 60);
        pty.keys("?");
        pass(Duration::from_millis(10));
    }
    pty.resize_only(80, 24);
}

fn copy_and_go_on(pty: &mut Pty, times: usize) {
    for _ in 0..times {
        pty.keys("cj");
        pass(Duration::from_millis(15));
    }
    pass(Duration::from_millis(300));
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("pod-{at:03}")).collect()
}

fn copies_arrive_once(program: Program, reads: Reads) -> Verdict {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hss = runtime.block_on(Scripted::start(vec![pods()]));
    let url = hss.url();
    let subject = Subject::new(program, &format!("once-{reads:?}")).pods(Pods::Server(&url));
    let mut pty = by_name(&subject)?;
    match reads {
        Reads::Late => stall(&mut pty),
        Reads::Slowly => pty.lag(Duration::from_millis(40)),
    }
    copy_and_go_on(&mut pty, COPIES);
    let before = heard(&pty).copies.len();
    ensure(reads == Reads::Slowly || before == 0, || {
        format!("{before} copies arrived at a terminal that reads nothing")
    })?;
    pty.stall(false);
    pty.lag(Duration::ZERO);
    pty.quit();
    let (code, _) = pty.ends(Duration::from_secs(4))?;
    ensure(code == Ok(0), || format!("exit {code:?}"))?;
    let heard = heard(&pty);
    ensure(heard.copies == names(COPIES), || {
        format!("copied {:?}", heard.copies)
    })?;
    ensure(heard.bells == 0, || format!("{} bells", heard.bells))?;
    let doubled = heard.titles.windows(2).find(|pair| pair[0] == pair[1]);
    ensure(reads == Reads::Late || doubled.is_none(), || {
        format!("titles {:?}", heard.titles)
    })?;
    Ok(format!(
        "{} copies, {} before it read on, {} titles",
        heard.copies.len(),
        before,
        heard.titles.len()
    ))
}

fn copies_without_room_are_told(program: Program) -> Verdict {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hss = runtime.block_on(Scripted::start(vec![pods()]));
    let url = hss.url();
    let subject = Subject::new(program, "once-full").pods(Pods::Server(&url));
    let mut pty = by_name(&subject)?;
    stall(&mut pty);
    copy_and_go_on(&mut pty, TOO_MANY);
    pty.stall(false);
    let told = pty.comes_text(Duration::from_secs(3), "not copied: the terminal is too slow")?;
    let copies = heard(&pty).copies;
    // Those that wait, and the one that was on its way.
    ensure((32..=33).contains(&copies.len()), || {
        format!("{} copies", copies.len())
    })?;
    ensure(copies == names(copies.len()), || format!("copied {copies:?}"))?;
    pty.quit();
    let (code, _) = pty.ends(Duration::from_secs(4))?;
    ensure(code == Ok(0), || format!("exit {code:?}"))?;
    Ok(format!(
        "{} of {TOO_MANY} copies, the others told after {}",
        copies.len(),
        seconds(told)
    ))
}

#[test]
fn t21_copies_without_room_are_told() {
    passes("T21 full", copies_without_room_are_told);
}

#[test]
fn t21_copies_arrive_once_and_in_order() {
    for reads in [Reads::Late, Reads::Slowly] {
        passes(&format!("T21 {reads:?}"), |program| {
            copies_arrive_once(program, reads)
        });
    }
}
