#!/usr/bin/env bash
# Lets systemd read every unit that is shipped: an error or a warning of systemd-analyze fails it. The program need not be
# installed. Opt-in, because it needs systemd-analyze: packaging/try-units.sh
#
# With a program, the units also run, unchanged, under systemd 252 (Debian 12) and 257 (Debian 13), against a simulator that
# refuses the sixth call of a minute. This takes three minutes, needs root, amd64 and Debian's server, and touches nothing
# outside a temporary folder: packaging/try-units.sh target/dist/hss-top
set -euo pipefail
program=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/read"
for unit in assets/systemd/* packaging/systemd/*; do
    # A template is verified as the unit of a profile.
    name=$(basename "$unit" | sed 's/@/@prod/')
    # What is verified is the unit, wherever the program is.
    sed 's#^ExecStart=/[^ ]*/hss-top #ExecStart=/bin/true #' "$unit" > "$work/read/$name"
    grep -q '^ExecStart=/bin/true ' "$work/read/$name" || [[ $name == *.timer ]]
done
for unit in "$work"/read/*; do
    # An unknown key is only a warning, so nothing may be said.
    told=$(systemd-analyze verify --man=no "$unit" 2>&1) || { echo "$told" >&2; exit 1; }
    [ -z "$told" ] || { echo "$told" >&2; exit 1; }
    case $unit in
        *.service) exposure=$(systemd-analyze security --offline=true "$unit" | tail -1) ;;
        *) exposure="" ;;
    esac
    echo "$(basename "$unit"): fine; ${exposure#*for }"
done
[ -n "$program" ] || exit 0

units=$work/units
mkdir -p "$units/service.d" "$units/hss-top@two.service.d"
cp assets/systemd/* packaging/systemd/* packaging/deb/* "$units"
# The machine starts nothing else, and what a unit prints is in a file of its name.
cat > "$units/service.d/here.conf" <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
StandardOutput=append:/out/%n
StandardError=inherit
UNIT
cat > "$units/hss-top@two.service.d/port.conf" <<'UNIT'
[Service]
ExecStart=
ExecStart=/usr/local/bin/hss-top serve --config /etc/hss-top/config.toml --profile two --listen 127.0.0.1:9465
UNIT
# It accepts two accounts: the key pair of the profile one, and the token of the profile two.
cat > "$units/simulator.service" <<'UNIT'
[Service]
ExecStartPre=/usr/bin/ip link set lo up
Environment=HUAWEICLOUD_SDK_AK=an-access-key HUAWEICLOUD_SDK_SK=a-secret-key HSS_TOP_TOKEN=a-first-token
EnvironmentFile=-/run/simulator.env
ExecStart=/usr/bin/hss-top simulate --listen 127.0.0.1:8080 --pods 150 --calls-per-minute 5 --snapshot-every 10s
UNIT
printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c ". /etc/systemd/system/functions; . /etc/systemd/system/steps"\n' \
    > "$units/steps.service"
printf '[Unit]\nDefaultDependencies=no\nWants=steps.service\n' > "$units/guess.target"
cat > "$units/functions" <<'FUNCTIONS'
soon() { # waits until a command succeeds, up to a minute
    for _ in $(seq 300); do
        if "$@"; then return; fi
        sleep 0.2
    done
    echo "not within a minute: $*"
}
simulator() {
    systemctl restart simulator.service
    soon answers
}
answers() { wget -q -O - http://127.0.0.1:8080/ 2>&1 | grep -q 'HTTP/1.1 404'; }
check() {
    systemctl start hss-top-check@one.service 2> /dev/null
    echo "$*: exit code $(systemctl show -p ExecMainStatus --value hss-top-check@one.service)"
}
# The profile one is at port 9464, two at 9465.
metric() { wget -q -O - "http://127.0.0.1:$1/metrics" | sed -n "s/^$2 //p"; }
answered() { metric "$1" 'hss_api_calls_total{outcome="answered"}'; }
more() { [ "$(answered "$1")" -gt "$2" ]; }
ready() { wget -q -O /dev/null "http://127.0.0.1:$1/readyz" 2> /dev/null; }
FUNCTIONS

# In the first run of the machine, systemd makes the user.
mkdir "$work/first" "$work/second"
cat > "$work/first/steps" <<'STEPS'
ledgers() { find /run /var /tmp -name '*.calls' -exec ls -i {} +; }
saved() { [ -n "$(find /var/lib/private/hss-top -name '*.sqlite*' -newer /out/checked 2> /dev/null)" ]; }
simulator
systemctl start --no-block hss-top-watch@one.service
check 'check beside watch'
check 'check beside watch, again'
touch /out/checked
ledgers > /out/ledgers
soon saved && echo 'after the checks watch still saves'
systemctl start hss-top@one.service hss-top@two.service
soon ready 9464
soon ready 9465
sleep 40
for port in 9464 9465; do
    echo "collector at $port: $(metric $port 'hss_api_calls_total{outcome="failed"}') calls failed"
    [ "$(metric $port hss_api_calls_of_others)" -gt 0 ] && echo "collector at $port: knows calls of others"
done
systemctl is-active hss-top-watch@one.service hss-top@one.service hss-top@two.service | sort | uniq -c
ledgers | diff /out/ledgers - && echo 'the ledger is the one of the beginning'
sed 's#/hss-top/127.*##; s#.* ##' /out/ledgers
find /run -name '*.calls' -exec grep -q '"boot":0,' {} + && echo 'the ledger does not know which boot it is'
systemctl stop simulator.service hss-top-watch@one.service hss-top@one.service hss-top@two.service
check 'check of what was saved, without a server'
systemctl exit
STEPS
cat > "$work/first/expected" <<'EXPECTED'
check beside watch: exit code 0
check beside watch, again: exit code 0
after the checks watch still saves
collector at 9464: 0 calls failed
collector at 9464: knows calls of others
collector at 9465: 0 calls failed
collector at 9465: knows calls of others
      3 active
the ledger is the one of the beginning
/run/private/hss-top
check of what was saved, without a server: exit code 0
EXPECTED
# In the second run there is a user hss-top, who owns the token file of the profile two.
cat > "$work/second/steps" <<'STEPS'
check 'check of what was saved before the restart'
simulator
systemctl start hss-top-watch@one.service hss-top@two.service
soon ready 9465
check 'check beside watch'
echo a-second-token > /etc/hss-top/token
echo HSS_TOP_TOKEN=a-second-token > /run/simulator.env
simulator
before=$(answered 9465)
soon more 9465 "$before" && echo 'the renewed token is in use'
systemctl is-active hss-top-watch@one.service hss-top@two.service
# What the Debian package runs: at an upgrade, and when it is removed.
systemctl enable hss-top-watch@one.service 2> /dev/null
process() { systemctl show -p MainPID --value hss-top-watch@one.service; }
linked() { ls /etc/systemd/system/multi-user.target.wants 2> /dev/null; }
package() { DPKG_ROOT= sh "/etc/systemd/system/$@" 2> /dev/null; }
before=$(process)
package prerm upgrade 2
package postinst configure 1
[ "$(process)" != "$before" ] && echo 'upgraded: watch runs the new program'
systemctl is-active hss-top-watch@one.service hss-top-watch@three.service
linked
package prerm remove
package postrm remove
systemctl is-active hss-top-watch@one.service hss-top@two.service
echo "removed, still enabled: $(linked)"
systemctl exit
STEPS
cat > "$work/second/expected" <<'EXPECTED'
check of what was saved before the restart: exit code 0
check beside watch: exit code 0
the renewed token is in use
active
active
upgraded: watch runs the new program
active
inactive
hss-top-watch@one.service
inactive
inactive
removed, still enabled: 
EXPECTED

run() { # the version of systemd, and which run of its machine
    local out=$work/$1-$2
    mkdir "$out"
    cp -r "$units" "$out-units"
    cp "$work/$2/steps" "$out-units"
    "$work/$1/boot" "$out-units" "$out" 300
    diff "$work/$2/expected" "$out/steps.service" || { echo "systemd $1, $2 run: < expected, > seen" >&2; return 1; }
    # The filter arrives with its backslash.
    grep -qF 'matches /^no-\d+$/' "$out/hss-top-check@one.service"
    if grep -E 'nothing is saved|damaged|"level":"ERROR"' "$out"/hss-top*; then return 1; fi
    echo "systemd $1, $2 run: fine"
}
try() {
    local root=$work/$1/root name
    findings/systemd-root.sh "$1" "$work/$1"
    for name in wget find grep sed seq sort uniq diff; do ln -sf busybox "$root/usr/bin/$name"; done
    mkdir -p "$root/usr/local/bin" "$root/etc/hss-top"
    cp "$program" "$root/usr/bin/hss-top"
    ln -s ../../bin/hss-top "$root/usr/local/bin/hss-top"
    cat > "$root/etc/hss-top/config.toml" <<'CONFIG'
interval = "10s"
endpoint = "http://127.0.0.1:8080"
[profiles.one]
project_id = "p-1"
[profiles.two]
project_id = "p-2"
CONFIG
    printf '%s\n' HUAWEICLOUD_SDK_AK=an-access-key HUAWEICLOUD_SDK_SK=a-secret-key "FAIL_ON='/^no-\\d+\$/'" \
        > "$root/etc/hss-top/one.env"
    echo HSS_TOP_TOKEN=a-first-token > "$root/etc/hss-top/two.env"
    run "$1" first
    echo 'hss-top:x:990:990::/:/bin/false' >> "$root/etc/passwd"
    echo 'hss-top:x:990:' >> "$root/etc/group"
    echo HSS_TOP_TOKEN_FILE=/etc/hss-top/token > "$root/etc/hss-top/two.env"
    echo a-first-token > "$root/etc/hss-top/token"
    chmod 600 "$root/etc/hss-top/token"
    chown 990:990 "$root/etc/hss-top/token"
    run "$1" second
}
for version in 252 257; do try $version; done
