/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/known_relays.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINE_BYTES 512 /* a host name, a fingerprint, and room */
#define MAX_LINES      100000

static void file_closep(FILE **file)
{
    if (*file) {
        fclose(*file);
    }
}

/** Whether `line` is about `address`; then its fingerprint. */
static bool line_read(char *line, const char *address, uint8_t out_fingerprint[WZP_FINGERPRINT_BYTES])
{
    char *rest = NULL;
    const char *name = strtok_r(line, " \t\r\n", &rest);
    if (!name || name[0] == '#' || strcmp(name, address) != 0) {
        return false;
    }
    const char *text = strtok_r(NULL, " \t\r\n", &rest);
    return text && wzp_fingerprint_read(text, out_fingerprint) == WZP_OK;
}

enum wzp_err wzp_known_relays_find(const char *path, const char *address,
                                   const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES],
                                   struct wzp_known_relay *out_relay)
{
    struct wzp_known_relay relay = {.known = WZP_KNOWN_NEW};
    WZP_AUTO(file_closep) FILE *file = fopen(path, "re");
    if (!file && errno != ENOENT) {
        return WZP_EIO;
    }
    char line[MAX_LINE_BYTES];
    for (unsigned n = 1; file && n <= MAX_LINES && fgets(line, sizeof line, file); n++) {
        uint8_t before[WZP_FINGERPRINT_BYTES];
        if (!line_read(line, address, before)) {
            continue;
        }
        /* Several lines for one address are several relays behind one name: any of them will do. */
        relay.line = n;
        memcpy(relay.before, before, sizeof before);
        if (memcmp(before, fingerprint, sizeof before) == 0) {
            relay.known = WZP_KNOWN_SAME;
            break;
        }
        relay.known = WZP_KNOWN_CHANGED;
    }
    if (file && ferror(file)) {
        return WZP_EIO;
    }
    *out_relay = relay;
    return WZP_OK;
}

/** Makes the directory that `path` lies in, where only the last one is missing. */
static void make_directory(const char *path)
{
    char directory[4096];
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path || (size_t)(slash - path) >= sizeof directory) {
        return;
    }
    memcpy(directory, path, (size_t)(slash - path));
    directory[slash - path] = '\0';
    wzp_ignore(mkdir(directory, 0700)); /* what is wrong with it shows when the file is opened */
}

/** Whether the file's last byte is there and ends no line: an editor left it so. */
static bool lacks_newline(int fd)
{
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);
    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

enum wzp_err wzp_known_relays_add(const char *path, const char *address,
                                  const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES])
{
    char text[WZP_FINGERPRINT_TEXT_BYTES], line[MAX_LINE_BYTES];
    wzp_fingerprint_write(fingerprint, text);
    make_directory(path);
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return WZP_EIO;
    }
    int size = snprintf(line, sizeof line, "%s%s %s\n", lacks_newline(fd) ? "\n" : "", address, text);
    bool fits = size > 0 && (size_t)size < sizeof line;
    /* One write of a short line to a file opened for appending: two clients don't mix their lines. */
    bool written = fits && write(fd, line, (size_t)size) == size;
    bool closed = close(fd) == 0;
    return written && closed ? WZP_OK : WZP_EIO;
}
