#!/usr/bin/env bash
# Lets systemd read every unit that is shipped: an error or a warning of systemd-analyze fails it. The program need not be
# installed. Opt-in, because it needs systemd-analyze: packaging/try-units.sh
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for unit in assets/systemd/* packaging/systemd/*; do
    # A template is verified as the unit of a profile.
    name=$(basename "$unit" | sed 's/@/@prod/')
    # What is verified is the unit, wherever the program is.
    sed 's#^ExecStart=/[^ ]*/hss-top #ExecStart=/bin/true #' "$unit" > "$work/$name"
    grep -q '^ExecStart=/bin/true ' "$work/$name" || [[ $name == *.timer ]]
done
for unit in "$work"/*; do
    # An unknown key is only a warning, so nothing may be said.
    told=$(systemd-analyze verify --man=no "$unit" 2>&1) || { echo "$told" >&2; exit 1; }
    [ -z "$told" ] || { echo "$told" >&2; exit 1; }
    case $unit in
        *.service) exposure=$(systemd-analyze security --offline=true "$unit" | tail -1) ;;
        *) exposure="" ;;
    esac
    echo "$(basename "$unit"): fine; ${exposure#*for }"
done
