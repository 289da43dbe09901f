/* SPDX-License-Identifier: Apache-2.0 */
/* Short runs of the simulator: the promises hold on every topology, and planted mistakes break them. */
#include <stdlib.h>
#include <unistd.h>

#include "apps/sim/sweep.h"
#include "support/wzp_test.h"

static struct wzp_result run(int argc, const char *const argv[], uint64_t seed)
{
    char message[WZP_SIM_MESSAGE_BYTES];
    struct wzp_sim_options options;
    assert_ok(wzp_options_read(argc, argv, message, &options));
    struct wzp_sim_options resolved = wzp_sweep_resolve(&options, seed);
    struct wzp_result result;
    assert_ok(wzp_sweep_one(&resolved, &result, NULL, NULL));
    return result;
}

static void promises_hold_on_every_topology(void **state)
{
    (void)state;
    static const char *const topologies[] = {"pair", "chain", "star", "ring", "mesh", "grid", "er", "ba"};
    for (size_t i = 0; i < wzp_count(topologies); i++) {
        const char *const argv[] = {"wzp-sim",   "--topology", topologies[i], "--relays", "7",
                                    "--seconds", "1",          "--faults",    "all"};
        struct wzp_result result = run(wzp_count(argv), argv, i);
        if (result.is_broken) {
            fail_msg("%s\nagain: wzp-sim %s", result.why, result.command);
        }
        assert_true(result.costs.heard > 100);
        assert_int_equal(result.costs.changes, 4);
        assert_true(result.costs.steady > 0 || i == 0);
        assert_true(result.costs.memory_bytes > 1000);
    }
}

static void signals_survive_json(void **state)
{
    (void)state;
    const char *const argv[] = {"wzp-sim", "--topology", "ring", "--relays",
                                "6",       "--seconds",  "1",    "--through-json"};
    struct wzp_result with = run(wzp_count(argv), argv, 3);
    struct wzp_result without = run(wzp_count(argv) - 1, argv, 3);
    if (with.is_broken) {
        fail_msg("%s\nagain: wzp-sim %s", with.why, with.command);
    }
    assert_int_equal(with.costs.events, without.costs.events);
    assert_int_equal(with.costs.signals, without.costs.signals);
}

static void a_seed_repeats_itself_exactly(void **state)
{
    (void)state;
    const char *const argv[] = {"wzp-sim", "--topology", "any", "--relays", "4-9", "--seconds", "1"};
    struct wzp_result first = run(wzp_count(argv), argv, 5);
    struct wzp_result again = run(wzp_count(argv), argv, 5);
    struct wzp_result other = run(wzp_count(argv), argv, 6);
    assert_string_equal(first.command, again.command);
    assert_memory_equal(&first.costs, &again.costs, sizeof first.costs);
    assert_int_not_equal(first.costs.events, other.costs.events);
}

/* Each with a world that shows it at once. */
static void planted_mistakes_break_a_promise(void **state)
{
    (void)state;
    static const struct {
        const char *bug, *topology, *relays, *faults, *delay;
        const char *promise;
    } rows[] = {
        {"skip-path-check,forget-lost", "mesh", "9", "all", "60", "promise 4"},
        {"share-duplicate-window", "ring", "6", "none", "10", "promise 1"},
        {"forget-withdraw", "er", "9", "all", "10", "promise 4"},
        {"flood-everywhere", "ring", "7", "none", "10", "promise 2"},
        {"forget-graft", "ring", "9", "churn", "10", "promise 1"},
        {"ignore-order", "grid", "10", "all", "250", "promise"},
        {"no-tombstone", "mesh", "7", "none", "250", "still"},
        {"pass-on-always", "ring", "4", "none", "60", "promise 3"},
        {"forget-lost", "mesh", "24", "crash", "250", "promise 4"},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        const char *const argv[] = {
            "wzp-sim",  "--topology",   rows[i].topology, "--relays",    rows[i].relays,
            "--faults", rows[i].faults, "--delay",        rows[i].delay, "--seconds",
            "30",       "--bug",        rows[i].bug};
        struct wzp_result result = {0};
        uint64_t seed = 1;
        for (; seed <= 30 && !result.is_broken; seed++) {
            result = run(wzp_count(argv), argv, seed);
        }
        if (!result.is_broken || !strstr(result.why, rows[i].promise)) {
            fail_msg("%s was not found: %s", rows[i].bug, result.why);
        }
    }
}

