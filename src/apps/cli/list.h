/* SPDX-License-Identifier: Apache-2.0 */
/* --list: who is in the room. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <wzp/engine.h>

#include "apps/cli/options.h"

/** Nobody is marked. */
#define WZP_LIST_NOBODY SIZE_MAX

/** A room as it is printed. Borrowed. */
struct wzp_list {
    const char *room;
    const char *relay_label; /* of the relay we are on, or "" */
    const struct wzp_engine_participant *people;
    size_t n;
    size_t self; /* index, or WZP_LIST_NOBODY */
};

/** How a relay may name us. */
struct wzp_list_self {
    uint16_t stream; /* 0: the relay gives no numbers */
    const char *fingerprint, *short_fingerprint;
    const char *alias; /* or NULL */
};

/** Joins, prints who is there, leaves; the exit status. */
int wzp_list_run(const struct wzp_options *options);

/** The index of ourselves, or WZP_LIST_NOBODY: by stream number where there is one, else by fingerprint and
 * alias. */
size_t wzp_list_find_self(const struct wzp_engine_participant *people, size_t n,
                          const struct wzp_list_self *self);

/** A table for people: a line each, ourselves with a star. */
void wzp_list_print(const struct wzp_list *list, FILE *stream);

/** One JSON object and a newline. */
void wzp_list_print_json(const struct wzp_list *list, FILE *stream);
