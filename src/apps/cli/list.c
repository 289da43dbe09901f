/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/list.h"

#include <stdlib.h>
#include <string.h>

#include "apps/cli/modes.h"
#include "apps/cli/setup.h"
#include "base/buffer.h"
#include "crypto/identity.h"
#include "engine/visit.h"

#define FIRST_DEADLINE   (5 * WZP_SECOND)   /* of the relay's first room update */
#define SETTLE           (300 * WZP_MS)     /* for updates that follow it */
#define JSON_LIMIT_BYTES (4U * 1024 * 1024) /* more than the largest room takes */

/* --- looking --- */

struct look {
    struct wzp_engine_participant *people; /* ours */
    size_t n, self;
    const char *alias; /* as we gave it, or NULL */
    bool has_update;
    enum wzp_err err;
};

static void on_room(void *context, struct wzp_visit *visit, wzp_us now)
{
    struct look *look = context;
    if (!look->has_update) {
        look->has_update = true;
        wzp_visit_wake(visit, now + SETTLE);
    }
}

static enum wzp_err on_joined(void *context, struct wzp_visit *visit, wzp_us now)
{
    wzp_visit_wake(visit, now + FIRST_DEADLINE);
    if (wzp_call_roster(wzp_visit_call(visit))->n > 0) {
        on_room(context, visit, now); /* it overtook the answer */
    }
    return WZP_OK;
}

static void on_wake(void *context, struct wzp_visit *visit, wzp_us now)
{
    wzp_ignore(context);
    wzp_ignore(now);
    wzp_visit_leave(visit);
}

static void on_left(void *context, struct wzp_visit *visit, wzp_us now)
{
    wzp_ignore(now);
    struct look *look = context;
    const struct wzp_roster *roster = wzp_call_roster(wzp_visit_call(visit));
    const struct wzp_identity *identity = wzp_visit_identity(visit);
    const struct wzp_list_self self = {
        .stream = wzp_call_answer(wzp_visit_call(visit))->stream,
        .fingerprint = identity->fingerprint,
        .short_fingerprint = identity->short_fingerprint,
        .alias = look->alias,
    };
    look->people = calloc(roster->n + 1, sizeof *look->people);
    if (!look->people) {
        look->err = WZP_ENOMEM;
        return;
    }
    for (size_t i = 0; i < roster->n; i++) {
        look->people[i] = roster->people[i];
    }
    look->n = roster->n;
    look->self = wzp_list_find_self(look->people, look->n, &self);
}

static int show(const struct wzp_options *options, const struct look *look, const struct wzp_list *list)
{
    if (look->err != WZP_OK) {
        fprintf(stderr, "wzp-client: %s\n", wzp_err_text(look->err));
        return WZP_EXIT_FAILED;
    }
    if (!look->has_update) {
        fprintf(stderr, "wzp-client: the relay does not tell who is in the room\n");
        return WZP_EXIT_FAILED;
    }
    if (options->json) {
        wzp_list_print_json(list, stdout);
    } else {
        wzp_list_print(list, stdout);
    }
    return WZP_EXIT_DONE;
}

int wzp_list_run(const struct wzp_options *options)
{
    static const struct wzp_visit_handler handler = {
        .on_joined = on_joined, .on_room = on_room, .on_wake = on_wake, .on_left = on_left};
    struct wzp_setup setup;
    struct wzp_visit_outcome outcome;
    struct look look = {.self = WZP_LIST_NOBODY, .alias = options->alias};
    if (wzp_setup_init(&setup, options) != WZP_OK) {
        return WZP_EXIT_USAGE;
    }
    enum wzp_err err = wzp_visit_run(&setup.config, &handler, &look, &outcome);
    int status = WZP_EXIT_FAILED;
    if (outcome.warning[0]) {
        fprintf(stderr, "wzp-client: warning: %s\n", outcome.warning);
    }
    if (err != WZP_OK) {
        fprintf(stderr, "wzp-client: %s\n", outcome.message);
    } else {
        const struct wzp_list list = {.room = setup.config.room,
                                      .relay_label = outcome.joined.joined.relay_label,
                                      .people = look.people,
                                      .n = look.n,
                                      .self = look.self};
        status = show(options, &look, &list);
    }
    free(look.people);
    wzp_setup_deinit(&setup);
    return status;
}

