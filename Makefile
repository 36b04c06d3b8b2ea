# Everything a person does with Waypost's source, by name; `make help` lists it.

# Shared by all clones on a machine, so that a fresh one need not compile the dependencies again.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/waypost/target
export PATH := $(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin:$(CURDIR)/end2end/node_modules/.bin:$(PATH)

ADDR ?= 127.0.0.1:3000
DATA ?= data

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help serve build check test end2end bench soak watch setup

help: ## list the targets
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

serve: build ## set up, build, and serve the sample district on ADDR (127.0.0.1:3000), data in DATA (./data)
	target/release/waypost serve --addr $(ADDR) --data-dir $(DATA)

build: ## leave the whole program, site inside, at target/release/waypost
	@scripts/setup rust wasm
	@scripts/build

check: ## fast: format, clippy on both targets, Rust tests; those of the server on both databases, and in a bucket
	@scripts/setup rust postgres s3 proxy
	@scripts/own-target-dir
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo clippy --locked -p waypost-app --target wasm32-unknown-unknown --features hydrate -- -D warnings
	cargo clippy --locked -p waypost-staff --target wasm32-unknown-unknown -- -D warnings
	cargo test --locked --workspace
	scripts/with-postgres scripts/with-s3 cargo test --locked --workspace --test '*'

test: check build ## everything: check, the release build, its size budget, the browser tests
	@scripts/setup browser
	node scripts/size-budget.mjs
	cd end2end && npm run --silent types && npm run --silent test -- $(ARGS)

end2end: build ## only the browser tests; ARGS="offline -g photo" picks some
	@scripts/setup browser
	cd end2end && npm run --silent types && npm run --silent test -- $(ARGS)

bench: build ## print a table of speeds and sizes; asserts nothing
	@scripts/setup browser
	bench/run

soak: build ## minutes: 10,000 reports through random faults, counted on both sides; SEED=… repeats a run
	@scripts/setup browser
	bench/soak

watch: ## rebuild and reload on every change of Rust (debug build); after a change of style/ run style/bundle.sh
	@scripts/setup rust wasm
	@scripts/own-target-dir
	@style/bundle.sh
	@rm -f target/site.sum # what is left there afterwards is a debug build
	WAYPOST_DATA_DIR=$(DATA) cargo leptos watch -- serve --addr $(ADDR)

setup: ## install everything the other targets need
	@scripts/setup rust wasm postgres s3 proxy browser
