/* SPDX-License-Identifier: Apache-2.0 */
#include "fec/window_numbers.h"

#include <stdlib.h>

#define FIRST (UINT64_C(1) << 32) /* position and ordinal of the first packet: far from 0 */

enum kind {
    UNKNOWN = 0,
    SOURCE,
    OTHER,
};

static size_t index_of(uint64_t position)
{
    return position % WZP_WINDOW_NUMBERS;
}

static int32_t ahead(uint16_t seq, uint16_t base)
{
    return (int16_t)(uint16_t)(seq - base);
}

bool wzp_window_numbers_is_jump(const struct wzp_window_numbers *numbers, uint16_t seq)
{
    return numbers->has_any && abs(ahead(seq, numbers->newest_seq)) > WZP_WINDOW_NUMBERS_JUMP;
}

static uint64_t position_of(const struct wzp_window_numbers *numbers, uint16_t seq)
{
    return numbers->newest + (uint64_t)(int64_t)ahead(seq, numbers->newest_seq);
}

static uint64_t oldest_of(const struct wzp_window_numbers *numbers)
{
    return numbers->newest - WZP_WINDOW_NUMBERS + 1;
}

/** Makes room for `seq`, where it is new. */
static uint64_t reach(struct wzp_window_numbers *numbers, uint16_t seq)
{
    if (!numbers->has_any) {
        numbers->has_any = true;
        numbers->newest = FIRST;
        numbers->newest_seq = seq;
    }
    uint64_t position = position_of(numbers, seq);
    while (numbers->newest < position) {
        numbers->newest++;
        numbers->newest_seq++;
        numbers->kinds[index_of(numbers->newest)] = UNKNOWN;
    }
    return position;
}

/** What lies next to a position on one side. */
struct side {
    bool has_source;
    uint64_t position, ordinal; /* of the nearest source packet */
    size_t n_unknown;           /* numbers before it */
};

static struct side look(const struct wzp_window_numbers *numbers, uint64_t position, int direction)
{
    struct side side = {0};
    for (;;) {
        position += (uint64_t)(int64_t)direction;
        if (position > numbers->newest || position < oldest_of(numbers)) {
            return side;
        }
        enum kind kind = (enum kind)numbers->kinds[index_of(position)];
        if (kind == SOURCE) {
            side.has_source = true;
            side.position = position;
            side.ordinal = numbers->ordinals[index_of(position)];
            return side;
        }
        side.n_unknown += kind == UNKNOWN;
    }
}

/** The ordinal nearest to `near` that is `ordinal` modulo n_ordinals. */
static uint64_t extend(const struct wzp_window_numbers *numbers, uint64_t near, uint32_t ordinal)
{
    uint32_t n = numbers->n_ordinals;
    uint32_t distance = (ordinal % n + n - (uint32_t)(near % n)) % n;
    return distance <= n / 2 ? near + distance : near + distance - n;
}

/** Whether as many numbers as source packets, or more, lie between the two. */
static bool goes_with(const struct side *side, uint64_t position, uint64_t ordinal)
{
    if (!side->has_source) {
        return true;
    }
    int64_t n_numbers = llabs((int64_t)(position - side->position));
    int64_t n_ordinals = (int64_t)(ordinal - side->ordinal);
    n_ordinals = position > side->position ? n_ordinals : -n_ordinals;
    return n_ordinals > 0 && n_ordinals <= n_numbers;
}

enum wzp_err wzp_window_numbers_source(struct wzp_window_numbers *numbers, uint16_t seq, uint32_t ordinal,
                                       uint64_t *out_ordinal)
{
    uint64_t position = reach(numbers, seq);
    if (numbers->kinds[index_of(position)] != UNKNOWN) {
        return WZP_EEXIST;
    }
    struct side below = look(numbers, position, -1);
    struct side above = look(numbers, position, 1);
    bool has_neighbour = below.has_source || above.has_source;
    if (!has_neighbour && numbers->has_source) {
        return WZP_EMALFORMED; /* only repairs for a whole ring: where the ordinals are now is not known */
    }
    uint64_t near = below.has_source ? below.ordinal : above.has_source ? above.ordinal : FIRST;
    uint64_t extended = extend(numbers, near, ordinal);
    if (has_neighbour && (extended == below.ordinal || extended == above.ordinal)) {
        return WZP_EEXIST; /* was given back under another number already */
    }
    if (!goes_with(&below, position, extended) || !goes_with(&above, position, extended)) {
        return WZP_EMALFORMED;
    }
    numbers->has_source = true;
    numbers->kinds[index_of(position)] = SOURCE;
    numbers->ordinals[index_of(position)] = extended;
    *out_ordinal = extended;
    return WZP_OK;
}

void wzp_window_numbers_other(struct wzp_window_numbers *numbers, uint16_t seq)
{
    uint64_t position = reach(numbers, seq);
    if (numbers->kinds[index_of(position)] == UNKNOWN) {
        numbers->kinds[index_of(position)] = OTHER;
    }
}

enum wzp_err wzp_window_numbers_ordinal(const struct wzp_window_numbers *numbers, uint16_t seq,
                                        uint64_t *out_ordinal)
{
    uint64_t position = position_of(numbers, seq);
    if (!numbers->has_any || position < oldest_of(numbers)) {
        return WZP_EAGAIN;
    }
    if (position <= numbers->newest && numbers->kinds[index_of(position)] == SOURCE) {
        *out_ordinal = numbers->ordinals[index_of(position)];
        return WZP_OK;
    }
    struct side below = look(numbers, position, -1);
    struct side above = look(numbers, position, 1);
    bool is_between = below.has_source && above.has_source;
    uint64_t n_sources = is_between ? above.ordinal - below.ordinal - 1 : 0;
    bool is_all = n_sources == below.n_unknown + above.n_unknown + 1; /* no repair was lost there */
    if (below.has_source && (below.n_unknown == 0 || n_sources == 1)) {
        *out_ordinal = below.ordinal + 1;
    } else if (above.has_source && above.n_unknown == 0) {
        *out_ordinal = above.ordinal - 1;
    } else if (is_between && is_all) {
        *out_ordinal = below.ordinal + below.n_unknown + 1;
    } else {
        return WZP_EAGAIN;
    }
    return WZP_OK;
}

/** The source packet with the largest ordinal below `ordinal`. */
static struct side last_before(const struct wzp_window_numbers *numbers, uint64_t ordinal)
{
    struct side side = look(numbers, numbers->newest + 1, -1);
    while (side.has_source && side.ordinal >= ordinal) {
        side = look(numbers, side.position, -1);
    }
    return side;
}

enum wzp_err wzp_window_numbers_assign(struct wzp_window_numbers *numbers, uint64_t ordinal,
                                       uint16_t *out_seq)
{
    struct side below = last_before(numbers, ordinal);
    if (!below.has_source) {
        return WZP_ENOTFOUND;
    }
    uint64_t n_before = ordinal - below.ordinal - 1; /* lost ones in front of it */
    for (uint64_t position = below.position + 1; position <= numbers->newest; position++) {
        enum kind kind = (enum kind)numbers->kinds[index_of(position)];
        if (kind == SOURCE) {
            break;
        }
        if (kind == UNKNOWN && n_before-- == 0) {
            numbers->kinds[index_of(position)] = SOURCE;
            numbers->ordinals[index_of(position)] = ordinal;
            *out_seq = (uint16_t)(numbers->newest_seq - (numbers->newest - position));
            return WZP_OK;
        }
    }
    return WZP_ENOTFOUND;
}
