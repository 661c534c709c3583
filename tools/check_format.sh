#!/usr/bin/env bash
# Proves docs/FORMAT.md: a second reader and the standard tools read every kept object of version 1
# and find in it what it was stored with; and the second reader finds damage.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in python3 zstd gzip tar; do
    command -v "$tool" >/dev/null || { echo "$tool is missing: install it" >&2; exit 1; }
done
python3 - <<'PYTHON'
import hashlib
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, "tools")
from read_object import Damaged, read_object

KEPT = pathlib.Path("crates/qestore/tests/fixtures/v1")
# The names that the library gives to what the format calls otherwise.
NAMES = {"created_at": "timestamp", "sha256": "checksum"}


def run(*command, stdin):
    done = subprocess.run(command, input=stdin, capture_output=True)
    assert done.returncode == 0, (command, done.stderr)
    assert not done.stderr, (command, done.stderr)
    return done.stdout


def same_metadata(found, expected):
    for field, value in found.items():
        name = NAMES.get(field, field)
        if name in expected:
            assert value == expected[name], (field, value, expected[name])
    for field in ("id", "job_id", "tags", "size_bytes", "sha256", "created_at"):
        assert field in found, field
    days = None if "ttl_seconds" not in found else found["ttl_seconds"] / 86_400
    assert days == expected["retention_days"]


def standard_tools(path, data, members, content):
    tool = "zstd" if path.suffix == ".zst" else "gzip"
    assert run(tool, "-dc", stdin=data) == content, f"{tool} -d gives other content"
    if members is None:
        return
    listed = run("tar", f"--{tool}", "--quoting-style=literal", "-tf", "-", stdin=data).decode().splitlines()
    paths = [m["path"] + ("/" if m["kind"] == "folder" else "") for m in members]
    assert listed == paths, (listed, paths)
    for member in members[:3] + members[-3:]:
        if member["kind"] == "file":
            file = run("tar", f"--{tool}", "-xOf", "-", member["path"], stdin=data)
            assert hashlib.sha256(file).hexdigest() == member["sha256"], member["path"]


def damage_is_found(data):
    for at in {*range(0, len(data), max(1, len(data) // 40)), *range(max(0, len(data) - 20), len(data))}:
        for damaged in (data[:at], data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1:]):
            try:
                read_object(damaged)
            except (Damaged, ValueError):
                continue
            raise AssertionError(f"damage at byte {at} was not found")


expected = json.loads((KEPT / "expected.json").read_text(encoding="utf-8"))
objects = sorted((KEPT / "objects").iterdir())
assert [path.name for path in objects] == sorted(expected["objects"])
for path in objects:
    data = path.read_bytes()
    metadata, members, content = read_object(data)
    known = expected["objects"][path.name]
    same_metadata(metadata, known["metadata"])
    if members is not None:
        assert members[:20] == known["members"], path
    standard_tools(path, data, members, content)
    if len(data) < 3000 and len(content) < 100_000:
        damage_is_found(data)

for known in expected["store"]["artifacts"]:
    metadata, _, _ = read_object((KEPT / "store" / known["storage_path"]).read_bytes())
    same_metadata(metadata, known)
for event in (KEPT / "store/events").rglob("*.json"):
    event_id = event.stem
    assert json.loads(event.read_text())["id"] == event_id
print(f"{len(objects)} objects and a store are read by FORMAT.md and by standard tools")
PYTHON
