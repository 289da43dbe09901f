/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/seed_file.h"
#include "support/wzp_test.h"

#define SEED_TEXT "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

struct world {
    char directory[64];
    char path[128];
    struct wzp_random_seeded seeded;
    struct wzp_random random;
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world) {
        return -1;
    }
    (void)snprintf(world->directory, sizeof world->directory, "/tmp/wzp-seed-XXXXXX");
    if (!mkdtemp(world->directory)) {
        free(world);
        return -1;
    }
    (void)snprintf(world->path, sizeof world->path, "%s/relay-identity", world->directory);
    world->random = wzp_random_from_seed(&world->seeded, 42);
    *state = world;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int tear_down(void **state)
{
    struct world *world = *state;
    int result = nftw(world->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(world);
    return result;
}

static void put_file(const char *path, const char *text, size_t size, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void assert_file_is(const char *path, const char *text, size_t size)
{
    char found[4096];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(found, 1, sizeof found, file), size);
    assert_memory_equal(found, text, size);
    assert_int_equal(fclose(file), 0);
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void a_seed_file_is_read(void **state)
{
    struct world *world = *state;
    struct wzp_seed_file_report report;
    uint8_t seed[WZP_SEED_BYTES];
    put_file(world->path, " " SEED_TEXT "\r\n", 67, 0600);
    assert_ok(wzp_seed_file_load(world->path, &world->random, seed, &report));
    assert_int_equal(seed[31], 31);
    assert_false(report.is_new);
    assert_false(report.is_exposed);
}

static void a_missing_file_is_made_for_its_owner_only_and_read_again(void **state)
{
    struct world *world = *state;
    char path[128];
    char directory[96];
    struct wzp_seed_file_report report;
    uint8_t first[WZP_SEED_BYTES];
    uint8_t second[WZP_SEED_BYTES];
    (void)snprintf(directory, sizeof directory, "%s/a/.wzp", world->directory);
    (void)snprintf(path, sizeof path, "%s/identity", directory);
    assert_ok(wzp_seed_file_load(path, &world->random, first, &report));
    assert_true(report.is_new);
    assert_false(report.is_exposed);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(mode_of(directory), 0700);
    assert_ok(wzp_seed_file_load(path, &world->random, second, &report));
    assert_false(report.is_new);
    assert_memory_equal(first, second, sizeof first);
}

static void no_temporary_file_stays(void **state)
{
    struct world *world = *state;
    struct wzp_seed_file_report report;
    uint8_t seed[WZP_SEED_BYTES];
    assert_ok(wzp_seed_file_load(world->path, &world->random, seed, &report));
    DIR *directory = opendir(world->directory);
    assert_non_null(directory);
    size_t n = 0;
    while (readdir(directory)) {
        n++;
    }
    closedir(directory);
    assert_int_equal(n, 3); /* ".", "..", and the file */
}

/* A random source that, when asked, does what another program may do at that moment. */
static void make_file_meanwhile(void *context, void *out_bytes, size_t size)
{
    put_file(context, SEED_TEXT, 64, 0600);
    memset(out_bytes, 0xee, size);
}

static void of_two_programs_that_start_together_both_use_one_seed(void **state)
{
    struct world *world = *state;
    const struct wzp_random random = {.fill = make_file_meanwhile, .context = world->path};
    struct wzp_seed_file_report report;
    uint8_t seed[WZP_SEED_BYTES];
    assert_ok(wzp_seed_file_load(world->path, &random, seed, &report));
    assert_int_equal(seed[31], 31);
    assert_false(report.is_new);
    assert_file_is(world->path, SEED_TEXT, 64);
}

static void a_corrupt_file_is_an_error_and_stays_as_it_is(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *text;
        size_t size;
    } wrong[] = {
        {"", 0}, {"hello\n", 6}, {SEED_TEXT, 63}, {SEED_TEXT "0", 65}, {SEED_TEXT "\0" SEED_TEXT, 129},
    };
    for (size_t i = 0; i < wzp_count(wrong); i++) {
        struct wzp_seed_file_report report;
        uint8_t seed[WZP_SEED_BYTES];
        char expected[WZP_SEED_FILE_PROBLEM_BYTES];
        put_file(world->path, wrong[i].text, wrong[i].size, 0600);
        assert_int_equal(wzp_seed_file_load(world->path, &world->random, seed, &report), WZP_EMALFORMED);
        (void)snprintf(
            expected, sizeof expected,
            "%s: is not a seed (64 hexadecimal digits); restore it from a backup, or move it away to get "
            "a new identity",
            world->path);
        assert_string_equal(report.problem, expected);
        assert_file_is(world->path, wrong[i].text, wrong[i].size);
    }
}

static void a_file_past_any_reason_is_refused(void **state)
{
    struct world *world = *state;
    struct wzp_seed_file_report report;
    uint8_t seed[WZP_SEED_BYTES];
    char text[4096];
    (void)snprintf(text, sizeof text, "%-*s", (int)sizeof text - 1, SEED_TEXT);
    put_file(world->path, text, sizeof text - 1, 0600);
    assert_int_equal(wzp_seed_file_load(world->path, &world->random, seed, &report), WZP_EMALFORMED);
}

static void a_file_that_others_can_read_is_reported(void **state)
{
    struct world *world = *state;
    struct wzp_seed_file_report report;
    uint8_t seed[WZP_SEED_BYTES];
    put_file(world->path, SEED_TEXT "\n", 65, 0644);
    assert_ok(wzp_seed_file_load(world->path, &world->random, seed, &report));
    assert_true(report.is_exposed);
    assert_int_equal(chmod(world->path, 0620), 0);
    assert_ok(wzp_seed_file_load(world->path, &world->random, seed, &report));
    assert_true(report.is_exposed);
}

static void a_directory_or_an_impossible_path_is_an_error(void **state)
{
    struct world *world = *state;
    struct wzp_seed_file_report report;
    uint8_t seed[WZP_SEED_BYTES];
    char path[256];
    assert_int_equal(wzp_seed_file_load(world->directory, &world->random, seed, &report), WZP_EMALFORMED);
    assert_non_null(strstr(report.problem, "is not a file"));
    put_file(world->path, SEED_TEXT, 64, 0600);
    (void)snprintf(path, sizeof path, "%s/below", world->path);
    assert_int_equal(wzp_seed_file_load(path, &world->random, seed, &report), WZP_EIO);
    assert_non_null(strstr(report.problem, path));
    assert_int_equal(wzp_seed_file_load("/proc/no-such-directory/identity", &world->random, seed, &report),
                     WZP_EIO);
}

static void the_default_path_is_in_the_home_directory(void **state)
{
    (void)state;
    char *path = NULL;
    const char *before = getenv("HOME");
    char *home = before ? strdup(before) : NULL;
    assert_int_equal(setenv("HOME", "/home/someone", 1), 0);
    assert_ok(wzp_seed_file_default_path("relay-identity", &path));
    assert_string_equal(path, "/home/someone/.wzp/relay-identity");
    free(path);
    if (home) {
        assert_int_equal(setenv("HOME", home, 1), 0);
    }
    free(home);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_world(a_seed_file_is_read),
        in_world(a_missing_file_is_made_for_its_owner_only_and_read_again),
        in_world(no_temporary_file_stays),
        in_world(of_two_programs_that_start_together_both_use_one_seed),
        in_world(a_corrupt_file_is_an_error_and_stays_as_it_is),
        in_world(a_file_past_any_reason_is_refused),
        in_world(a_file_that_others_can_read_is_reported),
        in_world(a_directory_or_an_impossible_path_is_an_error),
        cmocka_unit_test(the_default_path_is_in_the_home_directory),
    };
    return cmocka_run_group_tests_name("crypto_seed_file", tests, NULL, NULL);
}
