/* SPDX-License-Identifier: Apache-2.0 */
#include "base/list.h"
#include "support/wzp_test.h"

struct item {
    int value;
    struct wzp_list link;
};

/* The values in a list as digits of one number: 1, 2, 3 is 123. */
static int digits_of(const struct wzp_list *list)
{
    int digits = 0;
    wzp_list_each(node, list)
    {
        digits = digits * 10 + wzp_container(node, struct item, link)->value;
    }
    return digits;
}

static void three_items(struct wzp_list *list, struct item items[static 3])
{
    wzp_list_init(list);
    for (int i = 0; i < 3; i++) {
        items[i].value = i + 1;
        wzp_list_push_back(list, &items[i].link);
    }
}

static void a_new_list_is_empty(void **state)
{
    (void)state;
    struct wzp_list list;
    wzp_list_init(&list);
    assert_true(wzp_list_is_empty(&list));
    assert_null(wzp_list_first(&list));
    assert_int_equal(digits_of(&list), 0);
}

static void items_stand_in_the_order_of_their_coming(void **state)
{
    (void)state;
    struct wzp_list list;
    struct item items[3];
    three_items(&list, items);
    assert_int_equal(digits_of(&list), 123);
    assert_ptr_equal(wzp_list_first(&list), &items[0].link);
}

static void each_item_can_be_taken_out(void **state)
{
    (void)state;
    static const int left[] = {23, 13, 12};
    for (size_t i = 0; i < wzp_count(left); i++) {
        struct wzp_list list;
        struct item items[3];
        three_items(&list, items);
        wzp_list_remove(&items[i].link);
        assert_int_equal(digits_of(&list), left[i]);
    }
}

static void taking_out_twice_is_harmless(void **state)
{
    (void)state;
    struct wzp_list list;
    struct item items[3];
    three_items(&list, items);
    wzp_list_remove(&items[1].link);
    wzp_list_remove(&items[1].link);
    assert_int_equal(digits_of(&list), 13);
    wzp_list_push_back(&list, &items[1].link);
    assert_int_equal(digits_of(&list), 132);
}

static void the_walk_survives_the_removal_of_its_node(void **state)
{
    (void)state;
    struct wzp_list list;
    struct item items[3];
    three_items(&list, items);
    wzp_list_each(node, &list)
    {
        wzp_list_remove(node);
    }
    assert_true(wzp_list_is_empty(&list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_list_is_empty),
        cmocka_unit_test(items_stand_in_the_order_of_their_coming),
        cmocka_unit_test(each_item_can_be_taken_out),
        cmocka_unit_test(taking_out_twice_is_harmless),
        cmocka_unit_test(the_walk_survives_the_removal_of_its_node),
    };
    return cmocka_run_group_tests_name("base_list", tests, NULL, NULL);
}
