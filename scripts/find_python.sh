#!/bin/sh
# Print the first Python 3.11 or 3.12 among the installed ones that has the venv module; say what is missing otherwise.
for python in "$PYTHON" python3.12 python3.11 python3 python; do
    [ -n "$python" ] || continue
    "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null || continue
    echo "$python"
    exit 0
done
found=$(python3 --version 2>/dev/null || echo "no python3")
echo "codesign needs Python 3.11 or 3.12 with venv (found: $found); install one (Debian/Ubuntu: apt install python3 python3-venv)," \
     "or name it: make PYTHON=/path/to/python3.12 demo" >&2
exit 1
