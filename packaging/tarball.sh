#!/usr/bin/env bash
# Makes dist/hss-top-VERSION-TARGET.tar.gz with the program, completions, manual pages, units and licence, and its SHA-256. The
# commit stands in `hss-top --version`. A software bill of materials is added where cargo-cyclonedx is installed, and the list of
# crates goes into the program where cargo-auditable is.
#
#   packaging/tarball.sh                # builds
#   packaging/tarball.sh PROGRAM        # takes a program that is built
set -euo pipefail
program=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n1)
target=$(rustc -vV | sed -n 's/^host: //p')
program=${program:-$(packaging/build.sh)}
name="hss-top-$version-$target"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
into="$root/$name"
install -D -m 755 "$program" "$into/bin/hss-top"
mkdir -p "$into/share/doc/hss-top" "$into/lib/systemd"
packaging/generate.sh "$program" "$into/share"
mv "$into/share/systemd" "$into/lib/systemd/system"
gzip -9n "$into"/share/man/man1/*.1
install -m 644 README.md CHANGELOG.md LICENSE SECURITY.md "$into/share/doc/hss-top/"
install -D -m 644 -t "$into/share/doc/hss-top/docs/" docs/*.md
if cargo cyclonedx --version >/dev/null 2>&1; then
    packaging/sbom.sh "$into/share/doc/hss-top/sbom.json"
fi
mkdir -p dist
# The same files make the same archive: order, owners and times are fixed.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" \
    -C "$root" -cf - "$name" | gzip -9n > "dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "dist/$name.tar.gz"
