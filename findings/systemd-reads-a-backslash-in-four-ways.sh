#!/usr/bin/env bash
# systemd 252.39 (Debian 12) and 257.13 (Debian 13): one filter, /^web-\d+$/, in the four places where a unit may name it.
#
# Expected: a value reaches the program as it is written, or the unit does not start.
# Seen on 2026-11-30, with both: in ExecStart= the filter arrives whole, with a warning. In a file of EnvironmentFile= it arrives
# as /^web-d+$/ without a word; in single or double quotes there, whole. In Environment= the assignment is dropped, and the value of
# an earlier line or of the unit that is overridden stays. Of two words without quotes, "detect:risk ns:pay", Environment=
# keeps the first; EnvironmentFile= keeps both. The unit starts each time. A percent sign that begins no specifier, as in mem%>=90,
# stays.
# Why it matters: a check that looks for /^web-d+$/ finds nothing and is green, for ever; one whose drop-in was dropped looks for
# something else. A unit that takes a filter from its environment has to say "in single quotes", and the check to print the filter
# that it used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
units=$folder/units
mkdir "$units"
wants=''
unit() { # a name, then the lines that follow the default of the unit
    local name=$1
    shift
    {
        printf '[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nEnvironment=FILTER=the-default\n'
        printf '%s\n' "$@"
        grep -q '^ExecStart=' <<< "$*" || echo 'ExecStart=/bin/show ${FILTER}'
        printf 'StandardOutput=file:/out/%s\nStandardError=null\n' "$name"
    } > "$units/$name.service"
    wants+=" $name.service"
}
unit argument 'ExecStart=/bin/show /^web-\d+$/'
unit environment 'Environment=FILTER=/^web-\d+$/'
unit environment-words 'Environment=FILTER=detect:risk ns:pay'
unit environment-percent 'Environment=FILTER=mem%>=90'
for kind in plain single double words; do unit file-$kind "EnvironmentFile=/etc/systemd/system/$kind"; done
cat > "$units/plain" <<< 'FILTER=/^web-\d+$/'
cat > "$units/single" <<< "FILTER='/^web-\\d+\$/'"
cat > "$units/double" <<< 'FILTER="/^web-\d+$/"'
cat > "$units/words" <<< 'FILTER=detect:risk ns:pay'
printf '[Unit]\nDefaultDependencies=no\nWants=%s\n' "$wants" > "$units/guess.target"
for version in 252 257; do
    "$(dirname "$0")/systemd-root.sh" $version "$folder/$version"
    printf '#!/bin/sh\nprintf "%%s\\n" "$*"\n' > "$folder/$version/root/usr/bin/show"
    chmod 755 "$folder/$version/root/usr/bin/show"
    mkdir "$folder/out-$version"
    "$folder/$version/boot" "$units" "$folder/out-$version" 20
    (cd "$folder/out-$version" && grep . -- * | sed "s/^/systemd $version: /")
    diff <(cd "$folder/out-$version" && grep . -- *) - <<'SEEN'
argument:/^web-\d+$/
environment:the-default
environment-percent:mem%>=90
environment-words:detect:risk
file-double:/^web-\d+$/
file-plain:/^web-d+$/
file-single:/^web-\d+$/
file-words:detect:risk ns:pay
SEEN
done
