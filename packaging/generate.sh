#!/usr/bin/env bash
# What a package has beside the program and is made by it: completions and manual pages, as they lie below /usr/share.
#
#   packaging/generate.sh PROGRAM FOLDER
set -euo pipefail
program=$1 into=$2
mkdir -p "$into/man/man1" "$into/zsh/site-functions" "$into/fish/vendor_completions.d" "$into/bash-completion/completions"
"$program" completions bash > "$into/bash-completion/completions/hss-top"
"$program" completions zsh > "$into/zsh/site-functions/_hss-top"
"$program" completions fish > "$into/fish/vendor_completions.d/hss-top.fish"
"$program" man > "$into/man/man1/hss-top.1"
for command in $("$program" --help | sed -n '/^Commands:/,/^Options:/s/^  \([a-z]*\) .*/\1/p'); do
    if [ "$command" != help ]; then
        "$program" man "$command" > "$into/man/man1/hss-top-$command.1"
    fi
done
