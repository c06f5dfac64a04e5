#!/bin/sh
# Makes .venv hold what the lock files say. Does nothing when it already does.
# Usage: scripts/environment.sh [PYTHON]
set -eu

python=${1:-python3}
venv=.venv
made_from=$venv/.made-from.lock

fail() {
    echo "jetbridge: $1" >&2
    exit 1
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

version=$(version_of "$python") || version=""

if cmp -s requirements.lock "$made_from" 2>/dev/null && [ -x "$venv/bin/jetbridge" ]; then
    [ -z "$version" ] || [ "$version" = "$(version_of "$venv/bin/python")" ] && exit 0
fi

hint="Install Python 3.11 or newer, or say which one to use: make PYTHON=python3.12"
[ -n "$version" ] || fail "$python does not run. $hint"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$python is Python $version, too old. $hint"

if command -v uv >/dev/null 2>&1; then
    echo "Making $venv from uv.lock with uv" >&2
    uv sync --quiet --locked --all-extras --all-groups \
        --python "$("$python" -c 'import sys; print(sys.executable)')"
else
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python has no venv module. On Debian and Ubuntu: apt install python3-venv"
    echo "Making $venv from requirements.lock with pip (a minute or two)" >&2
    "$python" -m venv --clear "$venv"
    pip="$venv/bin/python -m pip --quiet --disable-pip-version-check --no-input"
    $pip install --require-hashes -r requirements.lock
    $pip install --no-deps --no-build-isolation --editable .
fi
cp requirements.lock "$made_from"
