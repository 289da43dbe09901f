/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "net/quic.h"
#include "relay/metrics.h"
#include "relay/metrics_table.h"
#include "support/wzp_test.h"

static int set_up(void **state)
{
    struct wzp_metrics *metrics = NULL;
    assert_ok(wzp_metrics_new(&metrics));
    *state = metrics;
    return 0;
}

static int tear_down(void **state)
{
    wzp_metrics_free(*state);
    return 0;
}

static char *rendered(const struct wzp_metrics *metrics)
{
    struct wzp_buffer text;
    wzp_buffer_init(&text, 8 << 20);
    wzp_metrics_render(metrics, &text);
    assert_int_equal(text.err, WZP_OK);
    return text.text;
}

static void assert_has(const struct wzp_metrics *metrics, const char *line)
{
    char *text = rendered(metrics);
    char whole[512];
    wzp_ignore(snprintf(whole, sizeof whole, "\n%s\n", line));
    if (!strstr(text, whole)) {
        print_error("%s", text);
        fail_msg("no line: %s", line);
    }
    free(text);
}

static void assert_lacks(const struct wzp_metrics *metrics, const char *part)
{
    char *text = rendered(metrics);
    assert_null(strstr(text, part));
    free(text);
}

static void every_family_has_a_name_a_help_and_a_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < WZP_METRIC_N; i++) {
        const struct wzp_metric_family *about = &wzp_metrics_table[i];
        assert_non_null(about->name);
        assert_non_null(about->help);
        assert_null(strpbrk(about->help, "\\\n"));
        assert_true(about->n_bounds <= WZP_METRICS_MAX_BOUNDS);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(about->name, wzp_metrics_table[j].name);
        }
    }
}

static void families_without_labels_show_zero_from_the_start(void **state)
{
    assert_has(*state,
               "# TYPE wzp_relay_packets_forwarded_total counter\nwzp_relay_packets_forwarded_total 0");
    assert_has(*state, "# TYPE wzp_relay_active_rooms gauge\nwzp_relay_active_rooms 0");
    assert_has(*state, "wzp_relay_handshake_duration_seconds_bucket{le=\"+Inf\"} 0");
    assert_lacks(*state, "wzp_federation_peer_status");
    assert_has(*state, "# TYPE wzp_relay_build_info gauge");
}

static void counters_and_gauges_move_by_pointer(void **state)
{
    uint64_t *packets = wzp_metrics_counter(*state, WZP_METRIC_PACKETS_FORWARDED, NULL, NULL);
    *packets += 3;
    ++*packets;
    assert_has(*state, "wzp_relay_packets_forwarded_total 4");
    *wzp_metrics_gauge(*state, WZP_METRIC_ACTIVE_ROOMS, NULL, NULL) = 7;
    assert_has(*state, "wzp_relay_active_rooms 7");
    *wzp_metrics_gauge(*state, WZP_METRIC_ACTIVE_ROOMS, NULL, NULL) = 0.1 + 0.2;
    assert_has(*state, "wzp_relay_active_rooms 0.30000000000000004");
    *wzp_metrics_gauge(*state, WZP_METRIC_ACTIVE_ROOMS, NULL, NULL) = -2.5e9;
    assert_has(*state, "wzp_relay_active_rooms -2500000000");
}

static void the_same_labels_name_the_same_series(void **state)
{
    uint64_t *out = wzp_metrics_counter(*state, WZP_METRIC_FED_FORWARDED, "berlin", "out");
    uint64_t *in = wzp_metrics_counter(*state, WZP_METRIC_FED_FORWARDED, "berlin", "in");
    assert_ptr_not_equal(out, in);
    assert_ptr_equal(out, wzp_metrics_counter(*state, WZP_METRIC_FED_FORWARDED, "berlin", "out"));
    /* The key keeps the two values apart. */
    assert_ptr_not_equal(wzp_metrics_counter(*state, WZP_METRIC_FED_FORWARDED, "ab", "c"),
                         wzp_metrics_counter(*state, WZP_METRIC_FED_FORWARDED, "a", "bc"));
    *out = 2;
    *in = 1;
    assert_has(*state, "wzp_federation_packets_forwarded_total{peer=\"berlin\",direction=\"out\"} 2\n"
                       "wzp_federation_packets_forwarded_total{peer=\"berlin\",direction=\"in\"} 1");
}

