/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new seed is written to a temporary file beside the target, synced, and linked to its name. link(2),
 * unlike rename(2), fails where the name exists by now: of two programs that start together one makes the
 * file and both use it.
 */
#include "crypto/seed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/text.h"

#define MAX_FILE_BYTES  1024 /* 64 digits and any reasonable number of blanks */
#define FILE_TEXT_BYTES (2 * WZP_SEED_BYTES + 1)

struct job {
    const char *path;
    const struct wzp_random *random;
    struct wzp_seed_file_report *report;
};

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

static void free_text(char **text)
{
    free(*text);
}

static enum wzp_err fail(const struct job *job, enum wzp_err err, const char *format, ...) WZP_PRINTF(3, 4);

static enum wzp_err fail(const struct job *job, enum wzp_err err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(job->report->problem, sizeof job->report->problem, format, arguments);
    va_end(arguments);
    return err;
}

/* Reads up to `size` - 1 bytes and ends them with a NUL. */
static enum wzp_err read_all(int fd, char *out_text, size_t size, size_t *out_n)
{
    size_t used = 0;
    while (used < size - 1) {
        ssize_t n = read(fd, out_text + used, size - 1 - used);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return WZP_EIO;
        }
        if (n == 0) {
            break;
        }
        used += (size_t)n;
    }
    out_text[used] = '\0';
    *out_n = used;
    return WZP_OK;
}

static enum wzp_err read_open_file(const struct job *job, int fd, uint8_t out_seed[static WZP_SEED_BYTES])
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return fail(job, WZP_EIO, "%s: can't be read: %s", job->path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(job, WZP_EMALFORMED, "%s: is not a file", job->path);
    }
    job->report->is_exposed = (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;

    char text[MAX_FILE_BYTES + 1];
    size_t size = 0;
    if (read_all(fd, text, sizeof text, &size) != WZP_OK) {
        return fail(job, WZP_EIO, "%s: can't be read: %s", job->path, strerror(errno));
    }
    enum wzp_err err = WZP_EMALFORMED;
    if (size < MAX_FILE_BYTES && strlen(text) == size) {
        err = wzp_identity_read_seed(text, out_seed);
    }
    sodium_memzero(text, sizeof text);
    if (err != WZP_OK) {
        return fail(
            job, err,
            "%s: is not a seed (64 hexadecimal digits); restore it from a backup, or move it away to get "
            "a new identity",
            job->path);
    }
    return WZP_OK;
}

/* WZP_ENOTFOUND: there is no such file. */
static enum wzp_err read_file(const struct job *job, uint8_t out_seed[static WZP_SEED_BYTES])
{
    WZP_AUTO(close_fd) int fd = open(job->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) {
        return read_open_file(job, fd, out_seed);
    }
    if (errno == ENOENT) {
        return WZP_ENOTFOUND;
    }
    return fail(job, WZP_EIO, "%s: can't be opened: %s", job->path, strerror(errno));
}

/* Makes every missing directory above the file. */
static enum wzp_err make_directories(const struct job *job)
{
    WZP_AUTO(free_text) char *path = strdup(job->path);
    if (!path) {
        return fail(job, WZP_ENOMEM, "out of memory");
    }
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return fail(job, WZP_EIO, "%s: can't be made: %s", path, strerror(errno));
        }
        *slash = '/';
    }
    return WZP_OK;
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, text, size);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        }
    }
    return true;
}

static enum wzp_err write_synced(const struct job *job, const char *path, const char *text, size_t size)
{
    WZP_AUTO(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || !write_all(fd, text, size) || fsync(fd) != 0) {
        return fail(job, WZP_EIO, "%s: can't be written: %s", job->path, strerror(errno));
    }
    return WZP_OK;
}

/* The new name is in its directory for good only once the directory is synced. */
static void sync_directory(const char *path)
{
    WZP_AUTO(free_text) char *directory = strdup(path);
    char *slash = directory ? strrchr(directory, '/') : NULL;
    if (slash) {
        slash[slash == directory ? 1 : 0] = '\0';
    }
    WZP_AUTO(close_fd) int fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        wzp_ignore(fsync(fd)); /* some file systems can't; nothing to do about it */
    }
}

/* Gives the temporary file its name. WZP_EEXIST: somebody else made the file meanwhile. */
static enum wzp_err publish(const struct job *job, const char *temporary)
{
    if (link(temporary, job->path) != 0) {
        if (errno == EEXIST) {
            return WZP_EEXIST;
        }
        /* Some file systems and sandboxes know no links. */
        if (rename(temporary, job->path) != 0) {
            return fail(job, WZP_EIO, "%s: can't be written: %s", job->path, strerror(errno));
        }
    }
    sync_directory(job->path);
    return WZP_OK;
}

static enum wzp_err write_file(const struct job *job, const uint8_t seed[static WZP_SEED_BYTES])
{
    WZP_AUTO(free_text) char *temporary = NULL;
    unsigned long long suffix = wzp_random_u64(job->random);
    if (asprintf(&temporary, "%s.%016llx.new", job->path, suffix) < 0) {
        temporary = NULL;
        return fail(job, WZP_ENOMEM, "out of memory");
    }
    char text[FILE_TEXT_BYTES + 1];
    wzp_hex_write(seed, WZP_SEED_BYTES, text);
    text[FILE_TEXT_BYTES - 1] = '\n';
    enum wzp_err err = write_synced(job, temporary, text, FILE_TEXT_BYTES);
    sodium_memzero(text, sizeof text);
    if (err == WZP_OK) {
        err = publish(job, temporary);
    }
    wzp_ignore(unlink(temporary)); /* gone already where it was renamed or never made */
    return err;
}

static enum wzp_err make_file(const struct job *job, uint8_t out_seed[static WZP_SEED_BYTES])
{
    enum wzp_err err = make_directories(job);
    if (err != WZP_OK) {
        return err;
    }
    uint8_t seed[WZP_SEED_BYTES];
    job->random->fill(job->random->context, seed, sizeof seed);
    err = write_file(job, seed);
    if (err == WZP_OK) {
        memcpy(out_seed, seed, sizeof seed);
        job->report->is_new = true;
    }
    sodium_memzero(seed, sizeof seed);
    return err == WZP_EEXIST ? read_file(job, out_seed) : err;
}

enum wzp_err wzp_seed_file_load(const char *path, const struct wzp_random *random,
                                uint8_t out_seed[static WZP_SEED_BYTES],
                                struct wzp_seed_file_report *out_report)
{
    *out_report = (struct wzp_seed_file_report){0};
    const struct job job = {.path = path, .random = random, .report = out_report};
    enum wzp_err err = read_file(&job, out_seed);
    return err == WZP_ENOTFOUND ? make_file(&job, out_seed) : err;
}

static const char *home_directory(void)
{
    const char *home = getenv("HOME");
    if (home && home[0]) {
        return home;
    }
    const struct passwd *user = getpwuid(getuid());
    return user ? user->pw_dir : NULL;
}

enum wzp_err wzp_seed_file_default_path(const char *name, char **out_path)
{
    const char *home = home_directory();
    if (!home || !home[0]) {
        return WZP_ENOTFOUND;
    }
    char *path = NULL;
    if (asprintf(&path, "%s/.wzp/%s", home, name) < 0) {
        return WZP_ENOMEM;
    }
    *out_path = path;
    return WZP_OK;
}
