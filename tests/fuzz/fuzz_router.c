/* SPDX-License-Identifier: Apache-2.0 */
/* A relay whose members, links and peers do whatever the bytes say: two bytes an act, a few more for some.
 * The router must neither crash nor break its own counts, and everything must be gone at the end. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "proto/signal.h"
#include "router/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    N_MEMBERS = 6,
    N_LINKS = 6, /* the last two of the first generation */
    N_RELAYS = 10,
    MAX_PEOPLE = 4,
    MAX_PATH = 5,
};

struct fuzz {
    struct wzp_router *router;
    struct wzp_packet_pool *pool;
    struct wzp_member *members[N_MEMBERS];
    struct wzp_link *links[N_LINKS];
    uint64_t n[N_LINKS];
    wzp_us now;
    struct wzp_reader input;
};

static void to_members(void *context, void *const *users, size_t n_users, const struct wzp_signal *signal,
                       uint64_t replace_key)
{
    (void)context;
    (void)users;
    (void)replace_key;
    if (n_users == 0 || signal->room_update.participants.n == 0) {
        abort();
    }
}

static void to_link(void *context, void *user, const struct wzp_signal *signal, uint64_t replace_key)
{
    (void)context;
    (void)user;
    (void)replace_key;
    char *body = NULL;
    size_t size = 0;
    if (wzp_signal_write(signal, &body, &size) == WZP_EINVAL) {
        abort(); /* what the router says can always be written */
    }
    free(body);
}

static void media_out(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    (void)context;
    (void)user;
    if (offset + size > sizeof packet->bytes) {
        abort();
    }
}

static void member_replaced(void *context, void *user)
{
    (void)context;
    *(struct wzp_member **)user = NULL;
}

static void event(void *context, const struct wzp_router_event *event)
{
    (void)context;
    (void)event;
}

static void fingerprint_of(uint8_t relay, uint8_t *out_fingerprint)
{
    memset(out_fingerprint, 'a' + relay % N_RELAYS, WZP_FINGERPRINT_BYTES);
}

static void toggle_member(struct fuzz *fuzz, uint8_t which)
{
    static const char *const rooms[] = {"general", "other", "den", ""};
    static const uint8_t identities[N_MEMBERS][32] = {{1}, {2}, {2}, {3}, {4}, {5}};
    struct wzp_member **member = &fuzz->members[which % N_MEMBERS];
    if (*member) {
        wzp_router_leave(fuzz->router, *member, fuzz->now);
        *member = NULL;
        return;
    }
    const struct wzp_join join = {.room = rooms[which / N_MEMBERS % 4],
                                  .fingerprint = which & 0x80 ? "ann" : "bob",
                                  .identity = identities[which % N_MEMBERS],
                                  .caps = which,
                                  .user = member};
    if (wzp_router_join(fuzz->router, &join, fuzz->now, member) != WZP_OK) {
        *member = NULL;
    }
}

static void toggle_link(struct fuzz *fuzz, uint8_t which)
{
    size_t i = which % N_LINKS;
    if (fuzz->links[i]) {
        wzp_router_link_down(fuzz->router, fuzz->links[i], fuzz->now);
        fuzz->links[i] = NULL;
        return;
    }
    struct wzp_link_info info = {
        .label = "peer",
        .generation = i >= N_LINKS - 2 ? WZP_GENERATION_1 : WZP_GENERATION_2,
        .policy = {.is_leaf = which & 0x40},
        .rtt_class = which & 3,
    };
    fingerprint_of((uint8_t)i, info.fingerprint);
    fuzz->n[i] = 0;
    if (wzp_router_link_up(fuzz->router, &info, fuzz->now, &fuzz->links[i]) != WZP_OK) {
        abort();
    }
}

/* An announcement made of small choices, mostly plausible. */
static void announce(struct fuzz *fuzz, uint8_t which)
{
    static const char *const names[] = {"ann", "bob", "cat", "dan", "ann"};
    struct wzp_reader *input = &fuzz->input;
    size_t i = which % N_LINKS;
    char texts[MAX_PATH + 3][WZP_FINGERPRINT_TEXT_BYTES];
    const char *path[MAX_PATH + 3];
    struct wzp_signal_participant people[MAX_PEOPLE];
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    uint8_t shape = wzp_read_u8(input);
    size_t n_path = shape % (MAX_PATH + 1);
    size_t n_people = wzp_read_u8(input) % (MAX_PEOPLE + 1);
    for (size_t k = 0; k < MAX_PATH + 3; k++) {
        fingerprint_of(k == 0 ? (uint8_t)i : wzp_read_u8(input), fingerprint);
        wzp_fingerprint_write(fingerprint, texts[k]);
        path[k] = texts[k];
    }
    for (size_t k = 0; k < n_people; k++) {
        uint8_t choice = wzp_read_u8(input);
        people[k] =
            (struct wzp_signal_participant){.fingerprint = names[choice % 5], .stream = choice / 5 % 4};
    }
    bool is_active = shape & 0x40;
    struct wzp_signal signal = {
        .kind = is_active ? WZP_SIGNAL_GLOBAL_ROOM_ACTIVE : WZP_SIGNAL_GLOBAL_ROOM_INACTIVE,
        .global_room = {.room = shape & 0x10 ? "other" : "general",
                        .participants = {.items = people, .n = n_people},
                        .origin = n_path > 0 ? path[n_path - 1] : NULL,
                        .seq = wzp_read_u8(input),
                        .n = shape & 0x20 ? wzp_read_u8(input) : ++fuzz->n[i],
                        .path = {.items = path, .n = n_path},
                        .lost = {.items = path + MAX_PATH + 1, .n = shape & 0x08 ? 2 : 0},
                        .withdraw = shape & 0x80},
    };
    wzp_router_link_signal(fuzz->router, fuzz->links[i], &signal, fuzz->now);
}

