#!/usr/bin/env bash
# A full disk: nothing that is stored is lost, what does not fit is refused by name, and all is well
# again once there is room.
needs_mounts=1
source "$(dirname "$0")/lib/script.sh"
need dd df

disk=$work/disk
store=$disk/store
mkdir "$disk"
mount -t tmpfs -o size=24m tmpfs "$disk" || fail "a small tmpfs cannot be mounted"
mounts+=("$disk")

dd if=/dev/urandom of="$work/small" bs=1k count=300 status=none
dd if=/dev/urandom of="$work/medium" bs=1M count=7 status=none
dd if=/dev/urandom of="$work/large" bs=1M count=40 status=none

fill() {
    dd if=/dev/zero of="$disk/filler" bs=4k status=none 2>/dev/null || true
}

put() {
    expect "$1" put "$work/$2" --job "$3" --type custom
}

still_there() {
    lists first
    expect 0 verify
    expect 0 get first custom -o "$work/back"
    same "$work/back" "$work/small"
    rm "$work/back"
}

put 0 small first

echo "more than fits, streamed: refused while it is written"
put 3 large streamed
says "the disk is full"
[[ $(staged) == 0 ]] || fail "the refused upload left its file behind"
still_there

echo "more than fits, in one piece"
dd if=/dev/zero of="$disk/filler" bs=1M count=20 status=none
put 3 medium single
says "the disk is full"
[[ $(staged) == 0 ]] || fail "the refused object left its file behind"
still_there

echo "not a byte left"
fill
put 3 small full
says "the disk is full"
still_there
[[ $(find "$store/artifacts" -type f | wc -l) == 1 ]] || fail "something half is in the store"

echo "nor for an index"
rm -f "$store"/index.sqlite*
fill
still_there
says "memory"

echo "room again"
rm "$disk/filler"
put 0 medium again
lists first again
expect 1 get full custom -o "$work/none"
expect 0 verify
still_there

echo "only the index is on a full disk"
index_disk=$work/index-disk
mkdir "$index_disk"
mount -t tmpfs -o size=1m tmpfs "$index_disk" || fail "a second tmpfs cannot be mounted"
mounts+=("$index_disk")
mv "$store/index.sqlite" "$index_disk/"
rm -f "$store"/index.sqlite-*
ln -s "$index_disk/index.sqlite" "$store/index.sqlite"
lists first again
dd if=/dev/zero of="$index_disk/filler" bs=4k status=none 2>/dev/null || true
for n in 1 2 3; do
    put 0 small "unindexed-$n"
    lists first again "unindexed-$n"
    expect 0 get "unindexed-$n" custom -o "$work/back"
    same "$work/back" "$work/small"
    rm "$work/back"
done
rm "$index_disk/filler"
lists first again unindexed-1 unindexed-2 unindexed-3
expect 0 verify
echo "ok"
