/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of signal.h, each reached and passed. */
#include <stdlib.h>

#include "proto/signal.h"
#include "support/wzp_test.h"

#define KEY32  "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]"
#define OFFER  "{\"CallOffer\":{\"identity_pub\":" KEY32 ",\"ephemeral_pub\":" KEY32 ",\"signature\":[1],"
#define GOOD   "{\"codec\":\"Opus24k\",\"fec_ratio\":0.2,\"frame_duration_ms\":20,\"frames_per_block\":5}"
#define SOME_Z "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
#define DIRECTIVE                                                                                            \
    "{\"QualityDirective\":{\"recommended_profile\":{\"codec\":\"Opus6k\",\"fec_ratio\":%s,"                 \
    "\"frame_duration_ms\":40,\"frames_per_block\":10}}}"

static enum wzp_err read_only(const char *json)
{
    struct wzp_signal signal;
    enum wzp_err err = wzp_signal_read(json, strlen(json), &signal);
    if (err == WZP_OK) {
        wzp_signal_deinit(&signal);
    }
    return err;
}

static void ratios_have_a_range_and_print_shortest(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; /* `out` NULL: malformed */
    } rows[] = {
        {"0", "0.0"},
        {"0.0", "0.0"},
        {"1", "1.0"},
        {"10", "10.0"},
        {"0.1", "0.1"},
        {"0.2", "0.2"},
        {"0.25", "0.25"},
        {"0.3", "0.3"},
        {"5e-1", "0.5"},
        {"0.123456789", "0.12345679"},
        {"1.05", "1.05"},
        {"9.999999", "9.999999"},
        {"0.000001", "0.000001"},
        {"1.2345e-5", "0.000012345"},
        {"1e-7", "0.0"},
        {"0.33333333333", "0.33333334"},
        {"10.1", NULL},
        {"-0.1", NULL},
        {"\"0.1\"", NULL},
        {"true", NULL},
        {"1e300", NULL},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char in[256];
        char out[256];
        snprintf(in, sizeof in, DIRECTIVE, rows[i].in);
        if (!rows[i].out) {
            assert_int_equal(read_only(in), WZP_EMALFORMED);
            continue;
        }
        struct wzp_signal signal;
        char *body = NULL;
        size_t size;
        snprintf(out, sizeof out, DIRECTIVE, rows[i].out);
        assert_ok(wzp_signal_read(in, strlen(in), &signal));
        assert_ok(wzp_signal_write(&signal, &body, &size));
        assert_string_equal(body, out);
        free(body);
        wzp_signal_deinit(&signal);
    }
}

static void every_float_in_range_writes_back(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 50000; i++) { /* steps through all exponents from 1e-6 to 10 */
        struct wzp_signal signal = {.kind = WZP_SIGNAL_QUALITY_DIRECTIVE};
        struct wzp_signal again;
        char *body = NULL;
        size_t size;
        uint32_t bits = 0x358637bd + i * 3981;
        float ratio;
        memcpy(&ratio, &bits, sizeof ratio);
        if (ratio > WZP_PROFILE_MAX_RATIO) {
            assert_true(i > 40000);
            return;
        }
        signal.quality_directive.recommended_profile.fec_ratio = ratio;
        assert_ok(wzp_signal_write(&signal, &body, &size));
        assert_ok(wzp_signal_read(body, size, &again));
        assert_true(again.quality_directive.recommended_profile.fec_ratio == ratio);
        free(body);
        wzp_signal_deinit(&again);
    }
}

static void text_of_people_is_cleaned_and_cut(void **state)
{
    (void)state;
    const char *json = OFFER "\"supported_profiles\":[],\"alias\":\"\\u001b[1m" SOME_Z "é\"}}";
    struct wzp_signal signal;
    assert_ok(wzp_signal_read(json, strlen(json), &signal));
    assert_int_equal(strlen(signal.call_offer.alias), WZP_SIGNAL_MAX_ALIAS);
    assert_memory_equal(signal.call_offer.alias, "[1mzzz", 6);
    wzp_signal_deinit(&signal);
    json = OFFER "\"supported_profiles\":[],\"alias\":\"" SOME_Z "é\"}}"; /* é would end behind the limit */
    assert_ok(wzp_signal_read(json, strlen(json), &signal));
    assert_string_equal(signal.call_offer.alias, SOME_Z);
    wzp_signal_deinit(&signal);
}

/** `{"<variant>":{"<member>":<open><item>,<item>...<close>}}` with `n` items. */
static enum wzp_err read_list(const char *before, const char *item, size_t n, struct wzp_signal *out_signal)
{
    size_t capacity = strlen(before) + n * (strlen(item) + 1) + 8;
    char *json = calloc(1, capacity);
    assert_non_null(json);
    char *at = stpcpy(json, before);
    for (size_t i = 0; i < n; i++) {
        at = stpcpy(stpcpy(at, i > 0 ? "," : ""), item);
    }
    stpcpy(at, "]}}");
    enum wzp_err err = wzp_signal_read(json, strlen(json), out_signal);
    free(json);
    return err;
}

