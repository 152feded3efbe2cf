#!/usr/bin/env bash
# Lets a real DuckDB, from PyPI, read what hss-top exports, with the types that the manual gives it and with none. Opt-in, because it
# installs a package: tests/try-duckdb.sh [HSS_TOP]     # default target/debug/hss-top
set -euo pipefail
cd "$(dirname "$0")/.."
hss_top=${1:-target/debug/hss-top}
venv="${TMPDIR:-/tmp}/hss-top-duckdb-$(id -u)"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import duckdb' 2>/dev/null || "$venv/bin/pip" install --quiet duckdb==2.0.1
work=$(mktemp -d)
export XDG_STATE_HOME="$work/state" XDG_RUNTIME_DIR="$work" HSS_TOP_TOKEN=t HSS_TOP_METADATA_ENDPOINT=off
"$hss_top" simulate --pods 1000 --snapshot-every 1s > "$work/address" &
simulator=$!
trap 'kill $simulator 2>/dev/null; rm -rf "$work"' EXIT
until [ -s "$work/address" ]; do :; done
read -r _ _ url < "$work/address"
place=(--endpoint "$url" --project-id p)
timeout --preserve-status 15 "$hss_top" watch "${place[@]}" --interval 1s --calls-per-minute 600 --output jsonl --quiet \
    > "$work/watch.jsonl" || true
for what in history changes; do
    "$hss_top" export $what "${place[@]}" > "$work/$what.jsonl"
    "$hss_top" export $what "${place[@]}" --output csv > "$work/$what.csv"
    "$hss_top" schema $what > "$work/$what.schema"
done
# A list that is cut short, and so ends with a line that says it.
mkdir -m 700 "$work/other"
XDG_STATE_HOME="$work/other" XDG_RUNTIME_DIR="$work/other" "$hss_top" list "${place[@]}" --page-size 50 \
    --calls-per-minute 5 --timeout 5s --output jsonl --quiet > "$work/list.jsonl" || true
tail -n1 "$work/list.jsonl" | grep -q '"complete":false' || { echo "the list is complete" >&2; exit 1; }
"$venv/bin/python" - "$work" docs/commands.md <<'PYTHON'
import json, re, sys
import duckdb

work, readme = sys.argv[1:]
text = open(readme).read()
typed = re.search(r"read_json\('usage.jsonl', columns = \{(.*?)\}\)", text, re.S).group(1)
found = {}
for what in ["history", "changes"]:
    records = [json.loads(line) for line in open(f"{work}/{what}.jsonl")]
    assert len(records) > 20, (what, len(records))
    columns = f", columns = {{{typed}}}" if what == "history" else ""
    rows = duckdb.sql(f"SELECT * FROM read_json('{work}/{what}.jsonl'{columns})")
    assert rows.columns == list(records[0]), (rows.columns, list(records[0]))
    assert len(rows.fetchall()) == len(records)
    in_csv = duckdb.sql(f"SELECT count(*) FROM read_csv('{work}/{what}.csv')").fetchall()[0][0]
    assert in_csv == len(records), (what, in_csv)
    found[what] = records
usage = f"read_json('{work}/history.jsonl', columns = {{{typed}}})"
total = duckdb.sql(f"SELECT sum(memory_bytes_max), count(DISTINCT pod_number) FROM {usage}").fetchall()[0]
known = [record["memory_bytes_max"] for record in found["history"] if record["memory_bytes_max"] is not None]
assert total[0] == sum(known), (total, sum(known))
days = duckdb.sql(f"SELECT min(from_at::TIMESTAMPTZ) FROM {usage}").fetchall()
duckdb.sql(f"COPY (SELECT * FROM {usage}) TO '{work}/usage.parquet'")
again = duckdb.sql(f"SELECT count(memory_bytes_max) FROM '{work}/usage.parquet'").fetchall()[0][0]
assert again == len(known), (again, len(known))
# A number that is null in the first 20,480 records and has a value later is kept, with the types.
late = [dict(found["history"][0], cpu_cores_max=None) for _ in range(20480)] + [dict(found["history"][0], cpu_cores_max=0.5)]
with open(f"{work}/late.jsonl", "w") as out:
    out.writelines(json.dumps(record) + "\n" for record in late)
kept = duckdb.sql(f"SELECT count(cpu_cores_max) FROM read_json('{work}/late.jsonl', columns = {{{typed}}})").fetchall()[0][0]
assert kept == 1, kept
listed = re.search(r"read_json\('FILE', columns = \{(.*?)\}\)", text, re.S).group(1)
pods = sum(1 for _ in open(f"{work}/list.jsonl")) - 1
extra, condition = re.search(r"add\s+`(complete: '\w+')`.*?`(WHERE pod_name IS NOT NULL)`", text, re.S).groups()
counted = duckdb.sql(f"SELECT count(*) FROM read_json('{work}/list.jsonl', columns = {{{listed}}}) {condition}").fetchall()[0][0]
assert counted == pods > 0, (counted, pods)
ends = duckdb.sql(f"SELECT complete FROM read_json('{work}/list.jsonl', columns = {{{listed}, {extra}}}) WHERE pod_name IS NULL").fetchall()
assert ends == [(False,)], ends
ids = {record["id"] for record in found["changes"]}
told = {json.loads(line)["id"] for line in open(f"{work}/watch.jsonl")}
assert told <= ids, "what watch told is in the export"
print(f"DuckDB {duckdb.__version__}: {len(found['history'])} records of usage, {len(found['changes'])} changes, first day {days[0][0]}")
PYTHON
