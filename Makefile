# SPDX-License-Identifier: GPL-2.0
# `make help` lists what can be made.

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNELS ?= 6.1 6.12
PREFIX ?= /usr/local
export KERNELS T

ifneq ($(V),1)
MAKEFLAGS += --no-print-directory
quiet := -s
endif

all: helper ## the helper, and the module for the running kernel (KDIR= for another)
	@[ -e "$(KDIR)" ] || { echo "build/nslens is built" >&2; $(no_headers) >&2; exit 1; }
	@scripts/build-module "$(KDIR)"

no_headers = echo "the module is not: $(KDIR) is missing; install \
	linux-headers-$$(uname -r), or use \`make vm\`; \`make helper\` is the helper alone"

helper: ## build/nslens
	@mkdir -p build
	@flock build/helper.lock $(MAKE) $(quiet) -C user

module: ## nslens.ko for the running kernel (KDIR= for another)
	@[ -e "$(KDIR)" ] || { $(no_headers) >&2; exit 1; }
	@scripts/build-module "$(KDIR)"

setup: ## install what is missing of the packages that the rest needs
	@scripts/setup

vm: setup ## a shell in the test VM
	@scripts/vm

demo: setup helper ## both sides of the illusion, shown in the test VM
	@scripts/vm -k 6.12 -- scripts/demo

test: setup ## every selftest in a VM for each of KERNELS; T="NAME..." for some
	@scripts/test $(T)

test-debug: setup ## the same in a kernel that watches itself, once seen to catch errors
	@scripts/test-splat debug
	@KERNELS=debug scripts/test $(T)

test-kcsan: setup ## the same in one that watches for data races
	@scripts/test-splat kcsan
	@KERNELS=kcsan scripts/test $(T)

fuzz: setup ## a million messages, most of them wrong, while memory fails
	@scripts/fuzz

storm: setup helper ## the module under fire; T="PART..." for some, KERNELS
	@status=0; for k in $(KERNELS); do \
		scripts/storm -k $$k $(T) || status=1; done; exit $$status

coverage: setup ## which of the module's functions the tests reach, and why not the others
	@scripts/coverage $(T)

latency: setup helper ## for how long a real-time kernel is kept from being one
	@scripts/latency

bench: setup helper ## what nslens costs, in virtual time
	@scripts/bench

check: setup ## checkpatch, sparse, W=1, clang-tidy, shellcheck, spec drift
	@scripts/check

check-arm64: setup ## module, helper and selftests built for arm64 without a warning
	@scripts/check arm64

install: helper ## helper and module (DESTDIR=, PREFIX=, KDIR=)
	@[ -e "$(KDIR)" ] || { $(no_headers) >&2; exit 1; }
	install -D -m 755 build/nslens "$(DESTDIR)$(PREFIX)/bin/nslens"
	@set -e; ko=$$(scripts/build-module "$(KDIR)"); \
	release=$$(/sbin/modinfo -F vermagic "$$ko" | cut -d ' ' -f 1); \
	to="$(DESTDIR)/lib/modules/$$release/updates/nslens.ko"; \
	echo install -D -m 644 "$$ko" "$$to"; \
	install -D -m 644 "$$ko" "$$to"; \
	[ -n "$(DESTDIR)" ] || /sbin/depmod "$$release"

clean: ## remove what was built; what was fetched stays in the cache
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-13s%s\n", $$1, $$2}' Makefile

.PHONY: all helper module setup vm demo test test-debug test-kcsan fuzz storm coverage latency bench check check-arm64 install clean help
