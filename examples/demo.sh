#!/usr/bin/env bash
# The main job of qestore on real reports: store ten builds, find, compare, chart, keep, verify.
# Usage: examples/demo.sh PATH-TO-QESTORE
set -euo pipefail

qestore=$(realpath "${1:?give the path of the qestore command}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

bold=$'\e[1m' plain=$'\e[0m'
if [[ ! -t 1 || -n "${NO_COLOR:-}" ]]; then bold= plain=; fi
step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
run() {
    printf '$ qestore'
    printf ' %s' "${@@Q}" | sed "s/'\([A-Za-z0-9_.,:=\/-]*\)'/\1/g; s#$here/##g"
    printf '\n'
    "$qestore" "$@"
}
# The demo is not part of whatever CI job it may run in, and has no configuration but its own.
for name in CI GITHUB_ACTIONS GITLAB_CI JENKINS_URL CIRCLECI TF_BUILD BUILDKITE TRAVIS BITBUCKET_BUILD_NUMBER \
    TEAMCITY_VERSION DRONE GITEA_ACTIONS FORGEJO_ACTIONS QE_STORAGE_PATH QE_CONFIG QE_STORAGE_BACKEND \
    QE_RETENTION_TTL_DAYS QE_RETENTION_KEEP_LATEST; do unset "$name"; done

step '1. Store what ten builds of tomlkit left behind (examples/fill.sh): results, findings, benchmarks, logs.'
"$here/fill.sh" "$qestore"
run put --job tomlkit-next --tag branch=feature "$here/builds/tomlkit/10-0.14.0/junit.xml"

step '2. Find things: filters hold together, patterns and conditions are answered by the index.'
run ls --job 'tomlkit-0.1[34]*' --type test-results --tag branch=main
run ls --tag '!version' --min-size 50KB

step '3. Is it worse than main? The baseline is whatever main stored last.'
run compare tomlkit-next latest:branch=main test-results

step '4. How have the benchmarks grown?'
run trend performance-metrics --tag branch=main --limit 4 --svg trend.svg

step '5. What fills the disk, and what has compression won?'
run stats

step '6. Keep what matters, see what would go and why, then let it go. The log remembers.'
run pin tomlkit-0.12.0 --reason 'shipped to customers'
run cleanup --ttl 14d --keep-latest 3 --dry-run --explain |
    grep -E 'dry-run|^ |test-results|remove'
run cleanup --ttl 14d --keep-latest 3 | tail -n 3
run log

step '7. Read one page out of a stored HTML report; nothing else of it is unpacked.'
printf '$ qestore cat packaging-23.1 coverage-report index.html | grep pc_cov\n'
"$qestore" cat packaging-23.1 coverage-report index.html | grep -m1 -A1 pc_cov

step '8. No lock-in: a stored object opens with standard tools.'
object=$("$qestore" show tomlkit-0.14.0 build-logs --json |
    python3 -c 'import json,sys; d=json.load(sys.stdin); print(d.get("artifact", d)["storage_path"])')
if command -v zstd >/dev/null; then
    printf '$ zstd -dc .artifacts/%s | head -2\n' "$object"
    zstd -dc ".artifacts/$object" | head -2 || true
else
    printf '(zstd is not installed here; with it, zstd -dc .artifacts/%s prints the log)\n' "$object"
fi

step '9. Verify: read every byte back and compare it with its checksum.'
run verify

step 'Done. The store is a plain folder, and small:'
objects=$(find .artifacts/artifacts -type f -printf '%s\n' | python3 -c 'import sys; print(sum(map(int, sys.stdin)))')
content=$("$qestore" stats --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["total_size_bytes"])')
echo "$content bytes of reports are $objects bytes of objects: one $((content / objects))th"
