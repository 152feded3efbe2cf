#!/usr/bin/env bash
# nagios4 4.4.6 (Debian 12), with the line illegal_macro_output_chars of its own nagios.cfg: what a notification says of a verdict.
#
# Expected: the mail or the page says what the check printed and the web page of Nagios shows; a character that a shell could take for
# its own is escaped, or the whole text is refused.
# Seen on 2026-11-30: `~$&|'"<> are taken out of $SERVICEOUTPUT$, $LONGSERVICEOUTPUT$ and $SERVICEPERFDATA$ without a trace. "2 pods
# match cpu%<10 or mem%>=90" arrives as "2 pods match cpu%10 or mem%=90", which reads like another condition; /^web$/ becomes /^web/.
# Labels of performance data lose their quotes. The status file, and with it the web page, keeps the text; so does the variable
# NAGIOS_SERVICEOUTPUT, which has to be switched on (enable_environment_macros).
# Why it matters: whoever prints a filter or a threshold in a verdict has operators read another one at night. A verdict says it in
# words, or names the rule instead; or the notification command takes the variable.
set -euo pipefail
folder=$(mktemp -d)
trap '{ kill $(jobs -p); wait; } 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq nagios4-core=4.4.6-4+deb12u2 nagios4-common=4.4.6-4+deb12u2 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
mkdir tmp results
cat > check <<'SH2'
#!/bin/sh
printf '%s\n' "FINDINGS: 2 pods match cpu%<10 or mem%>=90, /^web\$/ | 'in sight'=2" 'R&D "web" -> risk'
exit 2
SH2
cat > told <<SH2
#!/bin/sh
printf '%s\n' "\$@" "\$NAGIOS_SERVICEOUTPUT" > "$folder/tmp/mail" && mv "$folder/tmp/mail" "$folder"
SH2
chmod 755 check told
{
    for pair in object_cache_file:objects precached_object_file:precached status_file:status state_retention_file:retention \
        temp_file:temp lock_file:lock command_file:command query_socket:query log_file:log; do
        echo "${pair%:*}=$folder/tmp/${pair#*:}"
    done
    printf '%s\n' cfg_file="$folder/objects.cfg" temp_path="$folder/tmp" check_result_path="$folder/results" nagios_user="$(id -un)" \
        "nagios_group=$(id -gn)" check_external_commands=0 check_for_updates=0 use_syslog=0 interval_length=1 \
        status_update_interval=1 enable_notifications=1 enable_environment_macros=1
    grep '^illegal_macro_output_chars=' root/etc/nagios4/nagios.cfg
} > nagios.cfg
common='max_check_attempts 1
    check_period always
    notification_period always
    contacts ops'
cat > objects.cfg <<CFG
define command {
    command_name check
    command_line $folder/check
}
define command {
    command_name told
    command_line $folder/told '\$SERVICEOUTPUT\$' '\$LONGSERVICEOUTPUT\$' '\$SERVICEPERFDATA\$'
}
define timeperiod {
    timeperiod_name always
    alias always
$(printf '    %s 00:00-24:00\n' sunday monday tuesday wednesday thursday friday saturday)
}
define contact {
    contact_name ops
    host_notifications_enabled 0
    host_notification_period always
    service_notification_period always
    service_notification_options c
    host_notification_commands told
    service_notification_commands told
}
define host {
    host_name here
    address 127.0.0.1
    active_checks_enabled 0
    $common
}
define service {
    host_name here
    service_description pods
    check_command check
    check_interval 1
    retry_interval 1
    $common
}
CFG
root/usr/sbin/nagios4 nagios.cfg > log 2>&1 &
for _ in {1..200}; do [ -e mail ] && grep -q 'plugin_output=F' tmp/status 2> /dev/null && break; sleep 0.1; done
grep '^illegal' nagios.cfg | cat - mail
grep -E '^\s(plugin_output|long_plugin_output|performance_data)=.' tmp/status
[ "$(< mail)" = 'FINDINGS: 2 pods match cpu%10 or mem%=90, /^web/
RD web - risk
in sight=2
FINDINGS: 2 pods match cpu%<10 or mem%>=90, /^web$/' ]
grep -qF 'plugin_output=FINDINGS: 2 pods match cpu%<10 or mem%>=90, /^web$/' tmp/status
