#!/usr/bin/env bash
# What a package has beside the program, as it lies below /usr/share: completions and manual pages, which the program makes; and
# below systemd/ the units, for a program in /usr/bin.
#
#   packaging/generate.sh PROGRAM FOLDER
set -euo pipefail
program=$(realpath "$1") into=$2
here=$(dirname "$(realpath "$0")")
rm -rf "$into/man" "$into/systemd"
mkdir -p "$into/man/man1" "$into/zsh/site-functions" "$into/fish/vendor_completions.d" "$into/bash-completion/completions" \
    "$into/systemd"
"$program" completions bash > "$into/bash-completion/completions/hss-top"
"$program" completions zsh > "$into/zsh/site-functions/_hss-top"
"$program" completions fish > "$into/fish/vendor_completions.d/hss-top.fish"
# The page of a command, and those of the commands below it, which its page names.
page() {
    local below
    "$program" man "$@" > "$into/man/man1/$(IFS=-; echo "hss-top${*:+-$*}").1"
    for below in $("$program" "$@" --help | sed -n '/^Commands:/,/^Options:/s/^  \([a-z]*\) .*/\1/p'); do
        if [ "$below" != help ]; then
            page "$@" "$below"
        fi
    done
}
page
install -m 644 "$here"/systemd/* "$into/systemd/"
sed 's#^ExecStart=/usr/local/bin/#ExecStart=/usr/bin/#' "$here/../assets/systemd/hss-top@.service" > "$into/systemd/hss-top@.service"
chmod 644 "$into/systemd/hss-top@.service"
