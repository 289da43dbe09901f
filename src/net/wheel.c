/* SPDX-License-Identifier: Apache-2.0 */
#include "net/wheel.h"

#define COARSE ((size_t)WZP_WHEEL_SLOTS) /* the first of the coarse slots */
#define NONE   SIZE_MAX

static void mark(struct wzp_wheel *wheel, size_t slot, bool is_used)
{
    uint64_t bit = UINT64_C(1) << slot % 64;
    wheel->used[slot / 64] = is_used ? wheel->used[slot / 64] | bit : wheel->used[slot / 64] & ~bit;
}

static void unlink_from_slot(struct wzp_wheel *wheel, struct wzp_deadline *deadline)
{
    *deadline->from = deadline->next;
    if (deadline->next) {
        deadline->next->from = deadline->from;
    }
    if (!wheel->slots[deadline->slot]) {
        mark(wheel, deadline->slot, false);
    }
}

/* The first tick at which it is over, none that has been looked at. */
static uint64_t tick_of(const struct wzp_wheel *wheel, wzp_us at)
{
    uint64_t tick = at > 0 ? ((uint64_t)at + WZP_WHEEL_TICK - 1) / WZP_WHEEL_TICK : 0;
    return tick > wheel->tick ? tick : wheel->tick;
}

/* A coarse slot's ticks are those of one round of the fine ones; rounds begin where the fine slots do. */
static size_t slot_of(const struct wzp_wheel *wheel, uint64_t tick)
{
    uint64_t rounds_off = tick / WZP_WHEEL_SLOTS - wheel->tick / WZP_WHEEL_SLOTS;
    if (rounds_off == 0) {
        return tick % WZP_WHEEL_SLOTS;
    }
    uint64_t round = rounds_off < WZP_WHEEL_SLOTS ? tick / WZP_WHEEL_SLOTS
                                                  : wheel->tick / WZP_WHEEL_SLOTS + WZP_WHEEL_SLOTS - 1;
    return COARSE + round % WZP_WHEEL_SLOTS;
}

static void link_into_slot(struct wzp_wheel *wheel, struct wzp_deadline *deadline)
{
    size_t slot = slot_of(wheel, tick_of(wheel, deadline->at));
    struct wzp_deadline **first = &wheel->slots[slot];
    deadline->slot = (uint16_t)slot;
    deadline->from = first;
    deadline->next = *first;
    if (*first) {
        (*first)->from = &deadline->next;
    }
    *first = deadline;
    mark(wheel, slot, true);
}

void wzp_wheel_set(struct wzp_wheel *wheel, struct wzp_deadline *deadline, wzp_us at)
{
    if (at == deadline->at) {
        return;
    }
    if (deadline->at != WZP_NEVER) {
        unlink_from_slot(wheel, deadline);
    }
    deadline->at = at;
    if (at != WZP_NEVER) {
        link_into_slot(wheel, deadline);
    }
}

/* The first slot in use from `from` on to the end of its kind, as an offset to `from`; NONE. */
static size_t first_used(const struct wzp_wheel *wheel, size_t from, size_t end)
{
    for (size_t slot = from; slot < end; slot = (slot / 64 + 1) * 64) {
        uint64_t rest = wheel->used[slot / 64] >> slot % 64;
        if (rest != 0) {
            return slot - from + (size_t)__builtin_ctzll(rest);
        }
    }
    return NONE;
}

/* A round begins: what was coarse is sorted finely. */
static void begin_round(struct wzp_wheel *wheel)
{
    size_t slot = COARSE + wheel->tick / WZP_WHEEL_SLOTS % WZP_WHEEL_SLOTS;
    struct wzp_deadline *deadline = wheel->slots[slot];
    wheel->slots[slot] = NULL;
    mark(wheel, slot, false);
    while (deadline) {
        struct wzp_deadline *next = deadline->next;
        link_into_slot(wheel, deadline);
        deadline = next;
    }
}

/* Rounds from the present one to the next coarse slot in use; NONE. */
static size_t rounds_to_coarse(const struct wzp_wheel *wheel)
{
    size_t here = COARSE + wheel->tick / WZP_WHEEL_SLOTS % WZP_WHEEL_SLOTS;
    size_t behind = first_used(wheel, here, COARSE + WZP_WHEEL_SLOTS);
    if (behind != NONE) {
        return behind;
    }
    size_t around = first_used(wheel, COARSE, here);
    return around == NONE ? NONE : COARSE + WZP_WHEEL_SLOTS - here + around;
}

/* The next tick that has anything to do with a deadline, itself included; UINT64_MAX. */
static uint64_t next_tick(const struct wzp_wheel *wheel)
{
    size_t fine = first_used(wheel, wheel->tick % WZP_WHEEL_SLOTS, WZP_WHEEL_SLOTS);
    if (fine != NONE) {
        return wheel->tick + fine;
    }
    size_t rounds = rounds_to_coarse(wheel);
    return rounds == NONE ? UINT64_MAX : (wheel->tick / WZP_WHEEL_SLOTS + rounds) * WZP_WHEEL_SLOTS;
}

struct wzp_deadline *wzp_wheel_take(struct wzp_wheel *wheel, wzp_us now)
{
    uint64_t last = now > 0 ? (uint64_t)now / WZP_WHEEL_TICK : 0;
    for (uint64_t tick = next_tick(wheel); tick <= last; tick = next_tick(wheel)) {
        bool is_new_round = tick / WZP_WHEEL_SLOTS != wheel->tick / WZP_WHEEL_SLOTS;
        wheel->tick = tick;
        if (is_new_round) {
            begin_round(wheel);
            continue;
        }
        struct wzp_deadline *deadline = wheel->slots[tick % WZP_WHEEL_SLOTS];
        wzp_wheel_set(wheel, deadline, WZP_NEVER);
        return deadline;
    }
    wheel->tick = last > wheel->tick ? last : wheel->tick; /* all rounds up to there are empty */
    return NULL;
}

wzp_us wzp_wheel_next(const struct wzp_wheel *wheel)
{
    uint64_t tick = next_tick(wheel);
    return tick == UINT64_MAX ? WZP_NEVER : (wzp_us)(tick * WZP_WHEEL_TICK);
}
