#!/usr/bin/env bash
# prometheus-parse 0.2.5 (crates.io) beside prometheus_client 0.26.0 (PyPI): a page whose label values have a comma, "=" or a brace.
#
# Expected: a value in quotes may have any character, so both read the same series, or the crate returns an error for a line that it
# cannot read.
# Seen on 2026-11-30: the crate cuts a value at its first comma, so "pay, prod" and "pay, test" become "pay", and three series have the
# same labels. It drops a label whose value has "=", and the whole line of a value with "}"; an escaped quote keeps its backslash and
# may lose its quote. Its result is Ok each time. The Python library reads all of them.
# Why it matters: clusters and reasons are often named by people ("pay, test", "cpu>=90"). A test or a collector that reads a page with
# this crate counts too few or mixes two up, and says nothing. Such a test needs a second reader, or only names without these signs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p reads/src
cat > page <<'PAGE'
# TYPE hss_pods gauge
hss_pods{cluster="pay"} 1
hss_pods{cluster="pay, prod"} 2
hss_pods{cluster="pay, test"} 3
hss_pods{cluster="cpu>=90"} 4
hss_pods{cluster="pay {eu}"} 5
hss_pods{cluster="the \"old\""} 6
PAGE
cat > reads/Cargo.toml <<'TOML'
[package]
name = "reads"
version = "0.0.0"
edition = "2024"

[dependencies]
prometheus-parse = "=0.2.5"
TOML
cat > reads/src/main.rs <<'RS'
use prometheus_parse::{Scrape, Value};

fn main() {
    let page = std::io::stdin().lines();
    for sample in Scrape::parse(page).expect("it reads everything").samples {
        let Value::Gauge(value) = sample.value else { panic!("no gauge") };
        println!("{value} {:?}", sample.labels.get("cluster"));
    }
}
RS
cargo build --quiet --manifest-path reads/Cargo.toml
reads/target/debug/reads < page > crate
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check prometheus_client==0.26.0
python/bin/python - > library <<'PY'
from prometheus_client.parser import text_string_to_metric_families as families
for family in families(open("page").read()):
    for sample in family.samples:
        print(f"{sample.value:.0f} {sample.labels['cluster']}")
PY
grep -A 1 '^name = "prometheus-parse"' reads/Cargo.lock
printf 'the crate:\n%s\nthe Python library:\n%s\n' "$(< crate)" "$(< library)"
[ "$(< library)" = "$(printf '%s\n' '1 pay' '2 pay, prod' '3 pay, test' '4 cpu>=90' '5 pay {eu}' '6 the "old"')" ]
[ "$(< crate)" = "$(printf '%s\n' '1 Some("pay")' '2 Some("pay")' '3 Some("pay")' '4 None' '6 Some("the \\\"old\\")')" ]
