#!/usr/bin/env bash
# urxvt 9.30 (Debian 12): the notification OSC 777 ; notify ; TITLE ; TEXT, with all extensions that the package has for such strings.
#
# Expected: OSC 777 is urxvt's own number, other terminals (foot, Ghostty, WezTerm) took the notification from there, and lists of what
# terminals support name urxvt first. So urxvt shows it, or at least rings.
# Seen on 2026-11-30: nothing happens. urxvt hands the string to its extensions, and none of those that it is shipped with knows
# `notify` (overlay-osc knows `overlay`). No program is called, the window is not marked as urgent, nothing is printed. The bell runs
# the command of the extension bell-command, and marks the window.
# Why it matters: a dashboard that picks OSC 777 because TERM begins with rxvt, *instead of* the bell, tells its alerts to nobody, and
# has no means to see it. It should send the bell there, or both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
edges="--no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances"
# shellcheck disable=SC2046,SC2086
apt-get download -qq rxvt-unicode=9.30-2+b4 $(apt-cache depends --recurse $edges xvfb rxvt-unicode x11-utils dash coreutils grep |
  grep '^\w' | grep -vx rxvt-unicode | sort -u) 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
mkdir -p root/tmp/own root/dev root/proc
cat > root/tmp/own/hears <<'PERL'
# Notes the strings that reach extensions, and leaves them to the others.
sub on_osc_seq_perl { my ($self, $text, $end) = @_; open my $file, ">>", "/tmp/$ENV{CASE}.heard"; print $file "$text\n"; 0 }
PERL
for name in notify-send dbus-send gdbus zenity xmessage; do # whatever a notification may be shown by
    printf '#!/bin/dash\necho "%s $*" >> "/tmp/$CASE.called"\n' "$name" > "root/usr/bin/$name"
    chmod 755 "root/usr/bin/$name"
done
cat > root/tmp/run.sh <<'SH'
Xvfb :78 -screen 0 800x600x24 > /dev/null 2>&1 &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -S /tmp/.X11-unix/X78 ] && break; sleep 0.5; done
export DISPLAY=:78 HOME=/tmp CASE
tried() { # the name of the case, what is written
    CASE=$1
    urxvt -title "$CASE" -perl-lib /tmp/own -pe default,overlay-osc,clipboard-osc,bell-command,hears -xrm 'URxvt.urgentOnBell: true' \
        -xrm "URxvt.bell-command: /bin/dash -c 'echo rang >> /tmp/$CASE.called'" -e /bin/dash -c "sleep 1; printf '$2'; sleep 3" &
    sleep 2.5
    xprop -name "$CASE" WM_HINTS | grep -c -i urgency > "/tmp/$CASE.urgent"
    wait $!
}
tried notification '\033]777;notify;dashboard;2 pods at risk\007'
tried bell '\007'
kill "$server"
SH
unshare -m bash -c '
  mount --rbind /dev root/dev && mount -t proc proc root/proc &&
  mount -t tmpfs -o mode=1777 tmpfs root/dev/shm 2>/dev/null
  timeout 60 chroot root /usr/bin/env -i PATH=/usr/bin:/bin TERM=xterm /bin/dash /tmp/run.sh; umount -l root/dev root/proc'
cd root/tmp
touch {notification,bell}.{heard,called}
for name in notification bell; do
    echo "$name: extensions heard '$(< $name.heard)', called '$(< $name.called)', windows marked as urgent: $(< $name.urgent)"
done
[ "$(< notification.heard)" = 'notify;dashboard;2 pods at risk' ] || { echo "the behaviour changed: the string"; exit 1; }
[ ! -s notification.called ] && [ "$(< notification.urgent)" = 0 ] || { echo "the behaviour changed: the notification"; exit 1; }
[ "$(< bell.called)" = rang ] && [ "$(< bell.urgent)" = 1 ] || { echo "the behaviour changed: the bell"; exit 1; }
