/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "relay/outbox.h"
#include "support/wzp_test.h"

static struct wzp_outbox *new_outbox(void)
{
    static const struct wzp_hash_key key = {.k = {1, 2}};
    struct wzp_outbox *outbox = NULL;
    assert_ok(wzp_outbox_new(&key, &outbox));
    return outbox;
}

static enum wzp_err push(struct wzp_outbox *outbox, size_t lane, uint64_t key, const char *text)
{
    const struct wzp_outbox_post post = {.lane = lane, .key = key, .body = text, .size = strlen(text)};
    return wzp_outbox_push(outbox, &post);
}

static void assert_next(struct wzp_outbox *outbox, const char *text)
{
    struct wzp_outbox_signal *signal = wzp_outbox_pop(outbox);
    assert_non_null(signal);
    assert_int_equal(signal->size, strlen(text));
    assert_memory_equal(signal->body, text, signal->size);
    free(signal);
}

static void a_lane_keeps_its_order(void **state)
{
    (void)state;
    struct wzp_outbox *outbox = new_outbox();
    assert_int_equal(wzp_outbox_count(NULL), 0);
    assert_null(wzp_outbox_pop(outbox));
    assert_ok(push(outbox, 0, 1, "one"));
    assert_ok(push(outbox, 0, 0, "two"));
    assert_ok(push(outbox, 0, 0, "three"));
    assert_int_equal(wzp_outbox_count(outbox), 3);
    assert_next(outbox, "one");
    assert_next(outbox, "two");
    assert_next(outbox, "three");
    assert_int_equal(wzp_outbox_count(outbox), 0);
    wzp_outbox_free(outbox);
}

static void a_newer_signal_takes_the_place_of_the_one_with_its_key(void **state)
{
    (void)state;
    struct wzp_outbox *outbox = new_outbox();
    assert_ok(push(outbox, 3, 7, "old"));
    assert_ok(push(outbox, 3, 8, "other"));
    assert_ok(push(outbox, 5, 7, "new"));
    assert_int_equal(wzp_outbox_count(outbox), 2);
    assert_next(outbox, "new");
    assert_ok(push(outbox, 3, 7, "newest")); /* the first has left: this one waits anew */
    assert_next(outbox, "other");
    assert_next(outbox, "newest");
    wzp_outbox_free(outbox);
}

static void who_causes_many_does_not_hold_up_others(void **state)
{
    (void)state;
    struct wzp_outbox *outbox = new_outbox();
    for (int i = 0; i < 1000; i++) {
        assert_ok(push(outbox, 2, 0, "flood"));
    }
    assert_ok(push(outbox, 0, 0, "ours"));
    assert_ok(push(outbox, 9, 0, "theirs"));
    char heard[64] = "";
    for (int i = 0; i < 4; i++) {
        struct wzp_outbox_signal *signal = wzp_outbox_pop(outbox);
        wzp_ignore(strncat(heard, signal->body, signal->size));
        free(signal);
    }
    assert_non_null(strstr(heard, "ours"));
    assert_non_null(strstr(heard, "theirs"));
    wzp_outbox_free(outbox);
}

static void the_number_of_signals_is_limited(void **state)
{
    (void)state;
    struct wzp_outbox *outbox = new_outbox();
    for (uint64_t i = 1; i <= WZP_OUTBOX_SIGNALS; i++) {
        assert_ok(push(outbox, i % WZP_OUTBOX_LANES, i, "x"));
    }
    assert_int_equal(push(outbox, 0, 0, "x"), WZP_ELIMIT);
    assert_ok(push(outbox, 0, 1, "y")); /* no more than before */
    assert_int_equal(wzp_outbox_count(outbox), WZP_OUTBOX_SIGNALS);
    wzp_outbox_free(outbox);
}

static void their_bytes_are_limited(void **state)
{
    (void)state;
    struct wzp_outbox *outbox = new_outbox();
    size_t size = WZP_OUTBOX_BYTES / 4;
    char *body = calloc(1, size + 1);
    assert_non_null(body);
    struct wzp_outbox_post post = {.body = body, .size = size};
    for (uint64_t i = 1; i <= 4; i++) {
        post.key = i;
        assert_ok(wzp_outbox_push(outbox, &post));
    }
    assert_int_equal(push(outbox, 0, 0, "x"), WZP_ELIMIT);
    assert_ok(wzp_outbox_push(outbox, &post)); /* in place of itself */
    post.size = size + 1;
    assert_int_equal(wzp_outbox_push(outbox, &post), WZP_ELIMIT);
    free(wzp_outbox_pop(outbox));
    assert_ok(push(outbox, 0, 0, "x"));
    free(body);
    wzp_outbox_free(outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lane_keeps_its_order),
        cmocka_unit_test(a_newer_signal_takes_the_place_of_the_one_with_its_key),
        cmocka_unit_test(who_causes_many_does_not_hold_up_others),
        cmocka_unit_test(the_number_of_signals_is_limited),
        cmocka_unit_test(their_bytes_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
