#!/usr/bin/env bash
# Emacs 30.2 (Debian sid), M-x ansi-term, beside tmux 3.3a: `CSI n G`, the move to a column.
#
# Expected: columns are counted from 1, as in `CSI row ; column H`, so `CSI 20 G` on row 2 and `CSI 2 ; 20 H` are the same place.
# Seen on 2026-11-30: ansi-term counts from 0 for G and from 1 for H. `CSI 20 G` goes to column 21, and `CSI 1 G` to column 2; `CSI G`,
# without a number, goes to column 1. term.el of 28.2 (Debian 12) has the same line; not run here.
# Why it matters: what a program draws behind such a move is one cell to the right of what it drew by H: columns of a table do not meet
# their heading, and an old digit stays in front of a new number: "old 197%" with a new number reads "old 1 97%". crossterm has the
# move as MoveToColumn. eterm-color, the terminfo entry, does not have it (hpa): a program without terminfo should use H, C and D.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] || { echo "the pinned packages are for amd64"; exit 1; }
folder=$(mktemp -d)
trap 'old/usr/bin/tmux -S "$folder/t" kill-server 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
unset TMUX STY
apt-get download -qq tmux=3.3a-3 2> /dev/null
dpkg-deb -x tmux_*.deb old
while read -r sum address; do
    file=new-${address##*/}
    curl -sSf -o "$file" "http://deb.debian.org/debian/pool/main/$address"
    echo "$sum  $file" | sha256sum --quiet -c
    dpkg-deb -x "$file" new
    rm "$file"
done <<'PACKAGES'
e9da0e00387e31c1709b70497f1eda91389c962c3940e6d233d4c57f5ea6f635 a/acl/libacl1_2.4.0-1_amd64.deb
0d6981040d02b9a714074476634284b9cfed2318a4db1352e3a1a790698125e4 a/alsa-lib/libasound2t64_1.2.16.1-2_amd64.deb
85bd8c3276826f03541c12474889c504a3cfacc89d414222cd907247c3f536d0 a/attr/libattr1_2.6.0-1_amd64.deb
fde27a2a5fb7f18c3332a548cfe3d670922cef175b98f5a33f0d16d7dcfd2049 d/dbus/libdbus-1-3_1.16.2-8_amd64.deb
85fd8c7bb4058d804354020a3eeae8391a4f5160df5b2556b7aeab713a48b466 e/emacs/emacs-common_30.2%2b1-11_all.deb
cbec447e0bc42e9ac5ee4d7a28940e4b4e46cb8e5b9c237af33281973a905d9a e/emacs/emacs-nox_30.2%2b1-11_amd64.deb
0fc1ad19ea59d8e735861a9b6aa6b81f5d143666ac2a91933c65d7bbc901952b g/gcc-15/libgccjit15_15.3.0-5_amd64.deb
d251ea642c3795e8723ac2b9eeebe511467ca04590ba70f3d555a7616787d7e3 g/gcc-16/libgcc-s1_16.2.0-4_amd64.deb
cef6654bba1daece0bc0dbe0e3f69fa5a26eb6ba139f3536e6f4806bd787f3e7 g/gcc-16/libstdc%2b%2b6_16.2.0-4_amd64.deb
5c71715c51103beb4fbba9fe9f8dff604af6610dfa71c70bff342f54a7860803 g/glibc/libc6_2.43-7_amd64.deb
032743c787f0e1e644e4dcfbdb38f01be8cb150cb9633f8be5e79aba6938f349 g/gmp/libgmp10_6.3.0%2bdfsg-5%2bb2_amd64.deb
81f7f28a3968228293cabf6a92f7d6b2a8807f64ccf57469f2ce9a06b7b226af g/gnutls28/libgnutls30t64_3.8.13-1_amd64.deb
eaa87b5ead36192bc0479e9a5589377a6fe4cbfd507236704fd8f342893e4c3f g/gpm/libgpm2_1.20.7-12%2bb2_amd64.deb
feec9d37a3dcdccb0c3846ff96004007c9935363df00f052e6570d35b94deb1c i/isl/libisl23_0.28-1_amd64.deb
0a2eaf7d2cec92bf8017de8a6f4a5ef31cb2dc6c0ef5400d602a350c8bd4d740 l/lcms2/liblcms2-2_2.19.1-1_amd64.deb
8f52979b2f3831088c419aae858f10fd3ad7e42cc6c1d28967bae996a98223a4 libf/libffi/libffi8_3.8.0-2_amd64.deb
25a38f7d9ba5bb3daf47a21ad5d348303e602f3c9037a48d621683fe87e7ce28 libi/libidn2/libidn2-0_2.3.8-5_amd64.deb
12c9fc5222e3f4e727793da05f37a5981aaa9cb8e455a8654cb78a15db66ae22 libs/libselinux/libselinux1_3.11-2.1%2bb1_amd64.deb
097059368c29f6bac5253cc9a4ee3b8c2f449326de016feddf5a00b896fabe49 libt/libtasn1-6/libtasn1-6_4.21.0-2%2bb1_amd64.deb
509fb596f6b4de34f1d9cb5a0001abc3c6c51f4800e908ef888262ebdaaefa3b libu/libunistring/libunistring5_1.4.2-1_amd64.deb
f2b4d9acff743ff71f5409ae301452ebbb37d0d8709cf46fc9ec755d7df803ff libx/libxml2/libxml2-16_2.15.4%2bdfsg-1%2bb1_amd64.deb
93e7930e4c25b918f1dd980cc1c6d4487654a248f5fa71eacb976ed7bbe954bd libz/libzstd/libzstd1_1.5.7%2bdfsg-4_amd64.deb
eb6113ed366a8abdea9a85040dbdfabb753a1a0637071491968cf92d4858569c m/mpclib3/libmpc3_1.3.1-3_amd64.deb
2beaa9e1f5c842184bfdcf78bd7a3d3e123256b2b5d13a9200d4e8c4bfd15f95 m/mpfr4/libmpfr6_4.2.2-3_amd64.deb
14682d1f6e35df22df0fe1eb2c09418aff0e29e2ea5a7bc0aa1bcd37192ba5a7 n/ncurses/libtinfo6_6.6%2b20260608-2_amd64.deb
d5872392a9d3b9b6e06f3dbd07a3f954346226d9fa2f318c4a3b5732b060fc44 n/nettle/libhogweed6t64_3.10.2-1%2bb1_amd64.deb
213f9f0119cd63efc2529401547bad5f6d2cea4cae5d05cffdef22f19aabb30e n/nettle/libnettle8t64_3.10.2-1%2bb1_amd64.deb
7f6187247766dca57582c4fa327928fb612de3cd17a13786c1762c57357b4930 p/p11-kit/libp11-kit0_0.26.5-1_amd64.deb
854da48a72f55b3f6f20389b58a3e94bddd06dc02b2a9fadd006ccd0048d14ab p/pcre2/libpcre2-8-0_10.49-1_amd64.deb
bbf13c9326764d05e37e6590debdaa6f33af6bd822e3ca1204789d9d1dc23b11 s/sqlite3/libsqlite3-0_3.53.4-2_amd64.deb
7fc74653ff64a71e97e0d6d7c0cbb195a62ec0d3a13a7263dd37369494dfcc42 s/systemd/libsystemd0_262.1-1_amd64.deb
0b9a68f1d790b7999beff053711702e5a450a643e8155c0ad10cd37b08ca66e7 t/tree-sitter/libtree-sitter0.26_0.26.11-1_amd64.deb
8506ce550a81ac14b047608e0df121037d9cbb10c3cc28446f68cf8c1d9d31ce z/zlib/zlib1g_1.3.dfsg%2breally1.3.2-4_amd64.deb
PACKAGES
new=$folder/new/usr
libraries=$new/lib/x86_64-linux-gnu
cat > emacs <<SH
#!/bin/sh
export EMACSLOADPATH=$new/share/emacs/30.2/lisp: EMACSDATA=$new/share/emacs/30.2/etc EMACSDOC=$new/share/emacs/30.2/etc
exec $libraries/ld-linux-x86-64.so.2 --library-path $libraries $new/bin/emacs-nox --dump-file=$(echo "$new"/libexec/emacs/30.2/*/*.pdmp) "\$@"
SH
chmod 755 emacs
./emacs --version 2> /dev/null | sed -n 1p
cat > draw.sh <<'SH'
#!/bin/sh
stty raw -echo
printf 'a\033[20G97%%|\r\nb\033[2;20H97%%|\r\nc\033[18C97%%|\r\nd\033[1Gx\r\ne\033[Gx\r\nold 197%%\033[5G 97%%\r\n'
sleep 60
SH
chmod 755 draw.sh
export LC_ALL=C.UTF-8 HOME=$folder
shown() { # a name, the command, how many rows are above
    old/usr/bin/tmux -S "$folder/t" -f /dev/null new-session -d -x 60 -y 20 "$2"
    sleep 5
    old/usr/bin/tmux -S "$folder/t" capture-pane -p | sed -n "$(($3 + 1)),$(($3 + 6))s/^/$1: /p"
    old/usr/bin/tmux -S "$folder/t" kill-server
    sleep 0.5
}
{
    shown ansi-term "env TERM=xterm-256color ./emacs -Q --eval '(ansi-term \"$folder/draw.sh\")'" 1
    shown tmux ./draw.sh 0
} | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
ansi-term: a                   97%|
ansi-term: b                  97%|
ansi-term: c                  97%|
ansi-term: dx
ansi-term: x
ansi-term: old 1 97%
tmux: a                  97%|
tmux: b                  97%|
tmux: c                  97%|
tmux: x
tmux: x
tmux: old  97%
TOLD
