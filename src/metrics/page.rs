//! A page of metrics, in the two forms that scrapers read.
//!
//! Owns the text: heads of families, labels and their escapes, the end. Its contents come from tables of
//! [`MetricRow`]s.
//!
//! | | older text format 0.0.4 | OpenMetrics 1.0.0 |
//! |---|---|---|
//! | the family of a counter | has `_total` too | is without `_total` |
//! | unit | absent | `# UNIT`, and the name ends in it |
//! | end | none | `# EOF` |
//!
//! With several sources, each sample of a source begins with the labels of that source, and a family has the samples of all.

use std::fmt::Write as _;
use std::sync::Arc;

use super::groups::FleetGroups;
use super::service::{self, ServiceFacts};
use super::{MetricValue, pods};

/// The fewest bytes of samples that become a part of their own.
const PART_BYTES: usize = 4096;

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
    /// Whether the process has it once, and not each of its sources.
    pub of_process: bool,
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

    /// Its samples, which are the same in both forms. `source` are labels that all of them begin with.
    fn samples_of(&self, facts: &S, source: &str) -> SharedSamples {
        let (mut out, name) = (String::new(), self.sample_name());
        let sink = &mut SampleSink {
            out: &mut out,
            name: &name,
            source,
        };
        (self.samples)(facts, sink);
        SharedSamples(out.into())
    }

    /// Writes the family, unless it has no sample.
    fn write<'a>(
        &self,
        format: TextFormat,
        samples: impl Iterator<Item = &'a SharedSamples> + Clone,
        out: &mut MetricsWriter,
    ) {
        if samples.clone().all(|samples| samples.0.is_empty()) {
            return;
        }
        let kind = match self.kind {
            MetricKind::Gauge => "gauge",
            MetricKind::Counter => "counter",
        };
        let (sample, help) = (self.sample_name(), self.help);
        // Writing to a String cannot fail.
        let _ = match format {
            TextFormat::Plain => writeln!(out.text, "# HELP {sample} {help}\n# TYPE {sample} {kind}"),
            TextFormat::OpenMetrics => writeln!(out.text, "# HELP {0} {help}\n# TYPE {0} {kind}", self.name),
        };
        if let (TextFormat::OpenMetrics, Some(unit)) = (format, self.unit) {
            let _ = writeln!(out.text, "# UNIT {} {unit}", self.name);
        }
        samples.for_each(|samples| out.put(samples));
    }
}

/// Takes the samples of one metric.
#[derive(Debug)]
pub struct SampleSink<'a> {
    out: &'a mut String,
    name: &'a str,
    source: &'a str,
}

impl SampleSink<'_> {
    /// Writes a sample. `within` are labels as [`label_text`] made them, which many samples share.
    pub fn put(&mut self, within: &str, labels: &[(&str, &str)], value: MetricValue) {
        self.out.push_str(self.name);
        let more = label_text(labels);
        let mut before = '{';
        for part in [self.source, within, &more] {
            if !part.is_empty() {
                self.out.push(before);
                self.out.push_str(part);
                before = ',';
            }
        }
        if before == ',' {
            self.out.push('}');
        }
        let _ = writeln!(self.out, " {value}");
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

/// The samples of a metric, which the pages of several moments have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedSamples(Arc<str>);

impl AsRef<[u8]> for SharedSamples {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A part of a page.
#[derive(Debug)]
pub enum PagePart {
    /// Of this page alone.
    Own(String),
    /// Of several pages.
    Shared(SharedSamples),
}

/// A page that is being written.
#[derive(Debug, Default)]
struct MetricsWriter {
    parts: Vec<PagePart>,
    /// What comes behind them.
    text: String,
}

impl MetricsWriter {
    fn put(&mut self, samples: &SharedSamples) {
        if samples.0.len() < PART_BYTES {
            self.text.push_str(&samples.0);
            return;
        }
        self.end_text();
        self.parts.push(PagePart::Shared(samples.clone()));
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(PagePart::Own(std::mem::take(&mut self.text)));
        }
    }
}

/// The samples of the pods of one source, for each row of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenderedMetrics(Vec<SharedSamples>);

impl RenderedMetrics {
    /// The metrics of the pods. `source` are labels that all samples begin with; empty for none.
    pub fn of_pods(groups: &FleetGroups, source: &str) -> Self {
        Self(samples_of(pods::TABLE, groups, source))
    }
}

fn samples_of<S>(table: &[MetricRow<S>], facts: &S, source: &str) -> Vec<SharedSamples> {
    let rows = table.iter();
    rows.map(|row| row.samples_of(facts, if row.of_process { "" } else { source }))
        .collect()
}

/// The facts and the pods of one source.
#[derive(Debug, Clone)]
pub struct SourceMetrics {
    /// The labels that its samples begin with, as [`label_text`] made them; empty if it is the only one.
    pub labels: Arc<str>,
    /// The facts.
    pub facts: ServiceFacts,
    /// Its pods; empty before the first list.
    pub pods: Arc<RenderedMetrics>,
}

/// The page of a service with these sources, in parts. What the process has once is taken from the first one.
pub fn page_parts(format: TextFormat, sources: &[SourceMetrics]) -> Vec<PagePart> {
    let service: Vec<Vec<SharedSamples>> = sources
        .iter()
        .map(|source| samples_of(service::TABLE, &source.facts, &source.labels))
        .collect();
    let pods: Vec<&[SharedSamples]> = sources.iter().map(|source| &*source.pods.0).collect();
    let service: Vec<&[SharedSamples]> = service.iter().map(Vec::as_slice).collect();
    let mut out = MetricsWriter::default();
    write_table(service::TABLE, format, &service, &mut out);
    write_table(pods::TABLE, format, &pods, &mut out);
    if format == TextFormat::OpenMetrics {
        out.text.push_str("# EOF\n");
    }
    out.end_text();
    out.parts
}

/// The same as one text.
#[cfg(test)]
pub(super) fn page_text(format: TextFormat, sources: &[SourceMetrics]) -> String {
    let parts = page_parts(format, sources);
    let texts = parts.iter().map(|part| match part {
        PagePart::Own(text) => text.as_str(),
        PagePart::Shared(samples) => &samples.0,
    });
    texts.collect()
}

/// Writes each family once, with the samples of all sources: two families of one name would be an error.
fn write_table<S>(
    table: &[MetricRow<S>],
    format: TextFormat,
    sources: &[&[SharedSamples]],
    out: &mut MetricsWriter,
) {
    for (at, row) in table.iter().enumerate() {
        let count = if row.of_process { 1 } else { sources.len() };
        let of_row = sources.iter().take(count).filter_map(|rows| rows.get(at));
        row.write(format, of_row, out);
    }
}

#[cfg(test)]
impl<'a> SampleSink<'a> {
    /// A sink for the samples of this name.
    pub(super) fn of(out: &'a mut String, name: &'a str) -> Self {
        Self {
            out,
            name,
            source: "",
        }
    }
}