/* --- who we are --- */

size_t wzp_list_find_self(const struct wzp_engine_participant *people, size_t n,
                          const struct wzp_list_self *self)
{
    const char *alias = self->alias ? self->alias : "";
    size_t by_name = WZP_LIST_NOBODY;
    for (size_t i = 0; i < n; i++) {
        const struct wzp_engine_participant *person = &people[i];
        if (person->relay_label[0]) {
            continue; /* on another relay */
        }
        if (self->stream != 0 && person->stream == self->stream) {
            return i;
        }
        bool is_named = strcmp(person->fingerprint, self->fingerprint) == 0 ||
                        strcmp(person->fingerprint, self->short_fingerprint) == 0;
        if (is_named && (by_name == WZP_LIST_NOBODY || strcmp(person->alias, alias) == 0)) {
            by_name = i;
        }
    }
    return self->stream != 0 ? WZP_LIST_NOBODY : by_name;
}

/* --- printing --- */

/** Characters of UTF-8, which is what a terminal mostly shows. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static void print_cell(FILE *stream, const char *text, int width)
{
    fprintf(stream, "%s%*s  ", text, width - width_of(text), "");
}

static int widest(int width, const char *text)
{
    int other = width_of(text);
    return other > width ? other : width;
}

void wzp_list_print(const struct wzp_list *list, FILE *stream)
{
    int alias = width_of("alias"), fingerprint = width_of("fingerprint"), relay = width_of("relay");
    for (size_t i = 0; i < list->n; i++) {
        alias = widest(alias, list->people[i].alias);
        fingerprint = widest(fingerprint, list->people[i].fingerprint);
        relay = widest(relay, list->people[i].relay_label);
    }
    fputs("  ", stream);
    print_cell(stream, "alias", alias);
    print_cell(stream, "fingerprint", fingerprint);
    fputs("stream  ", stream);
    print_cell(stream, "relay", relay);
    fputs("muted\n", stream);
    for (size_t i = 0; i < list->n; i++) {
        const struct wzp_engine_participant *person = &list->people[i];
        fputs(i == list->self ? "* " : "  ", stream);
        print_cell(stream, person->alias[0] ? person->alias : "-", alias);
        print_cell(stream, person->fingerprint, fingerprint);
        fprintf(stream, "%6u  ", (unsigned)person->stream);
        print_cell(stream, person->relay_label[0] ? person->relay_label : "-", relay);
        fprintf(stream, "%s\n", person->muted ? "yes" : "no");
    }
}

static void add_person(const struct wzp_engine_participant *person, bool is_self, struct wzp_buffer *out)
{
    wzp_buffer_add_text(out, "{\"alias\":");
    wzp_buffer_add_json(out, person->alias);
    wzp_buffer_add_text(out, ",\"fingerprint\":");
    wzp_buffer_add_json(out, person->fingerprint);
    wzp_buffer_print(out, ",\"stream\":%u,\"relay_label\":", (unsigned)person->stream);
    wzp_buffer_add_json(out, person->relay_label);
    wzp_buffer_print(out, ",\"muted\":%s,\"self\":%s}", person->muted ? "true" : "false",
                     is_self ? "true" : "false");
}

void wzp_list_print_json(const struct wzp_list *list, FILE *stream)
{
    struct wzp_buffer out;
    wzp_buffer_init(&out, JSON_LIMIT_BYTES);
    wzp_buffer_add_text(&out, "{\"room\":");
    wzp_buffer_add_json(&out, list->room);
    wzp_buffer_add_text(&out, ",\"relay_label\":");
    wzp_buffer_add_json(&out, list->relay_label);
    wzp_buffer_add_text(&out, ",\"participants\":[");
    for (size_t i = 0; i < list->n; i++) {
        wzp_buffer_add_text(&out, i > 0 ? "," : "");
        add_person(&list->people[i], i == list->self, &out);
    }
    wzp_buffer_add_text(&out, "]}\n");
    fputs(out.text ? out.text : "{}\n", stream);
    wzp_buffer_deinit(&out);
}
