#!/bin/sh
# Runs a script of web/package.json, on what its lock file says.
# Without Node nothing is checked or tested, and nothing built.
# Usage: scripts/web.sh check|test|build
set -eu

cd "$(dirname "$0")/../web"
installed=node_modules/.made-from.lock

# What vite asks for.
usable='const [a, b] = process.versions.node.split(".").map(Number);
process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'

if ! node -e "$usable" 2>/dev/null; then
    echo "jetbridge: web/ is left out: no Node 20.19 or newer on this machine" >&2
    [ "$1" != build ] || exit 1
    exit 0
fi

if ! cmp -s package-lock.json "$installed"; then
    echo "Making web/node_modules from package-lock.json" >&2
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    cp package-lock.json "$installed"
fi
exec npm run --silent "$1"
