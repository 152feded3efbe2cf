//! Numbers, ages and texts as operators know them.

mod ages;
mod name_cut;

pub use crate::fleet::grouped::count;
pub use ages::{
    AHEAD, CORRECTED, UNKNOWN, age, age_or_ahead, countdown, elapsed, in_words, is_ahead, seconds_since,
    short_age, ticking_age,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
pub use name_cut::NameCut;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// A number with a noun: `1 pod`, `12,310 pods`.
pub fn counted(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// The time of day in `zone`.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone())
        .strftime("%H:%M:%S")
        .to_string()
}

/// Date and time in `zone`, with the offset.
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone())
        .strftime("%Y-%m-%d %H:%M:%S %:z")
        .to_string()
}

/// The cells that `text` takes up.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text` in at most `width` cells; a longer one loses its middle, since pods differ at both ends.
pub fn fit(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let Some(kept) = width.checked_sub(1) else {
        return String::new();
    };
    format!("{}…{}", start(text, kept.div_ceil(2)), end(text, kept / 2))
}

/// `text` in at most `width` cells; a longer one loses its end.
pub fn head(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let Some(kept) = width.checked_sub(1) else {
        return String::new();
    };
    format!("{}…", start(text, kept))
}

/// `text` in at most `width` cells; a longer one loses its beginning.
pub fn tail(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let Some(kept) = width.checked_sub(1) else {
        return String::new();
    };
    format!("…{}", end(text, kept))
}

/// The most of the beginning of `text` that takes up at most this many cells.
fn start(text: &str, cells: usize) -> &str {
    if text.is_ascii() {
        return text.get(..cells).unwrap_or(text);
    }
    let mut room = cells;
    let fits = |grapheme: &(usize, &str)| {
        let rest = room.checked_sub(grapheme.1.width());
        room = rest.unwrap_or(room);
        rest.is_some()
    };
    let last = text.grapheme_indices(true).take_while(fits).last();
    last.and_then(|(at, grapheme)| text.get(..at + grapheme.len()))
        .unwrap_or_default()
}

/// The most of the end of `text` that takes up at most this many cells.
fn end(text: &str, cells: usize) -> &str {
    if text.is_ascii() {
        return text.get(text.len().saturating_sub(cells)..).unwrap_or_default();
    }
    let mut room = cells;
    let fits = |grapheme: &(usize, &str)| {
        let rest = room.checked_sub(grapheme.1.width());
        room = rest.unwrap_or(room);
        rest.is_some()
    };
    let first = text.grapheme_indices(true).rev().take_while(fits).last();
    first.and_then(|(at, _)| text.get(at..)).unwrap_or_default()
}

/// `text` in lines of at most `width` cells, broken between words, or within a word that is longer than a
/// line.
pub fn wrapped(text: &str, width: usize) -> Vec<&str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        wrapped_bytes(text, width)
    } else {
        wrapped_graphemes(text, width)
    }
}

fn wrapped_graphemes(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while self::width(rest) > width {
        let (mut used, mut end, mut blank) = (0, 0, None);
        for (at, grapheme) in rest.grapheme_indices(true) {
            used += grapheme.width();
            if grapheme == " " && at > 0 {
                blank = Some(at);
            }
            if used > width {
                break;
            }
            end = at + grapheme.len();
        }
        let Some((line, after)) = rest.split_at_checked(blank.unwrap_or(end)).filter(|_| end > 0) else {
            break;
        };
        lines.push(line.trim_end());
        rest = after.trim_start();
    }
    lines.push(rest);
    lines
}

/// The same for a text of which each byte is a character of one cell: most texts, and all of the help, which is wrapped at
/// each key of a search.
fn wrapped_bytes(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.len() > width && width > 0 {
        let blank = rest.bytes().take(width + 1).rposition(|byte| byte == b' ');
        let end = blank.filter(|at| *at > 0).unwrap_or(width);
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        lines.push(line.trim_end());
        rest = after.trim_start();
    }
    lines.push(rest);
    lines
}

/// `text` in exactly `width` cells, to the left.
pub fn left(text: &str, width: usize) -> String {
    let mut fitted = fit(text, width);
    let blanks = width.saturating_sub(self::width(&fitted));
    fitted.extend(std::iter::repeat_n(' ', blanks));
    fitted
}

/// `text` in exactly `width` cells, to the right.
pub fn right(text: &str, width: usize) -> String {
    let fitted = fit(text, width);
    let blanks = width.saturating_sub(self::width(&fitted));
    format!("{:blanks$}{fitted}", "")
}

