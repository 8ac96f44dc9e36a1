#!/bin/sh
# Write requirements.txt, what `make install` installs, and docs/requirements.txt, what `make docs` adds to it, with the hashes of
# every file of each release (any platform). Versions come from constraints.txt. Needs uv on the PATH; run it after a change of
# setup.cfg or constraints.txt.
set -eu
cd "$(dirname "$0")/.."
pins() {
    for python in 3.11 3.12; do
        uv pip compile setup.cfg "$@" --constraint constraints.txt --python-version "$python" \
            --python-platform x86_64-manylinux_2_28 --generate-hashes --no-annotate --no-header --quiet --output-file ".pins-$python"
    done
    # what only the older one needs does the newer one no harm
    if grep -vxF -f .pins-3.11 .pins-3.12 >&2; then
        echo "Python 3.12 needs more than 3.11: $PWD/.pins-3.11 and .pins-3.12" >&2
        exit 1
    fi
    cat .pins-3.11
    rm .pins-3.11 .pins-3.12
}
head='# Written by scripts/pin_requirements.sh from setup.cfg'
pins --extra rtl --extra search --extra cluster --extra test > .pins
{ echo "$head [rtl,search,cluster,test] and constraints.txt; for pip install --require-hashes."; cat .pins; } > requirements.txt
pins --extra rtl --extra search --extra cluster --extra test --extra docs > .pins-docs
{
    echo "$head [docs] and constraints.txt, without what requirements.txt has; for pip install --require-hashes --no-deps."
    awk 'NR == FNR { seen[$1] = 1; next } /^[^ ]/ { new = !($1 in seen) } new' .pins .pins-docs
} > docs/requirements.txt
rm .pins .pins-docs
