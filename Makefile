# dcmrisk: re-identification risk of DICOM datasets.
#
#   make            build build/dcmrisk
#   make demo       build, generate a synthetic cohort, assess it, say what was found
#   make test       unit, command-line, oracle and cohort tests        (MODE=asan | tsan)
#   make experiment the intruder experiment, 50 releases; result in build/experiment.md, .json
#   make lint       layers, banned calls, headers, shell, cppcheck, layout
#   make docs       write reports/README.md anew from the schemas
#   make sample     write reports/sample anew: the demo cohort in every format
#   make format     apply .clang-format to all C
#   make bench      speed and memory, as ratios within one run
#   make fuzz       fuzzing for SECONDS=60 with clang; FUZZER=afl: with AFL++
#   make check      the unit tests alone: what a package build runs
#   make man        man pages into build/man, by scdoc
#   make install    PREFIX=/usr/local DESTDIR=; `make uninstall` takes away what it put there
#   make deb        the Debian package, in build/deb
#   make deps       install what building and testing need (Debian packages)
#
# Nothing is listed by hand: sources, plug-ins, rules and tests are found by file name.

MODE   ?= release
PREFIX ?= /usr/local
BUILD  := build/$(MODE)
GEN    := build/gen
SHELL  := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

VERSION := $(shell sed -n 's/^.define DCMRISK_VERSION "\(.*\)"/\1/p' include/dcmrisk/dcmrisk.h 2>/dev/null)

# ---- what is needed -------------------------------------------------------------------------
BUILD_PACKAGES := gcc g++ libc6-dev libdcmtk-dev libgsl-dev libjansson-dev libpcre2-dev libseccomp-dev nettle-dev \
                  libsqlite3-dev libxml2-dev libxxhash-dev zlib1g-dev
UNIT_PACKAGES  := libcmocka-dev
TEST_PACKAGES  := $(UNIT_PACKAGES) bash cmark-gfm libxml2-utils mandoc python3 python3-jsonschema \
                  python3-pydicom python3-yaml scdoc sqlite3
DOC_PACKAGES   := scdoc
LINT_PACKAGES  := cppcheck clang-format shellcheck
BENCH_PACKAGES := hyperfine libgdcm-tools
FUZZ_PACKAGES  := clang
AFL_PACKAGES   := afl++ clang
DEB_PACKAGES   := build-essential debhelper dpkg-dev fakeroot lintian xz-utils
WEB_PACKAGES   := chromium default-jre-headless nodejs npm poppler-utils

# make V=1 shows the commands
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2))

# ---- flags ----------------------------------------------------------------------------------
CC  ?= gcc
CXX ?= g++
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
WARN := -Wall -Wextra -Wshadow -Wundef -Wvla -Wwrite-strings -Wcast-qual -Wpointer-arith
CWARN := $(WARN) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
ifneq ($(DEV),)
WARN += -Werror
CWARN += -Werror
endif
# No program names the folder it was built in.
MAP := -ffile-prefix-map=$(CURDIR)=.
OPT_release := -O2 -g -DNDEBUG -D_FORTIFY_SOURCE=2 -fstack-protector-strong $(MAP)
OPT_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
OPT_seams := -DDCR_CSV_BLOCK=64
OPT_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined $(OPT_seams)
OPT_afl  := $(OPT_asan) $(OPT_seams)
OPT_tsan := -O1 -g -fsanitize=thread
LD_asan  := -fsanitize=address,undefined
LD_fuzz  := -fsanitize=fuzzer,address,undefined
LD_afl   := -fsanitize=fuzzer -fsanitize=address,undefined
LD_tsan  := -fsanitize=thread
CPPFLAGS += -D_GNU_SOURCE -Iinclude -I$(GEN) $(addprefix -Isrc/,base) -I/usr/include/libxml2
ALL_CFLAGS   := $(OPT_$(MODE)) -std=c11 $(CWARN) $(CFLAGS)
ALL_CXXFLAGS := $(OPT_$(MODE)) -std=c++17 $(WARN) $(CXXFLAGS)
# Debian's dcmtk.pc names libraries that libdcmtk-dev does not pull in: name ours.
LIBS := -ldcmdata -loflog -lofstd -ljansson -lgsl -lgslcblas -lsqlite3 -lxml2 -lxxhash -lpcre2-8 -lnettle -lseccomp -lz -lm -lpthread

