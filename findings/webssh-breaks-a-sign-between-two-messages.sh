#!/usr/bin/env bash
# webssh 1.6.3 (PyPI), ssh in a web page, with OpenSSH 9.2p1 (Debian 12): a full-screen program with frames and signs.
#
# Expected: the page shows what the program draws. ssh carries bytes, and cuts them anywhere; who decodes them keeps the beginning of a
# character until the rest is there, as a terminal does.
# Seen on 2026-12-01: webssh's server sends each piece that ssh brings as a message of its own, and its page decodes each message by itself
# (`decoder.decode(…)` without `stream`). A character of three bytes that stands on an edge becomes two or three replacement signs.
# Why it matters: the row gets one or two cells longer. Behind that place everything stands wrong, the last cells wrap into the next row. The
# program has drawn all of it and does not draw it again, so the damage stays until that row changes. Small changes are whole, and so are
# short pages; it takes a full redraw (start, another view, a new size) with many frames and signs (here 30 of them had 26 replacement signs). Cure:
# draw again, or signs of ASCII only. Nothing is wrong with the locale, nor with the program, although it looks just like that.
set -euo pipefail
folder=$(mktemp -d)
sshd= webssh=
trap 'for it in $sshd $webssh; do kill "$it" 2> /dev/null || true; done; wait 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
[ "$(id -u)" = 0 ] || { echo "this needs root, for the ssh server"; exit 1; }
apt-get download -qq openssh-server=1:9.2p1-2+deb12u10 libwrap0=7.6.q-32 2> /dev/null
for file in *.deb; do dpkg-deb -x "$file" root; done
python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install webssh==1.6.3 websocket-client==1.9.2 requests==2.34.2 paramiko==3.5.1 tornado==6.5.2
port() { python3 -c 'import socket; it = socket.socket(); it.bind(("127.0.0.1", 0)); print(it.getsockname()[1])'; }
ssh_port=$(port) web_port=$(port)
ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f key
cat > draws.py <<'PY'
# Thirty full redraws of 50 rows, each in one piece, as a dashboard writes them, and each of another length.
import os, sys, time
for number in range(30):
    rows = ["│" + "·" * number] + ["│ ● pod–%d  │ %s │" % (row, "▁▂▃▄▅▆▇█" * 12) for row in range(49)]
    left = ("\x1b[H" + "\r\n".join(rows)).encode()
    while left:
        left = left[os.write(1, left):]
    time.sleep(0.2)
print("\r\nEND")
time.sleep(1)
PY
cat > sshd.conf <<CONF
Port $ssh_port
ListenAddress 127.0.0.1
HostKey $folder/host
AuthorizedKeysFile $folder/key.pub
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
ForceCommand exec python3 $folder/draws.py
CONF
# The server wants an account of its own and a folder, which its package would make.
{ grep -v '^sshd:' /etc/passwd; echo 'sshd:x:499:65534::/run/sshd:/usr/sbin/nologin'; } > passwd
unshare --mount bash -c "mount --bind passwd /etc/passwd && mount -t tmpfs run /run && mkdir -m 755 /run/sshd &&
    LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu exec $folder/root/usr/sbin/sshd -D -e -f $folder/sshd.conf" 2> sshd.log &
sshd=$!
venv/bin/wssh --address=127.0.0.1 --port="$web_port" --policy=autoadd --xsrf=False > webssh.log 2>&1 &
webssh=$!
for _ in $(seq 100); do ! venv/bin/python -c "import socket; [socket.create_connection(('127.0.0.1', it)) for it in ($ssh_port, $web_port)]" 2> /dev/null || break; sleep 0.1; done
cat > page.py <<'PY'
# What the page does, up to the messages; each goes into a file of its own.
import os, requests, sys, websocket
ssh_port, web_port = sys.argv[1:]
base = f"http://127.0.0.1:{web_port}/"
told = requests.post(base, data={"hostname": "127.0.0.1", "port": ssh_port, "username": "root", "privatekey": open("key").read(), "term": "xterm-256color"}).json()
assert told["id"], told
socket = websocket.create_connection(base.replace("http", "ws") + "ws?id=" + told["id"], origin=base.rstrip("/"))
socket.settimeout(10)
os.mkdir("messages")
seen = b""
while b"END" not in seen:
    message = socket.recv()
    message = message.encode() if isinstance(message, str) else message
    open(f"messages/{len(os.listdir('messages')):05}", "wb").write(message)
    seen += message
PY
venv/bin/python page.py "$ssh_port" "$web_port" || { cat webssh.log sshd.log; exit 1; }
venv/bin/pip --disable-pip-version-check list 2> /dev/null | grep webssh
decodes=$(grep -c 'decoder.decode(reader.result)' venv/lib/python3*/site-packages/webssh/static/js/main.js)
cat > decodes.js <<'JS'
const messages = fs.readdirSync("messages").sort().map((name) => fs.readFileSync(`messages/${name}`));
const [alone, together] = [new TextDecoder("utf-8"), new TextDecoder("utf-8")];
const count = (texts) => texts.join("").split("\ufffd").length - 1;
const page = count(messages.map((message) => alone.decode(message)));
const terminal = count(messages.map((message) => together.decode(message, { stream: true })));
console.log(`replacement signs: ${page > 0 ? "some" : "none"} as the page decodes, ${terminal > 0 ? "some" : "none"} as one stream`);
console.error(`${messages.length} messages for 30 redraws, ${page} replacement signs as the page decodes`);
JS
node -e "const fs = require('node:fs'); $(< decodes.js)" > told
cat told
[ "$decodes" = 1 ] && [ "$(< told)" = 'replacement signs: some as the page decodes, none as one stream' ] || { echo "the behaviour changed"; exit 1; }