static void prune(struct fuzz *fuzz, uint8_t which)
{
    size_t i = which % N_LINKS;
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    char text[WZP_FINGERPRINT_TEXT_BYTES];
    uint8_t shape = wzp_read_u8(&fuzz->input);
    struct wzp_signal signal = {.kind = shape & 1 ? WZP_SIGNAL_PRUNE : WZP_SIGNAL_GRAFT};
    fingerprint_of(shape >> 3, fingerprint);
    wzp_fingerprint_write(fingerprint, text);
    signal.prune.origin = shape & 2 ? text : NULL;
    signal.prune.n = shape & 4 ? wzp_read_u8(&fuzz->input) : ++fuzz->n[i];
    wzp_room_id_tag("general", signal.prune.room_hash);
    wzp_router_link_signal(fuzz->router, fuzz->links[i], &signal, fuzz->now);
}

static void media(struct fuzz *fuzz, uint8_t which)
{
    uint8_t bytes[40] = {0};
    uint8_t shape = wzp_read_u8(&fuzz->input);
    size_t i = which % N_LINKS;
    size_t tag = i >= N_LINKS - 2 ? 8 : 18;
    struct wzp_packet *packet = NULL;
    wzp_room_id_tag(shape & 0x80 ? "other" : "general", bytes);
    if (tag == 18) {
        fingerprint_of(shape, bytes + 8);
        memset(bytes + 16, 0, sizeof bytes - 16);
        bytes[16] = shape >> 2;
    }
    bytes[tag + 3] = wzp_read_u8(&fuzz->input);
    bytes[tag + 11] = wzp_read_u8(&fuzz->input) % 4;
    size_t size = tag + 12 + (shape & 3) - (shape == 0xff);
    if (wzp_packet_new(fuzz->pool, bytes, size, &packet) == WZP_OK) {
        wzp_router_link_media_in(fuzz->router, fuzz->links[i], packet, fuzz->now);
        wzp_packet_unref(packet);
    }
}

static void say(struct fuzz *fuzz, uint8_t which)
{
    struct wzp_member *member = fuzz->members[which % N_MEMBERS];
    uint8_t bytes[14] = {0};
    struct wzp_packet *packet = NULL;
    bytes[3] = which;
    if (member && wzp_packet_new(fuzz->pool, bytes, sizeof bytes, &packet) == WZP_OK) {
        wzp_router_media_in(fuzz->router, member, packet, fuzz->now);
        wzp_packet_unref(packet);
    }
}

static void act(struct fuzz *fuzz)
{
    uint8_t what = wzp_read_u8(&fuzz->input);
    uint8_t which = wzp_read_u8(&fuzz->input);
    bool has_link = fuzz->links[which % N_LINKS] != NULL;
    if (what < 40) {
        toggle_member(fuzz, which);
    } else if (what < 60 || !has_link) {
        toggle_link(fuzz, which);
    } else if (what < 130) {
        announce(fuzz, which);
    } else if (what < 160) {
        prune(fuzz, which);
    } else if (what < 200) {
        media(fuzz, which);
    } else if (what < 220) {
        say(fuzz, which);
    } else {
        fuzz->now += (wzp_us)which * which * WZP_MS;
        for (int i = 0; wzp_router_deadline(fuzz->router) <= fuzz->now && i < 100; i++) {
            wzp_router_tick(fuzz->router, fuzz->now);
        }
    }
}

/* Everybody leaves; after a while the router must be at rest. */
static void end(struct fuzz *fuzz)
{
    for (size_t i = 0; i < N_LINKS; i++) {
        if (fuzz->links[i]) {
            toggle_link(fuzz, (uint8_t)i);
        }
    }
    for (size_t i = 0; i < N_MEMBERS; i++) {
        if (fuzz->members[i]) {
            toggle_member(fuzz, (uint8_t)i);
        }
    }
    for (int i = 0; i < 1000 && wzp_router_deadline(fuzz->router) != WZP_NEVER; i++) {
        fuzz->now = wzp_us_max(fuzz->now, wzp_router_deadline(fuzz->router));
        wzp_router_tick(fuzz->router, fuzz->now);
    }
    struct wzp_router_stats stats;
    wzp_router_stats(fuzz->router, &stats);
    if (wzp_router_deadline(fuzz->router) != WZP_NEVER || stats.members + stats.origins + stats.rooms > 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const rooms[] = {"general", "other"};
    const struct wzp_router_out out = {
        .to_members = to_members,
        .to_link = to_link,
        .media_to_member = media_out,
        .media_to_link = media_out,
        .member_replaced = member_replaced,
        .event = event,
    };
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    struct fuzz fuzz = {.now = WZP_SECOND, .input = wzp_reader_of(data, size)};
    if (wzp_packet_pool_new(16, &fuzz.pool) != WZP_OK) {
        return 0;
    }
    struct wzp_router_config config = {
        .label = "M",
        .global_rooms = rooms,
        .n_global_rooms = 2,
        .limits = {.members_per_room = 4, .origins_per_room = 5, .remote_per_room = 6},
        .random = &random,
        .wall_clock_us = 10,
        .pool = fuzz.pool,
        .out = &out,
    };
    fingerprint_of(N_RELAYS - 1, config.fingerprint);
    if (wzp_router_new(&config, &fuzz.router) == WZP_OK) {
        while (wzp_reader_left(&fuzz.input) > 1) {
            act(&fuzz);
        }
        end(&fuzz);
        wzp_router_free(fuzz.router);
    }
    wzp_packet_pool_free(fuzz.pool);
    return 0;
}
