#!/usr/bin/env bash
# Neovim 0.12.4 (Debian sid), `:terminal`: its report of dark or light lacks the question mark of its own answer.
#
# Expected: after `CSI ? 2031 h`, a change of 'background' is reported as `CSI ? 997 ; 2 n`: the form of Contour's
# specification, of kitty, foot, VTE and tmux, and of Neovim's own answer to `CSI ? 996 n`.
# Seen on 2026-11-30: it answers `CSI ? 996 n` with `CSI ? 997 ; 1 n`, but reports the change as `CSI 997 ; 2 n`. The
# background (OSC 11) is the new one.
# Why it matters: a dashboard in an editor's terminal waits for a report that never comes in the documented form.
# Accepting both forms is safe: no other report has this number.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] || { echo "the pinned packages are for amd64"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
while read -r sum address; do
    file=${address##*/}
    curl -sSf -o "$file" "http://deb.debian.org/debian/pool/main/$address"
    echo "$sum  $file" | sha256sum --quiet -c
    dpkg-deb -x "$file" root
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
libraries="$folder/root/usr/lib/x86_64-linux-gnu"
neovim() {
    HOME="$folder" VIMRUNTIME="$folder/root/usr/share/nvim/runtime" LC_ALL=C.UTF-8 "$libraries/ld-linux-x86-64.so.2" \
        --library-path "$libraries" "$folder/root/usr/bin/nvim" --headless --clean "$@"
}
neovim --version | grep -qx 'NVIM v0.12.4' || { echo "this is about Neovim 0.12.4"; exit 1; }
cat > ask.py <<'PY'
import os, select, time, tty
terminal = os.open("/dev/tty", os.O_RDWR)
tty.setraw(terminal)

def asked(what, question):
    os.write(terminal, question)
    seen, end = b"", time.time() + 1
    while time.time() < end:
        if select.select([terminal], [], [], 0.05)[0]:
            seen += os.read(terminal, 4096)
    print(what, repr(seen), sep="\t", file=log)

log = open("answers", "w", buffering=1)
asked("dark", b"\x1b[?2031h\x1b[?996n\x1b]11;?\x07")
open("ready", "w")
while not os.path.exists("is-light"):
    time.sleep(0.05)
asked("report", b"")
asked("light", b"\x1b[?996n\x1b]11;?\x07")
open("done", "w")
PY
cat > steps.lua <<'LUA'
local function wait_for(name)
    assert(vim.wait(10000, function() return vim.uv.fs_stat(name) ~= nil end), name)
end
vim.o.background = "dark"
vim.cmd("terminal python3 ask.py")
wait_for("ready")
vim.o.background = "light"
vim.fn.writefile({}, "is-light")
wait_for("done")
vim.cmd("qall!")
LUA
neovim -c "luafile steps.lua"
cat answers
python3 - <<'PY'
dark, report, light = (eval(line.split("\t")[1]) for line in open("answers"))
assert b"\x1b[?997;1n" in dark and b"\x1b[?997;2n" in light, "the behaviour changed: the answer has another form"
assert report == b"\x1b[997;2n", "the behaviour changed: the report has another form"
assert b"]11;rgb:ffff/ffff/ffff" in light, "the behaviour changed: the background"
PY
