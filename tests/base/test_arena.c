/* SPDX-License-Identifier: Apache-2.0 */
#include <stdalign.h>

#include "base/arena.h"
#include "support/wzp_test.h"

static void pieces_are_aligned_zeroed_and_apart(void **state)
{
    (void)state;
    struct wzp_arena arena = {0};
    unsigned char *pieces[500];
    for (size_t i = 0; i < wzp_count(pieces); i++) {
        size_t size = i * 7 % 61;
        pieces[i] = wzp_arena_take(&arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++) {
            assert_int_equal(pieces[i][k], 0);
            pieces[i][k] = (unsigned char)i;
        }
    }
    for (size_t i = 0; i < wzp_count(pieces); i++) {
        for (size_t k = 0; k < i * 7 % 61; k++) {
            assert_int_equal(pieces[i][k], (unsigned char)i);
        }
    }
    wzp_arena_deinit(&arena);
}

static void a_large_piece_fits(void **state)
{
    (void)state;
    struct wzp_arena arena = {0};
    char *large = wzp_arena_take(&arena, 100000);
    assert_non_null(large);
    memset(large, 1, 100000);
    assert_non_null(wzp_arena_take(&arena, 1));
    wzp_arena_deinit(&arena);
    assert_non_null(wzp_arena_take(&arena, 1)); /* it can be used again */
    wzp_arena_deinit(&arena);
}

static void an_impossible_size_is_refused(void **state)
{
    (void)state;
    struct wzp_arena arena = {0};
    assert_null(wzp_arena_take(&arena, SIZE_MAX));
    assert_null(wzp_arena_take(&arena, SIZE_MAX - 15));
    wzp_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_zeroed_and_apart),
        cmocka_unit_test(a_large_piece_fits),
        cmocka_unit_test(an_impossible_size_is_refused),
    };
    return cmocka_run_group_tests_name("base_arena", tests, NULL, NULL);
}
