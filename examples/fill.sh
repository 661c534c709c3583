#!/usr/bin/env bash
# Fills the store that is found here with what ten builds of tomlkit left behind, three days apart,
# and one HTML coverage report. Usage: examples/fill.sh [PATH-TO-QESTORE]
set -euo pipefail

qestore=${1:-qestore}
builds=$(cd "$(dirname "$0")/builds" && pwd)
age=27
for build in "$builds"/tomlkit/*/; do
    version=$(basename "$build" | sed 's/^[0-9]*-//')
    "$qestore" --quiet put --job "tomlkit-$version" --time "${age}d" \
        --tag branch=main --tag "version=$version" \
        "$build"junit.xml "$build"bandit.sarif "$build"benchmark.json "$build"build.log
    age=$((age - 3))
done
"$qestore" --quiet put --job packaging-23.1 --tag branch=main "$builds/packaging/03-23.1/htmlcov"
