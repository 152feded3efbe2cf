use super::*;

#[test]
fn what_matters_least_is_left_out_first() {
    let fact = |rank, text: &str| Fact {
        label: Some(""),
        text: text.to_owned(),
        rank,
        ..Fact::default()
    };
    let facts = [
        fact(0, "a"),
        fact(6, "b"),
        fact(2, "c"),
        fact(6, "d"),
        fact(8, ""),
    ];
    let kept = |room| {
        let kept = fitting(&facts, room);
        kept.iter()
            .map(|fact| fact.text.as_str())
            .collect::<Vec<_>>()
            .join("")
    };
    assert_eq!(
        [5, 4, 3, 2, 1, 0].map(kept),
        ["abcd", "abcd", "abc", "ac", "a", ""]
    );
}

#[test]
fn a_recording_has_no_calls_that_are_left() {
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    let mut model = crate::app::fixture::empty_model(ratatui::layout::Size::new(80, 24), now);
    (model.status.calls_limit, model.status.calls_left) = (5, 4);
    let calls_of = |model: &Model| {
        let facts = facts(model, 100, true);
        let calls = facts.lines.iter().find(|fact| fact.label == Some("Calls"));
        calls.map(|fact| fact.text.clone()).unwrap_or_default()
    };
    assert!(calls_of(&model).starts_with("4 of 5 left in this minute"));
    model.source.recorded_at = Some(now);
    assert_eq!(
        calls_of(&model),
        "no limit: the recording answers; 0 made since the start, 0 failed"
    );
}