static void label_values_are_escaped_and_cleaned(void **state)
{
    *wzp_metrics_gauge(*state, WZP_METRIC_PEER_STATUS, "a\"b\\c", NULL) = 1;
    assert_has(*state, "wzp_federation_peer_status{peer=\"a\\\"b\\\\c\"} 1");
    *wzp_metrics_gauge(*state, WZP_METRIC_PEER_STATUS, "x\n# TYPE y", NULL) = 1;
    assert_has(*state, "wzp_federation_peer_status{peer=\"x# TYPE y\"} 1");
    *wzp_metrics_gauge(*state, WZP_METRIC_PEER_STATUS, "\xff\xfe", NULL) = 1;
    assert_has(*state, "wzp_federation_peer_status{peer=\"\"} 1");
    char longer[300];
    memset(longer, 'l', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    *wzp_metrics_gauge(*state, WZP_METRIC_PEER_STATUS, longer, NULL) = 9;
    char line[400];
    wzp_ignore(snprintf(line, sizeof line, "wzp_federation_peer_status{peer=\"%.*s\"} 9",
                        WZP_METRICS_LABEL_BYTES - 1, longer));
    assert_has(*state, line);
}

static void a_session_leaves_nothing_behind(void **state)
{
    *wzp_metrics_gauge(*state, WZP_METRIC_SESSION_RTT_MS, "s1", NULL) = 20;
    *wzp_metrics_counter(*state, WZP_METRIC_SESSION_OVERRUNS, "s1", NULL) = 5;
    double *other = wzp_metrics_gauge(*state, WZP_METRIC_SESSION_RTT_MS, "s2", NULL);
    *wzp_metrics_gauge(*state, WZP_METRIC_PEER_RTT_MS, "s1", NULL) = 3;
    wzp_metrics_forget(*state, "session_id", "s1");
    assert_lacks(*state, "session_id=\"s1\"");
    assert_lacks(*state, "wzp_relay_session_overruns_total");
    *other = 30;
    assert_has(*state, "wzp_relay_session_rtt_ms{session_id=\"s2\"} 30");
    assert_has(*state, "wzp_federation_peer_rtt_ms{peer=\"s1\"} 3");
    assert_true(*wzp_metrics_gauge(*state, WZP_METRIC_SESSION_RTT_MS, "s1", NULL) < 0.5);
}

static void a_second_label_is_forgotten_too(void **state)
{
    *wzp_metrics_counter(*state, WZP_METRIC_FED_DROPPED, "p", "rate") = 1;
    *wzp_metrics_counter(*state, WZP_METRIC_FED_DROPPED, "p", "hops") = 1;
    wzp_metrics_forget(*state, "reason", "rate");
    assert_lacks(*state, "reason=\"rate\"");
    assert_has(*state, "wzp_federation_packets_dropped_total{peer=\"p\",reason=\"hops\"} 1");
}

static void a_full_family_counts_the_rest_as_other(void **state)
{
    char id[16];
    for (unsigned i = 0; i < WZP_METRICS_MAX_SERIES; i++) {
        wzp_ignore(snprintf(id, sizeof id, "s%u", i));
        *wzp_metrics_counter(*state, WZP_METRIC_SESSION_OVERRUNS, id, NULL) = i;
        *wzp_metrics_gauge(*state, WZP_METRIC_SESSION_RTT_MS, id, NULL) = i;
    }
    assert_lacks(*state, "\"other\"");
    ++*wzp_metrics_counter(*state, WZP_METRIC_SESSION_OVERRUNS, "more", NULL);
    ++*wzp_metrics_counter(*state, WZP_METRIC_SESSION_OVERRUNS, "still more", NULL);
    *wzp_metrics_gauge(*state, WZP_METRIC_SESSION_RTT_MS, "more", NULL) = 1;
    assert_has(*state, "wzp_relay_session_overruns_total{session_id=\"other\"} 2");
    assert_lacks(*state, "wzp_relay_session_rtt_ms{session_id=\"other\"}");
    assert_has(*state, "wzp_relay_metric_series_refused_total 3");
    wzp_metrics_forget(*state, "session_id", "s5");
    *wzp_metrics_counter(*state, WZP_METRIC_SESSION_OVERRUNS, "fits", NULL) = 4;
    assert_has(*state, "wzp_relay_session_overruns_total{session_id=\"fits\"} 4");
}

static void histograms_count_up_to_and_including_their_bounds(void **state)
{
    struct wzp_histogram *histogram = wzp_metrics_histogram(*state, WZP_METRIC_HANDSHAKE_DURATION);
    const double values[] = {0, 0.001, 0.0011, 0.5, 2.5, 2.625, 100};
    for (size_t i = 0; i < wzp_count(values); i++) {
        wzp_histogram_observe(histogram, values[i]);
    }
    assert_has(*state, "# TYPE wzp_relay_handshake_duration_seconds histogram\n"
                       "wzp_relay_handshake_duration_seconds_bucket{le=\"0.001\"} 2\n"
                       "wzp_relay_handshake_duration_seconds_bucket{le=\"0.005\"} 3");
    assert_has(*state, "wzp_relay_handshake_duration_seconds_bucket{le=\"0.25\"} 3\n"
                       "wzp_relay_handshake_duration_seconds_bucket{le=\"0.5\"} 4\n"
                       "wzp_relay_handshake_duration_seconds_bucket{le=\"1\"} 4\n"
                       "wzp_relay_handshake_duration_seconds_bucket{le=\"2.5\"} 5\n"
                       "wzp_relay_handshake_duration_seconds_bucket{le=\"+Inf\"} 7\n"
                       "wzp_relay_handshake_duration_seconds_sum 105.6271\n"
                       "wzp_relay_handshake_duration_seconds_count 7");
}

/* The bounds of what the endpoint counts in whole microseconds and packets are those of the families. */
static void what_an_endpoint_counted_is_taken_over_bound_by_bound(void **state)
{
    const struct {
        enum wzp_metric metric;
        const struct wzp_tally_bounds *bounds;
        double unit;
    } rows[] = {
        {WZP_METRIC_DELAY, &wzp_quic_delay_bounds, 1e-6},
        {WZP_METRIC_LOOP_TURN, &wzp_quic_turn_bounds, 1e-6},
        {WZP_METRIC_RECEIVE_BATCH, &wzp_quic_batch_bounds, 1},
        {WZP_METRIC_SEND_BATCH, &wzp_quic_batch_bounds, 1},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        const struct wzp_metric_family *about = &wzp_metrics_table[rows[i].metric];
        assert_int_equal(rows[i].bounds->n, about->n_bounds);
        for (size_t b = 0; b < about->n_bounds; b++) {
            assert_float_equal(rows[i].bounds->at[b] * rows[i].unit, about->bounds[b], 1e-12);
        }
        struct wzp_tally tally = {.sum = 0};
        wzp_tally_add(&tally, rows[i].bounds, 100);
        wzp_tally_add(&tally, rows[i].bounds, 2000000);
        wzp_histogram_set(wzp_metrics_histogram(*state, rows[i].metric), &tally, rows[i].unit);
    }
    assert_has(*state, "wzp_relay_delay_seconds_bucket{le=\"5e-05\"} 0\n"
                       "wzp_relay_delay_seconds_bucket{le=\"0.0001\"} 1");
    assert_has(*state, "wzp_relay_delay_seconds_bucket{le=\"0.2\"} 1\n"
                       "wzp_relay_delay_seconds_bucket{le=\"+Inf\"} 2");
    assert_has(*state, "wzp_relay_delay_seconds_count 2");
}

static void histograms_of_workers_add_up(void **state)
{
    struct wzp_metrics *other = NULL;
    assert_ok(wzp_metrics_new(&other));
    wzp_histogram_observe(wzp_metrics_histogram(*state, WZP_METRIC_SEND_BATCH), 3);
    wzp_histogram_observe(wzp_metrics_histogram(other, WZP_METRIC_SEND_BATCH), 4);
    wzp_histogram_observe(wzp_metrics_histogram(other, WZP_METRIC_SEND_BATCH), 5000);
    wzp_metrics_add(*state, other);
    wzp_metrics_free(other);
    assert_has(*state, "wzp_relay_send_batch_packets_bucket{le=\"4\"} 2");
    assert_has(*state, "wzp_relay_send_batch_packets_sum 5007\nwzp_relay_send_batch_packets_count 3");
}

static void the_process_is_sampled(void **state)
{
    wzp_metrics_process_sample(*state);
    assert_true(*wzp_metrics_gauge(*state, WZP_METRIC_PROCESS_RESIDENT_BYTES, NULL, NULL) > 100000);
    assert_true(*wzp_metrics_gauge(*state, WZP_METRIC_PROCESS_OPEN_FDS, NULL, NULL) >= 3);
    assert_true(*wzp_metrics_gauge(*state, WZP_METRIC_PROCESS_CPU_SECONDS, NULL, NULL) > 0);
    double start = *wzp_metrics_gauge(*state, WZP_METRIC_PROCESS_START_TIME, NULL, NULL);
    assert_true(start > 1.6e9);
    assert_has(*state, "# TYPE process_cpu_seconds_total counter");
}

static void a_small_page_says_so(void **state)
{
    struct wzp_buffer text;
    wzp_buffer_init(&text, 100);
    wzp_metrics_render(*state, &text);
    assert_int_equal(text.err, WZP_ELIMIT);
    wzp_buffer_deinit(&text);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_family_has_a_name_a_help_and_a_place),
        CASE(families_without_labels_show_zero_from_the_start),
        CASE(counters_and_gauges_move_by_pointer),
        CASE(the_same_labels_name_the_same_series),
        CASE(label_values_are_escaped_and_cleaned),
        CASE(a_session_leaves_nothing_behind),
        CASE(a_second_label_is_forgotten_too),
        CASE(a_full_family_counts_the_rest_as_other),
        CASE(histograms_count_up_to_and_including_their_bounds),
        CASE(what_an_endpoint_counted_is_taken_over_bound_by_bound),
        CASE(histograms_of_workers_add_up),
        CASE(the_process_is_sampled),
        CASE(a_small_page_says_so),
    };
    return cmocka_run_group_tests_name("relay_metrics", tests, NULL, NULL);
}
