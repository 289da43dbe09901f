/* SPDX-License-Identifier: Apache-2.0 */
/* What helps people who look for a fault: key log, qlog, statistics. */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net_side.h"

#define DIR_TEMPLATE "/tmp/wzp-test-net-XXXXXX"

static int make_dir(void **state)
{
    static char dir[] = DIR_TEMPLATE;
    memcpy(dir, DIR_TEMPLATE, sizeof dir);
    assert_non_null(mkdtemp(dir));
    *state = dir;
    return 0;
}

static int remove_dir(void **state)
{
    DIR *dir = opendir(*state);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] != '.') {
            assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
        }
    }
    closedir(dir);
    return rmdir(*state);
}

static void the_key_log_has_every_secret_and_is_for_its_owner_only(void **state)
{
    char path[64];
    wzp_ignore(snprintf(path, sizeof path, "%s/keys", (char *)*state));
    FILE *before = fopen(path, "w"); /* open to all before */
    assert_non_null(before);
    assert_int_equal(fputs("# mine\n", before) >= 0, 1);
    assert_int_equal(fchmod(fileno(before), 0644), 0);
    assert_int_equal(fclose(before), 0);

    struct net_pair p;
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    client.keylog_file = path;
    net_pair_start(&p, &server, &client, "general");
    net_pair_stop(&p);

    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    char text[4096] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(fclose(file), 0);
    text[size] = '\0';
    static const char *const labels[] = {"# mine", "CLIENT_HANDSHAKE_TRAFFIC_SECRET ",
                                         "SERVER_HANDSHAKE_TRAFFIC_SECRET ", "CLIENT_TRAFFIC_SECRET_0 ",
                                         "SERVER_TRAFFIC_SECRET_0 "};
    for (size_t i = 0; i < wzp_count(labels); i++) {
        if (!strstr(text, labels[i])) {
            fail_msg("no %s in\n%s", labels[i], text);
        }
    }
}

static void a_key_log_that_can_not_be_opened_is_an_error(void **state)
{
    (void)state;
    struct wzp_loop *loop = NULL;
    struct wzp_endpoint *endpoint = NULL;
    struct wzp_endpoint_config config = net_config(false);
    config.keylog_file = "/nowhere/keys";
    assert_ok(wzp_loop_new(&loop));
    assert_int_equal(wzp_endpoint_new(loop, &config, &endpoint), WZP_EIO);
    wzp_loop_free(loop);
}

static void each_connection_has_a_qlog_of_its_own(void **state)
{
    struct net_pair p;
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    server.qlog_dir = client.qlog_dir = *state;
    net_pair_start(&p, &server, &client, "general");
    net_pair_stop(&p);
    DIR *dir = opendir(*state);
    assert_non_null(dir);
    size_t n_client = 0, n_server = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        n_client += strstr(entry->d_name, "_client.sqlog") ? 1 : 0;
        n_server += strstr(entry->d_name, "_server.sqlog") ? 1 : 0;
        struct stat stat_of;
        assert_int_equal(fstatat(dirfd(dir), entry->d_name, &stat_of, 0), 0);
        assert_true(entry->d_name[0] == '.' || stat_of.st_size > 500);
    }
    closedir(dir);
    assert_int_equal(n_client, 1);
    assert_int_equal(n_server, 1);
}

static void statistics_count_what_happened(void **state)
{
    (void)state;
    struct net_pair p;
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    net_pair_start(&p, &server, &client, "general");
    for (int i = 0; i < 10; i++) {
        assert_ok(wzp_conn_send_bytes(p.at_client, "x", 1, wzp_loop_now(p.loop)));
    }
    net_wait_for(p.loop, &p.server.n_datagrams, 10, NET_PATIENCE);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(p.server.endpoint, &stats);
    assert_int_equal(stats.datagrams_received, 10);
    assert_int_equal(stats.handshakes_completed, 1);
    assert_int_equal(stats.handshakes_failed, 0);
    assert_int_equal(stats.conns, 1);
    assert_true(stats.packets_received >= 3 && stats.bytes_received > 1200);
    assert_true(stats.packets_sent >= 2 && stats.receive_batches >= 2);
    struct wzp_conn_stats of_conn;
    wzp_conn_stats(p.at_client, &of_conn);
    assert_int_equal(of_conn.datagrams_sent, 10);
    assert_true(of_conn.packets_sent >= 3 && of_conn.bytes_sent > 1200);
    assert_true(of_conn.packets_received >= 2 && of_conn.bytes_received > 1200);
    assert_true(of_conn.opened_at > 0 && of_conn.opened_at <= wzp_loop_now(p.loop));
    assert_true(of_conn.mtu_bytes >= 1200);
    net_pair_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_key_log_has_every_secret_and_is_for_its_owner_only, make_dir,
                                        remove_dir),
        cmocka_unit_test(a_key_log_that_can_not_be_opened_is_an_error),
        cmocka_unit_test_setup_teardown(each_connection_has_a_qlog_of_its_own, make_dir, remove_dir),
        cmocka_unit_test(statistics_count_what_happened),
    };
    return cmocka_run_group_tests_name("net_support", tests, NULL, NULL);
}
