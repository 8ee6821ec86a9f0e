/*
 * scenario: a call told line by line, played against the SIP engine with peers, wires and time made of text.
 *
 * text.c takes messages apart, scrap.c owns what a scenario makes, world.c is the engine's surroundings (wires, time,
 * records), peer.c remembers what a SIP peer has to remember, compose.c and answer.c write what it says, expect.c
 * judges what it hears, judge.c looks at the whole when the scenario is over, steps.c reads the language, run.c takes
 * the files, random.c makes some up. README.md is the language.
 */
#ifndef TESTS_SCENARIO_SCENARIO_H
#define TESTS_SCENARIO_SCENARIO_H

#include <stdio.h>

#include "b2bua/core/heir.h"
#include "b2bua/worker/engine.h"

#define SCENARIO_HOME "tests/scenario/"

enum { OLDER_MAX = 16, PEERS = 4, SIDES_MAX = 24, WORDS_MAX = 24, KINDS_MAX = 24, RECORDS_MAX = 32, NAMES_MAX = 32 };

/* --- scrap.c: memory of one scenario, freed in one go --- */
struct scrap_block;
struct scrap {
    struct scrap_block *first;
};
void *scrap_take(struct scrap *p, size_t n); /* zeroed */
char *scrap_print(struct scrap *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *scrap_copy(struct scrap *p, const char *bytes, size_t n);
void scrap_free(struct scrap *p);

/* --- text.c: views into messages, copied into the scrap; NULL when there is none --- */
const char *text_header(struct scrap *p, const char *message, const char *name);
const char *text_lines(struct scrap *p, const char *message, const char *name); /* all lines of that name, or "" */
const char *text_tag(struct scrap *p, const char *value);                       /* NULL: no tag */
const char *text_bare(struct scrap *p, const char *value);                      /* without its tag */
const char *text_uri(struct scrap *p, const char *value);                       /* between < and > */
const char *text_method(struct scrap *p, const char *message);                  /* of the request, or of the CSeq */
const char *text_branch(struct scrap *p, const char *message);
int text_number(const char *text);    /* the digits in front; 0 = none */
int text_status(const char *message); /* 0 = a request */
unsigned text_cseq(struct scrap *p, const char *message);

struct message {
    struct message *next;
    struct message *next_heard;
    char *bytes; /* terminated */
    size_t n;
    struct flow flow;
    int peer;
};

/* One dialog as the peer sees it; forks have one each, f1 is the first. */
struct side {
    const char *label;
    const char *local_tag, *remote_tag, *target;
    unsigned cseq;
};

/* The last message of each method. */
struct lasts {
    struct {
        const char *method, *bytes;
    } of[KINDS_MAX];
    int count;
};

struct peer {
    const char *name, *ip;
    const char *our_ip; /* the side of the element that it talks to */
    bool down;          /* sending there fails at once */
    const char *reflex; /* to an OPTIONS: a status, "silent", "refused"; "hear": as to any other message */
    const char *probe_id;
    unsigned probed, stun_probes;
    unsigned stun_answers; /* that it got */
    struct message *heard, **heard_end;
    struct message *last_heard;
    /* the call that it is in */
    const char *call_id, *local, *remote, *local_tag;
    struct side sides[SIDES_MAX];
    int side_count, current;
    unsigned cseq, rseq, registers;
    uint32_t conn;        /* the connection that it speaks by */
    const char *reliable; /* the last reliable provisional heard */
    const char *final;    /* the last final response to its INVITE */
    struct lasts said, asked;
    const char *last_said;
    struct flow last_flow;
};

struct heard_record {
    uint64_t call_id, start_ms;
    char leg;
    int status;
    uint32_t attempts;
    uint64_t waited_ms;
    uint32_t midcalls, consumed, refreshes_sent, refreshes_received;
    long long ring, answer, end; /* ms after its start, -1 = never */
    const char *cause, *ended_by, *trunk;
};

struct world {
    struct scrap scrap;
    struct settings *settings;
    struct settings *older[OLDER_MAX]; /* that calls may still hold */
    int older_count;
    struct heir_names trunk_names;
    struct timerq timers;
    struct engine *engine;
    struct pool *trunks;
    bool probes; /* of them */
    struct message *reflexes;
    struct registrations *registrations;
    struct nodes *nodes;
    struct switches switches;
    struct registrar_shared *registrar;
    uint64_t now_ms;
    unsigned wall_reads;
    unsigned serial;
    struct peer peers[PEERS];
    struct message *sent, **sent_end;
    struct heard_record records[RECORDS_MAX];
    int record_count;
    struct {
        const char *name, *value;
    } names[NAMES_MAX];
    int name_count;
    bool lenient;          /* steps that make no sense at the moment are left out */
    bool together;         /* B and C are one system: what the one knows the other may */
    bool clients_together; /* and X: all that are behind the registrar */
    bool over;             /* the scenario has been told: nobody listens any more */
    /* where we are, for complaints */
    const char *file;
    int line, failures;
};

/* A complaint with file and line. */
void fail(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A complaint about a step that cannot be taken, unless the scenario says LENIENT. */
#define cannot(w, ...) ((w)->lenient ? (void)0 : fail((w), __VA_ARGS__))

/* --- world.c --- */
extern bool world_verbose;
int world_open(struct world *w, const char *config);
void world_close(struct world *w);
void world_deliver(struct world *w, struct peer *p, enum flow_proto proto, const char *bytes);
int world_flow(struct world *w, const struct peer *p, enum flow_proto proto, struct flow *flow);
void world_elapse(struct world *w, uint64_t ms);
struct peer *world_peer(struct world *w, char letter);
int world_listen(const struct world *w, const char *ip, enum flow_proto proto); /* index; -1 = none */

/* --- reload.c --- */
void world_reload(struct world *w, const char *file);
void world_let_go(struct world *w); /* all calls are over: nobody may hold an older one */
void world_forget(struct world *w);

/* --- peer.c --- */
void peer_init(struct peer *p, int index);
void peer_hears(struct world *w, struct peer *p, struct message *m);
struct side *peer_side(struct world *w, struct peer *p, const char *label);
struct side *peer_new_side(struct world *w, struct peer *p, const char *label);
const char *lasts_get(const struct lasts *l, const char *method);
void lasts_put(struct lasts *l, const char *method, const char *bytes);

/* --- words of a step --- */
struct words {
    const char *at[WORDS_MAX];
    int count;
};
/* The value of "key=value"; "" for the bare word; NULL when it is not there. */
const char *words_get(const struct words *words, const char *key);

const char *words_or(const struct words *words, const char *key, const char *standard);

/* --- compose.c: requests, and what responses share with them --- */
enum flow_proto say_proto(const struct words *words);
const char *say_contact(struct world *w, const struct peer *p, const struct words *words);
const char *say_tail(struct world *w, const struct peer *p, const struct words *words);
void say_bytes(struct world *w, struct peer *p, enum flow_proto proto, const char *bytes);
void say(struct world *w, struct peer *p, const struct words *words);
void say_raw(struct world *w, struct peer *p, const char *text);

/* --- register.c --- */
void say_register(struct world *w, struct peer *p, const struct words *words);
const char *say_granted(struct world *w, const char *request, const struct words *words);

/* --- answer.c --- */
void say_response(struct world *w, struct peer *p, const struct words *words);

/* --- expect.c --- */
void expect(struct world *w, struct peer *p, const struct words *words);
void expect_nothing(struct world *w, struct peer *p);
void expect_record(struct world *w, const struct words *words);
const char *names_expand(struct world *w, const char *text);

/* --- steps.c --- */
void steps_play(struct world *w, const char *file);
void steps_take(struct world *w, const char *line, FILE *rest); /* `rest`: where raw text follows, or NULL */

/* --- probes.c --- */
bool probes_take(struct world *w, struct peer *p, struct message *m);
void probes_answer(struct world *w);
void step_probes(struct world *w, const struct words *words);
void step_probed(struct world *w, const struct words *words);
void step_place(struct world *w, const struct words *words);

/* --- stun.c --- */
bool stun_take(struct world *w, struct peer *p, struct message *m);
bool stun_reflex(struct world *w, const struct peer *p, const struct message *m);
void step_stun(struct world *w, const struct words *words);
void step_stunned(struct world *w, const struct words *words);
void step_node(struct world *w, const struct words *words);
void step_operator(struct world *w, const struct words *words);

/* --- bind.c --- */
void step_bind(struct world *w, const struct words *words);

/* --- random.c --- */
void random_play(struct world *w, uint64_t seed, void (*take)(struct world *, const char *line));

/* --- judge.c --- */
void judge(struct world *w);

#endif
