/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/signposts.h"

static size_t place(uint64_t room, size_t i)
{
    return (size_t)((room + i) % WZP_SIGNPOSTS);
}

/* The index of the room's sign, or WZP_SIGNPOSTS. */
static size_t find(const struct wzp_signposts *signposts, uint64_t room)
{
    for (size_t i = 0; i < WZP_SIGNPOSTS_REACH; i++) {
        size_t at = place(room, i);
        if (atomic_load_explicit(&signposts->all[at].room, memory_order_acquire) == room) {
            return at;
        }
    }
    return WZP_SIGNPOSTS;
}

unsigned wzp_signposts_read(const struct wzp_signposts *signposts, uint64_t room, unsigned home)
{
    size_t at = find(signposts, room);
    return at == WZP_SIGNPOSTS ? home
                               : atomic_load_explicit(&signposts->all[at].worker, memory_order_relaxed);
}

size_t wzp_signposts_arrive(struct wzp_signposts *signposts, uint64_t room, wzp_us now)
{
    _Atomic uint64_t *rush = &signposts->rushes[room % WZP_SIGNPOSTS_RUSHES];
    uint64_t second = (uint64_t)(now / WZP_SECOND) << 32;
    uint64_t before = atomic_load_explicit(rush, memory_order_relaxed);
    if (before >> 32 != second >> 32) {
        atomic_store_explicit(rush, second + 1,
                              memory_order_relaxed); /* two that do so at once count as one */
        return 0;
    }
    return (size_t)(uint32_t)atomic_fetch_add_explicit(rush, 1, memory_order_relaxed);
}

/* Takes a free place for the room: workers may try for the same one. */
static size_t take(struct wzp_signposts *signposts, uint64_t room)
{
    for (size_t i = 0; i < WZP_SIGNPOSTS_REACH; i++) {
        uint64_t none = 0;
        size_t at = place(room, i);
        if (atomic_compare_exchange_strong_explicit(&signposts->all[at].room, &none, room,
                                                    memory_order_acq_rel, memory_order_relaxed)) {
            return at;
        }
    }
    return WZP_SIGNPOSTS;
}

bool wzp_signposts_set(struct wzp_signposts *signposts, uint64_t room, unsigned worker)
{
    size_t at = find(signposts, room);
    if (at == WZP_SIGNPOSTS) {
        at = take(signposts, room);
    }
    if (at == WZP_SIGNPOSTS) {
        return false;
    }
    atomic_store_explicit(&signposts->all[at].worker, worker, memory_order_relaxed);
    return true;
}

void wzp_signposts_clear(struct wzp_signposts *signposts, uint64_t room)
{
    size_t at = find(signposts, room);
    if (at != WZP_SIGNPOSTS) {
        atomic_store_explicit(&signposts->all[at].room, 0, memory_order_release);
    }
}
