//! The tables of the index. The index is never migrated: another version is built anew.

/// Says in the file's header that it is ours: "QEst".
pub(super) const APPLICATION_ID: i32 = 0x5145_7374;
/// Raise it with every change of the tables or of what they mean.
pub(super) const VERSION: i32 = 3;

const TABLES: &str = "
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
-- is superseded is skipped without a look at its row, and found again when it is asked for. Sizes
-- are there to be compared and added up without one.
CREATE INDEX artifacts_by_version ON artifacts (job_id, artifact_type, name, id, current);
CREATE INDEX artifacts_by_time    ON artifacts (created_at, id, current, size_bytes);
CREATE INDEX artifacts_by_type    ON artifacts (artifact_type, created_at, id, current, size_bytes);
CREATE INDEX artifacts_by_job     ON artifacts (job_id, created_at, id, current);
CREATE INDEX artifacts_by_name    ON artifacts (name, created_at, id, current);
CREATE INDEX artifacts_by_size    ON artifacts (size_bytes, created_at, id, current);
CREATE INDEX artifacts_by_expiry  ON artifacts (expires_at, id, current, stored_bytes)
    WHERE expires_at IS NOT NULL;
CREATE INDEX artifacts_superseded ON artifacts (id) WHERE current = 0;
CREATE INDEX artifacts_protected  ON artifacts (created_at, id, current)
    WHERE pinned = 1 OR held_until IS NOT NULL;

CREATE TABLE tags (
    key        TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    PRIMARY KEY (key, value, created_at, id)
) STRICT, WITHOUT ROWID;

-- Sums by type and day, kept by the triggers below, so that statistics need not read the artifacts.
-- `day` is that of `expires_at` where an artifact has a limit of its own (lifetime 1), else that of
-- `created_at` (0: the policy decides, 2: for ever); days since 1970, UTC.
CREATE TABLE daily (
    artifact_type TEXT    NOT NULL,
    current       INTEGER NOT NULL,
    lifetime      INTEGER NOT NULL,
    day           INTEGER NOT NULL,
    artifacts     INTEGER NOT NULL,
    size_bytes    INTEGER NOT NULL,
    stored_bytes  INTEGER NOT NULL,
    ratio         INTEGER NOT NULL, -- sum of stored/size of each, in millionths
    PRIMARY KEY (artifact_type, current, lifetime, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER artifact_comes AFTER INSERT ON artifacts BEGIN {add} END;
CREATE TRIGGER artifact_goes AFTER DELETE ON artifacts BEGIN {subtract} END;
CREATE TRIGGER artifact_turns AFTER UPDATE OF current ON artifacts
    WHEN OLD.current <> NEW.current BEGIN {subtract} {add} END;

-- What pins and holds say, each by its latest event: events may become known in any order.
CREATE TABLE protections (
    id         BLOB PRIMARY KEY,
    pinned     INTEGER NOT NULL,
    pin_event  BLOB,
    held_until INTEGER, -- microseconds since 1970, UTC
    hold_event BLOB
) STRICT, WITHOUT ROWID;

-- Artifacts that an event removed: an object found later under such an id stays unseen.
CREATE TABLE removed (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE events (id BLOB PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// The SQL that makes all tables.
pub(super) fn tables() -> String {
    // Days before 1970 round down too.
    let at = "CASE WHEN {row}.expires_at IS NULL THEN {row}.created_at ELSE {row}.expires_at END";
    let day = format!("((({at})) - (({at}) % {DAY} + {DAY}) % {DAY}) / {DAY}");
    let lifetime =
        "CASE WHEN {row}.expires_at IS NOT NULL THEN 1 WHEN {row}.keep_forever THEN 2 ELSE 0 END";
    let ratio = "CASE {row}.size_bytes WHEN 0 THEN 1000000 \
         ELSE CAST(1e6 * {row}.stored_bytes / {row}.size_bytes AS INTEGER) END";
    let add = format!(
        "INSERT INTO daily VALUES ({{row}}.artifact_type, {{row}}.current, {lifetime}, {day}, 1, \
         {{row}}.size_bytes, {{row}}.stored_bytes, {ratio}) \
         ON CONFLICT DO UPDATE SET artifacts = artifacts + 1, \
         size_bytes = size_bytes + excluded.size_bytes, \
         stored_bytes = stored_bytes + excluded.stored_bytes, ratio = ratio + excluded.ratio;"
    )
    .replace("{row}", "NEW");
    let of_row = format!(
        "artifact_type = {{row}}.artifact_type AND current = {{row}}.current \
         AND lifetime = {lifetime} AND day = {day}"
    );
    let subtract = format!(
        "UPDATE daily SET artifacts = artifacts - 1, size_bytes = size_bytes - {{row}}.size_bytes, \
         stored_bytes = stored_bytes - {{row}}.stored_bytes, ratio = ratio - {ratio} WHERE {of_row}; \
         DELETE FROM daily WHERE {of_row} AND artifacts = 0;"
    )
    .replace("{row}", "OLD");
    TABLES
        .replace("{add}", &add)
        .replace("{subtract}", &subtract)
}
