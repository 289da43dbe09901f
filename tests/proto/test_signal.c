/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "proto/signal.h"
#include "support/wzp_test.h"

#define KEY32 "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]"
#define OFFER "{\"CallOffer\":{\"identity_pub\":" KEY32 ",\"ephemeral_pub\":" KEY32 ",\"signature\":[1],"
#define GOOD  "{\"codec\":\"Opus24k\",\"fec_ratio\":0.2,\"frame_duration_ms\":20,\"frames_per_block\":5}"

static enum wzp_err read_only(const char *json)
{
    struct wzp_signal signal;
    enum wzp_err err = wzp_signal_read(json, strlen(json), &signal);
    if (err == WZP_OK) {
        wzp_signal_deinit(&signal);
    }
    return err;
}

static void check_written_back(const char *line, size_t size)
{
    struct wzp_signal signal;
    char *body = NULL;
    size_t written = 0;
    print_message("# %.*s\n", (int)wzp_min_size(size, 60), line);
    assert_ok(wzp_signal_read(line, size, &signal));
    assert_ok(wzp_signal_write(&signal, &body, &written));
    assert_int_equal(written, strlen(body));
    assert_int_equal(written, size);
    assert_memory_equal(body, line, size);
    assert_true(strstr(body, wzp_signal_kind_name(signal.kind)));
    free(body);
    wzp_signal_deinit(&signal);
    assert_int_equal(signal.kind, WZP_SIGNAL_NONE);
    for (size_t shorter = 0; shorter < size; shorter += 1 + size / 400) {
        assert_int_equal(wzp_signal_read(line, shorter, &signal), WZP_EMALFORMED);
    }
}

