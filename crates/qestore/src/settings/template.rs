//! What `config init` writes: every key that people set, explained.

use super::Settings;

const TEMPLATE: &str = r##"# The configuration of qestore. All keys: https://github.com/qestore/qestore/blob/main/docs/CONFIGURATION.md
# Flags win over environment variables, those over this file, this file over the defaults.
# ${VAR} and ${VAR:-default} take values from the environment; a dollar is written $$.

storage:
  backend: local
  local:
    # The folder of the store, relative to the folder of this file.
    path: .artifacts
    # When false, a store that is not there is an error instead of a new store.
    create_if_missing: true

retention:
  # When false, cleanups remove nothing.
  enabled: true
  # An artifact that says nothing itself is kept for so many days, or `forever`.
  default_ttl_days: 30
  # Other limits for some types.
  ttl_days:
    security-findings: 365
    videos: 14
  # The newest artifacts of each group stay whatever their age.
  keep_latest_n: 10
  # What a group is: type, global, type+name, type+tag:branch ...
  keep_scope: type
  # A version stays so long after a newer one took its place.
  superseded_grace_days: 1
  # Whether a cleanup may remove the last artifact of the store.
  #allow_empty: false
  # When scheduled cleanups run, in UTC: minute, hour, day of month, month, day of week.
  cleanup_schedule_cron: "0 2 * * *"

# zstd (levels 1 to 19), gzip (1 to 9) or none.
codec: zstd
#compression_level: 3
# The largest artifact, in units of 1,048,576 bytes.
max_artifact_size_mb: 100
# The index, when it cannot be in the store: a store on a network folder.
#index_path: /var/cache/qestore/index.sqlite
"##;

impl Settings {
    /// A configuration file with comments, to begin with. `schema` is where editors find the JSON
    /// Schema, such as [`Settings::SCHEMA_URL`].
    #[must_use]
    pub fn template(schema: &str) -> String {
        format!("# yaml-language-server: $schema={schema}\n{TEMPLATE}")
    }
}
