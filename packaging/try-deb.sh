#!/usr/bin/env bash
# Installs a .deb of hss-top in a clean root, runs it there, removes it, and looks at what is left. Needs dpkg and root (for dpkg).
#
#   packaging/deb.sh && packaging/try-deb.sh dist/hss-top_*.deb
set -euo pipefail
deb=$(realpath "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
fail() { echo "$*" >&2; exit 1; }
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
# The root has no packages, so what it depends on is missing there.
dpkg --root="$root" --force-depends --force-script-chrootless --install "$deb" > "$root.said" 2>&1 \
    || { cat "$root.said" >&2; rm -f "$root.said"; exit 1; }
rm -f "$root.said"
for file in usr/bin/hss-top usr/share/man/man1/hss-top.1.gz usr/share/bash-completion/completions/hss-top \
    usr/share/zsh/vendor-completions/_hss-top usr/share/fish/vendor_completions.d/hss-top.fish \
    usr/lib/systemd/system/{hss-top,hss-top-watch,hss-top-check}@.service usr/lib/systemd/system/hss-top-check@.timer; do
    [ -e "$root/$file" ] || fail "$file is missing"
done
# What is shown by apt before somebody installs it is read on one screen.
lines=$(dpkg-deb --field "$deb" Description | wc -l)
[ "$lines" -le 20 ] || fail "its description has $lines lines"
grep -q 'Permission is hereby granted' "$root/usr/share/doc/hss-top/copyright" || fail "the licence has no text"
# Each page that a page names is there.
named=$(zcat "$root"/usr/share/man/man1/*.gz | sed 's/\\-/-/g' | grep -o '^hss-top-[a-z-]*(1)' | sort -u)
[ -n "$named" ] || fail "no page names another"
for page in $named; do
    [ -e "$root/usr/share/man/man1/${page%(1)}.1.gz" ] || fail "the manual page $page is named and missing"
done
# Each unit starts a program that is there.
for unit in "$root"/usr/lib/systemd/system/*.service; do
    starts=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
    [ -x "$root$starts" ] || fail "$(basename "$unit") starts $starts, which is missing"
done
# Its scripts are shell, and are there: packaging/try-units.sh runs them under systemd.
dpkg-deb --control "$deb" "$root/var/control"
for script in postinst prerm postrm; do
    sh -n "$root/var/control/$script" || fail "$script is missing or no shell"
done
"$root/usr/bin/hss-top" --version
"$root/usr/bin/hss-top" list --demo --limit 1 --output name > /dev/null
mkdir -p "$root/var/lib/private/hss-top"
echo saved > "$root/var/lib/private/hss-top/state"
dpkg --root="$root" --force-script-chrootless --remove hss-top > /dev/null
[ -e "$root/var/lib/private/hss-top/state" ] || fail "what was saved went with the program"
dpkg --root="$root" --force-script-chrootless --purge hss-top > /dev/null
[ ! -e "$root/var/lib/private/hss-top" ] || fail "what was saved outlives a purge"
left=$(find "$root" -type f ! -path "$root/var/*" | sort)
[ -z "$left" ] || fail "left behind: $left"
echo "installed, ran, and left nothing"
