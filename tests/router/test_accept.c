/* SPDX-License-Identifier: Apache-2.0 */
/* Media over links, floods, prunes and grafts. We are relay m; links speak the second generation. */
#include "rig.h"

static void our_media_goes_tagged_to_every_link(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    struct rig_seat *bob = rig_join(rig, "general", "bob");
    rig_say(rig, alice, 77);
    assert_int_equal(a->n_packets, 1);
    assert_int_equal(b->n_packets, 1);
    assert_int_equal(bob->n_packets, 1);
    assert_int_equal(bob->packets[0].size, 14);
    const struct rig_packet *packet = &a->packets[0];
    static const uint8_t tag[] = {0x0f, 0xea, 0xe1, 0x6d, 0x55, 0x36, 0x5a, 0xcf, 'm',
                                  'm',  'm',  'm',  'm',  'm',  'm',  'm',  32,   0};
    assert_int_equal(packet->size, 32);
    assert_memory_equal(packet->bytes, tag, sizeof tag);
    assert_memory_equal(packet->bytes + 18, bob->packets[0].bytes, 14);
    assert_int_equal(wzp_media_stream(packet->bytes + 18), wzp_member_stream(alice->member));
    rig_free(rig);
}

static void levels_travel_behind_the_hop_limit_only_from_those_who_send_them(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = NULL;
    const struct wzp_join join = {.room = "general", .fingerprint = "alice", .caps = WZP_CAP_LEVEL};
    assert_ok(rig_try_join(rig, &join, &alice));
    rig_say(rig, alice, 77);
    assert_int_equal(a->packets[0].bytes[17], 0x9e);
    rig_free(rig);
}

static void far_media_reaches_members_under_a_number_of_ours(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far,off"});
    rig_pass(rig, WZP_SECOND);
    rig_link_say(rig, a, 'x', 1, 500);
    rig_link_say(rig, a, 'x', 2, 500);
    assert_int_equal(alice->n_packets, 2);
    assert_int_equal(wzp_media_stream(alice->packets[0].bytes), alice->streams[1]);
    assert_int_equal(wzp_media_stream(alice->packets[1].bytes), alice->streams[2]);
    assert_int_not_equal(alice->streams[1], alice->streams[2]);
    assert_int_not_equal(alice->streams[1], alice->streams[0]);
    assert_int_equal(alice->packets[0].size, 14);
    rig_free(rig);
}

/* New, twice, cut off, a sender not heard of, new: as one by one. */
static void a_batch_is_taken_as_its_packets_are(void **state)
{
    (void)state;
    static const struct {
        uint8_t number, seq, size;
    } sent[] = {{1, 50, 32}, {1, 50, 32}, {1, 51, 20}, {9, 50, 32}, {1, 51, 32}};
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    struct wzp_packet *packets[wzp_count(sent)];
    for (size_t i = 0; i < wzp_count(sent); i++) {
        uint8_t bytes[32] = {0};
        wzp_room_id_tag("general", bytes);
        memset(bytes + 8, 'x', 8);
        bytes[16] = 31;
        bytes[18 + 3] = sent[i].seq;
        wzp_media_stamp_stream(bytes + 18, sent[i].number);
        assert_ok(wzp_packet_new(rig->pool, bytes, sent[i].size, &packets[i]));
    }
    wzp_router_link_media_batch(rig->router, a->link, packets, wzp_count(packets), rig->now);
    for (size_t i = 0; i < wzp_count(packets); i++) {
        wzp_packet_unref(packets[i]);
    }
    assert_int_equal(alice->n_packets, 3);
    assert_int_equal(wzp_media_seq(alice->packets[2].bytes), 51);
    struct wzp_link_stats stats;
    wzp_link_stats(a->link, &stats);
    assert_int_equal(stats.packets_in, 5);
    assert_int_equal(stats.dropped[WZP_DROP_DUPLICATE], 1);
    assert_int_equal(stats.dropped[WZP_DROP_MALFORMED], 1);
    rig_free(rig);
}

static void transit_goes_to_who_announced_the_room_with_one_hop_less(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 7, .people = "bea"});
    rig_link_say(rig, a, 'x', 9, 500);
    assert_int_equal(a->n_packets, 0);
    assert_int_equal(b->n_packets, 1);
    assert_int_equal(c->n_packets, 0);
    const uint8_t *bytes = b->packets[0].bytes;
    assert_int_equal(b->packets[0].size, 32);
    assert_int_equal(bytes[8], 'x');
    assert_int_equal(bytes[16], 30);
    assert_int_equal(bytes[17], 0x9e);
    assert_int_equal(wzp_media_stream(bytes + 18), 9); /* the origin's number */
    assert_int_equal(alice->n_packets, 1);
    assert_int_not_equal(wzp_media_stream(alice->packets[0].bytes), 9);
    assert_int_equal(wzp_media_seq(alice->packets[0].bytes), 500);
    rig_free(rig);
}

