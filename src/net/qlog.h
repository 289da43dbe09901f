/* SPDX-License-Identifier: Apache-2.0 */
/* One qlog file a connection, for support. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "net/ngtcp2_compat.h"

/** Opens `dir`/<id>_<role>.sqlog; NULL where `dir` is NULL or the file can't be opened. */
FILE *wzp_qlog_open(const char *dir, const ngtcp2_cid *id, const char *role);

/** Takes NULL. */
void wzp_qlog_close(FILE *qlog);

/** ngtcp2's qlog callback; `user` is the struct wzp_conn. */
void wzp_qlog_write(void *user, uint32_t flags, const void *bytes, size_t size);