# ---- what there is --------------------------------------------------------------------------
LIB_C  := $(sort $(filter-out src/cli/main.c,$(wildcard src/*/*.c)))
LIB_CC := $(sort $(wildcard src/*/*.cc))
LIB_O  := $(LIB_C:%.c=$(BUILD)/%.o) $(LIB_CC:%.cc=$(BUILD)/%.o) $(BUILD)/embed.o
PLUGINS := $(addprefix $(GEN)/,metric.def check.def detect.def format.def cmd.def open.def csp.h)
EMBED  := $(sort $(wildcard rules/*.json rules/*/*.json) $(wildcard reports/*.css reports/*.js reports/*.json reports/*.txt reports/annex/*.json) $(wildcard src/cli/completion.*))
UNIT   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
TOOLS  := $(BUILD)/mkcohort $(BUILD)/datelab $(BUILD)/poplab $(BUILD)/manpage

.PHONY: all demo test check experiment docs sample lint format bench fuzz fuzzers man install uninstall deb deps clean FORCE
# Where scdoc is, man pages are made with the program, so that installing builds nothing.
SCDOC := $(shell command -v scdoc 2>/dev/null)
MANPAGES := $(if $(filter release,$(MODE)),$(if $(SCDOC),build/man/dcmrisk.1))
all: build/dcmrisk $(MANPAGES)

build/dcmrisk: $(BUILD)/dcmrisk
	@ln -sfn $(MODE)/dcmrisk $@
$(BUILD)/dcmrisk: $(BUILD)/src/cli/main.o $(BUILD)/libdcmrisk.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LD_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/libdcmrisk.a: $(LIB_O)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/%.o: %.c $(PLUGINS) | build/.deps-build
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/%.o: %.cc $(PLUGINS) | build/.deps-build
	@mkdir -p $(@D)
	$(call say,CXX,$@)
	$(Q)$(CXX) $(CPPFLAGS) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/embed.o: $(GEN)/embed.S | build/.deps-build
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -c -o $@ $<

# ---- plug-ins: a list is the file names -----------------------------------------------------
# gen/metric.def: DCR_PLUGIN(k) for each src/metrics/metric_k.c, and so on.
define plugin_def
$(GEN)/$(1).def: FORCE
	@mkdir -p $$(@D)
	@for f in $$(sort $$(wildcard src/*/$(1)_*.c)); do b=$$$${f##*/$(1)_}; echo "DCR_PLUGIN($$$${b%.c})"; done > $$@.new
	@cmp -s $$@.new $$@ && rm $$@.new || mv $$@.new $$@
endef
$(foreach p,metric check detect format cmd open,$(eval $(call plugin_def,$(p))))

# ---- rules, style sheet, script: built in ---------------------------------------------------
$(GEN)/embed.S: FORCE
	@mkdir -p $(@D)
	@sh src/base/embed.sh $(EMBED) > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(BUILD)/embed.o: $(EMBED)
# What the Content-Security-Policy of report and annex allows: these, by digest.
$(GEN)/csp.h: src/report/csp.sh reports/report.css reports/report.js reports/annex.css
	@mkdir -p $(@D)
	@sh src/report/csp.sh reports/report.css reports/report.js reports/annex.css > $@

# ---- tests ----------------------------------------------------------------------------------
$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libdcmrisk.a | build/.deps-unit
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(addprefix -Isrc/,input store model metrics rules report run cli) -Itests/unit -MMD -MP -c -o $@.o $<
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LD_$(MODE)) -o $@ $@.o $(BUILD)/libdcmrisk.a -lcmocka $(LIBS)
$(BUILD)/mkcohort: $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/tools/mkcohort*.c))) $(BUILD)/libdcmrisk.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LD_$(MODE)) -o $@ $^ $(LIBS)
$(BUILD)/datelab: $(BUILD)/tests/tools/datelab.o $(BUILD)/libdcmrisk.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LD_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/poplab: $(BUILD)/tests/tools/poplab.o $(BUILD)/libdcmrisk.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LD_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/%: tests/bench/%.c $(BUILD)/libdcmrisk.a
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(addprefix -Isrc/,input store model) -Itests/unit -MMD -MP -c -o $@.o $<
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LD_$(MODE)) -o $@ $@.o $(BUILD)/libdcmrisk.a $(LIBS)

