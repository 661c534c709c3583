//! The tables of the index. The index is never migrated: another version is built anew.

/// Says in the file's header that it is ours: "QEst".
pub(super) const APPLICATION_ID: i32 = 0x5145_7374;
/// Raise it with every change of the tables or of what they mean.
pub(super) const VERSION: i32 = 3;

pub(super) const TABLES: &str = "
CREATE TABLE artifacts (
    row           INTEGER PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE,
    job_id        TEXT    NOT NULL,
    artifact_type TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    media_type    TEXT    NOT NULL,
    created_at    INTEGER NOT NULL, -- microseconds since 1970, UTC
    expires_at    INTEGER,          -- the same; by its own limit only
    ttl_seconds   INTEGER,
    keep_forever  INTEGER NOT NULL,
    pinned        INTEGER NOT NULL,
    held_until    INTEGER,          -- microseconds since 1970, UTC
    size_bytes    INTEGER NOT NULL,
    stored_bytes  INTEGER NOT NULL,
    sha256        BLOB    NOT NULL,
    codec         TEXT    NOT NULL,
    members       INTEGER,
    tags          TEXT    NOT NULL, -- JSON object
    key           TEXT    NOT NULL,
    current       INTEGER NOT NULL  -- 0: superseded by a newer one of the same job, type, name
) STRICT;
-- One index for each way of asking, in the order of the answers. `current` comes last in each: what
-- is superseded is skipped without a look at its row, and found again when it is asked for.
CREATE INDEX artifacts_by_version ON artifacts (job_id, artifact_type, name, id, current);
CREATE INDEX artifacts_by_time    ON artifacts (created_at, id, current);
CREATE INDEX artifacts_by_type    ON artifacts (artifact_type, created_at, id, current);
CREATE INDEX artifacts_by_job     ON artifacts (job_id, created_at, id, current);
CREATE INDEX artifacts_by_name    ON artifacts (name, created_at, id, current);

CREATE TABLE tags (
    key        TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    PRIMARY KEY (key, value, created_at, id)
) STRICT, WITHOUT ROWID;

-- Artifacts that an event removed: an object found later under such an id stays unseen.
CREATE TABLE removed (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE events (id BLOB PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
";
