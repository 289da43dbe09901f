/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bucket.h"
#include "support/wzp_test.h"

static unsigned take_all(struct wzp_bucket *bucket, wzp_us now)
{
    unsigned n = 0;
    while (wzp_bucket_take(bucket, now)) {
        n++;
    }
    return n;
}

static void a_full_bucket_gives_its_burst_and_no_more(void **state)
{
    (void)state;
    struct wzp_bucket bucket = wzp_bucket_of(20, 100, 5);
    assert_int_equal(take_all(&bucket, 5), 100);
    assert_false(wzp_bucket_take(&bucket, 5));
}

static void it_refills_at_its_rate(void **state)
{
    (void)state;
    struct wzp_bucket bucket = wzp_bucket_of(20, 100, 0);
    assert_int_equal(take_all(&bucket, 0), 100);
    assert_int_equal(take_all(&bucket, 49 * WZP_MS), 0);
    assert_int_equal(take_all(&bucket, 50 * WZP_MS), 1);
    assert_int_equal(take_all(&bucket, 1050 * WZP_MS), 20);
}

static void it_never_holds_more_than_its_burst(void **state)
{
    (void)state;
    struct wzp_bucket bucket = wzp_bucket_of(400, 800, 0);
    assert_int_equal(take_all(&bucket, 1000000 * WZP_SECOND), 800);
}

static void a_clock_that_stands_or_steps_back_gives_nothing(void **state)
{
    (void)state;
    struct wzp_bucket bucket = wzp_bucket_of(10, 1, WZP_SECOND);
    assert_true(wzp_bucket_take(&bucket, WZP_SECOND));
    assert_false(wzp_bucket_take(&bucket, 0));
    assert_true(wzp_bucket_take(&bucket, WZP_SECOND + 100 * WZP_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bucket_gives_its_burst_and_no_more),
        cmocka_unit_test(it_refills_at_its_rate),
        cmocka_unit_test(it_never_holds_more_than_its_burst),
        cmocka_unit_test(a_clock_that_stands_or_steps_back_gives_nothing),
    };
    return cmocka_run_group_tests_name("base_bucket", tests, NULL, NULL);
}
