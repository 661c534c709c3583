#!/usr/bin/env python3
"""Makes a small store the way the original Python library does, to try `qestore import` on.

Usage: make_original_store.py FOLDER
"""

import datetime
import gzip
import hashlib
import json
import pathlib
import sqlite3
import sys

TABLE = """
CREATE TABLE IF NOT EXISTS artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL,
    artifact_type TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    compressed_size_bytes INTEGER NOT NULL,
    compression_ratio REAL NOT NULL,
    storage_path TEXT NOT NULL,
    checksum TEXT NOT NULL,
    tags TEXT,
    retention_days INTEGER NOT NULL,
    expires_at TEXT NOT NULL
)
"""


def store(folder, index, job_id, artifact_type, data, tags, at, compress=True, days=30):
    path = folder / job_id / f"{artifact_type}.bin.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = gzip.compress(data, compresslevel=6) if compress else data
    path.write_bytes(stored)
    index.execute(
        "INSERT INTO artifacts (job_id, artifact_type, timestamp, size_bytes, compressed_size_bytes,"
        " compression_ratio, storage_path, checksum, tags, retention_days, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job_id,
            artifact_type,
            at.isoformat(),
            len(data),
            len(stored),
            len(stored) / len(data),
            str(path),
            hashlib.sha256(data).hexdigest(),
            json.dumps(tags),
            days,
            (at + datetime.timedelta(days=days)).isoformat(),
        ),
    )


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    index = sqlite3.connect(folder / "index.sqlite")
    index.execute(TABLE)
    first = datetime.datetime(2025, 11, 7, 12, 30, 45, 123456)
    for number in range(1, 4):
        at = first + datetime.timedelta(days=number)
        results = {"total": 150, "passed": 150 - number, "failed": number, "duration": 45.2}
        tags = {"env": "ci", "branch": "main", "coverage": 87.5}
        store(folder, index, f"build-{number}", "test_results", json.dumps(results).encode(), tags, at)
    later = at + datetime.timedelta(minutes=2)
    report = b"<html>87.5 %</html>" * 40
    store(folder, index, "build-3", "coverage_report", report, {}, later, compress=False)
    index.commit()
    index.close()


if __name__ == "__main__":
    main()
