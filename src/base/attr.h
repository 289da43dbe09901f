/* SPDX-License-Identifier: Apache-2.0 */
/* The GNU extensions the code uses, wrapped, and the idioms that go with them. */
#pragma once

#include <stddef.h>

#define WZP_MUST_USE        __attribute__((warn_unused_result))
#define WZP_PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))
#define WZP_UNUSED          __attribute__((unused))

/** Runs `fn(&variable)` when the variable leaves its scope: `WZP_AUTO(wzp_room_freep) struct wzp_room *room =
 * ...`. */
#define WZP_AUTO(fn) __attribute__((cleanup(fn)))

/** Hands an object out of its WZP_AUTO variable: the variable becomes NULL, the value is returned. */
#define wzp_take(pointer)                                                                                    \
    __extension__({                                                                                          \
        __typeof__(pointer) wzp_taken_ = (pointer);                                                          \
        (pointer) = NULL;                                                                                    \
        wzp_taken_;                                                                                          \
    })

/** Discards a result visibly. */
#define wzp_ignore(expression)                                                                               \
    do {                                                                                                     \
        __typeof__(expression) wzp_ignored_ WZP_UNUSED = (expression);                                       \
    } while (0)

#define wzp_count(array) (sizeof(array) / sizeof((array)[0]))

/** The object that holds `member` at `pointer`. */
#define wzp_container(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

static inline size_t wzp_min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t wzp_max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}
