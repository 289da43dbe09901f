/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/options.h"
#include "support/wzp_test.h"

#define MAX_ARGUMENTS 16

/* Reads a command line given as words; NULL ends it. */
static enum wzp_err read_words(const char *const *words, struct wzp_relay_options *out_options,
                               struct wzp_problems *problems)
{
    char *argv[MAX_ARGUMENTS + 2] = {(char *)"wzp-relay"};
    int argc = 1;
    for (; words[argc - 1]; argc++) {
        assert_true(argc <= MAX_ARGUMENTS);
        argv[argc] = (char *)words[argc - 1];
    }
    return wzp_relay_options_read(argc, argv, out_options, problems);
}

static void no_flags_run_the_relay(void **state)
{
    (void)state;
    struct wzp_relay_options options;
    struct wzp_problems problems = {0};
    assert_ok(read_words((const char *const[]){NULL}, &options, &problems));
    assert_int_equal(options.action, WZP_RELAY_RUN);
    assert_null(options.config_path);
    assert_null(options.identity_path);
    assert_int_equal(options.n_settings, 0);
    wzp_relay_options_deinit(&options);
}

/* Every flag of G1 section 8.1. */
static void flags_of_the_first_generation_keep_their_meaning(void **state)
{
    (void)state;
    static const char *const lines[][MAX_ARGUMENTS] = {
        {"-c", "a.toml", "-i", "id", "--listen", "127.0.0.1:5", "--remote", "10.0.0.1:4433", "--auth-url",
         "http://a/"},
        {"--config=a.toml", "--identity=id", "--metrics-port", "9", "--probe", "b:1", "--probe", "c:2",
         "--probe-mesh"},
        {"--trunking", "--global-room", "One", "--global-room", "two", "--debug-tap", "*", "--event-log",
         "e"},
        {"--ws-port", "8080", "--static-dir", "/srv", "--log-level", "debug"},
    };
    struct wzp_relay_config config;
    struct wzp_problems problems = {0};
    assert_ok(wzp_relay_config_init(&config));
    for (size_t i = 0; i < wzp_count(lines); i++) {
        struct wzp_relay_options options;
        assert_ok(read_words(lines[i], &options, &problems));
        assert_int_equal(options.action, WZP_RELAY_RUN);
        if (i < 2) {
            assert_string_equal(options.config_path, "a.toml");
            assert_string_equal(options.identity_path, "id");
        }
        assert_ok(wzp_relay_options_apply(&options, &config, &problems));
        wzp_relay_options_deinit(&options);
    }
    char listen[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(&config.listen_addr, listen);
    assert_string_equal(listen, "127.0.0.1:5");
    assert_string_equal(config.remote_relay, "10.0.0.1:4433");
    assert_string_equal(config.auth_url, "http://a/");
    assert_int_equal(config.metrics_port, 9);
    assert_int_equal(config.probe_targets.n, 2);
    assert_true(config.probe_mesh);
    assert_true(config.trunking_enabled);
    assert_int_equal(config.n_global_rooms, 2);
    assert_string_equal(config.global_rooms[0].name, "one");
    assert_string_equal(config.debug_tap, "*");
    assert_string_equal(config.event_log, "e");
    assert_int_equal(config.ws_port, 8080);
    assert_string_equal(config.static_dir, "/srv");
    assert_int_equal(config.log_level, WZP_LOG_DEBUG);
    assert_int_equal(problems.n_errors, 0);
    wzp_relay_config_deinit(&config);
}

static void actions_are_told_and_help_wins(void **state)
{
    (void)state;
    static const struct {
        const char *words[4];
        enum wzp_relay_action action;
    } lines[] = {
        {{"-h"}, WZP_RELAY_HELP},
        {{"--help"}, WZP_RELAY_HELP},
        {{"-V"}, WZP_RELAY_VERSION},
        {{"--version"}, WZP_RELAY_VERSION},
        {{"--mesh-status"}, WZP_RELAY_MESH_STATUS},
        {{"--check-config"}, WZP_RELAY_CHECK_CONFIG},
        {{"--check-config", "-Vh"}, WZP_RELAY_HELP},
        {{"-h", "-V", "--mesh-status"}, WZP_RELAY_HELP},
    };
    for (size_t i = 0; i < wzp_count(lines); i++) {
        struct wzp_relay_options options;
        struct wzp_problems problems = {0};
        assert_ok(read_words(lines[i].words, &options, &problems));
        assert_int_equal(options.action, lines[i].action);
        wzp_relay_options_deinit(&options);
    }
}

static const struct {
    const char *words[4];
    const char *errors[3];
} bad[] = {
    {{"--lsten", "x"},
     {"unknown argument \"--lsten\"; did you mean --listen?",
      "unknown argument \"x\"; see wzp-relay --help"}},
    {{"--frobnicate"}, {"unknown argument \"--frobnicate\"; see wzp-relay --help"}},
    {{"--global-romm=x"}, {"unknown argument \"--global-romm=x\"; did you mean --global-room?"}},
    {{"-x"}, {"unknown argument \"-x\"; see wzp-relay --help"}},
    {{"-xV"}, {"unknown argument \"-x\"; see wzp-relay --help"}},
    {{"--m"}, {"unknown argument \"--m\"; see wzp-relay --help"}},
    {{"general"}, {"unknown argument \"general\"; see wzp-relay --help"}},
    {{"--", "--listen"}, {"unknown argument \"--listen\"; did you mean --listen?"}},
    {{"--listen"}, {"--listen needs a value: --listen IP:PORT"}},
    {{"-c"}, {"--config needs a value: --config FILE"}},
    {{"--probe-mesh=yes"}, {"--probe-mesh takes no value"}},
    {{"--help=all"}, {"--help takes no value"}},
    {{"--listen", "4433", "--metrics-port", "x"},
     {"--listen: \"4433\" is not an address with a port, like \"0.0.0.0:4433\" or \"[::]:4433\"",
      "--metrics-port: \"x\" is not a number"}},
};

static void bad_command_lines_are_refused_with_all_their_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(bad); i++) {
        const char *words[wzp_count(bad[i].words) + 1] = {NULL};
        memcpy(words, bad[i].words, sizeof bad[i].words);
        struct wzp_relay_options options;
        struct wzp_problems problems = {0};
        assert_int_equal(read_words(words, &options, &problems), WZP_EINVAL);
        size_t n = 0;
        for (; n < wzp_count(bad[i].errors) && bad[i].errors[n]; n++) {
            assert_true(n < problems.n_errors);
            assert_string_equal(problems.errors[n], bad[i].errors[n]);
        }
        assert_int_equal(problems.n_errors, n);
        wzp_problems_deinit(&problems);
    }
}

