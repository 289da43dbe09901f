/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/report.h"
#include "base/us.h"
#include "support/wzp_test.h"

static char text[16384];

static FILE *open_text(void)
{
    memset(text, 0, sizeof text);
    FILE *stream = fmemopen(text, sizeof text - 1, "w");
    assert_non_null(stream);
    return stream;
}

static struct wzp_report report_of_a_call(void)
{
    struct wzp_report report = {
        .room = "a \"room\"",
        .profile = "good",
        .relay = {.kind = WZP_EVENT_RELAY, .relay = {.address = "192.0.2.7:4433", .trust = WZP_RELAY_KNOWN}},
        .joined = {.kind = WZP_EVENT_JOINED, .joined = {.generation = 2, .relay_label = "B\n"}},
        .ended = {.kind = WZP_EVENT_ENDED, .message = "done"},
        .stats = {.frames_sent = 250,
                  .repairs_sent = 50,
                  .frames_received = 240,
                  .frames_lost = 3,
                  .frames_concealed = 4,
                  .frames_late = 1,
                  .rtt_ms = 12.5,
                  .jitter_ms = 1.25,
                  .call_ms = 5040,
                  .participants = 1,
                  .participants_most = 3},
    };
    return report;
}

static void the_summary_is_one_line_with_all_figures(void **state)
{
    wzp_ignore(state);
    const struct wzp_report report = report_of_a_call();
    FILE *stream = open_text();
    wzp_report_print(&report, stream);
    fclose(stream);
    assert_string_equal(
        text, "sent 250 frames and 50 repairs, received 240 (lost 3, concealed 4, late 1); round trip "
              "12.5 ms, jitter 1.2 ms; 5.0 s, 2 peers\n");
}

static void an_empty_recording_is_said_to_be_empty(void **state)
{
    wzp_ignore(state);
    struct wzp_report report = report_of_a_call();
    report.record_file = "out.wav";
    FILE *stream = open_text();
    wzp_report_print(&report, stream);
    fclose(stream);
    assert_non_null(strstr(text, "recorded 0.00 s to out.wav (nothing was heard: it is empty)\n"));
    report.stats.recorded_ms = 5000;
    stream = open_text();
    wzp_report_print(&report, stream);
    fclose(stream);
    assert_non_null(strstr(text, "recorded 5.00 s to out.wav\n"));
}

static void the_json_summary_escapes_what_others_wrote(void **state)
{
    wzp_ignore(state);
    struct wzp_report report = report_of_a_call();
    report.record_file = "a\\b.wav";
    FILE *stream = open_text();
    assert_ok(wzp_report_print_json(&report, stream));
    fclose(stream);
    const char *const parts[] = {"{\"ok\":true,\"message\":\"done\",\"room\":\"a \\\"room\\\"\"",
                                 "\"trust\":\"known\"",
                                 "\"label\":\"B\\u000a\"",
                                 "\"generation\":2}",
                                 "\"record_file\":\"a\\\\b.wav\"",
                                 "\"frames_sent\":250",
                                 "\"frames_received\":240",
                                 "\"frames_lost\":3",
                                 "\"frames_concealed\":4",
                                 "\"frames_late\":1",
                                 "\"rtt_ms\":12.500",
                                 "\"jitter_ms\":1.250",
                                 "\"duration_s\":5.040",
                                 "\"peers\":2,"};
    for (size_t i = 0; i < wzp_count(parts); i++) {
        if (!strstr(text, parts[i])) {
            fail_msg("%s lacks %s", text, parts[i]);
        }
    }
    assert_string_equal(text + strlen(text) - 2, "}\n");
}

static void a_metrics_line_has_the_members_of_the_first_generation(void **state)
{
    wzp_ignore(state);
    const struct wzp_report report = report_of_a_call();
    FILE *stream = open_text();
    wzp_report_metrics(&report.stats, "good", 1700000000.25, stream);
    fclose(stream);
    assert_string_equal(
        text, "{\"ts\":1700000000.250,\"buffer_depth\":0,\"underruns\":4,\"overruns\":1,\"loss_pct\":0.00,"
              "\"rtt_ms\":12.500,\"jitter_ms\":1.250,\"frames_sent\":250,\"frames_received\":240,"
              "\"quality_profile\":\"good\"}\n");
}

static void a_ping_tells_distance_and_identity(void **state)
{
    wzp_ignore(state);
    const struct wzp_query_answer answer = {.address = "192.0.2.7:4433",
                                            .fingerprint = "0c:62",
                                            .trust = WZP_RELAY_PINNED,
                                            .rtt = 2500,
                                            .connected_after = 7 * WZP_MS};
    FILE *stream = open_text();
    wzp_report_ping(&answer, false, stream);
    fclose(stream);
    assert_non_null(strstr(text, "2.5 ms (connected after 7.0 ms)"));
    assert_non_null(strstr(text, "0c:62 (pinned)"));
    stream = open_text();
    wzp_report_ping(&answer, true, stream);
    fclose(stream);
    assert_string_equal(text,
                        "{\"address\":\"192.0.2.7:4433\",\"fingerprint\":\"0c:62\",\"trust\":\"pinned\","
                        "\"rtt_ms\":2.500,\"connected_after_ms\":7.000}\n");
}

static void a_version_is_the_line_itself(void **state)
{
    wzp_ignore(state);
    const struct wzp_query_answer answer = {.version = "abc1234"};
    FILE *stream = open_text();
    wzp_report_version(&answer, false, stream);
    fclose(stream);
    assert_string_equal(text, "abc1234\n");
    stream = open_text();
    wzp_report_version(&answer, true, stream);
    fclose(stream);
    assert_non_null(strstr(text, ",\"version\":\"abc1234\"}\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_summary_is_one_line_with_all_figures),
        cmocka_unit_test(an_empty_recording_is_said_to_be_empty),
        cmocka_unit_test(the_json_summary_escapes_what_others_wrote),
        cmocka_unit_test(a_metrics_line_has_the_members_of_the_first_generation),
        cmocka_unit_test(a_ping_tells_distance_and_identity),
        cmocka_unit_test(a_version_is_the_line_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
