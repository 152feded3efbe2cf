#!/usr/bin/env bash
# nagios4 4.4.6 and icinga2 2.13.6 (both Debian 12), with their own notification commands: a verdict that has a backslash.
#
# Expected: the mail says what the check printed, as the web pages do. A backslash is not among the characters that Nagios takes out.
# Seen on 2026-11-30: both give the whole mail to printf "%b", which reads the escapes of the verdict too. /\bapi\b/ arrives with two
# backspaces, and C:\new with a line break; \d stays. At the \x{2d} of a regular expression (or the \u{1b} with which a program
# shows a control character) printf gives up, and the mail ends there: Icinga's lacks the time, the service and the host.
# Why it matters: a check that names a filter, a path or an escaped character in its verdict has operators read another one at night.
# A verdict without backslashes is safe; in a command of one's own, printf "%s" is for what comes from the check.
set -euo pipefail
folder=$(mktemp -d)
trap '{ kill $(jobs -p); wait; } 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq nagios4-core=4.4.6-4+deb12u2 nagios4-common=4.4.6-4+deb12u2 icinga2-common=2.13.6-2+deb12u2 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
mkdir tmp results bin
verdicts=(
    '3 pods match /\bapi\b/, see C:\new'
    '3 pods match /^web-\d+$/'
    '3 pods match /web\x{2d}1/, see the list'
)
# A mail program that keeps what it gets.
cat > bin/mail <<SH2
#!/bin/sh
cat > "$folder/tmp/mail" && mv "$folder/tmp/mail" "$folder/mail"
SH2
for at in 0 1 2; do printf '#!/bin/sh\nprintf "%%s\\n" %q\nexit 2\n' "${verdicts[at]}" > check$at; done
chmod 755 bin/mail check?
# From the verdict on, a backspace as ^H.
of_verdict() { sed -n '/pods match/,$p' mail | sed $'s/\b/^H/g; s/^Info:  *//'; }
declare -A seen

for at in 0 1 2; do
    rm -f mail
    PATH="$folder/bin:$PATH" bash root/etc/icinga2/scripts/mail-service-notification.sh -d now -e pods -l here -n here \
        -o "${verdicts[at]}" -r ops -s CRITICAL -t PROBLEM -u pods 2>> icinga.err
    seen[icinga $at]=$(of_verdict)
done

{
    for pair in object_cache_file:objects precached_object_file:precached status_file:status state_retention_file:retention \
        temp_file:temp lock_file:lock command_file:command query_socket:query log_file:log; do
        echo "${pair%:*}=$folder/tmp/${pair#*:}"
    done
    printf '%s\n' cfg_file="$folder/objects.cfg" temp_path="$folder/tmp" check_result_path="$folder/results" nagios_user="$(id -un)" \
        "nagios_group=$(id -gn)" check_external_commands=0 check_for_updates=0 use_syslog=0 interval_length=1 \
        status_update_interval=1 enable_notifications=1
    grep '^illegal_macro_output_chars=' root/etc/nagios4/nagios.cfg
} > nagios.cfg
common='max_check_attempts 1
    check_period always
    notification_period always
    contacts ops'
for at in 0 1 2; do
    rm -f mail
    {
        sed -n '/notify-service-by-email/,/}/p' root/etc/nagios4/objects/commands.cfg | sed "1s/^/define command {\n/; s#/usr/bin/mail #$folder/bin/mail #"
        cat <<CFG
define command {
    command_name check
    command_line $folder/check$at
}
define timeperiod {
    timeperiod_name always
    alias always
$(printf '    %s 00:00-24:00\n' sunday monday tuesday wednesday thursday friday saturday)
}
define contact {
    contact_name ops
    email ops
    host_notifications_enabled 0
    host_notification_period always
    service_notification_period always
    service_notification_options c
    host_notification_commands notify-service-by-email
    service_notification_commands notify-service-by-email
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
    } > objects.cfg
    root/usr/sbin/nagios4 nagios.cfg > nagios.out 2>&1 &
    for _ in {1..200}; do [ -e mail ] && break; sleep 0.1; done
    seen[nagios $at]=$(of_verdict)
    kill $!
    wait $! 2> /dev/null || true
    rm -f tmp/retention
done
for at in 0 1 2; do
    echo "printed: ${verdicts[at]}"
    for program in icinga nagios; do
        echo "$program's mail: ${seen[$program $at]}"
    done
done
end=$'\n\nWhen:    now\nService: pods\nHost:    here'
[ "${seen[nagios 0]}" = $'3 pods match /^Hapi^H/, see C:\new' ]
[ "${seen[icinga 0]}" = "${seen[nagios 0]}$end" ]
# The $ is taken out by Nagios itself.
[ "${seen[nagios 1]}" = '3 pods match /^web-\d+/' ]
[ "${seen[icinga 1]}" = "${verdicts[1]}$end" ]
[[ ${seen[nagios 2]} == '3 pods match /web' && ${seen[icinga 2]} == "${seen[nagios 2]}" ]]
grep -q 'missing hexadecimal number' icinga.err
