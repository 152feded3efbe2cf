#!/usr/bin/env bash
# prometheus-node-exporter 1.5.0 (Debian 12): a text file whose HELP differs loses its series, and no metric says so.
#
# Expected: two files in the textfile folder that describe one metric in other words are either merged, or
# node_textfile_scrape_error becomes 1, as it does for a file that does not parse.
# Seen on 2026-11-29: the series of the second file are missing, node_textfile_scrape_error is 0, the file has its
# node_textfile_mtime_seconds, the answer is 200; only the exporter's log tells. The same for another TYPE, and for
# a metric that one file describes and the other does not.
# Why it matters: whoever writes one file for each project (a cron job, a systemd timer) must write the same HELP and
# TYPE in all of them, also while two versions of the program are in use. One changed help text silences a project.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq prometheus-node-exporter=1.5.0-1+b6 2> /dev/null
dpkg-deb -x prometheus-node-exporter_*.deb root
mkdir texts
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
root/usr/bin/prometheus-node-exporter --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$folder/texts" --web.listen-address="127.0.0.1:$port" 2> log &
url=http://127.0.0.1:$port/metrics
until curl -sf --noproxy '*' -o /dev/null "$url"; do sleep 0.1; done

write() { printf "$2"'hss_pods{project="%s"} 3\n' "$1" > "texts/$1.prom"; }
look() {
    curl -sf --noproxy '*' "$url" | awk '/^hss_pods/ {pods++} /^node_textfile_mtime_seconds/ {files++}
        /^node_textfile_scrape_error/ {error = $2} END {printf "series %d, files %d, error %d", pods, files, error}'
}
write one '# HELP hss_pods Pods.\n# TYPE hss_pods gauge\n'
write two '# HELP hss_pods Pods.\n# TYPE hss_pods gauge\n'
same=$(look)
write two '# HELP hss_pods Pods of a project.\n# TYPE hss_pods gauge\n'
other_help=$(look)
write two '# HELP hss_pods Pods.\n# TYPE hss_pods counter\n'
other_type=$(look)
write two ''
bare=$(look)
printf 'hss_pods{project="two"}\n' > texts/two.prom
broken=$(look)
printf '%s\n' "same: $same" "other HELP: $other_help" "other TYPE: $other_type" "none: $bare" "broken: $broken"
lost='series 1, files 2, error 0'
[[ $same == 'series 2, files 2, error 0' && $broken == 'series 1, files 1, error 1' ]]
[[ $other_help == "$lost" && $other_type == "$lost" && $bare == "$lost" ]]
