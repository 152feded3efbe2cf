//! A reader of pages that refuses everything that a scraper refuses, drops or misreads.
//!
//! Only for tests. The rules are those of the text format 0.0.4 and of OpenMetrics 1.0.0, and the observed
//! behaviour of the engines: an empty label counts as missing, only one of two equal series remains, NaN is
//! dropped, and time stamps hide old values.

use std::collections::{BTreeMap, BTreeSet};

use super::TextFormat;

/// One sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StrictSample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    /// In billionths.
    pub(crate) value: i128,
}

impl StrictSample {
    /// The value of a label; empty if it has none.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// A family that is being read.
#[derive(Debug, Default)]
struct Family {
    name: String,
    kind: String,
    unit: String,
    samples: usize,
}

/// The samples of a page.
pub(super) fn read(page: &str, format: TextFormat) -> Result<Vec<StrictSample>, String> {
    let mut samples: Vec<StrictSample> = Vec::new();
    let mut family = Family::default();
    let mut names = BTreeSet::new();
    let mut series = BTreeSet::new();
    let body = match format {
        TextFormat::Plain => page,
        TextFormat::OpenMetrics => page.strip_suffix("# EOF\n").ok_or("no # EOF at the end")?,
    };
    if !body.is_empty() && !body.ends_with('\n') {
        return Err("the last line has no end".to_owned());
    }
    if body.contains('\r') {
        return Err("a carriage return".to_owned());
    }
    for line in body.lines() {
        let bad = |what: &str| format!("{what}: {line}");
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (kind, name, text) = (words.next(), words.next(), words.next());
            let (Some(kind), Some(name), Some(text)) = (kind, name, text) else {
                return Err(bad("a head without a text"));
            };
            if !is_name(name) || text.is_empty() {
                return Err(bad("a head"));
            }
            match kind {
                "HELP" => {
                    if family.samples == 0 && !family.name.is_empty() {
                        return Err(bad("the family before has no samples"));
                    }
                    if !names.insert(name.to_owned()) {
                        return Err(bad("a family twice"));
                    }
                    if text.contains('\\') {
                        return Err(bad("an escape in a help text"));
                    }
                    family = Family {
                        name: name.to_owned(),
                        ..Family::default()
                    };
                }
                "TYPE" if family.name == name && family.samples == 0 && family.kind.is_empty() => {
                    if !["gauge", "counter"].contains(&text) {
                        return Err(bad("a type that the older format does not know"));
                    }
                    text.clone_into(&mut family.kind);
                }
                "UNIT" if family.name == name && family.samples == 0 && format == TextFormat::OpenMetrics => {
                    if !name.ends_with(&format!("_{text}")) {
                        return Err(bad("the name does not end in the unit"));
                    }
                    text.clone_into(&mut family.unit);
                }
                _ => return Err(bad("a head in the wrong place")),
            }
            continue;
        }
        let sample = sample(line).map_err(|what| bad(&what))?;
        let is_of_family = match (format, family.kind.as_str()) {
            (TextFormat::OpenMetrics, "counter") => sample.name == format!("{}_total", family.name),
            (TextFormat::Plain, "counter") => sample.name == family.name && sample.name.ends_with("_total"),
            (_, "gauge") => sample.name == family.name && !sample.name.ends_with("_total"),
            _ => false,
        };
        if !is_of_family {
            return Err(bad("a sample outside of its family"));
        }
        if !series.insert((sample.name.clone(), sample.labels.clone())) {
            return Err(bad("a series twice"));
        }
        family.samples += 1;
        samples.push(sample);
    }
    if family.samples == 0 && !family.name.is_empty() {
        return Err("the last family has no samples".to_owned());
    }
    Ok(samples)
}

fn is_name(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_lowercase() || c == '_';
    name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit())
}

fn sample(line: &str) -> Result<StrictSample, String> {
    let end = line.find(['{', ' ']).ok_or("no value")?;
    let (name, rest) = line.split_at(end);
    if !is_name(name) {
        return Err("a name".to_owned());
    }
    let (labels, value) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    let value = value.strip_prefix(' ').ok_or("no value")?;
    // With a second word it would have a time stamp.
    Ok(StrictSample {
        name: name.to_owned(),
        labels,
        value: billionths(value).ok_or("a value")?,
    })
}

/// A decimal number with at most nine places.
fn billionths(text: &str) -> Option<i128> {
    let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = is_number(whole.strip_prefix('-').unwrap_or(whole)) && is_number(places);
    let digits = format!("{whole}{places:0<9}");
    digits.parse().ok().filter(|_| is_plain && places.len() <= 9)
}

/// The labels, and the rest of the line.
fn labels(text: &str) -> Result<(BTreeMap<String, String>, &str), String> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    loop {
        let (name, behind) = rest.split_once("=\"").ok_or("no value of a label")?;
        if !is_name(name) || name.starts_with("__") {
            return Err(format!("the label {name}"));
        }
        let mut value = String::new();
        let mut characters = behind.char_indices();
        let end = loop {
            match characters.next().ok_or("an open label")? {
                (at, '"') => break at,
                (_, '\\') => value.push(match characters.next() {
                    Some((_, '\\')) => '\\',
                    Some((_, '"')) => '"',
                    Some((_, 'n')) => '\n',
                    _ => return Err("an escape".to_owned()),
                }),
                (_, character) if character.is_control() => return Err("a control character".to_owned()),
                (_, character) => value.push(character),
            }
        };
        if value.is_empty() {
            return Err(format!("the label {name} is empty"));
        }
        if labels.insert(name.to_owned(), value).is_some() {
            return Err(format!("the label {name} twice"));
        }
        rest = behind.get(end + 1..).unwrap_or_default();
        if let Some(more) = rest.strip_prefix(',') {
            rest = more;
        } else {
            let value = rest.strip_prefix('}').ok_or("no end of labels")?;
            return Ok((labels, value));
        }
    }
}

#[test]
fn what_a_scraper_refuses_is_refused() {
    let page = "# HELP a_total Help.\n# TYPE a_total counter\na_total{x=\"1\"} 1\n";
    assert_eq!(read(page, TextFormat::Plain).unwrap().len(), 1);
    assert!(read(page, TextFormat::OpenMetrics).is_err());
    for (from, to) in [
        ("} 1\n", "} 1"),
        ("} 1\n", "} NaN\n"),
        ("} 1\n", "} 1 1755250215\n"),
        ("} 1\n", "} 1\r\n"),
        ("} 1\n", "} 1\na_total{x=\"1\"} 2\n"),
        ("} 1\n", "} 1\n\n"),
        ("x=\"1\"", "x=\"\""),
        ("x=\"1\"", "x=\"1\",x=\"2\""),
        ("x=\"1\"", "x-y=\"1\""),
        ("x=\"1\"", "x=\"\u{1b}[2J\""),
        ("a_total{", "b_total{"),
        ("counter", "info"),
        ("# TYPE a_total counter\n", ""),
    ] {
        assert!(
            read(&page.replacen(from, to, 1), TextFormat::Plain).is_err(),
            "{from} -> {to}"
        );
    }
}