test: build/.deps-test $(BUILD)/dcmrisk $(TOOLS) $(UNIT)
	@MODE=$(MODE) BUILD=$(BUILD) WEB_PACKAGES='$(WEB_PACKAGES)' sh tests/run.sh
check: build/.deps-unit $(BUILD)/dcmrisk $(TOOLS) $(UNIT)
	@MODE=$(MODE) BUILD=$(BUILD) TEST='unit/*' sh tests/run.sh
experiment: build/.deps-test $(BUILD)/dcmrisk
	@BUILD=$(BUILD) sh tests/oracle/experiment.sh long
lint: build/.deps-lint $(PLUGINS)
	@CC="$(CC)" CXX="$(CXX)" CPPFLAGS="$(CPPFLAGS)" sh tests/lint/run.sh
docs:
	python3 reports/generate.py >reports/README.md.new
	mv reports/README.md.new reports/README.md
sample: build/.deps-build $(BUILD)/dcmrisk $(TOOLS)
	@BUILD=$(BUILD) sh tests/tools/sample.sh reports/sample
format: build/.deps-lint
	find src include tests .packaging -name '*.c' -o -name '*.h' -o -name '*.cc' | sort | xargs clang-format -i
bench: build/.deps-bench build/.deps-test $(BUILD)/dcmrisk $(TOOLS) $(patsubst tests/bench/%.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
	@BUILD=$(BUILD) WEB_PACKAGES='$(WEB_PACKAGES)' sh tests/bench/run.sh
demo: build/.deps-build build/dcmrisk $(TOOLS)
	@BUILD=$(BUILD) sh tests/tools/demo.sh

# ---- fuzzing: make fuzz SECONDS=600, by clang's libFuzzer; with FUZZER=afl by AFL++ ----------
FUZZER  ?= libfuzzer
SECONDS ?= 60
FUZZ_MODE_libfuzzer := fuzz
FUZZ_MODE_afl := afl
FUZZ_MODE := $(FUZZ_MODE_$(FUZZER))
FUZZ_CC_fuzz := CC=clang CXX=clang++
FUZZ_CC_afl := CC=afl-clang-fast CXX=afl-clang-fast++ AFL_QUIET=1 AFL_LLVM_CMPLOG=1
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
HARNESS ?= $(FUZZERS)
$(BUILD)/tests/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/libdcmrisk.a
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(addprefix -Isrc/,input store model metrics rules report run) -Itests/unit -MMD -MP -c -o $@.o $<
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LD_$(MODE)) -o $@ $@.o $(BUILD)/libdcmrisk.a $(LIBS)
fuzzers: $(FUZZERS:%=$(BUILD)/tests/%)
ifeq ($(FUZZ_MODE),)
$(error FUZZER is libfuzzer or afl)
endif
fuzz: build/.deps-$(FUZZ_MODE) build/release/dcmrisk build/release/mkcohort
	@$(MAKE) MODE=$(FUZZ_MODE) $(FUZZ_CC_$(FUZZ_MODE)) fuzzers
	@FUZZER=$(FUZZER) DCMRISK=build/release/dcmrisk MKCOHORT=build/release/mkcohort \
	    sh tests/fuzz/run.sh build/$(FUZZ_MODE) $(SECONDS) $(HARNESS:%=build/$(FUZZ_MODE)/tests/%)

