#!/bin/sh
# Write requirements.txt: what `make install` installs, with the hashes of every file of each release (any platform).
# Versions come from constraints.txt. Needs uv on the PATH; run it after a change of setup.cfg or constraints.txt.
set -eu
cd "$(dirname "$0")/.."
head='# Written by scripts/pin_requirements.sh from setup.cfg [rtl,test] and constraints.txt; for pip install --require-hashes.'
for python in 3.11 3.12; do
    uv pip compile setup.cfg --extra rtl --extra test --constraint constraints.txt --python-version "$python" \
        --python-platform x86_64-manylinux_2_28 --generate-hashes --no-annotate --no-header --quiet --output-file ".pins-$python"
done
cmp .pins-3.11 .pins-3.12 || { echo "the two Pythons need different files: $PWD/.pins-3.11 and .pins-3.12" >&2; exit 1; }
{ echo "$head"; cat .pins-3.12; } > requirements.txt
rm .pins-3.11 .pins-3.12
