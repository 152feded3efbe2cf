//! The form that a scraper requests.
//!
//! Owns the reading of `Accept`. Every scraper reads the older text format; OpenMetrics is only for scrapers
//! that name it, in a version that hss-top writes, and with at least the weight of the text format.

use super::page::TextFormat;

/// The form for a request with this `Accept` header; without one it is the older text format.
pub fn chosen(accept: Option<&str>) -> TextFormat {
    let (mut open, mut text) = (0, 0);
    for range in accept.unwrap_or_default().split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut weight = Some(1000);
        let mut version = None;
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => weight = thousandths(value.trim()),
                "version" => version = Some(value.trim().trim_matches('"')),
                _ => {}
            }
        }
        let weight = weight.unwrap_or(0);
        match (media.as_str(), version) {
            ("application/openmetrics-text", None | Some("1.0.0")) => open = weight.max(open),
            ("text/plain", None | Some("0.0.4")) | ("text/*" | "*/*", _) => text = weight.max(text),
            _ => {}
        }
    }
    if open > 0 && open >= text {
        TextFormat::OpenMetrics
    } else {
        TextFormat::Plain
    }
}

/// A weight from 0 to 1 with at most three places, in thousandths (RFC 9110, 12.4.2).
fn thousandths(text: &str) -> Option<u32> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let places = format!("{places:0<3}");
    let number = format!("{whole}{places}").parse().ok()?;
    (places.len() == 3 && number <= 1000).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whoever_asks_for_openmetrics_gets_it() {
        for accept in [
            // Prometheus 2.42 and 3.5.
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            "application/openmetrics-text",
            "Application/OpenMetrics-Text; Version=\"1.0.0\"",
        ] {
            assert_eq!(chosen(Some(accept)), TextFormat::OpenMetrics, "{accept}");
        }
        for accept in [
            // VictoriaMetrics 1.145, curl, a browser.
            "text/plain;version=0.0.4;q=1,*/*;q=0.1",
            "*/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "",
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text;version=2.0.0",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=0.4,text/plain;q=0.5",
            "application/openmetrics-text;q=much",
            "application/openmetrics-text;q=1.0000",
            ";,;=,q=,",
        ] {
            assert_eq!(chosen(Some(accept)), TextFormat::Plain, "{accept}");
        }
        assert_eq!(chosen(None), TextFormat::Plain);
    }
}
