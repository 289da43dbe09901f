/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way onto another loop's thread: letters, and a bell for who has put something into a ring.
 *
 * Letters are for control, they take a lock; media goes through base/ring.h and only rings the bell.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "net/loop.h"

struct wzp_mailbox;

/** First member of each kind of letter. */
struct wzp_letter {
    struct wzp_letter *next;
    void (*deliver)(struct wzp_letter *letter, void *context); /* on the owner's thread; frees it */
    void (*discard)(struct wzp_letter *letter);                /* frees it undelivered; any thread */
};

/** What the owner does when the bell has rung, after the letters: empties its rings. May be NULL. */
typedef void (*wzp_mailbox_fn)(void *context);

/** A box of at most `limit` letters on the owner's loop; `context` goes to `deliver` and `on_bell`.
 * WZP_ENOMEM, WZP_EIO. */
WZP_MUST_USE enum wzp_err wzp_mailbox_new(struct wzp_loop *loop, size_t limit, wzp_mailbox_fn on_bell,
                                          void *context, struct wzp_mailbox **out_mailbox);

/** Any thread: takes no more letters, and discards what lies in it. */
void wzp_mailbox_close(struct wzp_mailbox *mailbox);

/** On the owner's thread, once nobody posts any more: discards what lies in it. Takes NULL. */
void wzp_mailbox_free(struct wzp_mailbox *mailbox);

/** Any thread. Takes the letter over, also when it fails: WZP_ELIMIT: the box is full; WZP_ECLOSED: closed;
 * the letter has been discarded. */
enum wzp_err wzp_mailbox_post(struct wzp_mailbox *mailbox, struct wzp_letter *letter);

/** The same for letters whose number something else bounds: the box's limit is not for them. WZP_ECLOSED: the
 * box is closed. */
enum wzp_err wzp_mailbox_post_surely(struct wzp_mailbox *mailbox, struct wzp_letter *letter);

/** Any thread: has the owner's `on_bell` run soon. Costs a system call only where the bell is silent. */
void wzp_mailbox_ring(struct wzp_mailbox *mailbox);
