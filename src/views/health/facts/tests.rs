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
