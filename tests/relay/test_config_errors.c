/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

/* Bad files and flags, each with the exact words that the operator reads. */
#include "relay/config.h"
#include "support/wzp_test.h"

#define PRINT_A                                                                                              \
    "0c:62:cf:b5:b9:e3:7c:77:ae:81:3d:9b:c3:5d:5c:ef:53:e1:2b:0a:bb:d8:e6:3b:4b:42:99:95:7d:6f:37:a9"
#define PRINT_B "2fbef8d7be485f6d1d7ffcfa8d494ad3cc387abdc108fcd4ad04b873c91c9ff5"

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

#define AT_ADDRESS  "an address with a port, like \"0.0.0.0:4433\" or \"[::]:4433\""
#define AT_ENDPOINT "a host or address with a port, like \"relay.example.org:4433\" or \"203.0.113.7:4433\""
#define AT_PRINT                                                                                             \
    "a fingerprint: 64 hexadecimal digits with or without colons, as the other relay logs it when it starts"
#define AT_ROOM "a room name: 1 to 253 bytes without control characters"
#define PEER_A  "[[peers]]\nurl = \"a:1\"\nfingerprint = \"" PRINT_A "\"\n"

static const struct {
    const char *text;
    const char *errors[4]; /* all of them, in the order of the file */
} bad[] = {
    /* not TOML */
    {"max_sessions = ", {"relay.toml:1:16: a value is missing here"}},
    {"label = berlin", {"relay.toml:1:9: berlin is not a value; texts stand in \"quotes\""}},
    {"max_sessions = 1\nmax_sessions = 2",
     {"relay.toml:2:1: \"max_sessions\" is set twice (first in line 1)"}},
    /* keys */
    {"metrics_prot = 1",
     {"relay.toml:1:1: metrics_prot: there is no such key; did you mean \"metrics_port\"?"}},
    {"\nfoo = 1", {"relay.toml:2:1: foo: there is no such key"}},
    {"\"label\\u0000\" = 'x'", {"relay.toml:1:1: label: there is no such key; did you mean \"label\"?"}},
    {"[[peer]]", {"relay.toml:1:3: peer: there is no such key; did you mean \"peers\"?"}},
    {PEER_A "lable = \"x\"",
     {"relay.toml:4:1: [[peers]] lable: there is no such key; did you mean \"label\"?"}},
    {"[[trusted]]\nurl = \"a:1\"\nfingerprint = \"" PRINT_A "\"",
     {"relay.toml:2:1: [[trusted]] url: there is no such key"}},
    /* types */
    {"max_sessions = \"100\"",
     {"relay.toml:1:16: max_sessions: must be an integer, not a string; leave the quotes away"}},
    {"max_sessions = 1.5",
     {"relay.toml:1:16: max_sessions: must be an integer, not a number with a fraction"}},
    {"probe_mesh = 1", {"relay.toml:1:14: probe_mesh: must be true or false, not an integer"}},
    {"label = 5", {"relay.toml:1:9: label: must be a string, not an integer; put it in quotes"}},
    {"probe_targets = \"a:1\"",
     {"relay.toml:1:17: probe_targets: must be an array, not a string; put it in [brackets]"}},
    {"probe_targets = [\"a:1\", 2]",
     {"relay.toml:1:25: probe_targets: each item must be a string, not an integer"}},
    {"peers = 1", {"relay.toml:1:9: peers: must be an array, not an integer"}},
    {"global_rooms = [\"general\"]",
     {"relay.toml:1:17: global_rooms: each item must be a table, not a string; write [[global_rooms]]"}},
    {"[global_rooms]\nname = 'x'", {"relay.toml:1:2: global_rooms: must be an array, not a table"}},
    /* ranges */
    {"max_sessions = 0", {"relay.toml:1:16: max_sessions: 0 is out of range; it must be from 1 to 1000000"}},
    {"max_sessions = 1000001",
     {"relay.toml:1:16: max_sessions: 1000001 is out of range; it must be from 1 to 1000000"}},
    {"max_speakers = 65", {"relay.toml:1:16: max_speakers: 65 is out of range; it must be from 0 to 64"}},
    {"metrics_port = 65536",
     {"relay.toml:1:16: metrics_port: 65536 is out of range; it must be from 0 to 65535"}},
    {"ws_port = -1", {"relay.toml:1:11: ws_port: -1 is out of range; it must be from 0 to 65535"}},
    {"max_participants_per_room = 60001",
     {"relay.toml:1:29: max_participants_per_room: 60001 is out of range; it must be from 1 to 60000"}},
    {PEER_A "max_pps = 0",
     {"relay.toml:4:11: [[peers]] max_pps: 0 is out of range; it must be from 1 to 10000000"}},
    /* texts */
    {"listen_addr = \"0.0.0.0\"", {"relay.toml:1:15: listen_addr: \"0.0.0.0\" is not " AT_ADDRESS}},
    {"listen_addr = \"localhost:4433\"",
     {"relay.toml:1:15: listen_addr: \"localhost:4433\" is not " AT_ADDRESS}},
    {"listen_addr = \"0.0.0.0:4433\\u0000\"",
     {"relay.toml:1:15: listen_addr: \"0.0.0.0:4433\" is not " AT_ADDRESS}},
    {"remote_relay = \"https://a/\"", {"relay.toml:1:16: remote_relay: \"https://a/\" is not " AT_ENDPOINT}},
    {"remote_relay = \"a:0\"", {"relay.toml:1:16: remote_relay: \"a:0\" is not " AT_ENDPOINT}},
    {"remote_relay = \"a:65536\"", {"relay.toml:1:16: remote_relay: \"a:65536\" is not " AT_ENDPOINT}},
    {"remote_relay = \"::1:4433\"", {"relay.toml:1:16: remote_relay: \"::1:4433\" is not " AT_ENDPOINT}},
    {"remote_relay = \"[1.2.3.4]:1\"",
     {"relay.toml:1:16: remote_relay: \"[1.2.3.4]:1\" is not " AT_ENDPOINT}},
    {"remote_relay = \"1.2.3:4433\"", {"relay.toml:1:16: remote_relay: \"1.2.3:4433\" is not " AT_ENDPOINT}},
    {"remote_relay = \":4433\"", {"relay.toml:1:16: remote_relay: \":4433\" is not " AT_ENDPOINT}},
    {"log_level = \"loud\"",
     {"relay.toml:1:13: log_level: \"loud\" is not a log level: error, warn, info, debug or trace"}},
    {"log_level = \"informational-messages\"",
     {"relay.toml:1:13: log_level: \"informational-messages\" is not a log level: error, warn, info, debug "
      "or trace"}},
    {"auth_url = \"auth.example.org\"",
     {"relay.toml:1:12: auth_url: \"auth.example.org\" is not a URL, like "
      "\"https://auth.example.org/verify\""}},
    {"auth_url = \"https:///x\"",
     {"relay.toml:1:12: auth_url: \"https:///x\" is not a URL, like \"https://auth.example.org/verify\""}},
    {"metrics_addr = \"localhost\"",
     {"relay.toml:1:16: metrics_addr: \"localhost\" is not an address without a port, like \"127.0.0.1\" or "
      "\"::1\""}},
    {"static_dir = \"\"", {"relay.toml:1:14: static_dir: \"\" is not a path"}},
    {"label = \"\"",
     {"relay.toml:1:9: label: \"\" is not a label: 1 to 64 bytes without control characters"}},
    {"label = \"a\\nb\"",
     {"relay.toml:1:9: label: \"ab\" is not a label: 1 to 64 bytes without control characters"}},
    {"debug_tap = \"\"", {"relay.toml:1:13: debug_tap: \"\" is not " AT_ROOM}},
    {PEER_A "rooms = [\"\"]",
     {"relay.toml:4:10: [[peers]] rooms: \"\" is not a pattern of room names, like \"team-*\""}},
    /* tables */
    {"[[peers]]",
     {"relay.toml:1:3: [[peers]] url: is missing; it must be " AT_ENDPOINT,
      "relay.toml:1:3: [[peers]] fingerprint: is missing; it must be " AT_PRINT}},
    {"[[trusted]]\nfingerprint = \"12\"",
     {"relay.toml:2:15: [[trusted]] fingerprint: \"12\" is not " AT_PRINT}},
    {"[[global_rooms]]\n", {"relay.toml:1:3: [[global_rooms]] name: is missing; it must be " AT_ROOM}},
    {"[[global_rooms]]\nname = \"a\"\n[[global_rooms]]\nname = \"A\"",
     {"relay.toml:3:3: global_rooms: two entries have the name \"a\""}},
    {PEER_A "[[peers]]\nurl = \"b:1\"\nfingerprint = \"" PRINT_A "\"",
     {"relay.toml:4:3: peers: two entries have this fingerprint"}},
    {PEER_A "[[peers]]\nurl = \"a:1\"\nfingerprint = \"" PRINT_B "\"",
     {"relay.toml:4:3: peers: two entries have the url \"a:1\""}},
    /* all of them */
    {"max_sesions = 1\nlabel = 5\n[[peers]]\nurl = \"a\"\n",
     {"relay.toml:1:1: max_sesions: there is no such key; did you mean \"max_sessions\"?",
      "relay.toml:2:9: label: must be a string, not an integer; put it in quotes",
      "relay.toml:4:7: [[peers]] url: \"a\" is not " AT_ENDPOINT,
      "relay.toml:3:3: [[peers]] fingerprint: is missing; it must be " AT_PRINT}},
};