static void check_file(const char *name, size_t n_expected)
{
    char path[512];
    char line[8192];
    const char *folder = getenv("WZP_VECTORS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "tests/vectors", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = 0;
    for (; fgets(line, sizeof line, file); n++) {
        check_written_back(line, strcspn(line, "\n"));
    }
    fclose(file);
    assert_int_equal(n, n_expected);
}

static void first_generation_examples_write_back_byte_for_byte(void **state)
{
    (void)state;
    check_file("signals_g1.jsonl", 38);
}

static void second_generation_examples_write_back_byte_for_byte(void **state)
{
    (void)state;
    check_file("signals_g2.jsonl", 19);
}

static const struct {
    const char *json;
    enum wzp_err err;
} refusals[] = {
    /* forms */
    {"\"Hold\"", WZP_OK},
    {"{\"Hold\":null}", WZP_OK},
    {" { \"Hold\" : null } \n", WZP_OK},
    {"{\"Hold\":{}}", WZP_EMALFORMED},
    {"\"AuthToken\"", WZP_EMALFORMED},
    {"{\"AuthToken\":null}", WZP_EMALFORMED},
    {"{\"AuthToken\":[]}", WZP_EMALFORMED},
    {"{\"AuthToken\":{\"token\":\"a\"}}", WZP_OK},
    {"{\"AuthToken\":{\"token\":\"a\",\"later\":{\"x\":[1,2]}}}", WZP_OK},
    {"{\"AuthToken\":{\"token\":\"a\"},\"Hold\":null}", WZP_EMALFORMED},
    {"{\"AuthToken\":{\"token\":\"a\"}}x", WZP_EMALFORMED},
    {"{\"AuthToken\":{\"token\":\"a\",\"token\":\"b\"}}", WZP_EMALFORMED},
    {"{\"AuthToken\":{}}", WZP_EMALFORMED},
    {"{\"AuthToken\":{\"token\":null}}", WZP_EMALFORMED},
    {"{\"AuthToken\":{\"token\":7}}", WZP_EMALFORMED},
    {"{}", WZP_EMALFORMED},
    {"[]", WZP_EMALFORMED},
    {"7", WZP_EMALFORMED},
    {"null", WZP_EMALFORMED},
    {"", WZP_EMALFORMED},
    /* unknown variants */
    {"{\"Future\":{\"a\":1}}", WZP_ENOTFOUND},
    {"\"Future\"", WZP_ENOTFOUND},
    {"\"hold\"", WZP_ENOTFOUND},
    {"{\"FederatedSignalForward\":{\"inner\":\"Future\",\"origin_relay_fp\":\"a\"}}", WZP_ENOTFOUND},
    /* members */
    {"{\"Ping\":{\"timestamp_ms\":-1}}", WZP_EMALFORMED},
    {"{\"Ping\":{\"timestamp_ms\":1.0}}", WZP_EMALFORMED},
    {"{\"Ping\":{\"timestamp_ms\":\"1\"}}", WZP_EMALFORMED},
    {"{\"Ping\":{\"timestamp_ms\":9223372036854775808}}", WZP_EMALFORMED},
    {"{\"RouteQuery\":{\"fingerprint\":\"a\",\"ttl\":255}}", WZP_OK},
    {"{\"RouteQuery\":{\"fingerprint\":\"a\",\"ttl\":256}}", WZP_EMALFORMED},
    {"{\"GoAway\":{\"reason\":\"a\",\"deadline_ms\":4294967295}}", WZP_OK},
    {"{\"GoAway\":{\"reason\":\"a\",\"deadline_ms\":4294967296}}", WZP_EMALFORMED},
    {"{\"Hangup\":{\"reason\":\"normal\"}}", WZP_EMALFORMED},
    {"{\"Hangup\":{\"reason\":0}}", WZP_EMALFORMED},
    {"{\"RoomUpdate\":{\"count\":\"x\"}}", WZP_EMALFORMED},
    {"{\"RoomUpdate\":{\"count\":-1,\"participants\":[]}}", WZP_EMALFORMED},
    {"{\"RoomUpdate\":{\"count\":9,\"participants\":[]}}", WZP_OK},
    {"{\"RoomUpdate\":{\"count\":1,\"participants\":[{\"fingerprint\":\"a\"}]}}", WZP_OK},
    {"{\"RoomUpdate\":{\"count\":1,\"participants\":[7]}}", WZP_EMALFORMED},
    {"{\"RoomUpdate\":{\"count\":1,\"participants\":[{\"fingerprint\":\"a\",\"stream\":65536}]}}",
     WZP_EMALFORMED},
    {"{\"RoomUpdate\":{\"count\":1,\"participants\":[{\"fingerprint\":\"a\",\"muted\":1}]}}", WZP_EMALFORMED},
    {"{\"GlobalRoomActive\":{}}", WZP_EMALFORMED},
    {"{\"GlobalRoomActive\":{\"room\":7}}", WZP_EMALFORMED},
    {"{\"GlobalRoomActive\":{\"room\":\"a\"}}", WZP_OK},
    {"{\"GlobalRoomActive\":{\"room\":\"a\",\"participants\":null}}", WZP_OK},
    {"{\"GlobalRoomActive\":{\"room\":\"a\",\"participants\":[{}]}}", WZP_EMALFORMED},
    {"{\"GlobalRoomActive\":{\"room\":\"a\",\"path\":\"b\"}}", WZP_EMALFORMED},
    {"{\"GlobalRoomActive\":{\"room\":\"a\",\"path\":[1]}}", WZP_EMALFORMED},
    {"{\"GlobalRoomActive\":{\"room\":\"a\\nb\"}}", WZP_EMALFORMED},
    {"{\"Prune\":{\"room_hash\":\"0feae16d55365ac\",\"n\":1}}", WZP_EMALFORMED},
    {"{\"Prune\":{\"room_hash\":\"0feae16d55365acg\",\"n\":1}}", WZP_EMALFORMED},
    {"{\"Prune\":{\"room_hash\":\"0feae16d55365acf\",\"n\":1}}", WZP_OK},
    {"{\"Rekey\":{\"new_ephemeral_pub\":[1],\"signature\":[]}}", WZP_EMALFORMED},
    {"{\"Rekey\":{\"new_ephemeral_pub\":" KEY32 ",\"signature\":[256]}}", WZP_EMALFORMED},
    {"{\"Rekey\":{\"new_ephemeral_pub\":" KEY32 ",\"signature\":\"a\"}}", WZP_EMALFORMED},
    {"{\"Rekey\":{\"new_ephemeral_pub\":" KEY32 ",\"signature\":[255]}}", WZP_OK},
    {OFFER "\"supported_profiles\":[" GOOD "]}}", WZP_OK},
    {OFFER "\"supported_profiles\":[" GOOD "],\"caps\":[\"tag\",\"later\"],\"v\":3}}", WZP_OK},
    {OFFER "\"supported_profiles\":[" GOOD "],\"caps\":[7]}}", WZP_EMALFORMED},
    {OFFER "\"supported_profiles\":[" GOOD "],\"caps\":\"tag\"}}", WZP_EMALFORMED},
    {OFFER "\"supported_profiles\":{}}}", WZP_EMALFORMED},
    {OFFER "\"alias\":\"a\"}}", WZP_EMALFORMED},
    {"{\"DirectCallAnswer\":{\"call_id\":\"a\",\"accept_mode\":\"Reject\",\"identity_pub\":[1]}}",
     WZP_EMALFORMED},
    {"{\"DirectCallAnswer\":{\"call_id\":\"a\",\"accept_mode\":\"Reject\",\"chosen_profile\":7}}",
     WZP_EMALFORMED},
    {"{\"FederatedSignalForward\":{\"inner\":{\"FederatedSignalForward\":{\"inner\":\"Hold\","
     "\"origin_relay_fp\":\"a\"}},\"origin_relay_fp\":\"a\"}}",
     WZP_EMALFORMED},
    {"[[[[[[[[[[[[[[[[[", WZP_ELIMIT},
};

static void refusals_say_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(refusals); i++) {
        print_message("# %s\n", refusals[i].json);
        assert_int_equal(read_only(refusals[i].json), refusals[i].err);
    }
}

