/* SPDX-License-Identifier: Apache-2.0 */
/* Encoder, a network that loses and reorders, decoder: what comes back is what was lost. */
#include <stdbool.h>
#include <stdlib.h>

#include "base/random.h"
#include "fec/window_decoder.h"
#include "fec/window_encoder.h"
#include "support/wzp_test.h"

#define N_FRAMES  1000
#define N_PACKETS (3 * N_FRAMES)
#define N_BLOCK   5
#define LARGEST   400

struct packet {
    bool is_repair, is_lost;
    uint16_t seq;
    size_t i_frame; /* of a source packet */
    size_t size;
    uint8_t bytes[WZP_REPAIR_MAX_PAYLOAD_BYTES];
};

struct scene {
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    size_t n_packets;
    struct packet packets[N_PACKETS];
    size_t packet_of[N_FRAMES]; /* index in `packets` */
    struct wzp_window_decoder *decoder;
    size_t n_recovered, n_lost, n_misnumbered;
    bool is_false; /* what comes back may be anything */
    bool is_back[N_FRAMES];
};

static void append_repairs(struct scene *scene, struct wzp_window_encoder *encoder, uint16_t *seq)
{
    while (wzp_window_encoder_due(encoder) > 0) {
        struct packet *packet = &scene->packets[scene->n_packets++];
        packet->is_repair = true;
        packet->seq = (*seq)++;
        assert_ok(wzp_window_encoder_repair(encoder, packet->bytes, &packet->size));
    }
}

/** A thousand frames of all sizes, and their repairs. */
static struct scene *scene_new(uint64_t seed, size_t window, double ratio)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->random = wzp_random_from_seed(&scene->seeded, seed);
    struct wzp_window_encoder *encoder = NULL;
    assert_ok(wzp_window_encoder_new(window, ratio, (uint16_t)seed, &encoder));
    assert_ok(wzp_window_decoder_new(256 * N_BLOCK, &scene->decoder));
    uint16_t seq = 65000;
    for (size_t i = 0; i < N_FRAMES; i++) {
        struct packet *packet = &scene->packets[scene->n_packets];
        scene->packet_of[i] = scene->n_packets++;
        packet->i_frame = i;
        packet->seq = seq++;
        packet->size = 1 + wzp_random_below(&scene->random, LARGEST);
        scene->random.fill(scene->random.context, packet->bytes, packet->size);
        assert_ok(wzp_window_encoder_add(encoder, packet->seq, packet->bytes, packet->size));
        append_repairs(scene, encoder, &seq);
    }
    wzp_window_encoder_free(encoder);
    return scene;
}

static void scene_free(struct scene *scene)
{
    wzp_window_decoder_free(scene->decoder);
    free(scene);
}

/** Checks every frame that is back against what was lost. */
static void take_all(struct scene *scene)
{
    struct wzp_window_packet back;
    while (wzp_window_decoder_take(scene->decoder, &back) == WZP_OK) {
        size_t i = back.ordinal;
        if (scene->is_false) {
            continue;
        }
        assert_true(i < N_FRAMES);
        const struct packet *packet = &scene->packets[scene->packet_of[i]];
        assert_int_equal(back.size, packet->size);
        assert_memory_equal(back.frame, packet->bytes, back.size);
        assert_false(scene->is_back[i]);
        scene->is_back[i] = true;
        scene->n_recovered += packet->is_lost;
        scene->n_misnumbered += back.seq != packet->seq;
    }
}

static void deliver(struct scene *scene, const struct packet *packet)
{
    if (packet->is_repair) {
        struct wzp_repair repair;
        assert_ok(wzp_repair_read(packet->bytes, packet->size, &repair));
        wzp_window_decoder_repair(scene->decoder, packet->seq, &repair);
    } else {
        struct wzp_window_packet source = {
            .seq = packet->seq,
            .ordinal = (uint32_t)packet->i_frame,
            .frame = packet->bytes,
            .size = packet->size,
        };
        wzp_window_decoder_source(scene->decoder, &source);
    }
    take_all(scene);
}

static void lose(struct scene *scene, size_t i_packet)
{
    scene->packets[i_packet].is_lost = true;
    scene->n_lost += !scene->packets[i_packet].is_repair;
}

static void lose_at_random(struct scene *scene, uint64_t pct)
{
    for (size_t i = 1; i < scene->n_packets; i++) {
        if (wzp_random_below(&scene->random, 100) < pct) {
            lose(scene, i);
        }
    }
}

static void run(struct scene *scene)
{
    for (size_t i = 0; i < scene->n_packets; i++) {
        if (!scene->packets[i].is_lost) {
            deliver(scene, &scene->packets[i]);
        }
    }
}

static void one_loss_between_two_repairs_is_always_repaired(void **state)
{
    (void)state;
    static const size_t windows[] = {5, 20, 64};
    for (size_t w = 0; w < wzp_count(windows); w++) {
        struct scene *scene = scene_new(w, windows[w], 0.2);
        for (size_t i = windows[w]; i + 5 < N_FRAMES; i += 5) {
            lose(scene, scene->packet_of[i + wzp_random_below(&scene->random, 5)]);
        }
        run(scene);
        assert_int_equal(scene->n_recovered, scene->n_lost);
        scene_free(scene);
    }
}