static void bad_files_are_refused_with_all_their_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(bad); i++) {
        struct wzp_relay_config config;
        struct wzp_problems problems = {0};
        assert_ok(wzp_relay_config_init(&config));
        enum wzp_err err =
            wzp_relay_config_read(&config, "relay.toml", bad[i].text, strlen(bad[i].text), &problems);
        if (err != WZP_ECONFIG) {
            fail_msg("%s\nwas read: %s", bad[i].text, wzp_err_text(err));
        }
        size_t n = 0;
        for (; n < wzp_count(bad[i].errors) && bad[i].errors[n]; n++) {
            assert_true(n < problems.n_errors);
            assert_string_equal(problems.errors[n], bad[i].errors[n]);
        }
        assert_int_equal(problems.n_errors, n);
        wzp_problems_deinit(&problems);
        wzp_relay_config_deinit(&config);
    }
}

static void the_count_of_errors_goes_past_what_is_kept(void **state)
{
    struct world *world = *state;
    char text[1024];
    size_t used = 0;
    for (size_t i = 0; i < 30; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "key_%zu = 1\n", i);
    }
    assert_int_equal(read_text(world, text), WZP_ECONFIG);
    assert_int_equal(world->problems.n_errors, 30);
}

static void lists_are_limited(void **state)
{
    struct world *world = *state;
    char text[4096] = "probe_targets = [";
    size_t used = strlen(text);
    for (size_t i = 0; i < 257; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "'a:1',");
    }
    (void)snprintf(text + used, sizeof text - used, "]");
    assert_int_equal(read_text(world, text), WZP_ECONFIG);
    assert_string_equal(world->problems.errors[0], "relay.toml:1:1554: probe_targets: at most 256 items");
    assert_int_equal(world->config.probe_targets.n, 256);
}