static void a_hello_says_its_version_under_two_names(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        uint8_t v;
    } rows[] = {{"", 0}, {",\"v\":2", 2}, {",\"version\":2", 2}, {",\"v\":3,\"version\":2", 3}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char json[128];
        struct wzp_signal signal;
        snprintf(json, sizeof json, "{\"FederationHello\":{\"tls_fingerprint\":\"0c:62\"%s}}",
                 rows[i].members);
        assert_ok(wzp_signal_read(json, strlen(json), &signal));
        assert_int_equal(signal.federation_hello.v, rows[i].v);
        wzp_signal_deinit(&signal);
    }
}

static void members_arrive_in_the_struct(void **state)
{
    (void)state;
    const char *json =
        "{\"RoomUpdate\":{\"rev\":7,\"count\":2,\"room\":\"general\",\"participants\":["
        "{\"alias\":\"b\",\"fingerprint\":\"f\",\"stream\":9,\"caps\":[\"level\",\"tag\"],\"v\":2,"
        "\"muted\":true,\"relay_fp\":\"r\",\"relay_label\":\"l\"},{\"fingerprint\":\"g\"}]}}";
    struct wzp_signal signal;
    assert_ok(wzp_signal_read(json, strlen(json), &signal));
    assert_int_equal(signal.kind, WZP_SIGNAL_ROOM_UPDATE);
    const struct wzp_signal_room_update *update = &signal.room_update;
    assert_int_equal(update->rev, 7);
    assert_string_equal(update->room, "general");
    assert_int_equal(update->participants.n, 2);
    const struct wzp_signal_participant *b = &update->participants.items[0];
    assert_string_equal(b->alias, "b");
    assert_string_equal(b->fingerprint, "f");
    assert_string_equal(b->relay_label, "l");
    assert_string_equal(b->relay_fp, "r");
    assert_int_equal(b->stream, 9);
    assert_int_equal(b->caps, WZP_CAP_LEVEL | WZP_CAP_TAG);
    assert_int_equal(b->v, 2);
    assert_true(b->muted);
    const struct wzp_signal_participant *g = &update->participants.items[1];
    assert_null(g->alias);
    assert_null(g->relay_label);
    assert_int_equal(g->caps, 0);
    wzp_signal_deinit(&signal);
}

static void signals_by_hand_are_written_from_borrowed_pointers(void **state)
{
    (void)state;
    const struct wzp_signal_participant people[] = {
        {.fingerprint = "f", .alias = "a\"\\\b\f\n\r\t\x01", .relay_label = ""},
        {.fingerprint = "g", .relay_label = "B", .caps = WZP_CAP_E2E | 1U << 31},
    };
    const struct wzp_signal update = {
        .kind = WZP_SIGNAL_ROOM_UPDATE,
        .room_update = {.participants = {people, wzp_count(people)}, .rev = UINT64_MAX},
    };
    char *body = NULL;
    size_t size;
    assert_ok(wzp_signal_write(&update, &body, &size));
    assert_string_equal(body,
                        "{\"RoomUpdate\":{\"count\":2,\"participants\":[{\"fingerprint\":\"f\",\"alias\":"
                        "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\",\"relay_label\":null},{\"fingerprint\":\"g\","
                        "\"alias\":null,\"relay_label\":\"B\",\"caps\":[\"e2e\"]}],"
                        "\"rev\":18446744073709551615}}");
    free(body);
    const struct wzp_signal report = {.kind = WZP_SIGNAL_MEDIA_PATH_REPORT,
                                      .media_path_report = {.call_id = "1"}};
    assert_ok(wzp_signal_write(&report, &body, &size));
    assert_string_equal(body,
                        "{\"MediaPathReport\":{\"call_id\":\"1\",\"direct_ok\":false,\"race_winner\":\"\"}}");
    free(body);
}

