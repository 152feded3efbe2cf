use super::*;
use crate::hss::Error;
use crate::hss::error::ServiceError;

/// The line about a refused key pair.
fn refused(mode: Mode, width: usize) -> String {
    let error = ServiceError {
        status: 401,
        request_id: Some(RemoteText::name("5d21f0a3c7e94b6f8a1d2c3b4e5f6071")),
        ..ServiceError::default()
    };
    let mut error = error;
    error.body.code = Some(RemoteText::name("APIGW.0301"));
    error.body.message = Some(RemoteText::message("Incorrect IAM authentication information"));
    let theme = Theme::new(crate::ui::Palette::None);
    let line = wrong(
        &Error::from(error).to_string(),
        &way_on(mode, &KeyMap::default()),
        &theme,
        width,
    )
    .line;
    assert_eq!(line.width(), width);
    line.to_string()
}

#[test]
fn a_problem_keeps_its_sentence_and_the_way_on() {
    let sentence = " ✗ HSS says: Incorrect IAM authentication information";
    for (width, kept) in [
        (
            140,
            format!("{sentence} (401 APIGW.0301, request 5d21f0a3c7e94b6f8a1d2c3b4e5f6071)"),
        ),
        (100, format!("{sentence} (401 APIGW.0301)")),
        (80, sentence.to_owned()),
    ] {
        let line = refused(Mode::Table, width);
        let (before, keys) = line.split_at(line.len() - 16);
        assert_eq!(
            (before.trim_end(), keys),
            (kept.as_str(), " ? help  q quit "),
            "{width}"
        );
    }
    // If both do not fit, the sentence has priority over the keys.
    assert_eq!(refused(Mode::Table, 62).trim_end(), format!("{sentence}  ? help"));
    assert_eq!(refused(Mode::Table, 54).trim_end(), sentence);
    assert_eq!(
        refused(Mode::Table, 40),
        " ✗ HSS says: Incorrect… (401 APIGW.0301)"
    );
    for mode in [Mode::Detail, Mode::Health, Mode::Sort, Mode::Help] {
        assert!(refused(mode, 80).ends_with(" Esc close "), "{mode:?}");
    }
}

#[test]
fn what_happened_goes_before_what_to_do_about_it() {
    let text = "cannot connect to localhost:35211: the server has no TLS 1.2 or newer (update the server)";
    assert_eq!(
        with_bracket(text, 77),
        "cannot connect to localhost:35211: the server has no TLS 1.2 or newer"
    );
    assert_eq!(with_bracket(text, 30), "cannot connect to localhost:3…");
    let long = "cannot connect to localhost:35211: the server certificate is not valid for name localhost, only for \
                hss.example (is the endpoint right?)";
    assert_eq!(
        with_bracket(long, 90),
        "cannot connect to localhost:35211: the server certificate is not… (is the endpoint right?)"
    );
    assert_eq!(
        with_bracket(long, 77),
        "cannot connect to localhost:35211: the server certificate is not valid for n…"
    );
}

#[test]
fn a_bracket_amid_a_sentence_is_part_of_it() {
    let text = "redirect (302) to example.org refused: is the endpoint right?";
    assert_eq!(shortened(text, 30), "redirect (302) to example.org…");
    let text = "cannot connect to hss.test via proxy 127.0.0.1:34453: Connection refused (os error 111)";
    assert_eq!(
        shortened(text, 60),
        "cannot connect to hss.test via proxy 127.0.0.1:34453: Conne…"
    );
}

/// The last line of the table, with what is done to the model before.
fn last_line(width: usize, prepare: impl Fn(&mut Model)) -> String {
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    let mut model = crate::app::fixture::empty_model(ratatui::layout::Size::new(80, 24), now);
    model.status.asked_at = Some(model.now);
    model.status.interval = Duration::from_mins(1);
    prepare(&mut model);
    let theme = Theme::new(crate::ui::Palette::None);
    let line = line(&model, &theme, width).line;
    assert!(line.width() <= width, "{line}");
    line.to_string()
}

#[test]
fn a_remark_that_stays_leaves_room_for_the_keys() {
    let restored = |model: &mut Model| model.status.restored = true;
    for (width, said) in [
        (
            120,
            " ▲ these pods are from the last run; waiting for the first answer of this one  ? help  / filter  : command ",
        ),
        (
            80,
            " ▲ these pods are from the last run  ? help  / filter  : command  Enter detail ",
        ),
        (40, " ▲ pods of the last run  ? help "),
    ] {
        assert_eq!(last_line(width, restored), said);
    }
    // Several are short, and the last is left out before the first key is lost.
    let both = |model: &mut Model| {
        restored(model);
        model.status.skew = Some(jiff::SignedDuration::from_mins(5));
    };
    assert_eq!(
        last_line(80, both),
        " ▲ our clock is 5m behind HSS's  ▲ these pods are from the last run  ? help "
    );
    assert_eq!(last_line(41, both), " ▲ our clock is 5m behind HSS's  ? help ");
}

#[test]
fn a_remark_on_the_narrowest_screen_is_a_whole_sentence() {
    use crate::hss::skew::{ClockDoubt, LikelyWrong};
    use jiff::SignedDuration;
    type Case = (fn(&mut Model), &'static str);
    const CASES: [Case; 8] = [
        (
            |model| model.status.snapshot_at = Some(model.now - SignedDuration::from_hours(4 * 24)),
            ":sync requests a new list",
        ),
        (|model| model.status.restored = true, "pods of the last run"),
        (
            |model| model.status.skew = Some(SignedDuration::from_mins(5)),
            "our clock is 5m behind HSS's",
        ),
        (
            |model| {
                model.status.clock_doubt = Some(ClockDoubt {
                    difference: SignedDuration::from_hours(50),
                    wrong: LikelyWrong::Theirs,
                });
            },
            "HSS's clock is likely wrong",
        ),
        (
            |model| model.status.odd_snapshot = Some(RemoteText::name("the day before yesterday")),
            "impossible last_update_time",
        ),
        (
            |model| {
                (model.status.loading, model.status.calls_of_others) = (true, 3);
                model.status.calls_limit = 5;
            },
            "others spent 3 of 5 calls",
        ),
        (
            |model| {
                let past = Some(model.now - SignedDuration::from_mins(7));
                (model.status.asked_at, model.status.called_at) = (past, past);
            },
            "a call is due for 7m",
        ),
        (|model| model.status.moved = true, "list changed meanwhile"),
    ];
    for (prepare, said) in CASES {
        let line = last_line(40, prepare);
        assert!(line.starts_with(&format!(" ▲ {said} ")), "{said}: {line}");
        assert!(line.contains(" ? help "), "{line}");
    }
}
