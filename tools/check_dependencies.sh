#!/usr/bin/env bash
# Licences, banned crates and sources of all dependencies, by deny.toml. Advisories need a
# database from the network and are checked by `cargo deny check advisories` where there is one.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! cargo deny --version >/dev/null 2>&1; then
    cargo install cargo-deny --locked --quiet
fi
# Also what other systems need: their licences count too.
cargo fetch --quiet
cargo deny --offline --log-level error check licenses bans sources
