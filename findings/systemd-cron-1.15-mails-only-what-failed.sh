#!/usr/bin/env bash
# systemd-cron 1.15.19 (Debian 12) and 2.8.2 (Debian sid): a crontab with `check > FILE || cat FILE`, and with `\%` and `%`.
#
# Expected: a package that provides cron-daemon does with a crontab what cron does: what a job prints is mailed, also if it ends
# with 0; a percent sign ends the command, and `\%` is a percent sign.
# Seen on 2026-11-30: the service that 1.15.19 makes of a line has OnFailure= only. The job above ends with cat's 0, so its
# findings go to the journal and nobody gets a mail. `%` and `\%` reach the shell as they are written, as with busybox: an escaped
# filter arrives as mem\%>=90. 2.8.2 has OnSuccess= too, for jobs that printed something, and treats `%` as cron does.
# Why it matters: a crontab that reports by printing is silent on such a machine, and looks healthy. A check that has to work with all
# of them fails with its own exit code (`check > FILE || { cat FILE; exit 1; }`), and keeps its filter in a file.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "this needs root, for a crontab of its own"; exit 1; }
[ "$(uname -m)" = x86_64 ] || { echo "the pinned packages are for amd64"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
while read -r sum address; do
    file=${address##*/}
    curl -sSf -o "$file" "http://deb.debian.org/debian/pool/main/$address"
    echo "$sum  $file" | sha256sum --quiet -c
    dpkg-deb -x "$file" new
done <<'PACKAGES'
d251ea642c3795e8723ac2b9eeebe511467ca04590ba70f3d555a7616787d7e3 g/gcc-16/libgcc-s1_16.2.0-4_amd64.deb
cef6654bba1daece0bc0dbe0e3f69fa5a26eb6ba139f3536e6f4806bd787f3e7 g/gcc-16/libstdc%2b%2b6_16.2.0-4_amd64.deb
5c71715c51103beb4fbba9fe9f8dff604af6610dfa71c70bff342f54a7860803 g/glibc/libc6_2.43-7_amd64.deb
b93615e08319799bedd98a68643d607b06a7713365f829fb3cae131f8a3b81b1 libm/libmd/libmd0_1.3.0-1_amd64.deb
ad41299e73a908812870eeda928dbf8a1c7018f61a45458ce85ff9bdf373e65f s/systemd-cron/systemd-cron_2.8.2-1_amd64.deb
PACKAGES
apt-get download -qq systemd-cron=1.15.19-5 2> /dev/null
dpkg-deb -x systemd-cron_1.15.19-5_*.deb old
libraries=new/usr/lib/x86_64-linux-gnu
cat > inside <<'INSIDE'
# Only this crontab is seen: the machine's own are out of sight. The generator looks for something that sends mail.
set -euo pipefail
mount -t tmpfs none /var/spool
mount -t tmpfs none /usr/sbin
printf '#!/bin/sh\n' > /usr/sbin/sendmail
chmod 755 /usr/sbin/sendmail
mkdir -p /var/spool/cron/crontabs
for own in /etc/cron.* /etc/crontab /etc/anacrontab; do
    if [ -d $own ]; then mount -t tmpfs none $own; elif [ -e $own ]; then mount --bind /dev/null $own; fi
done
cat > /var/spool/cron/crontabs/root <<'TABLE'
MAILTO=ops@example.com
1 * * * * /opt/check > /tmp/found || cat /tmp/found
2 * * * * /opt/check --warn-on 'mem\%>=90'
3 * * * * /opt/check --warn-on 'mem%>=90'
TABLE
chmod 600 /var/spool/cron/crontabs/root
out=$1
shift
mkdir "$out"
"$@" "$out"
INSIDE
unshare --mount bash inside old.out old/lib/systemd/system-generators/systemd-crontab-generator 2> /dev/null
unshare --mount bash inside new.out $libraries/ld-linux-x86-64.so.2 --library-path $libraries \
    new/usr/lib/systemd/system-generators/systemd-crontab-generator 2> /dev/null
for version in old new; do
    for line in 0 1 2; do
        unit=$version.out/cron-root-root-$line
        echo "$version, line $line: $(< $unit.sh) [$(grep -E '^On(Success|Failure)=' $unit.service | cut -d= -f1 | sort | xargs)]"
    done
done | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
old, line 0: /opt/check > /tmp/found || cat /tmp/found [OnFailure]
old, line 1: /opt/check --warn-on 'mem\%>=90' [OnFailure]
old, line 2: /opt/check --warn-on 'mem%>=90' [OnFailure]
new, line 0: /opt/check > /tmp/found || cat /tmp/found [OnFailure OnSuccess]
new, line 1: /opt/check --warn-on 'mem%>=90' [OnFailure OnSuccess]
new, line 2: /opt/check --warn-on 'mem [OnFailure OnSuccess]
TOLD