static void lists_have_limits(void **state)
{
    (void)state;
    const char *active = "{\"GlobalRoomActive\":{\"room\":\"a\",\"participants\":[";
    const char *presence = "{\"PresenceUpdate\":{\"relay_addr\":\"a\",\"fingerprints\":[";
    const char *rekey = "{\"Rekey\":{\"new_ephemeral_pub\":" KEY32 ",\"signature\":[";
    const char *unknown = "{\"AuthToken\":{\"token\":\"a\",\"later\":[";
    const struct {
        const char *before, *item;
        size_t n;
        enum wzp_err err;
    } rows[] = {
        {active, "{\"fingerprint\":\"a\",\"alias\":\"b\"}", WZP_SIGNAL_MAX_PARTICIPANTS, WZP_OK},
        {active, "{\"fingerprint\":\"a\",\"alias\":\"b\"}", WZP_SIGNAL_MAX_PARTICIPANTS + 1, WZP_ELIMIT},
        {presence, "\"a\"", WZP_SIGNAL_MAX_FINGERPRINTS, WZP_OK},
        {presence, "\"a\"", WZP_SIGNAL_MAX_FINGERPRINTS + 1, WZP_ELIMIT},
        {rekey, "7", WZP_SIGNAL_MAX_BYTES, WZP_OK},
        {rekey, "7", WZP_SIGNAL_MAX_BYTES + 1, WZP_ELIMIT},
        {OFFER "\"supported_profiles\":[", GOOD, WZP_SIGNAL_MAX_PROFILES, WZP_OK},
        {OFFER "\"supported_profiles\":[", GOOD, WZP_SIGNAL_MAX_PROFILES + 1, WZP_ELIMIT},
        {unknown, "0", WZP_SIGNAL_MAX_VALUES - 100, WZP_OK},
        {unknown, "0", WZP_SIGNAL_MAX_VALUES, WZP_ELIMIT},
        {unknown, "                                                               0", 16200, WZP_ELIMIT},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_signal signal;
        enum wzp_err err = read_list(rows[i].before, rows[i].item, rows[i].n, &signal);
        assert_int_equal(err, rows[i].err);
        if (err == WZP_OK) {
            wzp_signal_deinit(&signal);
        }
    }
}

static void a_path_that_is_too_long_shows_it(void **state)
{
    (void)state;
    const char *before = "{\"GlobalRoomActive\":{\"room\":\"a\",\"path\":[";
    struct wzp_signal signal;
    assert_ok(read_list(before, "\"0c:62\"", WZP_SIGNAL_MAX_PATH, &signal));
    assert_int_equal(signal.global_room.path.n, WZP_SIGNAL_MAX_PATH);
    wzp_signal_deinit(&signal);
    assert_ok(read_list(before, "\"0c:62\"", 1000, &signal));
    assert_int_equal(signal.global_room.path.n, WZP_SIGNAL_MAX_PATH + 1);
    wzp_signal_deinit(&signal);
}

static void text_has_limits(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        size_t max;
    } rows[] = {
        {"{\"GlobalRoomInactive\":{\"room\":\"", WZP_SIGNAL_MAX_ROOM},
        {"{\"AuthToken\":{\"token\":\"", WZP_SIGNAL_MAX_TOKEN},
        {"{\"FederationHello\":{\"tls_fingerprint\":\"", WZP_SIGNAL_MAX_FINGERPRINT},
        {"{\"CallRinging\":{\"call_id\":\"", WZP_SIGNAL_MAX_ID},
        {"{\"ReflectResponse\":{\"observed_addr\":\"", WZP_SIGNAL_MAX_ADDRESS},
        {"{\"IceCandidate\":{\"candidate\":\"", WZP_SIGNAL_MAX_CANDIDATE},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        for (size_t over = 0; over < 2; over++) {
            char json[8192];
            size_t start = strlen(rows[i].before);
            memcpy(json, rows[i].before, start);
            memset(json + start, 'x', rows[i].max + over);
            stpcpy(json + start + rows[i].max + over, "\"}}");
            assert_int_equal(read_only(json), over ? WZP_ELIMIT : WZP_OK);
        }
    }
}

static void a_message_over_the_size_limit_is_refused(void **state)
{
    (void)state;
    const char hold[] = {'"', 'H', 'o', 'l', 'd', '"'};
    size_t size = WZP_SIGNAL_MAX_SIZE + 1;
    char *json = malloc(size);
    assert_non_null(json);
    memset(json, ' ', size);
    memcpy(json, hold, sizeof hold);
    struct wzp_signal signal;
    assert_int_equal(wzp_signal_read(json, size, &signal), WZP_ELIMIT);
    assert_ok(wzp_signal_read(json, size - 1, &signal));
    wzp_signal_deinit(&signal);
    free(json);
}

static void a_message_that_grows_too_large_is_not_written(void **state)
{
    (void)state;
    enum { N = 40000 };
    const char **items = calloc(N, sizeof *items);
    assert_non_null(items);
    for (size_t i = 0; i < N; i++) {
        items[i] = "0123456789012345678901234567890123456789";
    }
    const struct wzp_signal presence = {.kind = WZP_SIGNAL_PRESENCE_UPDATE,
                                        .presence_update = {{items, N}, "a"}};
    char *body = NULL;
    size_t size = 0;
    assert_int_equal(wzp_signal_write(&presence, &body, &size), WZP_ELIMIT);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratios_have_a_range_and_print_shortest),
        cmocka_unit_test(every_float_in_range_writes_back),
        cmocka_unit_test(text_of_people_is_cleaned_and_cut),
        cmocka_unit_test(lists_have_limits),
        cmocka_unit_test(a_path_that_is_too_long_shows_it),
        cmocka_unit_test(text_has_limits),
        cmocka_unit_test(a_message_over_the_size_limit_is_refused),
        cmocka_unit_test(a_message_that_grows_too_large_is_not_written),
    };
    return cmocka_run_group_tests_name("proto_signal_limits", tests, NULL, NULL);
}