/// A quantity of bytes in a suitable unit.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = u128::from(bytes) * 10 / u128::from(unit);
            return match (tenths % 10, tenths >= 1000) {
                (tenth, true) => format!("{}{name}", tenths / 10 + u128::from(tenth >= 5)),
                (0, false) => format!("{}{name}", tenths / 10),
                (tenth, false) => format!("{}.{tenth}{name}", tenths / 10),
            };
        }
    }
    bytes.to_string()
}

/// A duration in one unit, rounded, with a space so that minutes do not look like millicores: `14 min`,
/// `6 h`, `30 d`.
pub fn stretch(seconds: i64) -> String {
    const UNITS: [(i64, &str); 3] = [(86_400, "d"), (3600, "h"), (60, "min")];
    let seconds = seconds.max(0);
    let unit = UNITS.iter().find(|(unit, _)| seconds >= 2 * unit);
    match unit {
        Some((unit, name)) => format!("{} {name}", (seconds + unit / 2) / unit),
        None => format!("{seconds} s"),
    }
}

/// From this many thousandths of a core on, cores are shown with one decimal.
const MANY_THOUSANDTHS: u64 = 10_000;

/// Cores of CPU, from nanocores: whole cores as such, small amounts in thousandths, large ones with one
/// decimal.
pub fn cores(nanocores: u64) -> String {
    let thousandths = nanocores.div_ceil(1_000_000);
    let (whole, tenth) = (thousandths / 1000, thousandths % 1000 / 100);
    match thousandths {
        _ if thousandths.is_multiple_of(1000) => whole.to_string(),
        ..MANY_THOUSANDTHS => format!("{thousandths}m"),
        _ if tenth == 0 => whole.to_string(),
        _ => format!("{whole}.{tenth}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest::proptest! {
        #[test]
        fn a_text_of_plain_characters_is_wrapped_like_any_other(text in "[ a-d]{0,60}", width in 0_usize..20) {
            assert_eq!(wrapped_bytes(&text, width), wrapped_graphemes(&text, width));
        }
    }

    #[test]
    fn a_stretch_of_time_has_one_unit() {
        for (seconds, text) in [
            (-1, "0 s"),
            (90, "90 s"),
            (119, "119 s"),
            (840, "14 min"),
            (7199, "120 min"),
            (20_700, "6 h"),
            (86_400, "24 h"),
            (7 * 86_400, "7 d"),
        ] {
            assert_eq!(stretch(seconds), text);
        }
    }

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(fit("payment-api-667894bc4-nz5xj", 12), "paymen…nz5xj");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 1), "…");
        assert_eq!(fit("生产集群一", 6), "生…一");
    }

    #[test]
    fn a_long_text_goes_on_in_the_next_line() {
        for (text, width, lines) in [
            ("on a node", 9, &["on a node"][..]),
            ("on a node", 4, &["on a", "node"]),
            ("on a node", 3, &["on", "a", "nod", "e"]),
            ("05d8a4f1 ab", 6, &["05d8a4", "f1 ab"]),
            ("生产集群", 5, &["生产", "集群"]),
            ("生产", 1, &["生产"]),
            ("", 0, &[""]),
        ] {
            assert_eq!(wrapped(text, width), lines);
        }
    }

    #[test]
    fn a_sentence_loses_its_end() {
        for (text, width, kept) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("abcd", 1, "…"),
            ("abcd", 0, ""),
            ("生产集群一", 6, "生产…"),
        ] {
            assert_eq!(head(text, width), kept);
        }
    }

    #[test]
    fn bytes_suit_their_unit() {
        for (amount, text) in [
            (512, "512"),
            (128_974_848, "123Mi"),
            (166_723 << 10, "163Mi"),
            ((1 << 30) - 1, "1024Mi"),
            (1_610_612_736, "1.5Gi"),
            (1 << 40, "1Ti"),
        ] {
            assert_eq!(bytes(amount), text);
        }
    }

    #[test]
    fn cores_are_told_as_kubernetes_does() {
        for (nanocores, text) in [
            (0, "0"),
            (1, "1m"),
            (710_000_000, "710m"),
            (1_500_000_000, "1500m"),
            (2_000_000_000, "2"),
            (9_999_000_000, "9999m"),
            (12_345_678_901, "12.3"),
            (16_000_000_001, "16"),
        ] {
            assert_eq!(cores(nanocores), text);
        }
    }

    proptest! {
        #[test]
        fn a_fitted_text_has_exactly_its_width(text in "\\PC{0,40}", width in 0_usize..30) {
            prop_assert_eq!(left(&text, width).width(), width);
            prop_assert_eq!(right(&text, width).width(), width);
        }
    }
}
