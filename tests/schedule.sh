#!/usr/bin/env bash
# A schedule by the real clock: the process waits for the next full minute, cleans up, tells it in one
# line, and goes on; cleanups on a full disk or in a read-only folder say so.
needs_mounts=1
source "$(dirname "$0")/lib/script.sh"

store=$work/store
echo "content" >"$work/report.txt"
expect 0 put "$work/report.txt" --job old --type custom --time 40d
expect 0 put "$work/report.txt" --job new --type custom

"$work/qestore" --store "$store" cleanup --schedule '* * * * *' --ttl 30d --keep-latest 1 >"$work/log" &
runner=$!
for _ in $(seq 80); do
    grep -q "cleanup removed" "$work/log" && break
    sleep 1
done
kill "$runner"
wait "$runner" 2>/dev/null || true
mapfile -t lines <"$work/log"
instant='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}Z'
[[ ${lines[0]} =~ ^$instant\ \ next\ cleanup\ at\ $instant$ ]] || fail "the first line is: ${lines[0]}"
[[ ${lines[1]} =~ ^$instant\ \ cleanup\ removed\ 1\ artifact,\ .*\ freed\ in\  ]] || fail "the run is: ${lines[1]:-}"
[[ ${lines[2]} =~ next\ cleanup\ at ]] || fail "it does not go on: ${lines[2]:-}"
lists new
expect 1 exists old custom

# Nothing can be recorded where nothing can be written: nothing goes.
expect 0 put "$work/report.txt" --job old --type custom --time 40d
mount --bind "$store" "$store"
mounts+=("$store")
mount -o remount,bind,ro "$store"
expect 0 cleanup --dry-run --ttl 30d --keep-latest 1
grep -q "would remove 1 artifact" <<<"$out" || fail "only looking: $out"
expect 3 cleanup --ttl 30d --keep-latest 1
says "read-only"
expect 0 exists old custom
