#!/usr/bin/env bash
# syslog-ng 3.38.1 (Debian 12): JSON Lines in a file, read by file() and json-parser().
#
# Expected: file() gives a line as it is, as imfile of rsyslog does, so that $MSG is the JSON object, and json-parser() makes its
# members ready for a template.
# Seen on 2026-11-30: file() reads each line as a message of syslog. There the first word before a colon is the program: PROGRAM is
# {"id" and $MSG begins behind the colon. json-parser() cannot read the rest, and drops the line: with it nothing arrives, and
# nothing is written to the log. Without a parser it looks right, as PROGRAM, a colon and $MSG are written together;
# but a line that begins with a time gets that as its own time and loses it, and one that begins with <4> loses that. With
# flags(no-parse) all lines arrive as they are, and json-parser() reads each object.
# Why it matters: the file of a collector that appends JSON Lines is read without an error and never arrives. A sample for a shipper
# has to be tried with the parser in it; for syslog-ng it needs flags(no-parse).
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq syslog-ng-core=3.38.1-5+deb12u1 libivykis0 libnet1 libjson-c5 libpcre3 libwrap0 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
shopt -s nullglob
libraries=$(printf '%s:' "$folder"/root/usr/lib/*-linux-gnu "$folder"/root/lib/*-linux-gnu "$folder/root/usr/lib/syslog-ng")
cat > lines <<'LINES'
{"id":"a1","pod_name":"web-1"}
{"id":"b2","pod_name":"web-2"}
2026-11-30T03:10:05Z web-1 clean
<4>a remark
LINES
cat > conf <<CONF
@version: 3.38
options { stats-freq(0); };
source parsed { file("$folder/lines" persist-name("parsed")); };
source plain { file("$folder/lines" flags(no-parse) persist-name("plain")); };
parser json { json-parser(prefix(".json.")); };
template message { template("\$MSG\n"); };
template members { template("\$(format-json --key .json.* --rekey .json.* --shift 6)\n"); };
log { source(parsed); destination { file("$folder/parsed" template("program=\$PROGRAM message=\$MSG\n")); }; };
log { source(plain); destination { file("$folder/plain" template(message)); }; };
log { source(parsed); parser(json); destination { file("$folder/parsed.json" template(members)); }; };
log { source(plain); parser(json); destination { file("$folder/plain.json" template(members)); }; };
CONF
LD_LIBRARY_PATH=$libraries root/usr/sbin/syslog-ng -F -f conf -R "$folder/persist" -p "$folder/pid" -c "$folder/control" \
    --module-path root/usr/lib/syslog-ng/3.38 > log 2>&1 &
for _ in {1..100}; do [ -s plain.json ] && [ -s parsed ] && break; sleep 0.1; done
sleep 1
touch parsed.json
for name in parsed plain parsed.json plain.json; do echo "$name:"; cat $name; done
echo "lines in syslog-ng's log: $(wc -l < log)"
[ "$(< parsed)" = 'program={"id" message="a1","pod_name":"web-1"}
program={"id" message="b2","pod_name":"web-2"}
program=clean message=
program=kernel message=a remark' ] || { echo "the behaviour changed"; exit 1; }
cmp -s plain lines
[[ ! -s parsed.json && ! -s log ]]
[ "$(< plain.json)" = '{"pod_name":"web-1","id":"a1"}
{"pod_name":"web-2","id":"b2"}' ]
