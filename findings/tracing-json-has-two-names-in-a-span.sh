#!/usr/bin/env bash
# tracing-subscriber 0.3.23 (crates.io) with the feature json: a span with a field `name`, an event with a field `message`.
#
# Expected: a field of a span or an event is a member of the JSON line, and a reader of JSON finds its value.
# Seen on 2026-11-30: the span's own name is written as a second member `name` behind the field, so the object has the name twice;
# Python and Node.js keep the last one, and the value of the field is lost. In an event, message = … beside a text gives
# `message` twice, and the text is what is lost. With flatten_event the fields level, timestamp and target are doubled as well, and
# there the reader sees the value of the field in place of the real level.
# Why it matters: name = pod.name is an obvious field for a span of a call, and the log then never says which pod it was. No
# line is refused, so nobody notices before it is needed.
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
tracing = { version = "=0.1.44", default-features = false, features = ["std"] }
tracing-subscriber = { version = "=0.3.23", default-features = false, features = ["fmt", "json", "std"] }
TOML
cat > src/main.rs <<'RUST'
use tracing::{info_span, subscriber::with_default, warn};

fn main() {
    for flat in [false, true] {
        let lines = tracing_subscriber::fmt().json().flatten_event(flat).with_writer(std::io::stdout);
        with_default(lines.finish(), || {
            let _span = info_span!("call", name = "web-0").entered();
            warn!(message = "from the service", level = "low", "it was refused");
        });
    }
}
RUST
cargo run --quiet | tee lines
cat > read.py <<'PY'
import json
nested, flat = map(json.loads, open("lines"))
print("the span's field name:", nested["span"]["name"])
print("the message:", nested["fields"]["message"])
print("the level, with flatten_event:", flat["level"])
assert nested["span"]["name"] == "call" and flat["level"] == "low", (nested, flat)
assert nested["fields"]["message"] == "from the service", nested
PY
python3 read.py
[[ $(node -e 'console.log(JSON.parse(require("fs").readFileSync("lines", "utf8").split("\n")[0]).span.name)') == call ]]
