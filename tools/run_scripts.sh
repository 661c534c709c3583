#!/usr/bin/env bash
# Runs every script test against the real command; a script that cannot be set up fails.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --package qestore-cli
target=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
export QESTORE_BIN="$target/debug/qestore"
passed=0 failed=0
for script in tools/check_format.sh tests/*.sh; do
    printf '%s ... ' "$script"
    log=$(mktemp)
    if bash "$script" >"$log" 2>&1; then
        echo ok
        passed=$((passed + 1))
    else
        echo FAILED
        sed 's/^/    /' "$log"
        failed=$((failed + 1))
    fi
    rm -f "$log"
done
echo "$passed passed, $failed failed"
((failed == 0))
