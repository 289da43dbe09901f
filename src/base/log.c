/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WZP_LOG_LINE_BYTES 1024

static const struct {
    const char *word;
    const char *colour;
    int syslog; /* RFC 5424 severity */
} levels[] = {
    [WZP_LOG_ERROR] = {"error", "\033[31m", 3}, [WZP_LOG_WARN] = {"warn", "\033[33m", 4},
    [WZP_LOG_INFO] = {"info", "\033[32m", 6},   [WZP_LOG_DEBUG] = {"debug", "\033[34m", 7},
    [WZP_LOG_TRACE] = {"trace", "\033[90m", 7},
};

void wzp_log_init(struct wzp_log *log, enum wzp_log_level level)
{
    const char *no_colour = getenv("NO_COLOR");
    *log = (struct wzp_log){
        .stream = stderr,
        .level = level,
        .journald = getenv("JOURNAL_STREAM") != NULL,
        .colour = isatty(STDERR_FILENO) && (!no_colour || !no_colour[0]),
    };
}

enum wzp_err wzp_log_level_read(const char *word, enum wzp_log_level *out_level)
{
    for (size_t i = 0; i < wzp_count(levels); i++) {
        if (strcmp(word, levels[i].word) == 0) {
            *out_level = (enum wzp_log_level)i;
            return WZP_OK;
        }
    }
    return WZP_EINVAL;
}

bool wzp_log_is_on(const struct wzp_log *log, enum wzp_log_level level)
{
    return log && level <= log->level;
}

static size_t write_prefix(const struct wzp_log *log, enum wzp_log_level level, char *line, size_t size)
{
    int n;
    if (log->journald) {
        n = snprintf(line, size, "<%d>", levels[level].syslog);
    } else {
        struct timespec now;
        struct tm utc;
        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &utc);
        size_t used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
        n = (int)used + snprintf(line + used, size - used, ".%03ldZ ", now.tv_nsec / 1000000);
    }
    const char *colour = log->colour ? levels[level].colour : "";
    const char *plain = log->colour ? "\033[0m" : "";
    n += snprintf(line + n, size - (size_t)n, "%s%-5s%s ", colour, levels[level].word, plain);
    return (size_t)n;
}

/* C0, DEL, and C1 in UTF-8 (c2 80 to c2 9f), which terminals obey, too. */
static void blank_controls(char *text)
{
    for (char *c = text; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        unsigned char next = (unsigned char)c[1];
        if (byte < 0x20 || byte == 0x7f) {
            *c = '?';
        } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
            *c = c[1] = '?';
        }
    }
}

void wzp_log_write(const struct wzp_log *log, enum wzp_log_level level, const char *message,
                   const char *pairs, ...)
{
    if (!wzp_log_is_on(log, level)) {
        return;
    }
    char line[WZP_LOG_LINE_BYTES];
    size_t prefix = write_prefix(log, level, line, sizeof line - 2);
    char *body = line + prefix;
    size_t room = sizeof line - 2 - prefix;

    va_list arguments;
    va_start(arguments, pairs);
    int n = vsnprintf(body, room, pairs, arguments);
    va_end(arguments);
    size_t used = n < 0 ? 0 : wzp_min_size((size_t)n, room - 1);
    snprintf(body + used, room - used, "%smsg=\"%s\"", used > 0 ? " " : "", message);
    blank_controls(body);
    fprintf(log->stream, "%s\n", line);
}