# ---- man pages, completion ------------------------------------------------------------------
$(BUILD)/manpage: .packaging/man/manpage.c $(BUILD)/libdcmrisk.a
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Isrc/cli $(ALL_CFLAGS) -c -o $@.o $<
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LD_$(MODE)) $(LDFLAGS) -o $@ $@.o $(BUILD)/libdcmrisk.a $(LIBS)
man: build/.deps-doc build/man/dcmrisk.1
build/man/dcmrisk.1: $(BUILD)/manpage $(wildcard .packaging/man/*.scd) .packaging/man/build.sh
	$(call say,MAN,build/man)
	@sh .packaging/man/build.sh $(BUILD)/manpage build/man

# ---- installing -----------------------------------------------------------------------------
# Rules and schemas are built in; those installed are to read, to validate with, and to begin a
# folder for --rules from.
DATA := $(sort $(wildcard rules/*.json rules/*/*.json reports/*.schema.json))
DOCS := README.md CHANGELOG.md rules/README.md reports/README.md
ifneq ($(filter install uninstall,$(MAKECMDGOALS)),)
ifneq ($(MODE),release)
$(error what is installed is the release: MODE=$(MODE) is for tests)
endif
endif
# put FILES,FOLDER: each at its own path below the folder.
put = for f in $(1); do install -D -m 644 $$f "$(DESTDIR)$(PREFIX)/$(2)/$$f" || exit 1; done
BASHDIR := share/bash-completion/completions/dcmrisk
ZSHDIR  ?= share/zsh/site-functions/_dcmrisk
FISHDIR := share/fish/vendor_completions.d/dcmrisk.fish
INSTALLED := bin/dcmrisk $(DATA:%=share/dcmrisk/%) $(DOCS:%=share/doc/dcmrisk/%) \
             $(BASHDIR) $(ZSHDIR) $(FISHDIR) share/man/man1/dcmrisk*.1 share/man/man5/dcmrisk*.5

install: all
	umask 022 && install -D -m 755 $(BUILD)/dcmrisk "$(DESTDIR)$(PREFIX)/bin/dcmrisk"
	@umask 022 && $(call put,$(DATA),share/dcmrisk)
	@umask 022 && $(call put,$(DOCS),share/doc/dcmrisk)
	@umask 022 && install -D -m 644 src/cli/completion.bash "$(DESTDIR)$(PREFIX)/$(BASHDIR)"
	@umask 022 && install -D -m 644 src/cli/completion.zsh "$(DESTDIR)$(PREFIX)/$(ZSHDIR)"
	@umask 022 && install -D -m 644 src/cli/completion.fish "$(DESTDIR)$(PREFIX)/$(FISHDIR)"
# Without scdoc there are no man pages; all else is installed.
ifneq ($(SCDOC),)
	@umask 022 && for f in build/man/*.[15]; do \
	    install -D -m 644 $$f "$(DESTDIR)$(PREFIX)/share/man/man$${f##*.}/$${f##*/}" || exit 1; done
else
	@echo 'no scdoc, so no man pages; make man installs it' >&2
endif
# What was installed, and the folders of its own when nothing else is in them.
uninstall:
	@if cd "$(DESTDIR)$(PREFIX)"; then rm -f $(INSTALLED); \
	    for d in share/dcmrisk share/doc/dcmrisk; do \
	        [ ! -d $$d ] || find $$d -depth -type d -empty -delete; done; fi

deb: build/.deps-deb
	@BUILD_PACKAGES="$(BUILD_PACKAGES) $(DOC_PACKAGES)" UNIT_PACKAGES="$(UNIT_PACKAGES)" VERSION=$(VERSION) \
	    sh .packaging/deb.sh build/deb

# ---- packages: looked for once, installed when missing --------------------------------------
deps:
	@sh tests/tools/deps.sh $(BUILD_PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES) $(DOC_PACKAGES) $(BENCH_PACKAGES) $(DEB_PACKAGES)
	@WEB_PACKAGES='$(WEB_PACKAGES)' sh tests/tools/web.sh || [ $$? -eq 77 ]
build/.deps-build:  PACKAGES = $(BUILD_PACKAGES)
build/.deps-test:   PACKAGES = $(BUILD_PACKAGES) $(TEST_PACKAGES)
build/.deps-doc:    PACKAGES = $(BUILD_PACKAGES) $(DOC_PACKAGES)
build/.deps-unit:   PACKAGES = $(BUILD_PACKAGES) $(UNIT_PACKAGES)
build/.deps-deb:    PACKAGES = $(BUILD_PACKAGES) $(DOC_PACKAGES) $(UNIT_PACKAGES) $(DEB_PACKAGES)
build/.deps-lint:   PACKAGES = $(BUILD_PACKAGES) $(LINT_PACKAGES)
build/.deps-fuzz:   PACKAGES = $(BUILD_PACKAGES) $(FUZZ_PACKAGES)
build/.deps-afl:    PACKAGES = $(BUILD_PACKAGES) $(AFL_PACKAGES)
build/.deps-bench:  PACKAGES = $(BUILD_PACKAGES) $(TEST_PACKAGES) $(BENCH_PACKAGES)
build/.deps-%: Makefile tests/tools/deps.sh
	@mkdir -p build
	@sh tests/tools/deps.sh $(PACKAGES)
	@touch $@

clean:
	rm -rf build
FORCE:
# Of whatever was built before, so that no program can be forgotten here.
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
