//! A wider window never shows less.

use std::collections::BTreeSet;

use hss_top::app::Model;
use ratatui::layout::Size;

use crate::coloured;
use crate::support::stage::{draw, loaded_model, press, text};

/// The views, the detail and what lies on them, with the keys that lead there.
const SUBJECTS: [(&str, &str); 7] = [
    ("pods", ""),
    ("overview", "2"),
    ("changes", "3"),
    ("health", "4"),
    ("detail", "jj<Enter>"),
    ("row menu", "o"),
    ("compare", " j =a"),
];

/// The words of the screen that are whole: headings, labels, states, hints.
fn words(model: &Model) -> BTreeSet<String> {
    let screen = text(&draw(model, coloured()));
    let words = screen
        .split_whitespace()
        .map(|word| word.trim_matches([',', '.', ';', ':', '(', ')', '▼', '△']));
    let is_word = |word: &&str| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    words.filter(is_word).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_wider_window_shows_every_word_of_a_narrower_one() {
    let loaded = loaded_model(Size::new(80, 40)).await;
    for (name, keys) in SUBJECTS {
        let mut before = BTreeSet::new();
        for width in (60..=280).step_by(2) {
            let mut model = loaded.clone();
            model.size = Size::new(width, 40);
            press(&mut model, "<Esc>");
            press(&mut model, keys);
            let now = words(&model);
            // `MEM` becomes `MEMORY`.
            let is_there = |word: &&String| now.iter().any(|it| it.starts_with(*word));
            let lost: Vec<&String> = before.iter().filter(|word| !is_there(word)).collect();
            assert!(lost.is_empty(), "{name} at {width} columns has no {lost:?}");
            before = now;
        }
    }
}
