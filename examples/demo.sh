#!/usr/bin/env bash
# The main job of qestore on real reports: store ten builds, list, look, read, verify.
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
    printf '$ qestore %s\n' "$*"
    "$qestore" "$@"
}
# The demo is not part of whatever CI job it may run in.
for name in CI GITHUB_ACTIONS GITLAB_CI JENKINS_URL CIRCLECI TF_BUILD BUILDKITE TRAVIS BITBUCKET_BUILD_NUMBER \
    TEAMCITY_VERSION DRONE GITEA_ACTIONS FORGEJO_ACTIONS QE_STORAGE_PATH; do unset "$name"; done

step '1. Store what ten builds of tomlkit left behind: results, findings, benchmarks, logs.'
stored=0
for build in "$here"/builds/tomlkit/*/; do
    version=$(basename "$build" | sed 's/^[0-9]*-//')
    put=(put --job "tomlkit-$version" --tag branch=main --tag "version=$version"
        "$build"junit.xml "$build"bandit.sarif "$build"benchmark.json "$build"build.log)
    if ((stored == 0)); then
        run "${put[@]}" 2>&1 | sed "s#$here/##g"
    else
        "$qestore" --quiet "${put[@]}"
    fi
    stored=$((stored + 1))
done
echo "… and the same for $((stored - 1)) more builds"

step '2. Store a folder: the HTML coverage report of another package becomes one artifact, a tree.'
run put --job packaging-23.1 --tag branch=main "$here/builds/packaging/03-23.1/htmlcov" | sed "s#$here/##g"

step '3. Find things: the newest test results of main, newest first.'
run ls --type test-results --tag branch=main --limit 5

step '4. Look at one: everything that is known of it.'
run show tomlkit-0.14.0 test-results

step '5. Read one page out of the stored tree; nothing else of it is unpacked.'
printf '$ qestore cat packaging-23.1 coverage-report index.html | grep pc_cov\n'
"$qestore" cat packaging-23.1 coverage-report index.html | grep -m1 -A1 pc_cov

step '6. No lock-in: a stored object opens with standard tools.'
object=$("$qestore" show tomlkit-0.14.0 build-logs --json |
    python3 -c 'import json,sys; d=json.load(sys.stdin); print(d.get("artifact", d)["storage_path"])')
if command -v zstd >/dev/null; then
    printf '$ zstd -dc .artifacts/%s | head -2\n' "$object"
    zstd -dc ".artifacts/$object" | head -2 || true
else
    printf '(zstd is not installed here; with it, zstd -dc .artifacts/%s prints the log)\n' "$object"
fi

step '7. Verify: read every byte back and compare it with its checksum.'
run verify

step 'Done. The store is a plain folder, and small:'
objects=$(find .artifacts/artifacts -type f -printf '%s\n' | python3 -c 'import sys; print(sum(map(int, sys.stdin)))')
reports=$(find "$here/builds" -type f -printf '%s\n' | python3 -c 'import sys; print(sum(map(int, sys.stdin)))')
echo "$reports bytes of reports are $objects bytes of objects: one $((reports / objects))th"
