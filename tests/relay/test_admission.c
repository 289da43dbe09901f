/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/admission.h"
#include "support/wzp_test.h"

/* A worker that takes `percent` of a processor for a window, with so many handshakes, and so much voice late.
 */
struct window {
    unsigned percent;
    uint64_t handshakes, datagrams, late;
};

static bool pass(struct wzp_admission *admission, const struct window *window)
{
    struct wzp_admission_sample sample = admission->last;
    sample.at += WZP_ADMISSION_WINDOW;
    sample.cpu += (wzp_us)window->percent * WZP_ADMISSION_WINDOW / 100;
    sample.handshakes += window->handshakes;
    sample.datagrams += window->datagrams;
    sample.late += window->late;
    return wzp_admission_judge(admission, &sample);
}

static struct wzp_admission at_limit(unsigned limit)
{
    struct wzp_admission admission = {.limit = limit};
    const struct wzp_admission_sample first = {.at = 7 * WZP_SECOND, .cpu = WZP_SECOND};
    assert_false(wzp_admission_judge(&admission, &first));
    assert_false(admission.is_closed);
    return admission;
}

static void closes_at_the_limit_and_opens_well_below_it(void **state)
{
    (void)state;
    static const struct {
        unsigned percent;
        bool is_closed;
    } steps[] = {{84, false}, {85, true},  {80, true},  {76, true},
                 {74, false}, {84, false}, {100, true}, {0, false}};
    struct wzp_admission admission = at_limit(85);
    bool was_closed = false;
    for (size_t i = 0; i < wzp_count(steps); i++) {
        bool is_news = pass(&admission, &(struct window){.percent = steps[i].percent});
        assert_int_equal(admission.is_closed, steps[i].is_closed);
        assert_int_equal(is_news, steps[i].is_closed != was_closed);
        assert_int_equal(admission.load, steps[i].percent);
        was_closed = admission.is_closed;
    }
}

static void a_rush_of_handshakes_is_let_in(void **state)
{
    (void)state;
    struct wzp_admission admission = at_limit(85);
    pass(&admission, &(struct window){.percent = 30});
    pass(&admission, &(struct window){.percent = 100, .handshakes = 500});
    assert_false(admission.is_closed);
    assert_int_equal(admission.load, 30);
    pass(&admission, &(struct window){.percent = 100, .handshakes = 3});
    assert_true(admission.is_closed);
}

static void what_a_rush_makes_late_keeps_nobody_out(void **state)
{
    (void)state;
    struct wzp_admission admission = at_limit(85);
    for (size_t i = 0; i < 10; i++) {
        pass(&admission, &(struct window){.percent = 30, .handshakes = 50, .datagrams = 1000, .late = 1000});
        assert_false(admission.is_closed);
    }
}

static void voice_that_stays_late_closes_whatever_the_load(void **state)
{
    (void)state;
    struct wzp_admission admission = at_limit(85);
    const struct window late = {.percent = 30, .datagrams = 1000, .late = 11};
    const struct window just_in_time = {.percent = 30, .datagrams = 1000, .late = 10};
    pass(&admission, &late);
    pass(&admission, &just_in_time);
    pass(&admission, &late);
    assert_false(admission.is_closed);
    pass(&admission, &late);
    assert_true(admission.is_closed);
    pass(&admission, &(struct window){.percent = 30, .datagrams = 99, .late = 99});
    assert_false(admission.is_closed);
}

static void who_gathers_for_long_is_late_later(void **state)
{
    (void)state;
    assert_int_equal(wzp_admission_late_after(0), WZP_ADMISSION_LATE_US);
    assert_int_equal(wzp_admission_late_after(2500), WZP_ADMISSION_LATE_US);
    assert_int_equal(wzp_admission_late_after(20000), 50000);
}

static void zero_lets_everybody_in(void **state)
{
    (void)state;
    struct wzp_admission admission = at_limit(0);
    assert_false(pass(&admission, &(struct window){.percent = 100, .datagrams = 1000, .late = 1000}));
    assert_false(admission.is_closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closes_at_the_limit_and_opens_well_below_it),
        cmocka_unit_test(a_rush_of_handshakes_is_let_in),
        cmocka_unit_test(what_a_rush_makes_late_keeps_nobody_out),
        cmocka_unit_test(voice_that_stays_late_closes_whatever_the_load),
        cmocka_unit_test(who_gathers_for_long_is_late_later),
        cmocka_unit_test(zero_lets_everybody_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
