/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/toml.h"
#include "relay/config.h"
#include "support/wzp_test.h"

#define PRINT_A                                                                                              \
    "0c:62:cf:b5:b9:e3:7c:77:ae:81:3d:9b:c3:5d:5c:ef:53:e1:2b:0a:bb:d8:e6:3b:4b:42:99:95:7d:6f:37:a9"
#define PRINT_B "2fbef8d7be485f6d1d7ffcfa8d494ad3cc387abdc108fcd4ad04b873c91c9ff5"

#define PEER_A "[[peers]]\nurl = \"a:1\"\nfingerprint = \"" PRINT_A "\"\n"

struct world {
    struct wzp_relay_config config;
    struct wzp_problems problems;
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    *state = world;
    return world && wzp_relay_config_init(&world->config) == WZP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    wzp_relay_config_deinit(&world->config);
    wzp_problems_deinit(&world->problems);
    free(world);
    return 0;
}

static enum wzp_err read_text(struct world *world, const char *text)
{
    return wzp_relay_config_read(&world->config, "relay.toml", text, strlen(text), &world->problems);
}

static void assert_reads(struct world *world, const char *text)
{
    enum wzp_err err = read_text(world, text);
    if (err != WZP_OK) {
        fail_msg("%s", world->problems.errors[0] ? world->problems.errors[0] : wzp_err_text(err));
    }
}

