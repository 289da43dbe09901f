/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/attr.h"

static void fill_from_system(void *context, void *out_bytes, size_t size)
{
    (void)context;
    uint8_t *at = out_bytes;
    while (size > 0) {
        ssize_t n = getrandom(at, size, 0);
        if (n < 0 && errno != EINTR) {
            abort();
        }
        if (n > 0) {
            at += n;
            size -= (size_t)n;
        }
    }
}

const struct wzp_random wzp_random_system = {.fill = fill_from_system};

static uint64_t rotate_left(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static uint64_t seeded_next(struct wzp_random_seeded *seeded)
{
    uint64_t *s = seeded->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

static void fill_from_seed(void *context, void *out_bytes, size_t size)
{
    uint8_t *at = out_bytes;
    while (size > 0) {
        uint64_t word = seeded_next(context);
        size_t n = wzp_min_size(size, sizeof word);
        memcpy(at, &word, n);
        at += n;
        size -= n;
    }
}

/* SplitMix64 (Steele, Lea, Flood, 2014) spreads the seed over the state, as xoshiro's authors advise. */
static uint64_t split_mix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

struct wzp_random wzp_random_from_seed(struct wzp_random_seeded *seeded, uint64_t seed)
{
    for (size_t i = 0; i < wzp_count(seeded->state); i++) {
        seeded->state[i] = split_mix(&seed);
    }
    return (struct wzp_random){.fill = fill_from_seed, .context = seeded};
}

uint64_t wzp_random_u64(const struct wzp_random *random)
{
    uint64_t value;
    random->fill(random->context, &value, sizeof value);
    return value;
}

uint64_t wzp_random_below(const struct wzp_random *random, uint64_t bound)
{
    uint64_t skewed = UINT64_MAX - UINT64_MAX % bound; /* first value of the last, incomplete round */
    uint64_t value;
    do {
        value = wzp_random_u64(random);
    } while (value >= skewed);
    return value % bound;
}

double wzp_random_unit(const struct wzp_random *random)
{
    return (double)(wzp_random_u64(random) >> 11) * 0x1.0p-53;
}
