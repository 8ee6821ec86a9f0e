# Twinleg. `make demo` and `make check` are all that a newcomer needs; `make help` lists the rest.
FLAVOR ?= release
BUILD ?= build
O := $(BUILD)/$(FLAVOR)
DESTDIR ?=
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600

CC_release := gcc
CC_debug := gcc
CC_asan := gcc
CC_fuzz := clang
FLAGS_release := -O2 -g
FLAGS_debug := -O0 -g
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_fuzz := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer
CC := $(CC_$(FLAVOR))

# A library's headers are not held to our warnings.
SOFIA := $(shell pkg-config --cflags-only-I sofia-sip-ua 2>/dev/null | sed 's/-I/-isystem /g')
CFLAGS := -std=gnu11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -fstack-protector-strong \
	$(FLAGS_$(FLAVOR))
CPPFLAGS := -I. $(SOFIA) -D_GNU_SOURCE -MMD -MP
# What the pure rooms need; a unit test links nothing else.
PURE_LIBS := -lpcre2-8 -lcrypto
LDLIBS := -lsofia-sip-ua -lmicrohttpd -ljansson -luv -lcares -lsqlite3 -lssl -lcrypto -lconfig -lpthread $(PURE_LIBS)
CHECK_LIBS = $$(pkg-config --libs check)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2);)
again = $(Q)$(MAKE) --no-print-directory

# Rooms: a new file, or a new room below b2bua/, needs no edit here. The pure rooms are one library that links nothing
# else: what calls a socket or a clock from there does not link.
PURE_SRC := $(wildcard b2bua/core/*.c profiles/*.c dialplan/*.c)
MAIN_SRC := b2bua/main.c
CTL_MAIN_SRC := b2bua/ctl/main.c
CTL_SRC := $(filter-out $(CTL_MAIN_SRC),$(wildcard b2bua/ctl/*.c))
DAEMON_SRC := $(filter-out $(MAIN_SRC),$(wildcard b2bua/*.c b2bua/config/*.c b2bua/worker/*.c b2bua/command/*.c))
ROOM_SRC := $(filter-out $(PURE_SRC) $(DAEMON_SRC) $(CTL_MAIN_SRC) $(CTL_SRC),$(wildcard b2bua/*/*.c))
ALL_SRC := $(wildcard b2bua/*.c b2bua/*/*.c profiles/*.c dialplan/*.c)
TEST_SRC := $(wildcard tests/unit/*.c tests/room/*.c tests/fuzz/*.c tests/bench/*.c tests/bench/*/*.c \
	tests/scenario/*.c)
HEADERS := $(wildcard b2bua/*.h b2bua/*/*.h profiles/*.h dialplan/*.h tests/*.h tests/*/*.h)
SCRIPTS := contrib/install-packages contrib/bash-completion/twinlegctl .ci/run contrib/debian/postinst contrib/debian/prerm contrib/debian/postrm \
	$(wildcard contrib/*.sh contrib/*/*.sh tests/*.sh tests/*/*.sh)
