# make demo    does the main job on real reports and prints what happens
# make test    every test there is, with all its own set-up
# make bench   the benchmark table (bench/README.md)
# make check   format, lints and documentation only
# make fuzz    the fuzz targets, ten minutes each

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

# Each target for FUZZ_SECONDS; needs the nightly compiler and cargo-fuzz (fuzz/README.md).
FUZZ_SECONDS ?= 600
fuzz:
	cd fuzz && for target in object object_fixed metadata tree; do \
	    mkdir -p corpus/$$target; \
	    $(CARGO) +nightly fuzz run $$target corpus/$$target seeds/$$target -- -dict=json.dict -max_len=16384 \
	        -timeout=60 -rss_limit_mb=1024 -max_total_time=$(FUZZ_SECONDS); \
	done

clean:
	$(CARGO) clean
