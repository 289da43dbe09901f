/* SPDX-License-Identifier: Apache-2.0 */
#include "net/conn_memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/attr.h"

#define SLOT_BYTES  ((size_t)16384)
#define SLOTS_EACH  8 /* a connection's; more are taken from malloc */
#define BLOCK_LEAST 4096
/* Blocks begin at different places of their first page, or all would want the same lines of the cache; in its
 * first half, so that the beginning of a block is all in one page. */
#define COLOURS      32
#define COLOUR_BYTES 64
#define BLOCK_MOST   (SLOT_BYTES - (size_t)COLOURS * COLOUR_BYTES)

static bool is_in_slot(const struct wzp_conn_memory *memory, const void *ptr)
{
    return (uintptr_t)ptr - (uintptr_t)memory->region < memory->n_slots * SLOT_BYTES;
}

static void *take_slot(struct wzp_conn_memory *memory)
{
    if (memory->n_free == 0 && memory->n_begun == memory->n_slots) {
        return NULL;
    }
    size_t slot = memory->n_free > 0 ? memory->free_slots[--memory->n_free] : memory->n_begun++;
    return memory->region + slot * SLOT_BYTES + slot % COLOURS * COLOUR_BYTES;
}

static void give_slot(struct wzp_conn_memory *memory, const void *ptr)
{
    size_t slot = (size_t)((const uint8_t *)ptr - memory->region) / SLOT_BYTES;
    wzp_ignore(madvise(memory->region + slot * SLOT_BYTES, SLOT_BYTES, MADV_DONTNEED));
    memory->free_slots[memory->n_free++] = (uint32_t)slot;
}

static void *take(size_t size, void *user_data)
{
    struct wzp_conn_memory *memory = user_data;
    void *block = size >= BLOCK_LEAST && size <= BLOCK_MOST ? take_slot(memory) : NULL;
    return block ? block : malloc(size);
}

static void give(void *ptr, void *user_data)
{
    struct wzp_conn_memory *memory = user_data;
    if (ptr && is_in_slot(memory, ptr)) {
        give_slot(memory, ptr);
    } else {
        free(ptr);
    }
}

/* What is asked for zeroed is used as a whole. */
static void *take_zeroed(size_t n, size_t size, void *user_data)
{
    (void)user_data;
    return calloc(n, size);
}

static void *resize(void *ptr, size_t size, void *user_data)
{
    struct wzp_conn_memory *memory = user_data;
    if (!ptr || !is_in_slot(memory, ptr)) {
        return realloc(ptr, size);
    }
    void *block = take(size, memory);
    if (block) {
        size_t held = SLOT_BYTES - (size_t)((uint8_t *)ptr - memory->region) % SLOT_BYTES;
        memcpy(block, ptr, wzp_min_size(size, held));
        give_slot(memory, ptr);
    }
    return block;
}

static void reserve(struct wzp_conn_memory *memory, size_t n_slots)
{
    uint32_t *free_slots = malloc(n_slots * sizeof *free_slots);
    if (!free_slots) {
        return;
    }
    void *region = mmap(NULL, n_slots * SLOT_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) {
        free(free_slots);
        return;
    }
    wzp_ignore(madvise(region, n_slots * SLOT_BYTES, MADV_NOHUGEPAGE)); /* one page touched must stay one */
    memory->region = region;
    memory->free_slots = free_slots;
    memory->n_slots = n_slots;
}

void wzp_conn_memory_init(struct wzp_conn_memory *memory, size_t max_conns)
{
    *memory = (struct wzp_conn_memory){
        .mem = {.malloc = take, .free = give, .calloc = take_zeroed, .realloc = resize, .user_data = memory}};
    if (max_conns > 0) {
        reserve(memory, max_conns * SLOTS_EACH);
    }
}

void wzp_conn_memory_deinit(struct wzp_conn_memory *memory)
{
    if (memory->region) {
        wzp_ignore(munmap(memory->region, memory->n_slots * SLOT_BYTES));
        free(memory->free_slots);
    }
}
