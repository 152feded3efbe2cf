#!/usr/bin/env bash
# Runs what packaging/Containerfile describes, without a container engine: the same user, variables and command line, in a
# root that holds nothing but the program, its libraries and the CA certificates, with a network of its own. Looks at what
# it answers and how it ends. The image itself is not built. Needs root, unshare, chroot, ip and curl.
#
#   packaging/try-container.sh PROGRAM
set -euo pipefail
file=$(dirname "$(realpath "$0")")/Containerfile
program=$(realpath "$1")
if [ "${2:-}" != inside ]; then
    exec unshare --mount --net --pid --fork --mount-proc "$0" "$program" inside
fi
ip link set lo up
# The last of each, since the first part of the file is the build.
said() { sed -n "s/^$1 //p" "$file" | tail -n1; }
words() { python3 -c 'import json, sys; print("\n".join(json.loads(sys.argv[1])))' "$(said "$1")"; }
mapfile -t line < <(words ENTRYPOINT; words CMD)
user=$(said USER) port=$(said EXPOSE)
root=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$root"' EXIT
chmod 755 "$root"
install -D -m 755 "$program" "$root${line[0]}"
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$library" "$root$library"
done
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
install -d -m 700 -o "${user%:*}" -g "${user#*:}" "$root/var/lib/hss-top" "$root/run/hss-top"
token=$(head -c 32 /dev/urandom | sha256sum | cut -d' ' -f1)
install -m 600 -o "${user%:*}" /dev/stdin "$root/run/hss-top/client-token" <<< "$token"
coproc SIMULATED { exec "$program" simulate --pods 300 --serverless 20; }
read -r _ _ hss <&"${SIMULATED[0]}"
env -i PATH="$PATH" "$(said ENV)" HSS_TOP_ENDPOINT="$hss" HSS_TOP_PROJECT_ID=project HSS_TOP_TOKEN=example \
    chroot --userspec="$user" "$root" "${line[@]}" > "$root/out" 2>&1 &
serve=$!
ask() { curl -s -o "$root/body" -w '%{http_code}' "$@"; }
for _ in $(seq 100); do
    code=$(ask -H "Authorization: Bearer $token" "http://127.0.0.1:$port/readyz") || true
    [ "$code" != 200 ] || break
    sleep 0.1
done
grep '^hss-top:' "$root/out"
[ "$code" = 200 ] || { echo "not ready: $code" >&2; cat "$root/out" "$root/body" >&2; exit 1; }
[ "$(ask "http://127.0.0.1:$port/metrics")" = 401 ] || { echo "it answers without a token" >&2; exit 1; }
[ "$(ask -H "Authorization: Bearer $token" "http://127.0.0.1:$port/metrics")" = 200 ]
pods=$(grep -c '^hss_pods{' "$root/body" || true)
[ "$pods" -gt 0 ] || { echo "no pods in its metrics" >&2; exit 1; }
kill -TERM "$serve"
code=0
wait "$serve" || code=$?
[ "$code" = 0 ] || { echo "it ended with $code on TERM" >&2; exit 1; }
find "$root/var/lib/hss-top" -type f -printf '%P\n' | sort
[ -n "$(find "$root/var/lib/hss-top" -type f)" ] || { echo "it kept nothing" >&2; exit 1; }
echo "ran as $user, asked for its token, served $pods series of hss_pods, kept its state, and ended with TERM"
