/* SPDX-License-Identifier: Apache-2.0 */
#include "net/mailbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct wzp_mailbox {
    struct wzp_wakeup *wakeup;
    wzp_mailbox_fn on_bell;
    void *context;
    atomic_bool is_rung;
    size_t limit;
    pthread_mutex_t lock; /* of what follows */
    bool is_closed;
    struct wzp_letter *first;
    struct wzp_letter **last;
    size_t n;
};

/* Takes all letters out, in the order in which they came. */
static struct wzp_letter *empty(struct wzp_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct wzp_letter *letters = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    mailbox->n = 0;
    pthread_mutex_unlock(&mailbox->lock);
    return letters;
}

static void on_wakeup(void *context)
{
    struct wzp_mailbox *mailbox = context;
    atomic_store(&mailbox->is_rung, false); /* before looking: what comes later rings again */
    for (struct wzp_letter *letter = empty(mailbox), *next; letter; letter = next) {
        next = letter->next;
        letter->deliver(letter, mailbox->context);
    }
    if (mailbox->on_bell) {
        mailbox->on_bell(mailbox->context);
    }
}

enum wzp_err wzp_mailbox_new(struct wzp_loop *loop, size_t limit, wzp_mailbox_fn on_bell, void *context,
                             struct wzp_mailbox **out_mailbox)
{
    struct wzp_mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (!mailbox) {
        return WZP_ENOMEM;
    }
    mailbox->on_bell = on_bell;
    mailbox->context = context;
    mailbox->limit = limit;
    mailbox->last = &mailbox->first;
    pthread_mutex_init(&mailbox->lock, NULL);
    enum wzp_err err = wzp_wakeup_new(loop, on_wakeup, mailbox, &mailbox->wakeup);
    if (err != WZP_OK) {
        wzp_mailbox_free(mailbox);
        return err;
    }
    *out_mailbox = mailbox;
    return WZP_OK;
}

static void discard_all(struct wzp_mailbox *mailbox)
{
    for (struct wzp_letter *letter = empty(mailbox), *next; letter; letter = next) {
        next = letter->next;
        letter->discard(letter);
    }
}

void wzp_mailbox_close(struct wzp_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->is_closed = true;
    pthread_mutex_unlock(&mailbox->lock);
    discard_all(mailbox);
}

void wzp_mailbox_free(struct wzp_mailbox *mailbox)
{
    if (!mailbox) {
        return;
    }
    wzp_wakeup_free(mailbox->wakeup);
    discard_all(mailbox);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

static enum wzp_err post(struct wzp_mailbox *mailbox, struct wzp_letter *letter, size_t limit)
{
    letter->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    enum wzp_err err = mailbox->is_closed ? WZP_ECLOSED : mailbox->n >= limit ? WZP_ELIMIT : WZP_OK;
    if (err == WZP_OK) {
        *mailbox->last = letter;
        mailbox->last = &letter->next;
        mailbox->n++;
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (err != WZP_OK) {
        letter->discard(letter);
        return err;
    }
    wzp_mailbox_ring(mailbox);
    return WZP_OK;
}

enum wzp_err wzp_mailbox_post(struct wzp_mailbox *mailbox, struct wzp_letter *letter)
{
    return post(mailbox, letter, mailbox->limit);
}

enum wzp_err wzp_mailbox_post_surely(struct wzp_mailbox *mailbox, struct wzp_letter *letter)
{
    return post(mailbox, letter, SIZE_MAX);
}

void wzp_mailbox_ring(struct wzp_mailbox *mailbox)
{
    if (!atomic_exchange(&mailbox->is_rung, true)) {
        wzp_wakeup_send(mailbox->wakeup);
    }
}
