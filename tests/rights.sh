#!/usr/bin/env bash
# Stores that may only be read, or not at all, and stores of a newer version: clear errors, nothing
# lost.
needs_mounts=1
source "$(dirname "$0")/lib/script.sh"
need setpriv

# Someone without root's powers: another user, or where there is no other, ourselves without them.
if setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
    nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
else
    nobody=(setpriv --securebits=+noroot --inh-caps=-all --bounding-set=-all)
    "${nobody[@]}" true || fail "setpriv can neither change the user nor drop rights: run as root"
fi

as_nobody() {
    chmod -R a-w "$store"
    as=("${nobody[@]}")
}

as_owner() {
    as=()
    chmod -R u+w "$store"
}

store=$work/store
echo "content" >"$work/report.txt"
expect 0 put "$work/report.txt" --job first --type custom

readable_and_no_more() {
    lists first
    expect 0 get first custom -o -
    [[ $out == content ]] || fail "other content came back: $out"
    expect 0 verify
    expect 3 put "$work/report.txt" --job second --type custom
    says "$1"
    expect 3 rm first custom
    expect 0 exists first custom
}

echo "another user's store, its index as the last writer left it"
as_nobody
readable_and_no_more "permission"
as_owner

echo "an index that cannot be opened without writing: one in memory instead, and a note"
rm -f "$store"/index.sqlite-*
as_nobody
lists first
says "memory"
readable_and_no_more "permission"
as_owner
rm "$store/index.sqlite"
as_nobody
lists first
says "memory"
as_owner
lists first

echo "an index that lacks a row, and cannot be given it"
mv "$store/index.sqlite" "$work/older.sqlite"
rm -f "$store"/index.sqlite-*
expect 0 put "$work/report.txt" --job again --type custom
rm -f "$store"/index.sqlite*
mv "$work/older.sqlite" "$store/index.sqlite"
: >"$store/index.sqlite-wal"
as_nobody
lists first again
says "memory"
as_owner
lists first again

echo "a read-only mount"
mkdir "$work/mounted"
mount --bind "$store" "$work/mounted" && mount -o remount,bind,ro "$work/mounted" ||
    fail "a read-only mount cannot be made"
mounts+=("$work/mounted")
whole=$store store=$work/mounted
lists first
readable_and_no_more "read-only"
store=$whole
umount "$work/mounted"

echo "a folder that may not be entered"
as_nobody
chmod 000 "$store"
expect 3 ls
says "permission"
says "$store"
expect 3 put "$work/report.txt" --job second --type custom
says "permission"
chmod 755 "$store"
as_owner

echo "a folder in which none may be made"
whole=$store store=$work/closed
mkdir "$store"
as_nobody
store=$work/closed/new
expect 3 put "$work/report.txt" --job second --type custom
says "permission"
[[ ! -e $store ]] || fail "the refused store was made"
as=() store=$whole

echo "an object that may not be read"
object=$(find "$store/artifacts" -type f | sort | head -1)
as_nobody
chmod 000 "$object"
run get first custom -o -
[[ $code == 3 ]] || fail "get ended with $code: $err"
says "first"
says "permission"
chmod 644 "$object"
as_owner

echo "a file of a tree that may not be read is named"
mkdir "$work/tree" "$work/theirs"
chmod 777 "$work/theirs"
echo a >"$work/tree/readable"
echo b >"$work/tree/secret"
chmod 000 "$work/tree/secret"
as=("${nobody[@]}") whole=$store store=$work/theirs/store
run put "$work/tree" --job tree --type custom
[[ $code == 3 ]] || fail "put ended with $code: $err"
says "tree/secret"
says "permission"
run put "$work/tree/secret" --job tree --type custom
[[ $code == 3 ]] || fail "put ended with $code: $err"
says "tree/secret"
[[ $(find "$store/artifacts" -type f 2>/dev/null | wc -l) == 0 ]] || fail "half a tree was stored"
[[ $(staged) == 0 ]] || fail "the refused tree left its file behind"
as=() store=$whole

echo "stores of a newer version"
cp "$store/qestore.json" "$work/qestore.json"
newer() {
    python3 - "$work/qestore.json" "$store/qestore.json" "$1" <<'PYTHON'
import json, sys
store = json.load(open(sys.argv[1])) | json.loads(sys.argv[3])
json.dump(store, open(sys.argv[2], "w"))
PYTHON
    before=$(find "$store" -type f ! -name 'index.sqlite*' -exec sha256sum {} + | sort)
    for command in "ls" "get first custom" "verify" "reindex" "rm first custom" \
        "put $work/report.txt --job second --type custom"; do
        # shellcheck disable=SC2086
        expect 3 $command
        says "newer version of qestore"
        says "$2"
    done
    after=$(find "$store" -type f ! -name 'index.sqlite*' -exec sha256sum {} + | sort)
    [[ $before == "$after" ]] || fail "a store of a newer version was changed"
}
need python3
newer '{"format": 99}' "format 99"
newer '{"requires": ["x"]}' '"x"'
cp "$work/qestore.json" "$store/qestore.json"
lists first again
expect 0 verify
echo "ok"
