/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/pcm_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sndfile.h>

#include "audio/codec.h"

enum {
    PART_SUFFIX_BYTES = 16,
    MAX_PARTS = 100,                          /* left over by recordings that were killed */
    SAFE_EVERY_SAMPLES = WZP_CODEC_SAMPLE_HZ, /* a killed recording lacks at most the last second */
    RAW_CHUNK = 512,
};

struct wzp_pcm_writer {
    char *path;
    char *part;     /* NULL: written directly */
    FILE *raw;      /* either this */
    SNDFILE *sound; /* or that */
    uint64_t n_samples;
    uint64_t n_safe; /* samples of which the file's header knows */
    bool has_failed;
};

static void say(char *message, const char *path, const char *why)
{
    snprintf(message, WZP_PCM_MESSAGE_BYTES, "%s: %s", path, why);
}

static bool is_special(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/** Creates the first free of PATH.part, PATH.2.part, ...; its descriptor, or -1 with errno. */
static int create_part(struct wzp_pcm_writer *writer)
{
    size_t size = strlen(writer->path) + PART_SUFFIX_BYTES;
    writer->part = malloc(size);
    if (!writer->part) {
        return -1;
    }
    snprintf(writer->part, size, "%s.part", writer->path);
    for (int i = 2;; i++) {
        int fd = open(writer->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST || i > MAX_PARTS) {
            return fd;
        }
        snprintf(writer->part, size, "%s.%d.part", writer->path, i);
    }
}

/** What is no plain file cannot be replaced by one; folders are refused here, not at the end of the
 * recording. */
static int create_file(struct wzp_pcm_writer *writer)
{
    if (is_special(writer->path)) {
        return open(writer->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    }
    return create_part(writer);
}

static enum wzp_err open_stream(struct wzp_pcm_writer *writer, int fd, char *message)
{
    enum wzp_pcm_format format = wzp_pcm_format_of(writer->path);
    if (format == WZP_PCM_RAW) {
        writer->raw = fdopen(fd, "wb");
        if (!writer->raw) {
            close(fd);
            return WZP_ENOMEM;
        }
        if (!writer->part) {
            setvbuf(writer->raw, NULL, _IONBF, 0); /* who reads from a pipe wants to hear it now */
        }
        return WZP_OK;
    }
    SF_INFO info = {
        .samplerate = WZP_CODEC_SAMPLE_HZ,
        .channels = 1,
        .format = wzp_pcm_format_sndfile(format),
    };
    writer->sound = sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE);
    if (!writer->sound) {
        say(message, writer->path, sf_strerror(NULL));
        return WZP_EUNSUPPORTED;
    }
    return WZP_OK;
}

enum wzp_err wzp_pcm_writer_open(const char *path, char out_message[static WZP_PCM_MESSAGE_BYTES],
                                 struct wzp_pcm_writer **out_writer)
{
    say(out_message, path, wzp_err_text(WZP_ENOMEM));
    WZP_AUTO(wzp_pcm_writer_abortp) struct wzp_pcm_writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        return WZP_ENOMEM;
    }
    writer->path = strdup(path);
    if (!writer->path) {
        return WZP_ENOMEM;
    }
    int fd = create_file(writer);
    if (fd < 0) {
        enum wzp_err err = errno == ENOENT || errno == ENOTDIR ? WZP_ENOTFOUND : WZP_EIO;
        say(out_message, path, strerror(errno));
        free(writer->part); /* it is not ours */
        writer->part = NULL;
        return err;
    }
    enum wzp_err err = open_stream(writer, fd, out_message);
    if (err != WZP_OK) {
        return err;
    }
    out_message[0] = '\0';
    *out_writer = wzp_take(writer);
    return WZP_OK;
}

static bool write_raw(FILE *file, const int16_t *samples, size_t n)
{
    uint8_t bytes[RAW_CHUNK * 2];
    while (n > 0) {
        size_t n_now = wzp_min_size(n, RAW_CHUNK);
        for (size_t i = 0; i < n_now; i++) {
            bytes[2 * i] = (uint8_t)samples[i];
            bytes[2 * i + 1] = (uint8_t)((uint16_t)samples[i] >> 8);
        }
        if (fwrite(bytes, 2, n_now, file) != n_now) {
            return false;
        }
        samples += n_now;
        n -= n_now;
    }
    return true;
}

/** Makes what is there readable even if nothing more follows. */
static bool make_safe(struct wzp_pcm_writer *writer)
{
    writer->n_safe = writer->n_samples;
    if (writer->raw) {
        return fflush(writer->raw) == 0;
    }
    sf_command(writer->sound, SFC_UPDATE_HEADER_NOW, NULL,
               0); /* formats without a length refuse: no matter */
    return true;
}

enum wzp_err wzp_pcm_writer_write(struct wzp_pcm_writer *writer, const int16_t *samples, size_t n)
{
    bool is_done = writer->raw ? write_raw(writer->raw, samples, n)
                               : sf_write_short(writer->sound, samples, (sf_count_t)n) == (sf_count_t)n;
    writer->n_samples += n;
    if (is_done && writer->n_samples - writer->n_safe >= SAFE_EVERY_SAMPLES) {
        is_done = make_safe(writer);
    }
    if (!is_done) {
        writer->has_failed = true;
        return WZP_EIO;
    }
    return WZP_OK;
}

uint64_t wzp_pcm_writer_samples(const struct wzp_pcm_writer *writer)
{
    return writer->n_samples;
}

/** True where everything that was written has arrived. */
static bool close_stream(struct wzp_pcm_writer *writer)
{
    bool is_closed = true;
    if (writer->raw) {
        is_closed = fclose(writer->raw) == 0;
    }
    if (writer->sound) {
        is_closed = sf_close(writer->sound) == 0;
    }
    writer->raw = NULL;
    writer->sound = NULL;
    return is_closed && !writer->has_failed;
}

static void free_writer(struct wzp_pcm_writer *writer)
{
    free(writer->part);
    free(writer->path);
    free(writer);
}

enum wzp_err wzp_pcm_writer_close(struct wzp_pcm_writer *writer,
                                  char out_message[static WZP_PCM_MESSAGE_BYTES])
{
    enum wzp_err err = WZP_OK;
    out_message[0] = '\0';
    if (!close_stream(writer)) {
        say(out_message, writer->part ? writer->part : writer->path, "is incomplete, a write failed");
        err = WZP_EIO;
    } else if (writer->part && rename(writer->part, writer->path) != 0) {
        snprintf(out_message, WZP_PCM_MESSAGE_BYTES, "%s: %s; the recording is in %s", writer->path,
                 strerror(errno), writer->part);
        err = WZP_EIO;
    }
    free_writer(writer);
    return err;
}

void wzp_pcm_writer_abort(struct wzp_pcm_writer *writer)
{
    if (!writer) {
        return;
    }
    wzp_ignore(close_stream(writer));
    if (writer->part) {
        wzp_ignore(unlink(writer->part));
    }
    free_writer(writer);
}

void wzp_pcm_writer_abortp(struct wzp_pcm_writer **writer)
{
    wzp_pcm_writer_abort(*writer);
}
