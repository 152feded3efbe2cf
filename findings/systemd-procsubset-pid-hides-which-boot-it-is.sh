#!/usr/bin/env bash
# systemd 252.39 (Debian 12) and 257.13 (Debian 13): what a service with ProcSubset=pid can still learn about its machine.
#
# Expected: ProcSubset=pid, which hardening guides and `systemd-analyze security` ask for, takes lists and tunables away; the facts by
# which programs tell one boot from another stay, as they name nobody: /proc/sys/kernel/random/boot_id and the time of the boot in
# /proc/stat.
# Seen on 2026-11-30: both are gone, with /proc/uptime, /proc/meminfo and all of /proc/sys; /proc/self and the processes stay.
# CLOCK_BOOTTIME still counts, but nothing says whose boot it counts. systemd itself puts the id in: Environment=BOOT=%b.
# Why it matters: a program that shares a count of calls between its processes, with times of CLOCK_BOOTTIME and the boot id beside
# them, finds no id: it may take each look at the file for one after a restart of the machine. It needs another source in such
# a unit, and a test with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
units=$folder/units
mkdir "$units"
printf '[Unit]\nDefaultDependencies=no\nWants=all.service pid.service\n' > "$units/guess.target"
for subset in all pid; do
    cat > "$units/$subset.service" <<UNIT
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
DynamicUser=yes
ProcSubset=$subset
Environment=BOOT=%b
ExecStart=/bin/sh -c 'for name in sys/kernel/random/boot_id stat uptime meminfo self/stat; do \
    test -r /proc/\$name && echo \$name; done; echo "BOOT=\$BOOT"'
StandardOutput=file:/out/$subset
StandardError=null
UNIT
done
boot=BOOT=$(tr -d - < /proc/sys/kernel/random/boot_id)
for version in 252 257; do
    "$(dirname "$0")/systemd-root.sh" $version "$folder/$version"
    mkdir "$folder/out-$version"
    "$folder/$version/boot" "$units" "$folder/out-$version" 20
    for subset in all pid; do
        seen=$(paste -sd ' ' "$folder/out-$version/$subset")
        echo "systemd $version, ProcSubset=$subset: ${seen/$boot/and the id of the boot from %b}"
        case $subset in
            all) [ "$seen" = "sys/kernel/random/boot_id stat uptime meminfo self/stat $boot" ] ;;
            pid) [ "$seen" = "self/stat $boot" ] ;;
        esac
    done
done