static void what_could_not_be_read_is_not_written(void **state)
{
    (void)state;
    const struct wzp_signal hold = {.kind = WZP_SIGNAL_HOLD};
    const struct wzp_signal forward = {.kind = WZP_SIGNAL_FEDERATED_SIGNAL_FORWARD,
                                       .federated_signal_forward = {&hold, "a"}};
    const struct wzp_signal bad[] = {
        {.kind = WZP_SIGNAL_NONE},
        {.kind = WZP_SIGNAL_AUTH_TOKEN},
        {.kind = WZP_SIGNAL_AUTH_TOKEN, .auth_token = {"\xff"}},
        {.kind = WZP_SIGNAL_HANGUP, .hangup = {.reason = (enum wzp_hangup_reason)5}},
        {.kind = WZP_SIGNAL_QUALITY_DIRECTIVE,
         .quality_directive = {.recommended_profile = {.fec_ratio = -1.0F}}},
        {.kind = WZP_SIGNAL_QUALITY_DIRECTIVE,
         .quality_directive = {.recommended_profile = {.codec = (enum wzp_codec_id)WZP_CODECS}}},
        {.kind = WZP_SIGNAL_FEDERATED_SIGNAL_FORWARD, .federated_signal_forward = {NULL, "a"}},
        {.kind = WZP_SIGNAL_FEDERATED_SIGNAL_FORWARD, .federated_signal_forward = {&forward, "a"}},
        {.kind = WZP_SIGNAL_DIRECT_CALL_ANSWER,
         .direct_call_answer = {.call_id = "1", .identity_pub = {(const uint8_t *)"x", 1}}},
    };
    for (size_t i = 0; i < wzp_count(bad); i++) {
        char *body = NULL;
        size_t size = 0;
        assert_int_equal(wzp_signal_write(&bad[i], &body, &size), WZP_EINVAL);
        assert_null(body);
    }
}

static void early_peers_get_only_what_they_know(void **state)
{
    (void)state;
    static const struct {
        enum wzp_signal_kind kind;
        bool is_early;
    } rows[] = {
        {WZP_SIGNAL_CALL_OFFER, true},
        {WZP_SIGNAL_ROOM_UPDATE, true},
        {WZP_SIGNAL_GLOBAL_ROOM_ACTIVE, true},
        {WZP_SIGNAL_MUTE, true},
        {WZP_SIGNAL_SESSION_FORWARD_ACK, true},
        {WZP_SIGNAL_LOSS_RECOVERY_UPDATE, false},
        {WZP_SIGNAL_QUALITY_DIRECTIVE, false},
        {WZP_SIGNAL_PRUNE, false},
        {WZP_SIGNAL_GRAFT, false},
        {WZP_SIGNAL_GO_AWAY, false},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        assert_int_equal(wzp_signal_kind_is_known(rows[i].kind, 0), rows[i].is_early);
        assert_int_equal(wzp_signal_kind_is_known(rows[i].kind, 1), rows[i].is_early);
        assert_true(wzp_signal_kind_is_known(rows[i].kind, 2));
    }
    for (unsigned kind = 1; kind < WZP_SIGNAL_KINDS; kind++) {
        assert_string_not_equal(wzp_signal_kind_name((enum wzp_signal_kind)kind), "none");
    }
    assert_string_equal(wzp_signal_kind_name(WZP_SIGNAL_NONE), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_generation_examples_write_back_byte_for_byte),
        cmocka_unit_test(second_generation_examples_write_back_byte_for_byte),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(a_hello_says_its_version_under_two_names),
        cmocka_unit_test(members_arrive_in_the_struct),
        cmocka_unit_test(signals_by_hand_are_written_from_borrowed_pointers),
        cmocka_unit_test(what_could_not_be_read_is_not_written),
        cmocka_unit_test(early_peers_get_only_what_they_know),
    };
    return cmocka_run_group_tests_name("proto_signal", tests, NULL, NULL);
}
