#!/usr/bin/env bash
# metrics-exporter-prometheus 0.18.3 with metrics 0.24.6 (crates.io): quantiles while nothing happens.
#
# Expected: a histogram is shown as buckets, or as a summary whose quantiles are NaN or missing when there was nothing to
# measure.
# Seen on 2026-11-30: without configured buckets it is a summary over the last minute (three times 20 s; this script takes 2 s each), and
# when that time is over without a new value, every quantile is 0, up to quantile="1", beside a _count and a _sum that
# still tell of slow calls.
# Why it matters: a call that is made each five minutes has "0 s at p99" for four of them. An alert on slow calls ends after a
# minute, a mean over time is far too low, and a dashboard shows the best values when nothing works at all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"
[dependencies]
metrics = "=0.24.6"
metrics-exporter-prometheus = { version = "=0.18.3", default-features = false }
TOML
cat > src/main.rs <<'RUST'
use std::{thread::sleep, time::Duration};

use metrics_exporter_prometheus::PrometheusBuilder;

fn main() {
    let builder = PrometheusBuilder::new().set_bucket_duration(Duration::from_secs(2)).unwrap();
    let recorder = builder.build_recorder();
    let page = recorder.handle();
    metrics::set_global_recorder(recorder).unwrap();
    for _ in 0..10 {
        metrics::histogram!("call_seconds").record(9.5);
    }
    let value = |page: &str, name: &str| -> f64 {
        let line = page.lines().find(|line| line.starts_with(name)).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let names = ["call_seconds{quantile=\"0.99\"}", "call_seconds{quantile=\"1\"}", "call_seconds_sum", "call_seconds_count"];
    let mut told = Vec::new();
    for when in ["at once", "after the window"] {
        let page = page.render();
        let values = names.map(|name| value(&page, name));
        println!("{when}: {}", names.iter().zip(values).map(|(name, value)| format!("{name} {value:.1}")).collect::<Vec<_>>().join(", "));
        told.push(values);
        sleep(Duration::from_secs(8));
    }
    assert!(told[0][0] > 9.4 && told[0][1] == 9.5, "{told:?}");
    assert_eq!(told[1], [0.0, 0.0, 95.0, 10.0]);
}
RUST
cargo run --quiet
