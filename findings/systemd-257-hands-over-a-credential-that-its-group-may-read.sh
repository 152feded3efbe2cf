#!/usr/bin/env bash
# systemd 257.13 (Debian 13) and 252.39 (Debian 12): a file of LoadCredential= has mode 0440 and belongs to root, or has mode
# 0400 and belongs to the service.
#
# Expected: a credential that systemd hands to a service is private in the way that ssh, gpg and libpq understand it: mode 0400 or
# 0600, and owned by the user who runs the service.
# Seen on 2026-11-30: so it is with 252, which keeps credentials in a ramfs and gives them away with chown. From kernel 6.3 on, 257
# keeps them in a tmpfs without swap, which knows access lists: the file stays root's, one entry of its list lets the service
# read, and the mask of such a list is what stat shows as the bits of the group: 0440. Nobody else can read it, the group of root
# neither. The folder is 0550. It is mounted read-only, so chmod is no way out.
# Why it matters: a dashboard that refuses token files which "others can read" by looking at mode & 077 takes the credential
# on Debian 12 and refuses the same one, with the same unit, after the upgrade to Debian 13. It has to look at the list
# (system.posix_acl_access) or to accept 0440 of root below $CREDENTIALS_DIRECTORY.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ "$(printf '%s\n' 6.3 "$(uname -r)" | sort -V | head -1)" = 6.3 ] || { echo "this needs Linux 6.3"; exit 1; }
mkdir "$folder/units"
printf '[Unit]\nDefaultDependencies=no\nWants=reads.service\n' > "$folder/units/guess.target"
cat > "$folder/units/reads.service" <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
DynamicUser=yes
SetCredential=token:a-token
ExecStart=/bin/sh -c 'stat -c "%%a %%u" %d/token; id -u; stat -f -c %%T %d; cat %d/token'
StandardOutput=file:/out/seen
StandardError=inherit
UNIT
for version in 252 257; do
    "$(dirname "$0")/systemd-root.sh" $version "$folder/$version"
    mkdir "$folder/out-$version"
    "$folder/$version/boot" "$folder/units" "$folder/out-$version" 20
    mapfile -t seen < "$folder/out-$version/seen"
    read -r mode owner <<< "${seen[0]}"
    [ "$owner" = "${seen[1]}" ] && owner='the service'
    [ "$owner" = 0 ] && owner=root
    echo "systemd $version: mode $mode, owner $owner, in a ${seen[2]}; the service reads: ${seen[3]}"
    case $version in
        252) [[ "$mode $owner ${seen[2]} ${seen[3]}" == '400 the service ramfs a-token' ]] ;;
        257) [[ "$mode $owner ${seen[2]} ${seen[3]}" == '440 root tmpfs a-token' ]] ;;
    esac
done