static void the_help_names_every_flag_of_the_first_generation(void **state)
{
    (void)state;
    static const char *const names[] = {
        "-c, --config",   "-i, --identity", "--listen IP:PORT", "--remote",      "--auth-url",
        "--metrics-port", "--probe ",       "--probe-mesh",     "--mesh-status", "--trunking",
        "--global-room",  "--debug-tap",    "--ws-port",        "--static-dir",  "-h, --help",
        "-V, --version",  "--event-log"};
    char text[8192] = "";
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    wzp_relay_options_help(stream);
    assert_int_equal(fclose(stream), 0);
    for (size_t i = 0; i < wzp_count(names); i++) {
        assert_non_null(strstr(text, names[i]));
    }
    for (const char *line = text; *line;) {
        size_t size = strcspn(line, "\n");
        assert_true(size <= 100);
        line += size + (line[size] == '\n');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_flags_run_the_relay),
        cmocka_unit_test(flags_of_the_first_generation_keep_their_meaning),
        cmocka_unit_test(actions_are_told_and_help_wins),
        cmocka_unit_test(bad_command_lines_are_refused_with_all_their_errors),
        cmocka_unit_test(the_help_names_every_flag_of_the_first_generation),
    };
    return cmocka_run_group_tests_name("relay_options", tests, NULL, NULL);
}
