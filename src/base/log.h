/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one event, one line of key=value pairs, to a stream. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <wzp/error.h>

#include "base/attr.h"

enum wzp_log_level {
    WZP_LOG_ERROR,
    WZP_LOG_WARN,
    WZP_LOG_INFO,
    WZP_LOG_DEBUG,
    WZP_LOG_TRACE,
};

/** A value: fill it with wzp_log_init. Shared by pointer; NULL means silence. Lines are written whole, from
 * any thread. */
struct wzp_log {
    FILE *stream; /* borrowed */
    enum wzp_log_level level;
    bool journald; /* lines start with <N>, the journal adds the time; see sd-daemon(3) */
    bool colour;
};

/** Logs to stderr at `level`; journald prefix where JOURNAL_STREAM is set, colour on a terminal without
 * NO_COLOR. */
void wzp_log_init(struct wzp_log *log, enum wzp_log_level level);

/** Reads "error", "warn", "info", "debug" or "trace". WZP_EINVAL: another word. */
WZP_MUST_USE enum wzp_err wzp_log_level_read(const char *word, enum wzp_log_level *out_level);

bool wzp_log_is_on(const struct wzp_log *log, enum wzp_log_level level);

/**
 * Writes `level pairs msg="message"`, `pairs` being printf text like "peer=%s room=%s" or "".
 *
 * Control characters in the finished line become '?', so that no peer can forge a line. Lines end at 1,024
 * bytes.
 */
void wzp_log_write(const struct wzp_log *log, enum wzp_log_level level, const char *message,
                   const char *pairs, ...) WZP_PRINTF(4, 5);

#define wzp_error(log, message, ...) wzp_log_write((log), WZP_LOG_ERROR, (message), __VA_ARGS__)
#define wzp_warn(log, message, ...)  wzp_log_write((log), WZP_LOG_WARN, (message), __VA_ARGS__)
#define wzp_info(log, message, ...)  wzp_log_write((log), WZP_LOG_INFO, (message), __VA_ARGS__)
#define wzp_debug(log, message, ...) wzp_log_write((log), WZP_LOG_DEBUG, (message), __VA_ARGS__)
