//! Metrics for scrapers: the fleet in numbers, and the collector.
//!
//! ```text
//! # HELP hss_pods_by_status Pods by status.
//! # TYPE hss_pods_by_status gauge
//! hss_pods_by_status{cluster="prod-a",namespace="payments",status="Running"} 41
//! ```
//!
//! Pure: a [`Fleet`](crate::fleet::Fleet) and the [`ServiceFacts`] become bytes. Each metric is a row of a table, [`pods`] has
//! those of the pods and [`service`] those of the collector itself; [`groups`] bounds how many series there are; [`page`]
//! writes both forms, [`accept`] chooses between them.
//!
//! One wrong line makes a scraper drop the whole page, and some mistakes lose series silently. So a value is
//! a decimal number and can be neither NaN nor infinite ([`value`]); no sample has a time stamp; no label is
//! empty, because an empty one is the same as no label; and no series is written twice, even if two names
//! become the same label.
//!
//! Why not the crate `prometheus-client`: it only writes OpenMetrics, does not escape help texts, writes NaN
//! and empty labels, and increments registered objects, while everything here is counted from one picture.
//!
//! Must not: know HTTP, the clock, or where a picture comes from.

pub mod accept;
pub mod groups;
pub mod page;
pub mod pods;
pub mod service;
#[cfg(test)]
mod strict;
#[cfg(test)]
mod tests;
pub mod value;

pub use groups::{FleetGroups, SeriesLimits};
#[cfg(test)]
use page::page_text;
pub use page::{PagePart, RenderedMetrics, SharedSamples, SourceMetrics, TextFormat, label_text, page_parts};
pub use service::{RequestCount, ServiceFacts, SourceOrigin};
pub use value::MetricValue;
