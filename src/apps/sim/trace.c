/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/signal.h"

static long relay_of(const struct wzp_world *world, const char *text)
{
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    for (size_t i = 0; text && wzp_fingerprint_read(text, fingerprint) == WZP_OK && i < world->graph.n; i++) {
        if (memcmp(world->relays[i].fingerprint, fingerprint, sizeof fingerprint) == 0) {
            return (long)i;
        }
    }
    return -1;
}

void wzp_trace_line(const struct wzp_world *world, const char *format, ...)
{
    if (!world->options->verbose) {
        return;
    }
    va_list args;
    va_start(args, format);
    printf("%10.4f ", (double)world->now / WZP_SECOND);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

void wzp_trace_signal(const struct wzp_side *side, const struct wzp_signal *signal)
{
    const struct wzp_world *world = side->world;
    if (!world->options->verbose) {
        return;
    }
    size_t to = world->edges[side->edge].sides[1 - side->side].relay;
    const struct wzp_signal_global_room *room = &signal->global_room;
    printf("%10.4f %zu>%zu %s", (double)world->now / WZP_SECOND, side->relay, to,
           wzp_signal_kind_name(signal->kind));
    if (signal->kind == WZP_SIGNAL_PRUNE || signal->kind == WZP_SIGNAL_GRAFT) {
        printf(" %02x origin %ld n %llu\n", signal->prune.room_hash[0], relay_of(world, signal->prune.origin),
               (unsigned long long)signal->prune.n);
        return;
    }
    printf(" %s origin %ld seq %llu n %llu%s path", room->room, relay_of(world, room->origin),
           (unsigned long long)(room->seq % 1000000000), (unsigned long long)room->n,
           room->withdraw ? " withdraw" : "");
    for (size_t i = 0; i < room->path.n; i++) {
        printf(" %ld", relay_of(world, room->path.items[i]));
    }
    for (size_t i = 0; i < room->lost.n; i++) {
        printf(" %s %ld", i == 0 ? "lost" : "to", relay_of(world, room->lost.items[i]));
    }
    printf(" people");
    for (size_t i = 0; i < room->participants.n; i++) {
        printf(" %s", room->participants.items[i].fingerprint);
    }
    putchar('\n');
}