static void a_sweep_picks_worlds_in_which_voice_is_of_use(void **state)
{
    (void)state;
    const char *const argv[] = {"wzp-sim", "--topology", "any", "--relays", "5-50", "--sweep", "400"};
    char message[WZP_SIM_MESSAGE_BYTES];
    struct wzp_sim_options options;
    assert_ok(wzp_options_read(wzp_count(argv), argv, message, &options));
    size_t topologies = 0;
    for (uint64_t seed = 1; seed <= options.sweep; seed++) {
        struct wzp_sim_options resolved = wzp_sweep_resolve(&options, seed);
        assert_in_range(resolved.min_relays, 5, 50);
        assert_in_range(resolved.guests, 6, 40);
        assert_int_not_equal(resolved.topology, WZP_TOPOLOGY_PAIR);
        topologies |= (size_t)1 << resolved.topology;
        if (resolved.topology == WZP_TOPOLOGY_CHAIN) {
            assert_in_range(resolved.delay_ms * (resolved.min_relays - 1), 8, 1000);
        }
    }
    assert_int_equal(topologies, ((1 << WZP_TOPOLOGY_FILE) - 1) & ~(1 << WZP_TOPOLOGY_PAIR));
}

/* What a sweep prints; `out_is_broken` as it says itself. */
static void sweep(int argc, const char *const argv[], char *out_text, size_t size, bool *out_is_broken)
{
    char message[WZP_SIM_MESSAGE_BYTES];
    struct wzp_sim_options options;
    assert_ok(wzp_options_read(argc, argv, message, &options));
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    assert_true(kept >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
    enum wzp_err err = wzp_sweep_run(&options, out_is_broken);
    fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    rewind(file);
    out_text[fread(out_text, 1, size - 1, file)] = '\0';
    fclose(file);
    assert_ok(err);
}

static void a_sweep_stops_at_the_first_broken_promise_with_the_command_that_repeats_it(void **state)
{
    (void)state;
    const char *const argv[] = {"wzp-sim",  "--topology", "ring",      "--relays", "4-5",
                                "--faults", "none",       "--seconds", "1",        "--jobs",
                                "2",        "--sweep",    "100000",    "--bug",    "pass-on-always"};
    char text[4096];
    bool is_broken = false;
    sweep(wzp_count(argv), argv, text, sizeof text, &is_broken);
    assert_true(is_broken);
    const char *again = strstr(text, "again: wzp-sim --topology ring --relays ");
    assert_non_null(again);
    assert_non_null(strstr(again, "--seed "));
    assert_non_null(strstr(again, "--bug pass-on-always"));
    assert_null(strstr(text, "500 seeds"));
}

static void a_sweep_that_holds_says_how_many_seeds_it_ran(void **state)
{
    (void)state;
    const char *const argv[] = {"wzp-sim", "--topology", "any", "--relays", "5-6", "--seconds",
                                "1",       "--jobs",     "2",   "--sweep",  "3"};
    char text[4096];
    bool is_broken = true;
    sweep(wzp_count(argv), argv, text, sizeof text, &is_broken);
    assert_false(is_broken);
    assert_non_null(strstr(text, "3 seeds, "));
}

static void a_topology_can_come_from_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/wzp_sim_XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    assert_non_null(file);
    fputs("# a triangle with a tail\n0 1\n1 2\n\n2 0 # closes it\n2 3\n1 0\n", file);
    assert_int_equal(fclose(file), 0);
    char topology[64];
    snprintf(topology, sizeof topology, "file:%s", path);
    const char *const argv[] = {"wzp-sim", "--topology", topology, "--seconds", "1"};
    struct wzp_result result = run(wzp_count(argv), argv, 1);
    assert_false(result.is_broken);
    assert_int_equal(result.relays, 4);
    assert_int_equal(result.links, 4);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("0 zero\n", file);
    assert_int_equal(fclose(file), 0);
    struct wzp_graph graph;
    assert_int_equal(wzp_graph_read(path, &graph), WZP_EMALFORMED);
    remove(path);
    assert_int_equal(wzp_graph_read(path, &graph), WZP_EIO);
}

