#!/usr/bin/env bash
# icinga2 2.13.6 (Debian 12): a regular expression with two dollar signs as the argument of a service's check.
#
# Expected: a dollar sign that belongs to no macro reaches the command, or the configuration is refused, as Icinga 2 refuses one
# with a single dollar sign ("Closing $ not found in macro format string").
# Seen on 2026-11-30: of /^web$|^api$/ the middle, |^api, is taken for the name of a macro. No macro has that name, so Icinga 2
# leaves the whole argument out, with its flag: the command runs without --filter, and its answer is the state of the
# service. The configuration is valid without a warning, and the log has no line. Written /^web$$|^api$$/ it arrives as it was meant;
# so do an exclamation mark, a semicolon, a bar and a percent sign as they are.
# Why it matters: a check whose filter is gone looks at everything, or at nothing, and stays green. `required = true` for the
# argument in the CheckCommand makes it UNKNOWN instead. The example of a command should have that line, and name $$.
set -euo pipefail
folder=$(mktemp -d)
group=
trap '{ [ -z "$group" ] || kill -KILL -- -$group; sleep 0.5; } 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq icinga2-bin=2.13.6-2+deb12u2 libedit2 libboost-{context,coroutine,filesystem,iostreams,program-options,regex,thread}1.74.0 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
libraries=$(dirname root/usr/lib/*/libboost_regex.so.1.74.0)
cat > show <<SH2
#!/bin/sh
name=\$1
shift
printf '%s' "\$*" > "$folder/\$name.part"
mv "$folder/\$name.part" "$folder/seen.\$name"
echo 'OK: shown'
SH2
chmod 755 show
mkdir data run cache log spool
icinga() {
    LD_LIBRARY_PATH=$libraries root/usr/lib/*/icinga2/sbin/icinga2 --no-stack-rlimit daemon -D RunAsUser="$(id -un)" \
        -D RunAsGroup="$(id -gn)" -D DataDir="$folder/data" -D InitRunDir="$folder/run" -D CacheDir="$folder/cache" \
        -D LogDir="$folder/log" -D SpoolDir="$folder/spool" "$@"
}
common() {
    cat <<CFG
object IcingaApplication "app" { }
object CheckerComponent "checker" { }
object CheckCommand "show" {
    command = [ "$folder/show", "\$service.name\$" ]
    arguments = {
        "--filter" = "\$filter\$"
        "--strict" = { value = "\$strict\$", required = true }
    }
    vars.strict = "x"
}
object Host "here" {
    check_command = "show"
    enable_active_checks = false
}
CFG
}
service() {
    printf 'object Service "%s" {\n    host_name = "here"\n    check_command = "show"\n    check_interval = 1s\n    vars.%s = "%s"\n}\n' "$@"
}
{ common; service single filter '/^web$/'; } > single.conf
icinga -C -c single.conf > single.log 2>&1 && { echo "the behaviour changed: a single dollar sign is taken"; exit 1; }
grep -q 'Closing \$ not found' single.log
{
    common
    service two filter '/^web$|^api$/'
    service doubled filter '/^web$$|^api$$/'
    service others filter 'detect:risk !ns:test; a|b mem%>=90'
    service required strict '/^web$|^api$/'
} > all.conf
icinga -C -c all.conf > valid.log 2>&1
grep -ciE 'warning|critical' valid.log > /dev/null && { echo "the behaviour changed: it warns"; exit 1; }
set -m
icinga -c all.conf > running.log 2>&1 &
group=$!
disown
set +m
for _ in {1..150}; do [ -e seen.two ] && [ -e seen.doubled ] && [ -e seen.others ] && break; sleep 0.1; done
sleep 2
echo "a single dollar sign: $(grep -o 'Closing .* not found in macro format string' single.log | head -1)"
for name in two doubled others; do echo "$name: [$(< "seen.$name")]"; done
echo "lines about the missing macro: $(grep -c 'Non-optional macro' running.log || true), of the one that is required"
[[ $(< seen.two) == '--strict x' && ! -e seen.required ]]
[ "$(< seen.doubled)" = '--filter /^web$|^api$/ --strict x' ]
[ "$(< seen.others)" = '--filter detect:risk !ns:test; a|b mem%>=90 --strict x' ]
