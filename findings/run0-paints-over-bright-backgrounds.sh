#!/usr/bin/env bash
# run0 (systemd 257.13, Debian 13), which takes the place of sudo: the backgrounds of the program that it runs.
#
# Expected: run0 tints the window, so that one sees whose shell it is: it writes its own background behind each sequence that resets the
# background. A background that the program chooses stays, whichever of the sixteen colours it is.
# Seen on 2026-12-01: it knows 40 to 47 and 48;5 and 48;2 as backgrounds, but not the bright ones, 100 to 107. `0;97;101` (or `;97;101`, or
# `49;101`), white on bright red, becomes `0;97;101;48;2;R;G;B`: white on the tint. It also puts its numbers into sequences that are no
# colours: `CSI > 4 ; 0 m` (other forms of keys) becomes `CSI > 4 ; 0 ; 48 ; 2 ; R ; G ; B m`. 48:2::R:G:B behind a reset is painted over as well.
# In a sequence of its own 101 stays, so that programs with curses look right.
# Why it matters: programs that reset and set in one sequence, as the lists of colours do that people copy into their scripts (`\e[0;101m`), lose
# just what they paint bright: the row of the alert. In a light window the tint is pale, and white on it cannot be read. The same
# program is right with sudo and su. Cure: `run0 --background=`, or a sequence for the reset and one for the background.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
"$here/systemd-root.sh" 257 "$folder/257"
cd "$folder"
# run0 needs the bus and PAM, too.
apt-get download -qq dbus-daemon=1.14.10-1~deb12u1 libdbus-1-3=1.14.10-1~deb12u1 libexpat1=2.5.0-1+deb12u5 2> /dev/null
curl -sSf -o modules.deb http://deb.debian.org/debian/pool/main/p/pam/libpam-modules_1.7.0-5_amd64.deb
echo '9679ade117f8775ac0471f48a92652ab8e8dcda4e2ff06de75158cded9cfd83c  modules.deb' | sha256sum --quiet -c
for file in *.deb; do dpkg-deb --fsys-tarfile "$file" | tar -x --keep-directory-symlink -C 257/root; done
mkdir -p 257/root/etc/pam.d units out
printf 'account required pam_permit.so\nsession required pam_permit.so\n' > 257/root/etc/pam.d/systemd-run0
cat > units/bus.conf <<'XML'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy>
</busconfig>
XML
printf '[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/dbus/system_bus_socket\n' > units/dbus.socket
cat > units/dbus.service <<'UNIT'
[Unit]
DefaultDependencies=no
Requires=dbus.socket
After=dbus.socket
[Service]
ExecStart=/usr/bin/dbus-daemon --config-file=/etc/systemd/system/bus.conf --address=systemd: --nofork --nopidfile --systemd-activation
StandardError=file:/out/bus
UNIT
cat > units/window.service <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
ExecStartPre=/bin/sleep 1
ExecStart=/out/window run0 --user=nobody /out/program
StandardOutput=file:/out/seen
StandardError=inherit
UNIT
printf '[Unit]\nDefaultDependencies=no\nWants=dbus.socket dbus.service window.service\n' > units/guess.target
cat > window.c <<'C'
/* A white terminal: runs a command in it, tells its background if it is asked, and writes what arrives to standard output. */
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
int main(int count, char **arguments) {
    const char answer[] = "\033]11;rgb:ffff/ffff/ffff\033\\";
    struct winsize size = {24, 80, 0, 0};
    char bytes[4097];
    int terminal;
    if (count < 2)
        return 1;
    if (forkpty(&terminal, NULL, NULL, &size) == 0) {
        setenv("TERM", "xterm-256color", 1);
        execvp(arguments[1], arguments + 1);
        _exit(127);
    }
    for (time_t end = time(NULL) + 8; time(NULL) < end;) {
        struct pollfd it = {terminal, POLLIN, 0};
        if (poll(&it, 1, 200) <= 0)
            continue;
        ssize_t length = read(terminal, bytes, sizeof bytes - 1);
        if (length <= 0)
            break;
        bytes[length] = 0;
        if (strstr(bytes, "\033]11;?") && write(terminal, answer, sizeof answer - 1) < 0)
            return 1;
        if (write(1, bytes, length) < 0)
            return 1;
    }
    return 0;
}
C
gcc -static -O1 -o out/window window.c -lutil
{
    echo '#!/bin/sh'
    for codes in '0;97;41' '0;97;101' ';101' '49;101' '41;0' 101 '0;48;5;9' '0;48;2;220;0;0' '0;48:2::220:0:0' '>4;0'; do
        printf "printf '\\\\033[%sm %s\\\\n'\n" "$codes" "$codes"
    done
} > out/program
sed -i 's/^printf/busybox printf/' out/program
chmod 755 out/program
257/boot units out 12
echo "systemd 257.13: what the program writes, and what arrives"
tr '\033\r' '\n ' < out/seen | sed -nE 's/^\[([>0-9;:]*)m ([>0-9;:]+) *$/\2 -> \1/p' | tee told
diff told - <<'TOLD' || { cat -v out/seen out/bus; echo "the behaviour changed"; exit 1; }
0;97;41 -> 0;97;41
0;97;101 -> 0;97;101;48;2;255;255;191
;101 -> ;101;48;2;255;255;191
49;101 -> 49;101;48;2;255;255;191
41;0 -> 41;0;48;2;255;255;191
101 -> 101
0;48;5;9 -> 0;48;5;9
0;48;2;220;0;0 -> 0;48;2;220;0;0
0;48:2::220:0:0 -> 0;48:2::220:0:0;48;2;255;255;191
>4;0 -> >4;0;48;2;255;255;191
TOLD
