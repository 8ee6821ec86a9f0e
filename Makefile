# Twinleg. `make demo` and `make check` are all that a newcomer needs; `make help` lists the rest.
FLAVOR ?= release
BUILD ?= build
O := $(BUILD)/$(FLAVOR)
DESTDIR ?=
PREFIX ?= /usr/local

CC_release := gcc
CC_debug := gcc
CC_asan := gcc
CC_fuzz := clang
FLAGS_release := -O2 -g
FLAGS_debug := -O0 -g
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_fuzz := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-omit-frame-pointer
CC := $(CC_$(FLAVOR))

SOFIA := $(shell pkg-config --cflags-only-I sofia-sip-ua 2>/dev/null | sed 's/-I/-isystem /g')
CFLAGS := -std=gnu11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -fstack-protector-strong \
	$(FLAGS_$(FLAVOR))
CPPFLAGS := -I. $(SOFIA) -D_GNU_SOURCE -MMD -MP
LDLIBS := -lsofia-sip-ua -luv -lssl -lcrypto -lconfig -ljansson -lpthread

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2);)

# Rooms: a new file in one of them needs no edit here. The pure rooms are one library that links nothing else.
PURE_SRC := $(wildcard b2bua/core/*.c profiles/*.c dialplan/*.c)
ROOM_SRC := $(wildcard b2bua/log/*.c b2bua/sip/*.c b2bua/net/*.c b2bua/admin/*.c b2bua/ua/*.c b2bua/trunk/*.c b2bua/call/*.c)
MAIN_SRC := b2bua/main.c
DAEMON_SRC := $(filter-out $(MAIN_SRC),$(wildcard b2bua/*.c))
obj = $(patsubst %.c,$(O)/%.o,$(1))

PURE := $(O)/libpure.a
ROOMS := $(O)/librooms.a
DAEMON := $(O)/libdaemon.a

all: $(O)/twinleg

$(PURE): $(call obj,$(PURE_SRC))
$(ROOMS): $(call obj,$(ROOM_SRC))
$(DAEMON): $(call obj,$(DAEMON_SRC))
$(O)/%.a:
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(O)/twinleg: $(call obj,$(MAIN_SRC)) $(DAEMON) $(ROOMS) $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

# Tests. tests/unit/test_X.c links the pure library alone; tests/room/test_X.c links everything but main.
UNIT := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/test_*.c))
ROOM := $(patsubst tests/room/%.c,$(O)/tests/room/%,$(wildcard tests/room/test_*.c))

$(O)/tests/unit/%: $(O)/tests/unit/%.o $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $$(pkg-config --libs check)
$(O)/tests/room/%: $(O)/tests/room/%.o $(DAEMON) $(ROOMS) $(PURE)
	$(call say,LD,$@)$(CC) $(CFLAGS) -o $@ $^ $$(pkg-config --libs check) $(LDLIBS)

unit: $(UNIT) $(ROOM)
	$(Q)for t in $^; do ./$$t || exit 1; done

clean:
	rm -rf $(BUILD)

.PHONY: all unit clean
.SECONDARY:
-include $(shell find $(O) -name '*.d' 2>/dev/null)
