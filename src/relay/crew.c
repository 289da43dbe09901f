/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/crew.h"

#include <stdlib.h>
#include <unistd.h>

#include "crypto/room_id.h"
#include "proto/room_name.h"
#include "proto/signal.h"
#include "relay/config.h"

struct wzp_crew_tag {
    struct wzp_crew_tag *next;
    uint8_t tag[WZP_ROOM_TAG_BYTES];
    unsigned worker;
};

static unsigned count_workers(const struct wzp_relay_config *config)
{
    if (config->workers > 0) {
        return config->workers;
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > WZP_CREW_MAX ? WZP_CREW_MAX : (unsigned)processors;
}

static enum wzp_err add_tag(struct wzp_crew *crew, const char *room)
{
    struct wzp_crew_tag *tag = calloc(1, sizeof *tag);
    if (!tag) {
        return WZP_ENOMEM;
    }
    wzp_room_id_tag(room, tag->tag);
    tag->worker = wzp_crew_of_room(crew, room);
    tag->next = crew->first_tag;
    crew->first_tag = tag;
    enum wzp_err err = wzp_map_add(&crew->tags, tag->tag, sizeof tag->tag, tag);
    return err == WZP_EEXIST ? WZP_OK : err; /* a room twice: the router says so */
}

enum wzp_err wzp_crew_init(struct wzp_crew *crew, const struct wzp_relay_config *config,
                           const struct wzp_random *random)
{
    *crew = (struct wzp_crew){.n = count_workers(config)};
    crew->members_per_worker = crew->n > 1 ? config->room_members_per_worker : 0;
    random->fill(random->context, &crew->key, sizeof crew->key);
    wzp_map_init(&crew->tags, &crew->key, config->n_global_rooms);
    enum wzp_err err = WZP_OK;
    for (size_t i = 0; i < config->n_global_rooms && err == WZP_OK; i++) {
        err = add_tag(crew, config->global_rooms[i].name);
    }
    return err;
}

void wzp_crew_deinit(struct wzp_crew *crew)
{
    while (crew->first_tag) {
        struct wzp_crew_tag *tag = crew->first_tag;
        crew->first_tag = tag->next;
        free(tag);
    }
    wzp_map_deinit(&crew->tags);
}

uint64_t wzp_crew_room_key(const struct wzp_crew *crew, const char *name)
{
    char folded[WZP_ROOM_NAME_BYTES];
    if (wzp_room_name_fold(name, folded) != WZP_OK) {
        return 1;
    }
    struct wzp_room_id id = wzp_room_id_of(folded);
    uint64_t key = wzp_hash(&crew->key, id.bytes, sizeof id.bytes);
    return key > 0 ? key : 1;
}

unsigned wzp_crew_of_room(const struct wzp_crew *crew, const char *name)
{
    return crew->n < 2 ? WZP_CREW_FIRST : (unsigned)(wzp_crew_room_key(crew, name) % crew->n);
}

unsigned wzp_crew_of_tag(const struct wzp_crew *crew, const uint8_t *tag)
{
    if (crew->n == 1) {
        return WZP_CREW_FIRST;
    }
    const struct wzp_crew_tag *known = wzp_map_get(&crew->tags, tag, WZP_ROOM_TAG_BYTES);
    return known ? known->worker : WZP_CREW_FIRST;
}

static bool is_room(const char *server_name, char out_room[static WZP_ROOM_NAME_BYTES])
{
    enum wzp_room_name_kind kind = wzp_room_name_of_sni(server_name, out_room);
    return kind == WZP_ROOM_NAME_RAW || kind == WZP_ROOM_NAME_HASH;
}

bool wzp_crew_is_room(const char *server_name)
{
    char room[WZP_ROOM_NAME_BYTES];
    return is_room(server_name, room);
}

unsigned wzp_crew_of_server_name(const struct wzp_crew *crew, const char *server_name)
{
    char room[WZP_ROOM_NAME_BYTES];
    return is_room(server_name, room) ? wzp_crew_of_room(crew, room) : WZP_CREW_FIRST;
}

unsigned wzp_crew_of_arrival(struct wzp_crew *crew, const char *server_name, wzp_us now)
{
    char room[WZP_ROOM_NAME_BYTES];
    if (crew->members_per_worker == 0 || !is_room(server_name, room)) {
        return wzp_crew_of_server_name(crew, server_name);
    }
    uint64_t key = wzp_crew_room_key(crew, room);
    size_t n_before = wzp_signposts_arrive(&crew->signposts, key, now);
    unsigned next = wzp_signposts_read(&crew->signposts, key, (unsigned)(key % crew->n));
    return (unsigned)((next + n_before / crew->members_per_worker) % crew->n);
}

unsigned wzp_crew_of_signal(const struct wzp_crew *crew, const struct wzp_signal *signal)
{
    switch ((int)signal->kind) {
    case WZP_SIGNAL_GLOBAL_ROOM_ACTIVE:
    case WZP_SIGNAL_GLOBAL_ROOM_INACTIVE:
        return signal->global_room.room ? wzp_crew_of_room(crew, signal->global_room.room) : WZP_CREW_FIRST;
    case WZP_SIGNAL_PRUNE:
    case WZP_SIGNAL_GRAFT:
        return wzp_crew_of_tag(crew, signal->prune.room_hash);
    default:
        return WZP_CREW_FIRST;
    }
}

bool wzp_crew_enter(struct wzp_crew *crew, size_t limit)
{
    size_t n = atomic_load_explicit(&crew->sessions, memory_order_relaxed);
    do {
        if (n >= limit) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&crew->sessions, &n, n + 1, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

void wzp_crew_leave(struct wzp_crew *crew)
{
    atomic_fetch_sub_explicit(&crew->sessions, 1, memory_order_relaxed);
}
