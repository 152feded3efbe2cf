#!/usr/bin/env bash
# nagios4 4.4.6 (Debian 12): what of a service's argument reaches a command that has '$ARG2$' in single quotes.
#
# Expected: quotes protect an argument, as in the shell that runs the command; a filter such as "detect:risk !ns:test" arrives as it
# is, or nagios4 refuses the configuration.
# Seen on 2026-11-30: the exclamation mark separates arguments before any quotes are looked at. The filter arrives as
# "detect:risk ", and the rest becomes an argument that nothing uses; `nagios4 -v` counts no warning. "!ns:test" arrives as an empty
# text. `\!` is the way. A semicolon after a blank ends the line: "detect:risk ; x" arrives as "detect:risk". A dollar sign,
# single or doubled, a backslash, a percent sign, a bar and double quotes arrive as one means them.
# Why it matters: where `!` excludes, as in the filters of a dashboard, the check of a service watches more or less than its
# line says, and nobody is told. The example of a command has to name `\!`, and the answer of the check to show the filter.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq nagios4-core=4.4.6-4+deb12u2 2> /dev/null
dpkg-deb -x nagios4-core_*.deb root
mkdir tmp results seen
cat > show <<SH2
#!/bin/sh
printf '%s' "\$2" > "$folder/tmp/\$1.part"
mv "$folder/tmp/\$1.part" "$folder/seen/\$1"
echo 'OK: shown'
SH2
chmod 755 show
cat > nagios.cfg <<CFG
cfg_file=$folder/objects.cfg
log_file=$folder/nagios.log
object_cache_file=$folder/tmp/objects
precached_object_file=$folder/tmp/precached
status_file=$folder/tmp/status
state_retention_file=$folder/tmp/retention
temp_file=$folder/tmp/temp
temp_path=$folder/tmp
check_result_path=$folder/results
lock_file=$folder/tmp/lock
command_file=$folder/tmp/command
query_socket=$folder/tmp/query
nagios_user=$(id -un)
nagios_group=$(id -gn)
check_external_commands=0
illegal_macro_output_chars=\`~\$&|'"<>
check_for_updates=0
use_syslog=0
interval_length=1
service_inter_check_delay_method=n
max_service_check_spread=1
CFG
cat > cases <<'CASES'
plain	detect:risk !ns:test	detect:risk 
first	!ns:test	
escaped	detect:risk \!ns:test	detect:risk !ns:test
comment	detect:risk ; x	detect:risk
dollar	/^web-[0-9]+$/	/^web-[0-9]+$/
dollars	/^web-[0-9]+$$/	/^web-[0-9]+$/
others	"a b" /\d/ mem%>=90|cpu%>=90	"a b" /\d/ mem%>=90|cpu%>=90
CASES
{
    cat <<CFG
define command {
    command_name check
    command_line $folder/show \$ARG1\$ '\$ARG2\$'
}
define command {
    command_name none
    command_line /bin/true
}
define timeperiod {
    timeperiod_name always
    alias always
$(for day in sunday monday tuesday wednesday thursday friday saturday; do echo "    $day 00:00-24:00"; done)
}
define contact {
    contact_name nobody
    host_notifications_enabled 0
    service_notifications_enabled 0
    host_notification_period always
    service_notification_period always
    host_notification_commands none
    service_notification_commands none
}
define host {
    host_name here
    address 127.0.0.1
    active_checks_enabled 0
    max_check_attempts 1
    check_period always
    notification_period always
    contacts nobody
}
CFG
    while IFS=$'\t' read -r name argument _; do
        printf 'define service {\n    host_name here\n    service_description %s\n    check_command check!%s!%s\n' "$name" "$name" "$argument"
        printf '    max_check_attempts 1\n    check_interval 1\n    retry_interval 1\n    check_period always\n'
        printf '    notification_period always\n    contacts nobody\n}\n'
    done < cases
} > objects.cfg
root/usr/sbin/nagios4 -v nagios.cfg > verified
grep -q '^Total Warnings: 0' verified
grep -q '^Total Errors:   0' verified
root/usr/sbin/nagios4 nagios.cfg > log 2>&1 &
for _ in $(seq 200); do [ "$(ls seen | wc -l)" = "$(wc -l < cases)" ] && break; sleep 0.1; done
while IFS= read -r line; do
    name=${line%%$'\t'*} argument=${line#*$'\t'}
    expected=${argument#*$'\t'} argument=${argument%%$'\t'*}
    echo "$argument  =>  [$(< "seen/$name")]"
    [ "$(cat "seen/$name"; echo .)" = "$expected." ]
done < cases
