//! Which part of a sentence stays if it is too long for its place.

use unicode_width::UnicodeWidthStr as _;

use crate::ui::format::head;

/// The least part of a sentence next to its code: enough to distinguish it from others.
const SENTENCE: usize = 20;
/// The least part of a sentence next to advice, because what happened matters more than what to do.
const TELLING: usize = 60;
/// The text before the request's id.
pub(super) const REQUEST: &str = ", request ";
/// With this much room for a sentence that is cut anyway, the request's id stays.
const ROOMY: usize = 40;

/// Shortens a text: without the bracket at its end if the sentence fits then; else the sentence is cut before
/// the bracket, which is more useful.
pub(super) fn with_bracket(text: &str, width: usize) -> String {
    let bracket = text.rfind(" (").and_then(|at| text.get(at..));
    let sentence = text.strip_suffix(bracket.unwrap_or_default()).unwrap_or(text);
    if sentence.width() <= width {
        return sentence.to_owned();
    }
    let bracket = bracket.filter(|it| it.width() + TELLING <= width);
    let bracket = bracket.unwrap_or_default();
    let sentence = text.strip_suffix(bracket).unwrap_or(text);
    format!(
        "{}{bracket}",
        head(sentence, width.saturating_sub(bracket.width()))
    )
}

/// A sentence in at most this many cells. The brackets at its end are left out first: the request's id, which
/// is in the log, then the code. A sentence that loses its own end keeps the code, which stands for it.
pub(super) fn shortened(text: &str, width: usize) -> String {
    let bracket = text.rfind(" (").filter(|_| text.ends_with(')'));
    let Some((sentence, bracket)) = bracket.and_then(|at| text.split_at_checked(at)) else {
        return head(text, width);
    };
    let code = bracket
        .split_once(REQUEST)
        .map_or_else(|| bracket.to_owned(), |(code, _)| format!("{code})"));
    let whole = [text.to_owned(), format!("{sentence}{code}"), sentence.to_owned()];
    if let Some(fitting) = whole.into_iter().find(|text| text.width() <= width) {
        return fitting;
    }
    // A sentence that is cut anyway leaves room for the id, with which the log shows the rest.
    let roomy = width.checked_sub(bracket.width());
    if let Some(room) = roomy.filter(|room| *room >= ROOMY && bracket.contains(REQUEST)) {
        return format!("{}{bracket}", head(sentence, room));
    }
    let is_code = code.chars().nth(2).is_some_and(|first| first.is_ascii_digit());
    match width.checked_sub(code.width()) {
        Some(room) if is_code && room >= SENTENCE => format!("{}{code}", head(sentence, room)),
        _ => head(sentence, width),
    }
}
