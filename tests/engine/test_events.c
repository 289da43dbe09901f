/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/events.h"
#include "support/wzp_test.h"

static void events_come_out_in_order(void **state)
{
    wzp_ignore(state);
    static struct wzp_events events;
    struct wzp_event event;
    assert_false(wzp_events_take(&events, &event));
    for (int i = 0; i < 40; i++) {
        wzp_events_say(&events, WZP_EVENT_WARNING, "number %d", i);
        wzp_events_push(&events, &(struct wzp_event){.kind = WZP_EVENT_SECOND});
        assert_true(wzp_events_take(&events, &event));
        char expected[32];
        snprintf(expected, sizeof expected, "number %d", i);
        assert_string_equal(event.message, expected);
        assert_true(wzp_events_take(&events, &event));
        assert_int_equal(event.kind, WZP_EVENT_SECOND);
    }
    assert_false(wzp_events_take(&events, &event));
}

static void a_full_queue_loses_its_oldest_but_not_the_end(void **state)
{
    wzp_ignore(state);
    static struct wzp_events events;
    struct wzp_event event;
    for (int i = 0; i < WZP_EVENTS_LIMIT + 5; i++) {
        wzp_events_say(&events, WZP_EVENT_WARNING, "%d", i);
    }
    wzp_events_say(&events, WZP_EVENT_ENDED, "done");
    wzp_events_say(&events, WZP_EVENT_WARNING, "after the end");
    assert_int_equal(events.n, WZP_EVENTS_LIMIT);
    assert_true(wzp_events_take(&events, &event));
    assert_string_equal(event.message, "6");
    while (wzp_events_take(&events, &event)) {
    }
    assert_int_equal(event.kind, WZP_EVENT_ENDED);
}

static void a_long_message_is_cut(void **state)
{
    wzp_ignore(state);
    static struct wzp_events events;
    struct wzp_event event;
    char text[2 * WZP_EVENT_MESSAGE_BYTES];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    wzp_events_say(&events, WZP_EVENT_WARNING, "%s", text);
    assert_true(wzp_events_take(&events, &event));
    assert_int_equal(strlen(event.message), WZP_EVENT_MESSAGE_BYTES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_out_in_order),
        cmocka_unit_test(a_full_queue_loses_its_oldest_but_not_the_end),
        cmocka_unit_test(a_long_message_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