static void bursts_are_repaired_from_several_repairs(void **state)
{
    (void)state;
    struct scene *scene = scene_new(1, 20, 0.2);
    for (size_t i = 100; i < 900; i += 100) {
        for (size_t k = 0; k < 3; k++) {
            lose(scene, scene->packet_of[i] + k); /* frames, or frames and a repair */
        }
    }
    run(scene);
    assert_int_equal(scene->n_recovered, scene->n_lost);
    scene_free(scene);
}

static void most_of_random_losses_come_back(void **state)
{
    (void)state;
    static const struct {
        double ratio;
        uint64_t loss_pct;
        double share; /* that comes back at least; losses hit repairs as well */
    } rows[] = {{0.2, 2, 0.95}, {0.2, 5, 0.93}, {0.5, 10, 0.98}, {0.5, 20, 0.9}, {1.0, 30, 0.95}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        size_t n_lost = 0;
        size_t n_recovered = 0;
        for (uint64_t seed = 0; seed < 10; seed++) {
            struct scene *scene = scene_new(seed, 20, rows[i].ratio);
            lose_at_random(scene, rows[i].loss_pct);
            run(scene);
            n_lost += scene->n_lost;
            n_recovered += scene->n_recovered;
            scene_free(scene);
        }
        if ((double)n_recovered < rows[i].share * (double)n_lost) {
            fail_msg("ratio %.1f, loss %d %%: %zu of %zu", rows[i].ratio, (int)rows[i].loss_pct, n_recovered,
                     n_lost);
        }
    }
}

static void disorder_and_duplicates_change_no_frame(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct scene *scene = scene_new(seed, 20, 0.5);
        lose_at_random(scene, 5);
        size_t order[N_PACKETS] = {0};
        for (size_t i = 0; i < scene->n_packets; i++) {
            order[i] = i;
        }
        for (size_t i = 0; i + 6 < scene->n_packets; i++) {
            size_t k = i + wzp_random_below(&scene->random, 6);
            size_t swapped = order[i];
            order[i] = order[k];
            order[k] = swapped;
        }
        for (size_t i = 0; i < scene->n_packets; i++) {
            const struct packet *packet = &scene->packets[order[i]];
            for (uint64_t n = packet->is_lost ? 0 : 1 + wzp_random_below(&scene->random, 2); n > 0; n--) {
                deliver(scene, packet); /* take_all compares */
            }
        }
        assert_true(scene->n_recovered * 10 > scene->n_lost * 9);
        scene_free(scene);
    }
}

/** Two frames in a row, no repair near: their numbers are known exactly. */
static void recovered_frames_have_their_own_numbers(void **state)
{
    (void)state;
    struct scene *scene = scene_new(5, 20, 0.2);
    lose(scene, scene->packet_of[201]);
    lose(scene, scene->packet_of[202]);
    run(scene);
    assert_int_equal(scene->n_recovered, 2);
    assert_int_equal(scene->n_misnumbered, 0);
    scene_free(scene);
}

/** A sender that has started over, and one whose ordinals are all zero, as some first-generation clients have
 * it. */
static void what_does_not_go_together_starts_afresh(void **state)
{
    (void)state;
    struct scene *scene = scene_new(6, 20, 0.2);
    static const uint8_t frame[10] = {1};
    for (uint16_t i = 0; i < 300; i++) {
        struct wzp_window_packet source = {.seq = i, .ordinal = 0, .frame = frame, .size = sizeof frame};
        wzp_window_decoder_source(scene->decoder, &source);
    }
    lose(scene, scene->packet_of[500]);
    run(scene);
    assert_int_equal(scene->n_recovered, 1);
    scene_free(scene);
}

/** Repairs that lie about window, number, key and symbol: what comes out is wrong, but nothing else is. */
static void false_repairs_break_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct scene *scene = scene_new(seed, 20, 0.5);
        lose_at_random(scene, 20);
        scene->is_false = true;
        for (size_t i = 0; i < scene->n_packets; i++) {
            struct packet *packet = &scene->packets[i];
            uint8_t window = (uint8_t)(1 + wzp_random_below(&scene->random, WZP_REPAIR_MAX_WINDOW));
            size_t at = 2 + wzp_random_below(&scene->random, packet->size > 2 ? packet->size - 2 : 1);
            if (packet->is_repair && wzp_random_below(&scene->random, 2) == 0) {
                packet->bytes[1] = window;
                packet->bytes[at] ^= 1;
            }
        }
        run(scene);
        scene_free(scene);
    }
}

static void settings_out_of_range_are_refused(void **state)
{
    (void)state;
    struct wzp_window_decoder *decoder = NULL;
    assert_int_equal(wzp_window_decoder_new(500, &decoder), WZP_EINVAL);
    assert_int_equal(wzp_window_decoder_new(0, &decoder), WZP_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_loss_between_two_repairs_is_always_repaired),
        cmocka_unit_test(bursts_are_repaired_from_several_repairs),
        cmocka_unit_test(most_of_random_losses_come_back),
        cmocka_unit_test(disorder_and_duplicates_change_no_frame),
        cmocka_unit_test(recovered_frames_have_their_own_numbers),
        cmocka_unit_test(what_does_not_go_together_starts_afresh),
        cmocka_unit_test(false_repairs_break_nothing),
        cmocka_unit_test(settings_out_of_range_are_refused),
    };
    return cmocka_run_group_tests_name("fec_window_decoder", tests, NULL, NULL);
}
