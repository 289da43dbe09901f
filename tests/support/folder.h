/* SPDX-License-Identifier: Apache-2.0 */
/* Test support: a folder of a test's own under /tmp, removed with all its files. */
#pragma once

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/wzp_test.h"

struct folder {
    char path[64];
};

static inline void folder_init(struct folder *folder)
{
    strcpy(folder->path, "/tmp/wzp-test-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
}

/** The path of a file in it, in one of a few buffers of its own. */
static inline const char *folder_file(const struct folder *folder, const char *name)
{
    static char paths[4][512];
    static unsigned next = 0;
    char *path = paths[next++ % wzp_count(paths)];
    snprintf(path, sizeof paths[0], "%s/%s", folder->path, name);
    return path;
}

static inline void folder_deinit(const struct folder *folder)
{
    DIR *dir = opendir(folder->path);
    for (struct dirent *entry = NULL; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] != '.') {
            unlink(folder_file(folder, entry->d_name));
        }
    }
    if (dir) {
        closedir(dir);
    }
    assert_int_equal(rmdir(folder->path), 0);
}

/** The samples of a raw file, free() them. */
static inline int16_t *folder_samples(const char *path, size_t *out_n)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t capacity = 1 << 23;
    int16_t *samples = malloc(capacity * sizeof *samples);
    assert_non_null(samples);
    *out_n = fread(samples, sizeof *samples, capacity, file);
    fclose(file);
    return samples;
}
