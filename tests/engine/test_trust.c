/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/known_relays.h"
#include "engine/trust.h"
#include "support/wzp_test.h"

struct place {
    char directory[64], path[128];
    struct wzp_addr addr;
    uint8_t a[WZP_FINGERPRINT_BYTES], b[WZP_FINGERPRINT_BYTES];
};

static int make_place(void **state)
{
    static struct place place;
    memset(&place, 0, sizeof place);
    strcpy(place.directory, "/tmp/wzp-trust-XXXXXX");
    assert_non_null(mkdtemp(place.directory));
    snprintf(place.path, sizeof place.path, "%s/.wzp/known_relays", place.directory);
    assert_ok(wzp_addr_read("192.0.2.7:4433", &place.addr));
    memset(place.a, 0xaa, sizeof place.a);
    memset(place.b, 0xbb, sizeof place.b);
    *state = &place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    char path[160];
    unlink(place->path);
    snprintf(path, sizeof path, "%s/.wzp", place->directory);
    rmdir(path);
    return rmdir(place->directory);
}

static struct wzp_trust trust_of(const struct place *place)
{
    return (struct wzp_trust){.name = "Relay.Example", .known_relays = place->path, .addr = &place->addr};
}

static void the_first_fingerprint_is_remembered(void **state)
{
    struct place *place = *state;
    struct wzp_trust trust = trust_of(place);
    struct wzp_trust_verdict verdict;
    struct stat st;
    assert_ok(wzp_trust_judge(&trust, place->a, &verdict));
    assert_int_equal(verdict.trust, WZP_RELAY_FIRST_USE);
    assert_string_equal(verdict.message, "");
    assert_int_equal(stat(place->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    trust.name = "relay.example:4433";
    assert_ok(wzp_trust_judge(&trust, place->a, &verdict));
    assert_int_equal(verdict.trust, WZP_RELAY_KNOWN);
    trust.name = "relay.example:4434";
    assert_ok(wzp_trust_judge(&trust, place->b, &verdict));
    assert_int_equal(verdict.trust, WZP_RELAY_FIRST_USE);
}

static void a_changed_fingerprint_is_refused_with_both_and_the_way_out(void **state)
{
    struct place *place = *state;
    struct wzp_trust trust = trust_of(place);
    struct wzp_trust_verdict verdict;
    assert_ok(wzp_trust_judge(&trust, place->a, &verdict));
    assert_int_equal(wzp_trust_judge(&trust, place->b, &verdict), WZP_EAUTH);
    assert_non_null(strstr(verdict.message, "aa:aa"));
    assert_non_null(strstr(verdict.message, "bb:bb"));
    assert_non_null(strstr(verdict.message, "--relay-fingerprint"));
    assert_non_null(strstr(verdict.message, "line 1"));
    trust.pin = place->b;
    assert_ok(wzp_trust_judge(&trust, place->b, &verdict));
    assert_int_equal(verdict.trust, WZP_RELAY_PINNED);
    assert_int_equal(wzp_trust_judge(&trust, place->a, &verdict), WZP_EAUTH);
    assert_non_null(strstr(verdict.message, "not the relay"));
}

static void relays_on_this_machine_are_not_remembered(void **state)
{
    struct place *place = *state;
    const char *const names[] = {"127.0.0.1:4433", "127.8.9.1:1", "[::1]:4433"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        struct wzp_addr addr;
        struct wzp_trust trust = trust_of(place);
        struct wzp_trust_verdict verdict;
        assert_ok(wzp_addr_read(names[i], &addr));
        trust.name = names[i];
        trust.addr = &addr;
        assert_ok(wzp_trust_judge(&trust, place->a, &verdict));
        assert_int_equal(verdict.trust, WZP_RELAY_UNCHECKED);
        assert_ok(wzp_trust_judge(&trust, place->b, &verdict));
    }
    assert_int_not_equal(access(place->path, F_OK), 0);
}

static void a_file_that_can_not_be_written_is_a_warning(void **state)
{
    struct place *place = *state;
    struct wzp_trust trust = trust_of(place);
    struct wzp_trust_verdict verdict;
    trust.known_relays = "/proc/no/such/place";
    assert_ok(wzp_trust_judge(&trust, place->a, &verdict));
    assert_int_equal(verdict.trust, WZP_RELAY_UNCHECKED);
    assert_non_null(strstr(verdict.message, "/proc/no/such/place"));
    trust.known_relays = place->directory;
    assert_ok(wzp_trust_judge(&trust, place->a, &verdict));
    assert_non_null(strstr(verdict.message, "can't"));
}

static void foreign_lines_are_left_alone(void **state)
{
    struct place *place = *state;
    char directory[160];
    snprintf(directory, sizeof directory, "%s/.wzp", place->directory);
    assert_int_equal(mkdir(directory, 0700), 0);
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    fputs("# relay.example:4433 aa\n\nrelay.example:4433\nrelay.example:4433 zz\nother:1 00", file);
    fclose(file);
    struct wzp_known_relay relay;
    assert_ok(wzp_known_relays_find(place->path, "relay.example:4433", place->a, &relay));
    assert_int_equal(relay.known, WZP_KNOWN_NEW);
    assert_ok(wzp_known_relays_add(place->path, "relay.example:4433", place->a));
    assert_ok(wzp_known_relays_find(place->path, "relay.example:4433", place->a, &relay));
    assert_int_equal(relay.known, WZP_KNOWN_SAME);
    assert_int_equal(relay.line, 6);
}

static void several_relays_may_stand_behind_one_name(void **state)
{
    struct place *place = *state;
    struct wzp_known_relay relay;
    assert_ok(wzp_known_relays_add(place->path, "pool.example:4433", place->a));
    assert_ok(wzp_known_relays_add(place->path, "pool.example:4433", place->b));
    assert_ok(wzp_known_relays_find(place->path, "pool.example:4433", place->a, &relay));
    assert_int_equal(relay.known, WZP_KNOWN_SAME);
    assert_ok(wzp_known_relays_find(place->path, "pool.example:4433", place->b, &relay));
    assert_int_equal(relay.known, WZP_KNOWN_SAME);
}

#define in_a_place(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_place(the_first_fingerprint_is_remembered),
        in_a_place(a_changed_fingerprint_is_refused_with_both_and_the_way_out),
        in_a_place(relays_on_this_machine_are_not_remembered),
        in_a_place(a_file_that_can_not_be_written_is_a_warning),
        in_a_place(foreign_lines_are_left_alone),
        in_a_place(several_relays_may_stand_behind_one_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
