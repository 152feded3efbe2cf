#!/usr/bin/env bash
# Writes the software bill of materials (CycloneDX 1.5, JSON) of what is built for this machine. Needs cargo-cyclonedx:
#
#   cargo install --locked cargo-cyclonedx
#   packaging/sbom.sh FILE
#
# cargo-cyclonedx puts the folder of the build, the time and a random number into each file. They are taken out, so that
# the same commit has the same file wherever it is built, and nobody learns where that was.
set -euo pipefail
into=$(realpath "$1")
cd "$(dirname "$0")/.."
made=$(mktemp -u hss-top-sbom-XXXXXX)
trap 'rm -f "$made.json"' EXIT
cargo cyclonedx --quiet --format json --spec-version 1.5 --override-filename "$made"
at=$(git log -1 --format=%ct 2>/dev/null || echo 0)
python3 - "$made.json" "$into" "$PWD" "$at" <<'PY'
import datetime, json, sys

made, into, root, at = sys.argv[1:]
with open(made) as file:
    bill = json.loads(file.read().replace(f"path+file://{root}#", "").replace("?download_url=file://.", ""))
bill.pop("serialNumber", None)
time = datetime.datetime.fromtimestamp(int(at), datetime.timezone.utc)
bill["metadata"]["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
text = json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False)
assert root not in text, "the folder of the build is still in it"
with open(into, "w") as file:
    file.write(text + "\n")
PY