static void wrong_words_are_named(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"wzp-sim", "--relays", "1"},       {"wzp-sim", "--relays", "9-3"},
        {"wzp-sim", "--topology", "torus"}, {"wzp-sim", "--topology", "file"},
        {"wzp-sim", "--faults", "rain"},    {"wzp-sim", "--seed", "-1"},
        {"wzp-sim", "--seed", "1x"},        {"wzp-sim", "--delay", "1"},
        {"wzp-sim", "--bug", "all"},        {"wzp-sim", "--sweep", "0"},
        {"wzp-sim", "--colour", "red"},     {"wzp-sim", "--seconds", ""},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char message[WZP_SIM_MESSAGE_BYTES] = "";
        struct wzp_sim_options options;
        assert_int_equal(wzp_options_read(3, rows[i], message, &options), WZP_EINVAL);
        assert_non_null(strstr(message, rows[i][1]));
    }
    char message[WZP_SIM_MESSAGE_BYTES] = "";
    struct wzp_sim_options options;
    assert_int_equal(wzp_options_read(2, (const char *const[]){"wzp-sim", "--seed"}, message, &options),
                     WZP_EINVAL);
}

static void graphs_are_connected_and_have_their_links(void **state)
{
    (void)state;
    static const struct {
        enum wzp_topology topology;
        size_t n, n_edges;
    } rows[] = {
        {WZP_TOPOLOGY_PAIR, 9, 1},  {WZP_TOPOLOGY_CHAIN, 9, 8},  {WZP_TOPOLOGY_STAR, 9, 8},
        {WZP_TOPOLOGY_RING, 9, 9},  {WZP_TOPOLOGY_RING, 2, 1},   {WZP_TOPOLOGY_MESH, 9, 36},
        {WZP_TOPOLOGY_GRID, 9, 12}, {WZP_TOPOLOGY_GRID, 10, 13},
    };
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_graph graph;
        assert_ok(wzp_graph_make(rows[i].topology, rows[i].n, &random, &graph));
        assert_int_equal(graph.n_edges, rows[i].n_edges);
        wzp_graph_deinit(&graph);
    }
    struct wzp_graph graph;
    assert_int_equal(wzp_graph_make(WZP_TOPOLOGY_RING, 1, &random, &graph), WZP_EINVAL);
    assert_ok(wzp_graph_make(WZP_TOPOLOGY_BA, 200, &random, &graph));
    assert_in_range(graph.n_edges, 250, 399);
    wzp_graph_deinit(&graph);
    assert_ok(wzp_graph_make(WZP_TOPOLOGY_ER, 200, &random, &graph));
    assert_in_range(graph.n_edges, 350, 399);
    wzp_graph_deinit(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promises_hold_on_every_topology),
        cmocka_unit_test(signals_survive_json),
        cmocka_unit_test(a_seed_repeats_itself_exactly),
        cmocka_unit_test(planted_mistakes_break_a_promise),
        cmocka_unit_test(a_sweep_picks_worlds_in_which_voice_is_of_use),
        cmocka_unit_test(a_sweep_stops_at_the_first_broken_promise_with_the_command_that_repeats_it),
        cmocka_unit_test(a_sweep_that_holds_says_how_many_seeds_it_ran),
        cmocka_unit_test(a_topology_can_come_from_a_file),
        cmocka_unit_test(wrong_words_are_named),
        cmocka_unit_test(graphs_are_connected_and_have_their_links),
    };
    return cmocka_run_group_tests_name("sim_driver", tests, NULL, NULL);
}