static void who_offers_a_way_to_the_origin_is_not_sent_its_media(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 7, .people = "bea"});
    rig_hear(rig, c, &(struct rig_news){.origin = 'c', .seq = 7, .people = "cid"});
    rig_link_say(rig, a, 'x', 1, 500);
    assert_int_equal(b->n_packets, 0);
    assert_int_equal(c->n_packets, 1);
    rig_free(rig);
}

static void media_from_another_link_than_the_upstream_is_dropped_and_pruned_once_a_second(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    for (uint16_t seq = 0; seq < 50; seq++) {
        rig_link_say(rig, b, 'x', 1, seq);
        rig_pass(rig, 20 * WZP_MS);
    }
    assert_int_equal(alice->n_packets, 0);
    assert_int_equal(rig_dropped(b, WZP_DROP_NOT_UPSTREAM), 50);
    assert_string_equal(rig_said(b), "Prune origin=x");
    rig_link_say(rig, b, 'x', 1, 50);
    rig_pass(rig, 20 * WZP_MS);
    assert_string_equal(rig_said(b), "Prune origin=x | Prune origin=x");
    rig_clear(rig);
    rig_link_down(rig, a);
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    assert_string_equal(rig_said(b), "Inactive general withdraw origin=x path=mx lost=ma:  | Graft origin=x");
    rig_link_say(rig, b, 'x', 1, 51);
    assert_int_equal(alice->n_packets, 1);
    rig_free(rig);
}

static void our_own_media_that_comes_back_is_dropped_and_pruned(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_link_say(rig, a, 'm', 1, 1);
    rig_pass(rig, 0);
    assert_int_equal(alice->n_packets, 0);
    assert_string_equal(rig_said(a), "Prune origin=m");
    rig_free(rig);
}

static void media_before_the_announcement_is_taken_from_the_first_link(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_link_say(rig, a, 'x', 1, 500);
    rig_link_say(rig, b, 'x', 1, 500);
    rig_link_say(rig, a, 'x', 1, 500);
    assert_int_equal(alice->n_packets, 1);
    uint16_t number = wzp_media_stream(alice->packets[0].bytes);
    assert_int_not_equal(number, 0);
    assert_int_equal(rig_dropped(b, WZP_DROP_NOT_UPSTREAM), 1);
    assert_int_equal(rig_dropped(a, WZP_DROP_DUPLICATE), 1);
    rig_pass(rig, 0);
    rig_link_say(rig, a, 'x', 1, 500);
    rig_link_say(rig, b, 'x', 1, 501);
    rig_link_say(rig, a, 'x', 1, 502);
    assert_int_equal(alice->n_packets, 2);
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    assert_int_equal(alice->streams[1], number); /* it keeps its number */
    rig_link_say(rig, a, 'x', 1, 503);
    rig_link_say(rig, b, 'x', 1, 502);
    rig_link_say(rig, b, 'x', 1, 504);
    assert_int_equal(alice->n_packets, 3);
    assert_string_equal(rig_said(b), "");
    rig_free(rig);
}

static void senders_do_not_share_a_window(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far,off"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'y', .seq = 7, .people = "yan"});
    for (uint16_t seq = 0; seq < 20; seq++) {
        rig_link_say(rig, a, 'x', 1, seq);
        rig_link_say(rig, a, 'x', 2, seq);
        rig_link_say(rig, b, 'y', 1, seq);
        rig_link_say(rig, b, 'y', 1, seq);
    }
    assert_int_equal(alice->n_packets, 60);
    assert_int_equal(rig_dropped(b, WZP_DROP_DUPLICATE), 20);
    rig_free(rig);
}

static void a_number_that_is_now_another_persons_starts_afresh(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_link_say(rig, a, 'x', 1, 5);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 8, .people = "new"});
    rig_link_say(rig, a, 'x', 1, 5);
    assert_int_equal(alice->n_packets, 2);
    rig_free(rig);
}

