#!/usr/bin/env bash
# prometheus-alertmanager 0.25.0 (Debian 12): a batch with one bad alert is answered 400, and its good alerts are kept.
#
# Expected: a request that is refused with 400 changes nothing, as with most APIs; an alert that is sent with an end and without a
# start begins now.
# Seen on 2026-11-29: of [good, bad] the good one is active although the answer is 400. An alert with endsAt and without startsAt
# starts at its end, so it is active with a start in the future. Annotations that are left out of the next request are gone.
# Why it matters: a client that repeats a refused batch as it is never gets an answer that says which alert is bad, and one that
# drops it drops nothing. So: halve the batch until the bad one is found; send both times; send all annotations each time.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq prometheus-alertmanager=0.25.0-1+b4 2> /dev/null
dpkg-deb -x prometheus-alertmanager_*.deb root
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > am.yml <<'YML'
route: {receiver: nobody, group_by: [alertname]}
receivers: [{name: nobody}]
YML
# Debian's build reads its own templates from a place of the system: it gets that place for as long as this runs.
templates=/usr/share/prometheus/alertmanager
mkdir -p data
if [[ ! -e $templates ]]; then
    mkdir -p "$(dirname $templates)"
    cp -r "root$templates" "$templates"
    trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder" /usr/share/prometheus/alertmanager' EXIT
fi
root/usr/bin/prometheus-alertmanager --config.file=am.yml --storage.path=data --cluster.listen-address= --web.listen-address="127.0.0.1:$port" 2> log &
url=http://127.0.0.1:$port
for _ in $(seq 100); do curl -sf --noproxy '*' -o /dev/null "$url/-/ready" && break; sleep 0.1; done
at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
post() { curl -s --noproxy '*' -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "$1" "$url/api/v2/alerts"; }
get() { curl -s --noproxy '*' "$url/api/v2/alerts" | python3 -c "import json,sys; print(sorted($1 for a in json.load(sys.stdin)))"; }
start=$(at 'now') end=$(at '+10 min')
good='{"labels":{"alertname":"good"},"annotations":{"summary":"x"},"startsAt":"'$start'","endsAt":"'$end'"}'
bad='{"labels":{"alertname":"bad"},"startsAt":"'$end'","endsAt":"'$start'"}'
mixed=$(post "[$good,$bad]")
kept=$(get "a['labels']['alertname']")
no_start=$(post '[{"labels":{"alertname":"late"},"endsAt":"'"$end"'"}]')
starts=$(get "(a['labels']['alertname'], a['startsAt'] > '$start')")
bare=$(post '[{"labels":{"alertname":"good"},"startsAt":"'"$start"'","endsAt":"'"$end"'"}]')
left=$(get "(a['labels']['alertname'], len(a['annotations']))")
echo "mixed: $mixed $kept; without a start: $no_start $starts; without annotations: $bare $left"
[[ $mixed == 400 && $kept == "['good']" ]]
[[ $no_start == 200 && $starts == *"('late', True)"* ]]
[[ $bare == 200 && $left == *"('good', 0)"* ]]
