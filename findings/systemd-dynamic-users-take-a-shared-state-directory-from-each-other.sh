#!/usr/bin/env bash
# systemd 252.39 (Debian 12) and 257.13 (Debian 13): two services with DynamicUser=yes and one StateDirectory=, one RuntimeDirectory=.
#
# Expected: a service that runs always, and one that a timer starts, may keep their files in one folder: both units name it, and
# systemd makes it for whoever comes first. Or else it refuses the second one.
# Seen on 2026-11-30: without User=, the dynamic user has the name of its unit, so there are two. With 252 the start of the second
# one gives the folder of the state, and each file in it, to the second one while the first one runs, without a word: from then
# on the first one may neither open its files nor make new ones, and finds a folder of a stranger. With 257 each sees the files as
# its own, through an id-mapped mount. With both versions the end of the second one removes the folder below /run that the first one
# still uses. With the same User=name in both, and RuntimeDirectoryPreserve=yes, nothing is taken from anybody.
# Why it matters: a collector and its hourly check share saved pods and the count of their calls in just this way. On Debian 12
# the collector stops saving at the first check; on both each of them counts its calls alone from then on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/units"
printf '[Unit]\nDefaultDependencies=no\nWants=stays.service check.timer\n' > "$folder/units/guess.target"
printf '[Unit]\nDefaultDependencies=no\n[Timer]\nOnActiveSec=2\nAccuracySec=100ms\n' > "$folder/units/check.timer"
cat > "$folder/units/check.service" <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
DynamicUser=yes
StateDirectory=shared
RuntimeDirectory=shared
ExecStart=/bin/sh -c 'touch /var/lib/shared/of-check'
UNIT
cat > "$folder/units/stays.service" <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
DynamicUser=yes
StateDirectory=shared
RuntimeDirectory=shared
UMask=0077
ExecStart=/bin/sh -c 'touch /var/lib/shared/state /run/shared/calls; sleep 9; \
    (: >> /var/lib/shared/state) && echo state: mine || echo state: lost; \
    (: >> /run/shared/calls) && echo run: mine || echo run: lost'
StandardOutput=append:/out/seen
StandardError=null
UNIT
try() {
    mkdir "$folder/out"
    "$folder/$1/boot" "$folder/units" "$folder/out" 20
    seen=$(paste -sd ' ' "$folder/out/seen")
    rm -r "$folder/out" "$folder/$1/root/var/lib/private" "$folder/$1/root/var/lib/shared"
    echo "systemd $1, $2: $seen"
}
for version in 252 257; do "$(dirname "$0")/systemd-root.sh" $version "$folder/$version"; done
try 252 'each its own user'
[ "$seen" = 'state: lost run: lost' ]
try 257 'each its own user'
[ "$seen" = 'state: mine run: lost' ]
sed -i 's/^DynamicUser=yes/&\nUser=shared\nRuntimeDirectoryPreserve=yes/' "$folder"/units/*.service
for version in 252 257; do
    try $version 'one User= and RuntimeDirectoryPreserve=yes'
    [ "$seen" = 'state: mine run: mine' ]
done
