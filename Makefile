# make demo    does the main job on real reports and prints what happens
# make test    every test there is, with all its own set-up
# make bench   the benchmark table (bench/README.md)
# make check   format, lints and documentation only

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
CARGO ?= cargo
export CARGO_TERM_COLOR ?= auto

.PHONY: demo test check unit scripts package bench fuzz clean

demo:
	@$(CARGO) build --release --quiet --package qestore-cli
	@examples/demo.sh "$$($(CARGO) metadata --no-deps --format-version 1 | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/qestore"

test: check unit scripts package
	@echo "make test: everything passed"

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --all-features --document-private-items
	tools/check_house.py
	tools/check_dependencies.sh

unit:
	$(CARGO) test --workspace --all-features

# Tests that need real tools, real mounts or another user; they install what they miss.
scripts:
	tools/install_test_tools.sh
	tools/run_scripts.sh

package:
	$(CARGO) package --package qestore --allow-dirty --quiet --list > /dev/null
	$(CARGO) publish --dry-run --package qestore --allow-dirty --quiet

bench:
	$(CARGO) build --release --package qestore-cli
	$(CARGO) run --release --package qestore-bench -- all

clean:
	$(CARGO) clean
