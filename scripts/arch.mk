# SPDX-License-Identifier: GPL-2.0
# ARCH=arm64 builds for that machine, with the libraries of its guest, into folders
# of their own. Any other ARCH is this machine.

arch := $(filter arm64,$(ARCH))
PKG_CONFIG := pkg-config
top := $(dir $(lastword $(MAKEFILE_LIST)))..

ifneq ($(arch),)
guest := $(shell $(top)/scripts/fetch guest $(arch))
ifeq ($(guest),)
$(error there are no libraries of $(arch))
endif
triplet := aarch64-linux-gnu
override CC := $(triplet)-gcc --sysroot=$(guest)
override AR := $(triplet)-ar
PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(guest) \
	PKG_CONFIG_LIBDIR=$(guest)/usr/lib/$(triplet)/pkgconfig pkg-config
endif