static void a_room_nobody_is_in_is_pruned_and_grafted_when_a_member_comes(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 7, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_link_say(rig, a, 'a', 1, 1);
    rig_link_say(rig, a, 'a', 1, 2);
    rig_pass(rig, 0);
    assert_string_equal(rig_said(a), "Prune room");
    assert_int_equal(rig_dropped(a, WZP_DROP_NO_ROOM), 2);
    rig_clear(rig);
    rig_join(rig, "general", "alice");
    assert_string_equal(rig_said(a), "Graft room");
    rig_clear(rig);
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(rig_said(a), "Active general origin=m path=m: alice(M)");
    rig_free(rig);
}

static void a_room_nobody_is_in_is_grafted_when_a_downstream_comes(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 7, .people = "far"});
    rig_link_say(rig, a, 'a', 1, 1);
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 7, .people = "bea"});
    assert_string_equal(rig_said(a), "Active general origin=b path=mb: bea | Graft room");
    rig_link_say(rig, a, 'a', 1, 2);
    assert_int_equal(b->n_packets, 1);
    rig_clear(rig);
    rig_hear_prune(rig, b, 'a', true, 0);
    rig_link_say(rig, a, 'a', 1, 3);
    rig_pass(rig, WZP_SECOND);
    assert_int_equal(b->n_packets, 0);
    assert_string_equal(rig_said(a), "Prune origin=a");
    rig_clear(rig);
    rig_hear_prune(rig, b, 'a', false, 0);
    assert_string_equal(rig_said(a), "Graft origin=a");
    rig_free(rig);
}

static void prunes_stop_media_and_grafts_bring_it_back(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear_prune(rig, a, 0, true, 0);
    rig_hear_prune(rig, b, 'm', true, 0);
    rig_say(rig, alice, 1);
    assert_int_equal(a->n_packets + b->n_packets, 0);
    assert_int_equal(c->n_packets, 1);
    rig_hear_prune(rig, a, 0, false, 0);
    rig_hear_prune(rig, b, 'm', false, 0);
    rig_say(rig, alice, 2);
    assert_int_equal(a->n_packets + b->n_packets, 2);
    rig_hear_prune(rig, a, 0, false, 9);
    rig_hear_prune(rig, a, 0, true, 8);
    rig_hear_prune(rig, b, 'm', true, 9);
    rig_hear_prune(rig, b, 'm', false, 8);
    rig_say(rig, alice, 3);
    assert_int_equal(a->n_packets, 2);
    assert_int_equal(b->n_packets, 1);
    struct wzp_link_stats stats;
    wzp_link_stats(a->link, &stats);
    assert_int_equal(stats.prunes_in, 2);
    assert_int_equal(stats.grafts_in, 2);
    rig_link_down(rig, a);
    a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    rig_say(rig, alice, 4);
    assert_int_equal(a->n_packets, 1); /* a new link remembers no prune */
    rig_free(rig);
}

static void a_graft_counts_as_interest_without_an_announcement(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_clear(rig);
    rig_hear_prune(rig, b, 'x', false, 0);
    assert_string_equal(rig_said(a), "Graft room"); /* nothing that we told shows our interest */
    rig_link_say(rig, a, 'x', 1, 1);
    assert_int_equal(b->n_packets, 1);
    assert_int_equal(c->n_packets, 0);
    rig_free(rig);
}

static void the_last_hop_delivers_and_does_not_forward(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 7, .people = "bea"});
    uint8_t bytes[32] = {0};
    wzp_room_id_tag("general", bytes);
    memset(bytes + 8, 'x', 8);
    bytes[16] = 1;
    bytes[29] = 1;
    rig_link_say_bytes(rig, a, bytes, sizeof bytes);
    assert_int_equal(alice->n_packets, 1);
    assert_int_equal(b->n_packets, 0);
    assert_int_equal(rig_dropped(a, WZP_DROP_HOPS), 1);
    bytes[16] = 0;
    rig_link_say_bytes(rig, a, bytes, sizeof bytes);
    assert_int_equal(alice->n_packets, 1);
    assert_int_equal(rig_dropped(a, WZP_DROP_HOPS), 2);
    rig_free(rig);
}

static void garbage_is_dropped_and_counted(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_join(rig, "general", "alice");
    uint8_t bytes[32] = {0};
    wzp_room_id_tag("general", bytes);
    bytes[16] = 5;
    for (size_t size = 0; size < 30; size++) {
        rig_link_say_bytes(rig, a, bytes, size);
    }
    assert_int_equal(rig_dropped(a, WZP_DROP_MALFORMED), 30);
    bytes[0] ^= 1;
    rig_link_say_bytes(rig, a, bytes, 30);
    assert_int_equal(rig_dropped(a, WZP_DROP_NO_ROOM), 1);
    assert_string_equal(wzp_drop_text(WZP_DROP_QUEUE_FULL), "queue_full");
    rig_free(rig);
}

