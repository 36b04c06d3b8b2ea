#!/bin/sh
# Writes the parts named in a list (main.css unless another is named), in that order, into one file. cargo-leptos minifies
# CSS but leaves @import alone, and an import left in costs the phone another round trip for each part.
set -eu
here=$(dirname -- "$0")
out=${1:-"$here/../target/style/waypost.css"}
list=${2:-main.css}
mkdir -p "$(dirname -- "$out")"
sed -n 's/^@import "\(.*\)";$/\1/p' "$here/$list" | while read -r part; do
    cat "$here/$part"
done > "$out.part"
# Replaced only when it differs, so that a build which changed no style stays up to date.
if cmp -s "$out.part" "$out"; then rm "$out.part"; else mv "$out.part" "$out"; fi
