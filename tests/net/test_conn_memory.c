/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/conn_memory.h"
#include "support/wzp_test.h"

#define CONNS 4
#define BLOCK 8208 /* what ngtcp2 asks for most */

static size_t resident_pages(const void *ptr, size_t size)
{
    unsigned char pages[16] = {0};
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = (uintptr_t)ptr / page * page;
    size_t n = ((uintptr_t)ptr + size - from + page - 1) / page;
    assert_true(n <= sizeof pages);
    assert_int_equal(mincore((void *)from, n * page, pages), 0);
    size_t n_resident = 0;
    for (size_t i = 0; i < n; i++) {
        n_resident += pages[i] & 1;
    }
    return n_resident;
}

static void a_large_block_costs_the_pages_it_touches(void **state)
{
    (void)state;
    struct wzp_conn_memory memory;
    wzp_conn_memory_init(&memory, CONNS);
    const ngtcp2_mem *mem = &memory.mem;
    uint8_t *block = mem->malloc(BLOCK, mem->user_data);
    assert_non_null(block);
    memset(block, 1, 1024);
    assert_int_equal(resident_pages(block, BLOCK), 1);
    mem->free(block, mem->user_data);
    assert_int_equal(resident_pages(block, BLOCK), 0);
    wzp_conn_memory_deinit(&memory);
}

/* Each of them is filled with its number, freed in another order, and taken again. */
static void blocks_do_not_overlap_and_malloc_serves_what_is_too_many(void **state)
{
    (void)state;
    enum { N = 100 };
    uint8_t *blocks[N];
    struct wzp_conn_memory memory;
    wzp_conn_memory_init(&memory, CONNS);
    const ngtcp2_mem *mem = &memory.mem;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < N; i++) {
            size_t size = 100 + i * 150; /* small ones, and some too large for a slot */
            blocks[i] = mem->malloc(size, mem->user_data);
            assert_non_null(blocks[i]);
            memset(blocks[i], (int)i, size);
        }
        for (size_t k = 0; k < N; k++) {
            size_t i = k * 37 % N;
            assert_int_equal(blocks[i][0], i);
            assert_int_equal(blocks[i][99 + i * 150], i);
            mem->free(blocks[i], mem->user_data);
        }
    }
    mem->free(NULL, mem->user_data);
    wzp_conn_memory_deinit(&memory);
}

static void a_block_keeps_its_content_when_it_is_resized(void **state)
{
    (void)state;
    static const size_t sizes[] = {100, BLOCK, 12000, 40000, BLOCK, 50};
    struct wzp_conn_memory memory;
    wzp_conn_memory_init(&memory, CONNS);
    const ngtcp2_mem *mem = &memory.mem;
    uint8_t *block = mem->calloc(5, 10, mem->user_data);
    for (size_t i = 0; i < 50; i++) {
        assert_int_equal(block[i], 0);
        block[i] = (uint8_t)i;
    }
    for (size_t k = 0; k < wzp_count(sizes); k++) {
        block = mem->realloc(block, sizes[k], mem->user_data);
        assert_non_null(block);
        for (size_t i = 0; i < 50; i++) {
            assert_int_equal(block[i], i);
        }
    }
    mem->free(block, mem->user_data);
    wzp_conn_memory_deinit(&memory);
}

static void without_address_space_malloc_does(void **state)
{
    (void)state;
    struct wzp_conn_memory memory;
    wzp_conn_memory_init(&memory, 0);
    const ngtcp2_mem *mem = &memory.mem;
    uint8_t *block = mem->malloc(BLOCK, mem->user_data);
    assert_non_null(block);
    memset(block, 1, BLOCK);
    mem->free(block, mem->user_data);
    wzp_conn_memory_deinit(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_block_costs_the_pages_it_touches),
        cmocka_unit_test(blocks_do_not_overlap_and_malloc_serves_what_is_too_many),
        cmocka_unit_test(a_block_keeps_its_content_when_it_is_resized),
        cmocka_unit_test(without_address_space_malloc_does),
    };
    return cmocka_run_group_tests_name("net_conn_memory", tests, NULL, NULL);
}
