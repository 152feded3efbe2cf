#!/usr/bin/env bash
# webhook 2.8.0 (Debian 12), the daemon that runs a command for a request: what a sender of alerts is told.
#
# Expected: a request without the signature that the rule asks for is refused with 401 or 403, as one with a wrong signature; a sender
# that gets 200 knows that the alert was taken.
# Seen on 2026-11-30: without the signature, or with it in a header of another name, the answer is 200, "Hook rules were not satisfied.",
# and nothing runs. A wrong signature is 500, which senders take for a passing failure and repeat. A command that fails, and one whose
# program is missing, is 200 too, with an empty body: the answer comes before the command is started.
# Why it matters: a sender that goes by the status calls the alert delivered, also in a trial, and nobody is told. Set
# trigger-rule-mismatch-http-response-code, and include-command-output-in-response if the sender is to know whether the command ran;
# in a trial look at the body too.
set -euo pipefail
folder=$(mktemp -d)
trap '{ kill $(jobs -p); wait; } 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq webhook=2.8.0-4+b6 2> /dev/null
dpkg-deb -x webhook_*.deb root
cat > page <<'SH2'
#!/bin/sh
echo "$1" >> ran
exit 1
SH2
chmod 755 page
python3 - <<'PY'
import json, os
def hook(name, command, more):
    header = {"source": "header", "name": "X-Signature-256"}
    return {"id": name, "execute-command": os.path.abspath(command), "command-working-directory": os.getcwd(),
            "pass-arguments-to-command": [{"source": "payload", "name": "text"}],
            "trigger-rule": {"match": {"type": "payload-hmac-sha256", "secret": "right", "parameter": header}}} | more
strict = {"trigger-rule-mismatch-http-response-code": 403, "include-command-output-in-response": True}
json.dump([hook("usual", "page", {}), hook("missing", "no-such-program", {}), hook("strict", "page", strict)], open("hooks.json", "w"))
PY
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
root/usr/bin/webhook -version
root/usr/bin/webhook -hooks hooks.json -ip 127.0.0.1 -port "$port" > log 2>&1 &
until curl -s --noproxy '*' -o /dev/null "http://127.0.0.1:$port/"; do sleep 0.1; done

# The status, the body, and whether the command ran: hook, text, key of the signature, name of its header.
send() {
    local body="{\"text\": \"$2\"}" headers=(-H 'Content-Type: application/json') said
    if [ -n "${3-}" ]; then
        headers+=(-H "${4-X-Signature-256}: sha256=$(python3 -c 'import hashlib, hmac, sys; print(hmac.new(sys.argv[1].encode(), sys.argv[2].encode(), hashlib.sha256).hexdigest())' "$3" "$body")")
    fi
    said=$(curl -s --noproxy '*' -w ' %{http_code}' "${headers[@]}" -d "$body" "http://127.0.0.1:$port/hooks/$1")
    sleep 0.5
    grep -qx "$2" ran 2> /dev/null && said+=' (ran)'
    echo "${said//$'\n'/ }"
}
declare -A seen
for case in 'usual signed right' 'usual unsigned' 'usual renamed right X-Other' 'usual wrong wrong' 'missing gone right' \
    'strict none' 'strict failing right'; do
    read -r -a words <<< "$case"
    seen["${words[0]} ${words[1]}"]=$(send "${words[@]}")
    echo "${words[0]}, ${words[1]}: ${seen["${words[0]} ${words[1]}"]}"
done
[ "${seen[usual signed]}" = ' 200 (ran)' ]
[ "${seen[usual unsigned]}" = 'Hook rules were not satisfied. 200' ]
[ "${seen[usual renamed]}" = 'Hook rules were not satisfied. 200' ]
[[ ${seen[usual wrong]} == *' 500' ]]
[ "${seen[missing gone]}" = ' 200' ]
[ "${seen[strict none]}" = 'Hook rules were not satisfied. 403' ]
[[ ${seen[strict failing]} == *' 500 (ran)' ]]
