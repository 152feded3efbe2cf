#!/usr/bin/env bash
# systemd 252.39 (Debian 12) and 257.13 (Debian 13): a service that prints JSON lines, and remarks on standard error, into the journal.
#
# Expected: the journal knows by which of the two a line came, at least as a priority or a transport, so that
# `journalctl -u NAME -o cat | jq` can be given the JSON alone; and `-o json` shows each message that `-o cat` shows.
# Seen on 2026-11-30, with both: apart from its place and time, a line of standard error has the same fields with the same values,
# PRIORITY 6, _TRANSPORT stdout and even _STREAM_ID; the two are one connection. Only a prefix that the program writes itself (<4>)
# sets it apart, and is taken off. A line of 5,000 bytes is whole in `-o cat` and null in `-o json` (until --all is given); one of
# 60,000 bytes is two messages.
# Why it matters: the first remark ("connected", "HSS answered 503") ends a jq behind the journal, and with it what reads a stream
# of changes. A program that prints a stream there has to put <4> before its remarks when JOURNAL_STREAM is set, or its unit to send
# one of the two elsewhere; its lines should stay below 4 KiB.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
units=$folder/units
mkdir "$units"
cat > "$units/guess.target" <<'UNIT'
[Unit]
DefaultDependencies=no
Wants=systemd-journald.socket systemd-journald.service talks.service reads.service
UNIT
cat > "$units/talks.service" <<'UNIT'
[Unit]
DefaultDependencies=no
After=systemd-journald.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/talk
UNIT
cat > "$units/reads.service" <<'UNIT'
[Unit]
DefaultDependencies=no
After=talks.service
[Service]
ExecStart=/bin/sh -c 'sleep 3; for form in cat json; do journalctl -u talks -o $$form > /out/$$form; done; journalctl -u talks -o json --all > /out/all'
UNIT
cat > "$folder/talk" <<'TALK'
#!/bin/sh
echo '{"id":1}'
echo 'a remark' >&2
echo '<4>another remark' >&2
for length in 5000 60000; do printf '{"id":%d,"name":"%0*d"}\n' "$length" "$length" 0; done
TALK
cat > "$folder/look.py" <<'PY'
import json, sys
def of(name):
    return [json.loads(line) for line in open(f"{sys.argv[1]}/{name}")]
short, full = of("json"), of("all")
own = {"__CURSOR", "__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP", "__SEQNUM", "MESSAGE", "_SOURCE_REALTIME_TIMESTAMP"}
out, err, marked = full[:3]
differ = sorted(name for name in out.keys() | err.keys() if name not in own and out.get(name) != err.get(name))
print("fields in which a remark differs from a line:", ", ".join(differ) or "none", "· a remark with <4>:", marked["MESSAGE"], marked["PRIORITY"])
print("lengths in cat:", [len(line) - 1 for line in open(f"{sys.argv[1]}/cat")][3:],
      "· in json:", [message["MESSAGE"] and len(message["MESSAGE"]) for message in short][3:])
assert not differ and (marked["MESSAGE"], marked["PRIORITY"]) == ("another remark", "4")
assert (err["PRIORITY"], err["_TRANSPORT"]) == ("6", "stdout")
assert short[3]["MESSAGE"] is None and json.loads(full[3]["MESSAGE"])["id"] == 5000 and len(full) == 6
PY
for version in 252 257; do
    "$(dirname "$0")/systemd-root.sh" $version "$folder/$version"
    install -m 755 "$folder/talk" "$folder/$version/root/usr/bin/talk"
    mkdir "$folder/out-$version"
    "$folder/$version/boot" "$units" "$folder/out-$version" 20
    echo "systemd $version:"
    python3 "$folder/look.py" "$folder/out-$version"
done
