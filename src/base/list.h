/* SPDX-License-Identifier: Apache-2.0 */
/* Intrusive doubly linked lists: a node lives inside the object it links. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"

struct wzp_list {
    struct wzp_list *next, *prev;
};

/** An empty list head; also what an unlinked node looks like. */
static inline void wzp_list_init(struct wzp_list *list)
{
    list->next = list->prev = list;
}

static inline bool wzp_list_is_empty(const struct wzp_list *list)
{
    return list->next == list;
}

static inline void wzp_list_push_back(struct wzp_list *list, struct wzp_list *node)
{
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

/** Takes `node` out of whichever list it is in; harmless on an unlinked, initialised node. */
static inline void wzp_list_remove(struct wzp_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    wzp_list_init(node);
}

/** The first node, or NULL. */
static inline struct wzp_list *wzp_list_first(const struct wzp_list *list)
{
    return wzp_list_is_empty(list) ? NULL : list->next;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): `node` is a name that is declared, not a value. */
/** Walks a list whose current node may be removed by the body. */
#define wzp_list_each(node, list)                                                                            \
    for (struct wzp_list *node = (list)->next, *wzp_next_##node = node->next; node != (list);                \
         node = wzp_next_##node, wzp_next_##node = node->next)
/* NOLINTEND(bugprone-macro-parentheses) */