PYTHON := $(wildcard tests/*.py tests/*/*.py contrib/*/*.py)
obj = $(patsubst %.c,$(O)/%.o,$(1))

PURE := $(O)/libpure.a
ROOMS := $(O)/librooms.a
DAEMON := $(O)/libdaemon.a
CTL := $(O)/libctl.a

all: $(O)/twinleg $(O)/twinlegctl

# An archive is made anew when its objects are others than those that it was made of: of a file that is gone, nothing stays.
others = $(if $(subst of:$(file <$(1).of),,of:$(strip $(2))),FORCE)
archive = $(1): $(2) $(call others,$(1),$(2))
$(eval $(call archive,$(PURE),$(call obj,$(PURE_SRC))))
$(eval $(call archive,$(ROOMS),$(call obj,$(ROOM_SRC))))
$(eval $(call archive,$(DAEMON),$(call obj,$(DAEMON_SRC))))
$(eval $(call archive,$(CTL),$(call obj,$(CTL_SRC))))
$(O)/%.a:
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $(filter %.o,$^) && echo '$(filter %.o,$^)' >$@.of

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The page is in the program as it stands in the tree.
$(O)/b2bua/command/api_page.o: b2bua/command/page.html

$(O)/twinleg: $(call obj,$(MAIN_SRC)) $(DAEMON) $(ROOMS) $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

# Of the daemon it takes what reads the configuration and, for `explain`, the SIP engine.
$(O)/twinlegctl: $(call obj,$(CTL_MAIN_SRC)) $(CTL) $(DAEMON) $(ROOMS) $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ -ljansson $(LDLIBS)

# Tests. tests/unit/test_X.c links the pure library alone; tests/room/test_X.c links everything but the two mains.
UNIT := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/test_*.c))
ROOM := $(patsubst tests/room/%.c,$(O)/tests/room/%,$(wildcard tests/room/test_*.c))
SCENARIO := $(O)/tests/scenario/run
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(addprefix $(BUILD)/fuzz/tests/fuzz/fuzz_,$(FUZZ))

$(O)/tests/unit/%: $(O)/tests/unit/%.o $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $(CHECK_LIBS) $(PURE_LIBS)
$(O)/tests/room/%: $(O)/tests/room/%.o $(CTL) $(DAEMON) $(ROOMS) $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $(CHECK_LIBS) -ljansson $(LDLIBS)
$(O)/tests/scenario/run: $(call obj,$(wildcard tests/scenario/*.c)) $(DAEMON) $(ROOMS) $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(CTL) $(DAEMON) $(ROOMS) $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)
$(O)/tests/bench/callgen: $(call obj,$(wildcard tests/bench/*.c))
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^

# --- for users: these install what is missing first, and read their libraries' flags only then
demo: deps
	$(again) -j$(JOBS) all
	$(Q)contrib/quickstart/demo.py --daemon $(O)/twinleg

check: deps
	$(again) -j$(JOBS) tested
	$(Q)tests/run.py --daemon $(O)/twinleg --scenario $(SCENARIO) \
		$(if $(shell command -v clang),--fuzz $(BUILD)) $(UNIT) $(ROOM)

asan:
	$(Q)contrib/install-packages build test
	$(again) FLAVOR=asan -j$(JOBS) tested
	$(again) FLAVOR=asan run-tests

# Binaries of all tests.
tested: all $(UNIT) $(ROOM) $(SCENARIO) $(if $(filter asan,$(FLAVOR)),,fuzzers)

run-tests:
	$(Q)tests/run.py --daemon $(O)/twinleg --scenario $(SCENARIO) $(UNIT) $(ROOM)

unit: $(UNIT) $(ROOM) $(SCENARIO)
	$(Q)tests/run.py --scenario $(SCENARIO) $(UNIT) $(ROOM)

sip: all
	$(Q)tests/sip/run.py --daemon $(O)/twinleg $(ONLY)

# the status page in a real browser
page:
	$(Q)contrib/install-packages build test browser
	$(again) -j$(JOBS) all
	$(Q)tests/sip/run.py --daemon $(O)/twinleg page

run: deps
	$(again) -j$(JOBS) all
	$(O)/twinleg -c contrib/quickstart/twinleg.cfg

deps:
	$(Q)contrib/install-packages build test

# --- fuzzing: one program a parser; what it finds stays in build/findings
fuzzers:
	$(if $(shell command -v clang),$(again) FLAVOR=fuzz fuzz-programs,@echo 'no clang: the fuzz targets are left out')
fuzz-programs: $(FUZZ_BIN)

fuzz:
	$(Q)contrib/install-packages build fuzz
	$(again) -j$(JOBS) fuzzers
	$(Q)tests/fuzz.py --build $(BUILD) --seconds $(FUZZ_SECONDS) $(FUZZ)

fuzz-smoke:
	$(again) -j$(JOBS) fuzzers
	$(Q)tests/fuzz.py --build $(BUILD) --seconds 3 $(FUZZ)

# --- measuring: prints, never judges. BENCH_QUICK=1: a short run; BENCH_FIGURE=WORD: figures with it in their title
bench:
	$(Q)contrib/install-packages build test bench
	$(again) -j$(JOBS) all $(O)/tests/bench/callgen $(O)/tests/bench/profile/cost $(O)/tests/bench/register/load
	$(Q)tests/bench/bench.py --daemon $(O)/twinleg --callgen $(O)/tests/bench/callgen \
		--cost $(O)/tests/bench/profile/cost --load $(O)/tests/bench/register/load $(if $(BENCH_QUICK),--quick) $(if $(BENCH_FIGURE),--figure $(BENCH_FIGURE))

# a client loses its call manager in each way: the times. FAULTS='--pace brisk --times 3': tests/bench/faults.py -h
faults:
	$(Q)contrib/install-packages build test
	$(again) -j$(JOBS) all
	$(Q)tests/bench/faults.py --daemon $(O)/twinleg $(FAULTS)

# the daemon with sanitizers in bad company, for SOAK_SECONDS; SOAK='--seed N' for the same again: tests/soak/soak.py -h
soak:
	$(Q)contrib/install-packages build test
	$(again) FLAVOR=asan -j$(JOBS) all
	$(Q)tests/soak/soak.py --daemon $(BUILD)/asan/twinleg --seconds $(SOAK_SECONDS) $(SOAK)

# clients that register, and their node
$(O)/tests/bench/register/load: $(call obj,$(addprefix tests/bench/,register/load.c register/text.c end.c text.c))
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^

# what rules cost a message, without a daemon
$(O)/tests/bench/profile/cost: $(O)/tests/bench/profile/cost.o $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $(PURE_LIBS)

bench-profile: $(O)/tests/bench/profile/cost
	$(Q)$<

# what a decision of the dial plan costs
$(O)/tests/bench/route/cost: $(O)/tests/bench/route/cost.o $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $(PURE_LIBS)

bench-route: $(O)/tests/bench/route/cost
	$(Q)$<

# what it costs to keep registrations on disk, and to start with them
$(O)/tests/bench/store/cost: $(O)/tests/bench/store/cost.o $(DAEMON) $(ROOMS) $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

bench-store: $(O)/tests/bench/store/cost
	$(Q)$<

# --- what matters is checked here, not by memory
TIDY := $(patsubst %.c,$(BUILD)/lint/%.tidy,$(ALL_SRC) $(wildcard tests/bench/*.c))

lint:
	$(Q)contrib/install-packages build test lint
	$(Q)tests/lint/layers.py
	$(Q)tests/lint/functions.py
	$(Q)clang-format --dry-run -Werror $(ALL_SRC) $(TEST_SRC) $(HEADERS)
	$(Q)shellcheck $(SCRIPTS)
	$(Q)tests/lint/python.py $(PYTHON)
	$(Q)cppcheck --quiet -j $(JOBS) --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingInclude --suppress=legacyUninitvar --suppress=nullPointerOutOfMemory \
		--suppress=ctuuninitvar -I. $(ALL_SRC)
	$(again) -j$(JOBS) tidy
	@echo 'lint: clean'

tidy: $(TIDY)
# A file is looked at again when it, or any header, has changed.
$(BUILD)/lint/%.tidy: %.c $(HEADERS) .clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY,$<)clang-tidy --quiet --warnings-as-errors='*' $< -- -std=gnu11 $(filter-out -M%,$(CPPFLAGS)) \
		2>/dev/null && touch $@

format:
	$(Q)clang-format -i $(ALL_SRC) $(TEST_SRC) $(HEADERS)

# --- installing. What names a place below /usr/local names it below PREFIX once it is there.
SHARED := $(wildcard dialplan/plans/* profiles/rules/*)
EXAMPLES := $(wildcard contrib/example/*)
MANUAL := README.md $(wildcard contrib/manual/*.md)
NEIGHBOURS := $(wildcard contrib/dns/* contrib/fail2ban/*/* contrib/prometheus/* contrib/grafana/*)
SHARE = $(DESTDIR)$(PREFIX)/share
VERSION = $(shell $(O)/twinleg -V | cut -d' ' -f2)
UNITS = $(DESTDIR)$(PREFIX)/lib/systemd/system

install: $(O)/twinleg $(O)/twinlegctl
	install -D -m 755 $(O)/twinleg $(DESTDIR)$(PREFIX)/sbin/twinleg
	install -D -m 755 $(O)/twinlegctl $(DESTDIR)$(PREFIX)/bin/twinlegctl
	for f in $(SHARED); do install -D -m 644 $$f $(SHARE)/twinleg/$$f || exit; done
	for f in $(notdir $(EXAMPLES)); do install -D -m 644 contrib/example/$$f $(SHARE)/twinleg/examples/$$f && \
		sed -i 's|/usr/local/|$(PREFIX)/|' $(SHARE)/twinleg/examples/$$f || exit; done
	for f in $(NEIGHBOURS:contrib/%=%); do install -D -m 644 contrib/$$f $(SHARE)/twinleg/$$f && \
		sed -i 's|/usr/local/|$(PREFIX)/|' $(SHARE)/twinleg/$$f || exit; done
	install -D -m 644 contrib/man/twinleg.8 $(SHARE)/man/man8/twinleg.8
	install -D -m 644 contrib/man/twinlegctl.1 $(SHARE)/man/man1/twinlegctl.1
	install -D -m 644 /dev/null $(SHARE)/man/man5/twinleg.cfg.5 && $(O)/twinleg -M >$(SHARE)/man/man5/twinleg.cfg.5
	sed -i 's|@VERSION@|$(VERSION)|; s|/usr/local/|$(PREFIX)/|' $(SHARE)/man/man8/twinleg.8 $(SHARE)/man/man1/twinlegctl.1
	install -D -m 644 contrib/bash-completion/twinlegctl $(SHARE)/bash-completion/completions/twinlegctl
	install -D -m 644 contrib/systemd/twinleg.service $(UNITS)/twinleg.service
	sed -i 's|/usr/local/|$(PREFIX)/|' $(UNITS)/twinleg.service
	install -D -m 644 LICENSE $(SHARE)/doc/twinleg/copyright
	for f in $(MANUAL); do install -D -m 644 $$f $(SHARE)/doc/twinleg/$$(basename $$f) || exit; done

# What is in the package is what `make install PREFIX=/usr` leaves, without symbols. Nothing is fetched.
DEB = $(BUILD)/twinleg_$(VERSION)_$(shell dpkg --print-architecture).deb

deb: all
	@rm -rf $(BUILD)/deb && mkdir -p $(BUILD)/deb
	$(again) --old-file=$(O)/twinleg --old-file=$(O)/twinlegctl install DESTDIR=$(BUILD)/deb PREFIX=/usr >/dev/null
	@strip --strip-unneeded $(BUILD)/deb/usr/sbin/twinleg $(BUILD)/deb/usr/bin/twinlegctl
	@contrib/debian/build.sh $(BUILD)/deb $(VERSION) $(DEB)
	@echo $(DEB)

# What that does under systemd on a Debian that has just been installed: needs root, and a mirror of Debian the first time.
deb-check: deb
	$(Q)contrib/install-packages test packaging
	$(Q)tests/packaging/check.py --deb $(DEB) --folder $(BUILD)/deb-check

help:
	@echo 'make           build $(O)/twinleg (FLAVOR=release|debug|asan; V=1 shows commands)'
	@echo 'make demo      install what is missing, build, place calls through the quickstart configuration, show them'
	@echo 'make check     install what is missing, build, run all tests'
	@echo 'make run       stay in the foreground with the quickstart configuration'
	@echo 'make unit      unit, room and scenario tests only   make sip [ONLY=NAME]  real peers against the daemon only'
	@echo 'make page      the status page in a real browser (installs chromium)'
	@echo 'make asan      all tests with AddressSanitizer and UBSan'
	@echo 'make fuzz      each parser of network bytes, FUZZ_SECONDS=$(FUZZ_SECONDS) each'
	@echo 'make fuzz-smoke  the same over the corpus and 3 s'
	@echo 'make soak      the daemon with sanitizers in bad company of all kinds, SOAK_SECONDS=$(SOAK_SECONDS)'
	@echo 'make bench     cost of a call beside Kamailio (BENCH_QUICK=1: short; BENCH_FIGURE=WORD: some, such as REGISTER)'
	@echo 'make bench-profile  what profile rules cost a message   make bench-route  what a decision of the dial plan costs'
	@echo 'make bench-store    what it costs to keep registrations on disk'
	@echo 'make faults    how soon clients that lose their call manager are at another one (some minutes; FAULTS=--pace=brisk: one)'
	@echo 'make lint      layers, lengths, format, static analysis   make format  reformat'
	@echo 'make install   programs, profiles, an example, to DESTDIR and PREFIX=$(PREFIX)   make deps  only the packages'
	@echo 'make deb       a Debian package of it in $(BUILD)/   make deb-check  that under systemd on a fresh Debian (as root)'
	@echo 'make clean     remove $(BUILD)/'

clean:
	rm -rf $(BUILD)

.PHONY: all demo check asan tested run-tests unit sip page run deps fuzzers fuzz-programs fuzz fuzz-smoke bench bench-profile bench-route bench-store faults soak lint tidy \
	format install deb deb-check help clean FORCE
.SECONDARY:
-include $(shell find $(O) -name '*.d' 2>/dev/null)