static void assert_addr(const struct wzp_addr *addr, const char *expected)
{
    char text[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(addr, text);
    assert_string_equal(text, expected);
}

static void an_empty_file_means_the_defaults(void **state)
{
    struct world *world = *state;
    const struct wzp_relay_config *config = &world->config;
    assert_reads(world, "");
    assert_addr(&config->listen_addr, "0.0.0.0:4433");
    assert_int_equal(config->max_sessions, 1000);
    assert_int_equal(config->max_participants_per_room, 512);
    assert_int_equal(config->log_level, WZP_LOG_INFO);
    assert_int_equal(config->metrics_port, WZP_RELAY_CONFIG_PORT_OFF);
    assert_int_equal(config->ws_port, WZP_RELAY_CONFIG_PORT_OFF);
    assert_string_equal(config->metrics_addr, "0.0.0.0");
    assert_null(config->auth_url);
    assert_int_equal(config->n_peers + config->n_trusted + config->n_global_rooms, 0);
    wzp_relay_config_warn(config, &world->problems);
    assert_int_equal(world->problems.n_warnings, 0);
}

/* Every key of G1 section 7.1. */
static const char first_generation[] = "listen_addr = \"127.0.0.1:4434\"\n"
                                       "remote_relay = \"10.0.0.2:4433\"\n"
                                       "max_sessions = 100\n"
                                       "jitter_target_depth = 50\n"
                                       "jitter_max_depth = 250\n"
                                       "log_level = \"info\"\n"
                                       "auth_url = \"http://127.0.0.1:8080/v1/auth\"\n"
                                       "metrics_port = 9091\n"
                                       "probe_targets = [\"10.0.0.3:4433\", \"10.0.0.4:4433\"]\n"
                                       "probe_mesh = true\n"
                                       "trunking_enabled = true\n"
                                       "ws_port = 8081\n"
                                       "static_dir = \"/srv/web\"\n"
                                       "debug_tap = \"*\"\n"
                                       "event_log = \"/tmp/events\"\n"
                                       "[[peers]]\n"
                                       "url = \"10.0.0.5:4433\"\n"
                                       "fingerprint = \"" PRINT_A "\"\n"
                                       "label = \"Relay B\"\n"
                                       "[[trusted]]\n"
                                       "fingerprint = \"" PRINT_B "\"\n"
                                       "[[global_rooms]]\n"
                                       "name = \"General\"\n"
                                       "[[global_rooms]]\n"
                                       "name = \"podcast\"\n";

static void a_file_of_the_first_generation_reads_with_its_meaning(void **state)
{
    struct world *world = *state;
    const struct wzp_relay_config *config = &world->config;
    assert_reads(world, first_generation);
    assert_addr(&config->listen_addr, "127.0.0.1:4434");
    assert_string_equal(config->remote_relay, "10.0.0.2:4433");
    assert_int_equal(config->max_sessions, 100);
    assert_string_equal(config->auth_url, "http://127.0.0.1:8080/v1/auth");
    assert_int_equal(config->metrics_port, 9091);
    assert_int_equal(config->probe_targets.n, 2);
    assert_string_equal(config->probe_targets.items[1], "10.0.0.4:4433");
    assert_true(config->probe_mesh);
    assert_true(config->trunking_enabled);
    assert_int_equal(config->ws_port, 8081);
    assert_string_equal(config->static_dir, "/srv/web");
    assert_string_equal(config->debug_tap, "*");
    assert_string_equal(config->event_log, "/tmp/events");
    assert_int_equal(config->n_peers, 1);
    assert_string_equal(config->peers[0].url, "10.0.0.5:4433");
    assert_string_equal(config->peers[0].label, "Relay B");
    assert_int_equal(config->peers[0].fingerprint[31], 0xa9);
    assert_int_equal(config->n_trusted, 1);
    assert_null(config->trusted[0].url);
    assert_null(config->trusted[0].label);
    assert_int_equal(config->trusted[0].fingerprint[31], 0xf5);
    assert_int_equal(config->n_global_rooms, 2);
    assert_string_equal(config->global_rooms[0].name, "general"); /* as server names are lower-cased */
    assert_int_equal(config->global_rooms[0].max_participants, 0);
    assert_int_equal(config->global_rooms[0].max_speakers, WZP_RELAY_CONFIG_AS_ALL);
    assert_int_equal(config->max_speakers, 0);
}

static void what_we_add_reads_too(void **state)
{
    struct world *world = *state;
    const struct wzp_relay_config *config = &world->config;
    assert_reads(world,
                 "listen_addr = \"[::1]:0\"\nmax_participants_per_room = 60000\nmetrics_port = 0\n"
                 "metrics_addr = \"::1\"\nlabel = \"Z\xc3\xbcrich\"\nlog_level = \"DEBUG\"\n"
                 "qlog_dir = \"q\"\nkeylog_file = \"k\"\nremote_relay = \"relay.example.org:4433\"\n"
                 "probe_targets = [\"[2001:db8::1]:4433\"]\n"
                 "[[peers]]\nurl = \"relay.example.org:4433\"\nfingerprint = \"" PRINT_A "\"\n"
                 "rooms = [\"Team-*\", \"general\"]\ntransit = false\nmax_pps = 500\nmax_participants = 10\n"
                 "allow_unverified = true\n"
                 "[[trusted]]\nfingerprint = \"" PRINT_B "\"\nlabel = \"b\"\n"
                 "[[global_rooms]]\nname = \"two words\"\nmax_participants = 5\nmax_speakers = 0\n");
    assert_addr(&config->listen_addr, "[::1]:0");
    assert_int_equal(config->max_participants_per_room, 60000);
    assert_int_equal(config->metrics_port, 0);
    assert_string_equal(config->metrics_addr, "::1");
    assert_string_equal(config->label, "Z\xc3\xbcrich");
    assert_int_equal(config->log_level, WZP_LOG_DEBUG);
    const struct wzp_relay_link_config *peer = &config->peers[0];
    assert_int_equal(peer->rooms.n, 2);
    assert_string_equal(peer->rooms.items[0], "team-*");
    assert_false(peer->transit);
    assert_int_equal(peer->max_pps, 500);
    assert_int_equal(peer->max_participants, 10);
    assert_true(peer->allow_unverified);
    const struct wzp_relay_link_config *trusted = &config->trusted[0];
    assert_int_equal(trusted->rooms.n, 0);
    assert_true(trusted->transit);
    assert_int_equal(trusted->max_pps, 20000);
    assert_int_equal(trusted->max_participants, 512);
    assert_false(trusted->allow_unverified);
    assert_int_equal(config->global_rooms[0].max_participants, 5);
    assert_int_equal(config->global_rooms[0].max_speakers, 0);
}

static void flags_set_what_the_file_sets(void **state)
{
    struct world *world = *state;
    static const char *const settings[][2] = {
        {"listen_addr", "127.0.0.1:1"},
        {"max_sessions", "7"},
        {"max_speakers", "5"},
        {"probe_mesh", "true"},
        {"probe_targets", "a:1"},
        {"probe_targets", "b:2"},
        {"label", "x"},
        {"label", "y"},
        {"global_rooms", "General"},
        {"global_rooms", "podcast"},
        {"global_rooms", "general"},
    };
    assert_reads(world, "[[global_rooms]]\nname = \"general\"");
    for (size_t i = 0; i < wzp_count(settings); i++) {
        assert_ok(
            wzp_relay_config_set(&world->config, settings[i][0], settings[i][1], "--x", &world->problems));
    }
    const struct wzp_relay_config *config = &world->config;
    assert_addr(&config->listen_addr, "127.0.0.1:1");
    assert_int_equal(config->max_sessions, 7);
    assert_int_equal(config->max_speakers, 5);
    assert_true(config->probe_mesh);
    assert_int_equal(config->probe_targets.n, 2);
    assert_string_equal(config->label, "y");
    assert_int_equal(config->n_global_rooms, 2);
    assert_string_equal(config->global_rooms[1].name, "podcast");
    assert_int_equal(config->global_rooms[1].max_speakers, WZP_RELAY_CONFIG_AS_ALL);
}

static void settings_without_effect_are_warned_of(void **state)
{
    struct world *world = *state;
    assert_reads(world, first_generation);
    wzp_relay_config_warn(&world->config, &world->problems);
    assert_int_equal(world->problems.n_warnings, 5);
    assert_non_null(strstr(world->problems.warnings[0], "trunking_enabled has no effect"));
    assert_non_null(strstr(world->problems.warnings[1], "ws_port and static_dir have no effect yet"));
}

static void links_without_rooms_and_doubled_ones_are_warned_of(void **state)
{
    struct world *world = *state;
    assert_reads(world, PEER_A "[[trusted]]\nfingerprint = \"" PRINT_A "\"");
    wzp_relay_config_warn(&world->config, &world->problems);
    assert_int_equal(world->problems.n_warnings, 2);
    assert_non_null(strstr(world->problems.warnings[0], "no [[global_rooms]]"));
    assert_string_equal(world->problems.warnings[1],
                        "[[trusted]] " PRINT_A " has no effect: it is in [[peers]] too");
}

/* Takes the '#' off lines with a setting, as an operator would. */
static void uncomment(const char *text, char *out_text)
{
    bool is_start = true;
    for (const char *c = text; *c; c++) {
        if (!(is_start && *c == '#' && c[1] != ' ' && c[1] != '\n')) {
            *out_text++ = *c;
        }
        is_start = *c == '\n';
    }
    *out_text = '\0';
}

static size_t read_whole(const char *path, char *out_text, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(out_text, 1, size - 1, file);
    assert_int_equal(fclose(file), 0);
    out_text[n] = '\0';
    return n;
}

static void the_example_reads_as_it_is_and_with_every_setting_on(void **state)
{
    struct world *world = *state;
    char directory[] = "/tmp/wzp-config-XXXXXX";
    char path[64];
    char text[16384];
    char all[sizeof text];
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/relay.toml", directory);
    assert_int_equal(wzp_relay_config_load(&world->config, path, &world->problems), WZP_ENOTFOUND);
    assert_ok(wzp_relay_config_write_example(path, "203.0.113.7:4433", PRINT_A));
    assert_int_equal(wzp_relay_config_write_example(path, "203.0.113.7:4433", PRINT_A), WZP_EEXIST);
    assert_ok(wzp_relay_config_load(&world->config, path, &world->problems));
    assert_int_equal(world->config.n_peers, 0);
    read_whole(path, text, sizeof text);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
    assert_non_null(strstr(text, "# url = \"203.0.113.7:4433\"\n# fingerprint = \"" PRINT_A "\"\n"));

    uncomment(text, all);
    assert_reads(world, all);
    assert_int_equal(world->config.n_peers, 1);
    assert_int_equal(world->config.n_trusted, 1);
    assert_int_equal(world->config.n_global_rooms, 1);
    assert_int_equal(world->config.max_sessions, 1000); /* what is shown as default is it */
    assert_int_equal(world->config.max_participants_per_room, 512);
    assert_true(world->config.peers[0].transit);
    assert_int_equal(world->config.peers[0].max_pps, world->config.trusted[0].max_pps);
    assert_int_equal(world->config.peers[0].max_participants, world->config.trusted[0].max_participants);
}

static void a_file_that_can_not_be_read_is_an_error(void **state)
{
    struct world *world = *state;
    assert_int_equal(wzp_relay_config_load(&world->config, "/tmp", &world->problems), WZP_ECONFIG);
    assert_string_equal(world->problems.errors[0], "/tmp: can't be read: Is a directory");
    assert_int_equal(wzp_relay_config_write_example("/proc/nothing/relay.toml", "", ""), WZP_EIO);
}

static void a_file_past_any_reason_is_an_error(void **state)
{
    struct world *world = *state;
    char path[] = "/tmp/wzp-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, WZP_TOML_MAX_BYTES + 5), 0);
    assert_int_equal(close(fd), 0);
    enum wzp_err err = wzp_relay_config_load(&world->config, path, &world->problems);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(err, WZP_ECONFIG);
    assert_non_null(strstr(world->problems.errors[0], ":1:1: more than 1048576 bytes"));
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_world(an_empty_file_means_the_defaults),
        in_world(a_file_of_the_first_generation_reads_with_its_meaning),
        in_world(what_we_add_reads_too),
        in_world(flags_set_what_the_file_sets),
        in_world(settings_without_effect_are_warned_of),
        in_world(links_without_rooms_and_doubled_ones_are_warned_of),
        in_world(the_example_reads_as_it_is_and_with_every_setting_on),
        in_world(a_file_that_can_not_be_read_is_an_error),
        in_world(a_file_past_any_reason_is_an_error),
    };
    return cmocka_run_group_tests_name("relay_config", tests, NULL, NULL);
}
