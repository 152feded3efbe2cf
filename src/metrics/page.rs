//! A page of metrics, in the two forms that scrapers read.
//!
//! Owns the text: heads of families, labels and their escapes, the end. Its contents come from tables of
//! [`MetricRow`]s.
//!
//! | | older text format 0.0.4 | OpenMetrics 1.0.0 |
//! |---|---|---|
//! | the family of a counter | has `_total` too | is without `_total` |
//! | unit | not told | `# UNIT`, and the name ends in it |
//! | end | none | `# EOF` |

use std::fmt::Write as _;

use super::groups::FleetGroups;
use super::service::{self, ServiceFacts};
use super::{MetricValue, pods};

/// The form of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// Prometheus' text format 0.0.4.
    Plain,
    /// OpenMetrics 1.0.0.
    OpenMetrics,
}

impl TextFormat {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Plain, Self::OpenMetrics];

    /// The media type. Prometheus 3 drops a page that has none.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Plain => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// How values of a metric move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Up and down.
    Gauge,
    /// Only up, from 0 at the start.
    Counter,
}

/// One metric.
#[derive(Debug)]
pub struct MetricRow<S> {
    /// Its name; that of a counter without `_total`.
    pub name: &'static str,
    /// How its values move.
    pub kind: MetricKind,
    /// The base unit, which is the end of the name.
    pub unit: Option<&'static str>,
    /// What it counts, in a sentence.
    pub help: &'static str,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// Writes its samples; none if the value is unknown.
    pub samples: fn(&S, &mut SampleSink<'_>),
}

impl<S> MetricRow<S> {
    /// The name of its samples in queries.
    pub fn sample_name(&self) -> String {
        match self.kind {
            MetricKind::Gauge => self.name.to_owned(),
            MetricKind::Counter => format!("{}_total", self.name),
        }
    }

    /// Writes the family, unless it has no sample.
    fn write(&self, format: TextFormat, facts: &S, out: &mut String) {
        let before = out.len();
        let sample = self.sample_name();
        let kind = match self.kind {
            MetricKind::Gauge => "gauge",
            MetricKind::Counter => "counter",
        };
        let help = self.help;
        // Writing to a String cannot fail.
        let _ = match format {
            TextFormat::Plain => writeln!(out, "# HELP {sample} {help}\n# TYPE {sample} {kind}"),
            TextFormat::OpenMetrics => writeln!(out, "# HELP {0} {help}\n# TYPE {0} {kind}", self.name),
        };
        if let (TextFormat::OpenMetrics, Some(unit)) = (format, self.unit) {
            let _ = writeln!(out, "# UNIT {} {unit}", self.name);
        }
        let head = out.len();
        (self.samples)(facts, &mut SampleSink { out, name: &sample });
        if out.len() == head {
            out.truncate(before);
        }
    }
}

/// Takes the samples of one metric.
#[derive(Debug)]
pub struct SampleSink<'a> {
    out: &'a mut String,
    name: &'a str,
}

impl SampleSink<'_> {
    /// Writes a sample. `within` are labels as [`label_text`] made them, which many samples share.
    pub fn put(&mut self, within: &str, labels: &[(&str, &str)], value: MetricValue) {
        self.out.push_str(self.name);
        let more = label_text(labels);
        let comma = if within.is_empty() || more.is_empty() {
            ""
        } else {
            ","
        };
        let _ = match (within, more.as_str()) {
            ("", "") => writeln!(self.out, " {value}"),
            _ => writeln!(self.out, "{{{within}{comma}{more}}} {value}"),
        };
    }
}

/// Labels as written between braces.
pub fn label_text(labels: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in labels {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{name}=\"");
        for character in value.chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                other => text.push(other),
            }
        }
        text.push('"');
    }
    text
}

/// Text in both forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenderedMetrics {
    plain: String,
    open: String,
}

impl RenderedMetrics {
    /// The metrics of the pods.
    pub fn of_pods(groups: &FleetGroups) -> Self {
        Self::of(pods::TABLE, groups)
    }

    fn of<S>(table: &[MetricRow<S>], facts: &S) -> Self {
        let [plain, open] = TextFormat::ALL.map(|format| {
            let mut out = String::new();
            for row in table {
                row.write(format, facts, &mut out);
            }
            out
        });
        Self { plain, open }
    }
}

/// A whole page in both forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetricsPage {
    /// In the older text format.
    pub plain: String,
    /// In OpenMetrics.
    pub open_metrics: String,
}

impl MetricsPage {
    /// The page of a service with these facts; `pods` are empty before the first list.
    pub fn of(facts: &ServiceFacts, pods: &RenderedMetrics) -> Self {
        let service = RenderedMetrics::of(service::TABLE, facts);
        Self {
            plain: [service.plain.as_str(), &pods.plain].concat(),
            open_metrics: [service.open.as_str(), &pods.open, "# EOF\n"].concat(),
        }
    }
}

#[cfg(test)]
impl<'a> SampleSink<'a> {
    /// A sink for the samples of this name.
    pub(super) fn of(out: &'a mut String, name: &'a str) -> Self {
        Self { out, name }
    }
}