static void slow(struct wzp_router_config *config)
{
    config->limits.link_room_pps = 50;
}

static void slower(struct wzp_link_info *info)
{
    info->policy.max_pps = info->fingerprint[0] == 'b' ? 20 : 0;
}

static void links_and_rooms_have_their_rates(void **state)
{
    (void)state;
    struct rig *rig = rig_new(slow);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, slower);
    struct rig_link *b = rig_link_up(rig, 'b', WZP_GENERATION_2, slower);
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 7, .people = "bea"});
    for (uint16_t seq = 0; seq < 20; seq++) {
        rig_link_say(rig, a, 'a', 1, seq);
        rig_link_say(rig, b, 'b', 1, seq);
    }
    assert_int_equal(alice->n_packets, 10 + 4);
    assert_int_equal(rig_dropped(a, WZP_DROP_RATE), 10);
    assert_int_equal(rig_dropped(b, WZP_DROP_RATE), 16);
    rig_free(rig);
}

static void a_flood_of_unknown_senders_ends_at_a_limit(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 7, .people = "bea"});
    for (uint16_t number = 1; number < 3000; number++) {
        rig_link_say(rig, a, 'x', number, 1);
        rig_pass(rig, 100);
        alice->n_packets = 0;
        b->n_packets = 0;
    }
    for (uint16_t number = 1; number < 100; number++) {
        rig_link_say(rig, a, 'y', number, 1);
    }
    assert_int_equal(alice->n_packets, 64);
    rig_pass(rig, 0);
    rig_link_say(rig, b, 'b', 1, 1);
    assert_int_equal(alice->n_packets, 65);
    rig_pass(rig, 60 * WZP_SECOND);
    assert_int_equal(wzp_router_deadline(rig->router), WZP_NEVER);
    rig_free(rig);
}

static void a_link_that_goes_right_after_a_new_sender_leaves_nothing_behind(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_link_say(rig, a, 'x', 1, 1);
    rig_link_say(rig, a, 'x', 1, 2);
    rig_link_down(rig, a);
    rig_link_say(rig, b, 'x', 1, 2);
    rig_link_say(rig, b, 'x', 1, 3);
    assert_int_equal(alice->n_packets, 3);
    rig_pass(rig, 60 * WZP_SECOND);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_media_goes_tagged_to_every_link),
        cmocka_unit_test(levels_travel_behind_the_hop_limit_only_from_those_who_send_them),
        cmocka_unit_test(far_media_reaches_members_under_a_number_of_ours),
        cmocka_unit_test(a_batch_is_taken_as_its_packets_are),
        cmocka_unit_test(transit_goes_to_who_announced_the_room_with_one_hop_less),
        cmocka_unit_test(who_offers_a_way_to_the_origin_is_not_sent_its_media),
        cmocka_unit_test(media_from_another_link_than_the_upstream_is_dropped_and_pruned_once_a_second),
        cmocka_unit_test(our_own_media_that_comes_back_is_dropped_and_pruned),
        cmocka_unit_test(media_before_the_announcement_is_taken_from_the_first_link),
        cmocka_unit_test(senders_do_not_share_a_window),
        cmocka_unit_test(a_number_that_is_now_another_persons_starts_afresh),
        cmocka_unit_test(a_room_nobody_is_in_is_pruned_and_grafted_when_a_member_comes),
        cmocka_unit_test(a_room_nobody_is_in_is_grafted_when_a_downstream_comes),
        cmocka_unit_test(prunes_stop_media_and_grafts_bring_it_back),
        cmocka_unit_test(a_graft_counts_as_interest_without_an_announcement),
        cmocka_unit_test(the_last_hop_delivers_and_does_not_forward),
        cmocka_unit_test(garbage_is_dropped_and_counted),
        cmocka_unit_test(links_and_rooms_have_their_rates),
        cmocka_unit_test(a_flood_of_unknown_senders_ends_at_a_limit),
        cmocka_unit_test(a_link_that_goes_right_after_a_new_sender_leaves_nothing_behind),
    };
    return cmocka_run_group_tests_name("router_accept", tests, NULL, NULL);
}