static const struct {
    const char *key, *value, *error;
} bad_flags[] = {
    {"listen_addr", "4433", "--x: \"4433\" is not " AT_ADDRESS},
    {"max_sessions", "many", "--x: \"many\" is not a number"},
    {"max_sessions", "", "--x: \"\" is not a number"},
    {"max_sessions", "0", "--x: 0 is out of range; it must be from 1 to 1000000"},
    {"max_sessions", "99999999999999999999", "--x: \"99999999999999999999\" is not a number"},
    {"global_rooms", "", "--x: \"\" is not " AT_ROOM},
    {"probe_targets", "a", "--x: \"a\" is not " AT_ENDPOINT},
    {"probe_mesh", "yes", "--x: \"yes\" is not true or false"},
    {"nonsense", "1", "--x: there is no key \"nonsense\""},
};

static void bad_flags_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(bad_flags); i++) {
        struct wzp_relay_config config;
        struct wzp_problems problems = {0};
        assert_ok(wzp_relay_config_init(&config));
        assert_int_equal(
            wzp_relay_config_set(&config, bad_flags[i].key, bad_flags[i].value, "--x", &problems),
            WZP_ECONFIG);
        assert_int_equal(problems.n_errors, 1);
        assert_string_equal(problems.errors[0], bad_flags[i].error);
        wzp_problems_deinit(&problems);
        wzp_relay_config_deinit(&config);
    }
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_files_are_refused_with_all_their_errors),
        in_world(the_count_of_errors_goes_past_what_is_kept),
        in_world(lists_are_limited),
        cmocka_unit_test(bad_flags_are_refused),
    };
    return cmocka_run_group_tests_name("relay_config_errors", tests, NULL, NULL);
}
