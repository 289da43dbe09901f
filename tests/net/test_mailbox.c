/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "net/mailbox.h"
#include "support/wzp_test.h"

#define LIMIT  1000
#define PEOPLE 4
#define EACH   200

struct owner {
    struct wzp_loop *loop;
    struct wzp_mailbox *mailbox;
    unsigned next[PEOPLE]; /* which letter of each is awaited */
    unsigned n_letters;
    unsigned n_bells;
};

struct letter {
    struct wzp_letter base;
    unsigned from, number;
};

static atomic_uint n_discarded;

static void deliver(struct wzp_letter *base, void *context)
{
    struct owner *owner = context;
    struct letter *letter = wzp_container(base, struct letter, base);
    assert_int_equal(letter->number, owner->next[letter->from]++);
    owner->n_letters++;
    free(letter);
}

static void discard(struct wzp_letter *base)
{
    atomic_fetch_add(&n_discarded, 1);
    free(wzp_container(base, struct letter, base));
}

static void on_bell(void *context)
{
    struct owner *owner = context;
    owner->n_bells++;
}

static void open_box(struct owner *owner)
{
    *owner = (struct owner){0};
    atomic_store(&n_discarded, 0);
    assert_ok(wzp_loop_new(&owner->loop));
    assert_ok(wzp_mailbox_new(owner->loop, LIMIT, on_bell, owner, &owner->mailbox));
}

static void close_box(struct owner *owner)
{
    wzp_mailbox_free(owner->mailbox);
    wzp_loop_free(owner->loop);
}

static struct wzp_letter *letter_of(unsigned from, unsigned number)
{
    struct letter *letter = calloc(1, sizeof *letter);
    assert_non_null(letter);
    *letter = (struct letter){{NULL, deliver, discard}, from, number};
    return &letter->base;
}

static enum wzp_err post(struct wzp_mailbox *mailbox, unsigned from, unsigned number)
{
    return wzp_mailbox_post(mailbox, letter_of(from, number));
}

static void letters_come_in_order_and_the_bell_after_them(void **state)
{
    (void)state;
    struct owner owner;
    open_box(&owner);
    for (unsigned i = 0; i < 5; i++) {
        assert_ok(post(owner.mailbox, 0, i));
    }
    wzp_loop_step(owner.loop, true);
    assert_int_equal(owner.n_letters, 5);
    assert_int_equal(owner.n_bells, 1);
    wzp_mailbox_ring(owner.mailbox);
    wzp_loop_step(owner.loop, true);
    assert_int_equal(owner.n_bells, 2);
    close_box(&owner);
}

static void a_full_box_refuses_and_a_closed_one_discards(void **state)
{
    (void)state;
    struct owner owner;
    open_box(&owner);
    for (unsigned i = 0; i < LIMIT; i++) {
        assert_ok(post(owner.mailbox, 0, i));
    }
    assert_int_equal(post(owner.mailbox, 0, LIMIT), WZP_ELIMIT);
    assert_int_equal(atomic_load(&n_discarded), 1);
    assert_ok(wzp_mailbox_post_surely(owner.mailbox, letter_of(0, LIMIT)));
    wzp_mailbox_close(owner.mailbox);
    assert_int_equal(atomic_load(&n_discarded), LIMIT + 2);
    assert_int_equal(post(owner.mailbox, 0, LIMIT), WZP_ECLOSED);
    assert_int_equal(wzp_mailbox_post_surely(owner.mailbox, letter_of(0, LIMIT)), WZP_ECLOSED);
    assert_int_equal(owner.n_letters, 0);
    close_box(&owner);
    assert_int_equal(atomic_load(&n_discarded), LIMIT + 4);
}

struct sender {
    struct wzp_mailbox *mailbox;
    unsigned index;
};

static void *send_each(void *context)
{
    const struct sender *sender = context;
    for (unsigned i = 0; i < EACH; i++) {
        wzp_ignore(post(sender->mailbox, sender->index, i));
    }
    return NULL;
}

static void many_threads_post_at_once(void **state)
{
    (void)state;
    struct owner owner;
    open_box(&owner);
    pthread_t threads[PEOPLE];
    struct sender senders[PEOPLE];
    for (unsigned i = 0; i < PEOPLE; i++) {
        senders[i] = (struct sender){owner.mailbox, i};
        assert_int_equal(pthread_create(&threads[i], NULL, send_each, &senders[i]), 0);
    }
    while (owner.n_letters < PEOPLE * EACH) {
        wzp_loop_step(owner.loop, true);
    }
    for (unsigned i = 0; i < PEOPLE; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(owner.next[i], EACH);
    }
    close_box(&owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_come_in_order_and_the_bell_after_them),
        cmocka_unit_test(a_full_box_refuses_and_a_closed_one_discards),
        cmocka_unit_test(many_threads_post_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
