#!/usr/bin/env bash
# Neovim 0.7.2 (Debian 12) and 0.12.4 (Debian sid): the bell of a program in `:terminal`.
#
# Expected: as in Vim's `:terminal`, in tmux and in GNU screen the outer terminal rings at once; or never, as 'belloff' is "all" by default.
# Seen on 2026-11-30: (1) 0.7.2 rings in spite of 'belloff', 0.12.4 does not, until it is empty. (2) Where it rings, the bell alone stays in
# Neovim's buffer: the outer terminal gets it with the next thing that Neovim draws, whenever that is.
# Why it matters: after an update of Neovim the alerts of a dashboard in it are silent. And `make; printf '\a'` in a window that nobody
# touches rings with the first key of whoever comes back. A program that draws a clock each second hides (2). NVIM is in the
# environment: a dashboard can say that :set belloff= is needed, and a script can print a space with its bell.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] || { echo "the pinned packages are for amd64"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq neovim=0.7.2-7 neovim-runtime=0.7.2-7 libmsgpackc2=4.0.0-3 libunibilium4=2.1.0-1 libvterm0=0.1.4-1 libtree-sitter0=0.20.7-1 \
    libluajit-5.1-2=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 lua-luv=1.44.2-0-1 libtermkey1=0.22-1 libuv1=1.44.2-1+deb12u1 2> /dev/null
for package in *.deb; do dpkg-deb -x "$package" old; done
while read -r sum address; do
    file=new-${address##*/}
    curl -sSf -o "$file" "http://deb.debian.org/debian/pool/main/$address"
    echo "$sum  $file" | sha256sum --quiet -c
    dpkg-deb -x "$file" new
done <<'PACKAGES'
d251ea642c3795e8723ac2b9eeebe511467ca04590ba70f3d555a7616787d7e3 g/gcc-16/libgcc-s1_16.2.0-4_amd64.deb
5c71715c51103beb4fbba9fe9f8dff604af6610dfa71c70bff342f54a7860803 g/glibc/libc6_2.43-7_amd64.deb
3646aa5b8513dc57ace24dfe6582ba5666e141eb876b7494e9008776c9d41999 libu/libuv1/libuv1t64_1.53.0-1_amd64.deb
2e803f45c17b2091ea8691aee658d268d16c66406e903269d5f3bb7b0b71c415 l/lua-lpeg/lua-lpeg_1.1.0-4_amd64.deb
50db3ce63d74536505f9376da52698d15dbc80c99e139685baa4ff64587a2863 l/lua-luv/lua-luv_1.51.0-1-1%2bb1_amd64.deb
99cec1952fce870c4302ed94e36dfb239fb7f34d268172df4e80d4ee3bd13a6e l/luajit/libluajit-5.1-2_2.1.0%2bopenresty20251030-1%2bb2_amd64.deb
f2c0bbf2530cd36d51aad9a72beb75aafb15e51dae1fddd1e3ab3db5b543cbd9 n/neovim/neovim_0.12.4-1_amd64.deb
a0ce01348d6c7f018be74b3d29c3c4114332a250d81ea2061ef836429c8300e3 n/neovim/neovim-runtime_0.12.4-1_all.deb
0b9a68f1d790b7999beff053711702e5a450a643e8155c0ad10cd37b08ca66e7 t/tree-sitter/libtree-sitter0.26_0.26.11-1_amd64.deb
f6fc622c8df65eb27cf952c5f9b5f24d327b233445fae223c7666fe9fd9c279f u/unibilium/libunibilium4_2.1.4-1_amd64.deb
abeee568cd28106f46c41653fe2a40643e4949c5865a002ee3b3494b8d35735e u/utf8proc/libutf8proc3_2.11.3-2_amd64.deb
PACKAGES
libraries=usr/lib/x86_64-linux-gnu
cat > nvim-0.7.2 <<SH
#!/bin/sh
LD_LIBRARY_PATH=$folder/old/$libraries VIMRUNTIME=$folder/old/usr/share/nvim/runtime exec $folder/old/usr/bin/nvim --clean "\$@"
SH
cat > nvim-0.12.4 <<SH
#!/bin/sh
export VIMRUNTIME=$folder/new/usr/share/nvim/runtime
exec $folder/new/$libraries/ld-linux-x86-64.so.2 --library-path $folder/new/$libraries $folder/new/usr/bin/nvim --clean "\$@"
SH
chmod 755 nvim-*
for version in 0.7.2 0.12.4; do [ "$(./nvim-$version --version | sed -n 1p)" = "NVIM v$version" ]; done
cat > ring.sh <<'SH'
touch ready
while [ ! -e ring ]; do sleep 0.1; done
printf '\a'
while [ ! -e draw ]; do sleep 0.1; done
printf text
sleep 60
SH
cat > outer.py <<'PY'
# A terminal with Neovim in it, and the program in its :terminal.
import fcntl, os, pty, select, struct, subprocess, sys, termios, time
version, off = sys.argv[1:]
os.environ |= {"HOME": os.getcwd(), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
for name in "ready", "ring", "draw", "socket":
    if os.path.exists(name):
        os.remove(name)
command, server = [f"./nvim-{version}"], None
if version != "0.7.2":
    # Its screen is a process of its own, which it would start without this loader of libraries.
    server = subprocess.Popen(command + ["--headless", "--listen", "./socket"], stdin=subprocess.DEVNULL)
    command += ["--server", "./socket", "--remote-ui"]
    while not os.path.exists("socket"):
        time.sleep(0.1)
pid, outer = pty.fork()
if pid == 0:
    os.execv(command[0], command)
fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
def shown(seconds, until=lambda: False):
    seen, end = b"", time.time() + seconds
    while time.time() < end and not until():
        if select.select([outer], [], [], 0.05)[0]:
            seen += os.read(outer, 65536)
    return seen
def have(name):
    open(name, "w").close()
shown(2)
if off != "default":
    os.write(outer, f":set belloff={off}\r".encode())
os.write(outer, b":terminal sh ring.sh\r")
shown(15, lambda: os.path.exists("ready"))
shown(1)
os.write(outer, b"i")
shown(2)
have("ring")
alone = b"\a" in shown(5)
have("draw")
later = shown(2)
assert b"text" in later, "the behaviour changed: nothing is drawn"
rung = 7 in later
print(f"{version}, belloff {off or 'empty'}: within 5 s: {'rings' if alone else 'silent'}, with the next text: {'rings' if rung else 'silent'}")
os.kill(pid, 9)
if server:
    server.kill()
PY
for version in 0.7.2 0.12.4; do for off in default ''; do python3 outer.py $version "$off"; done; done | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
0.7.2, belloff default: within 5 s: silent, with the next text: rings
0.7.2, belloff empty: within 5 s: silent, with the next text: rings
0.12.4, belloff default: within 5 s: silent, with the next text: silent
0.12.4, belloff empty: within 5 s: silent, with the next text: rings
TOLD
