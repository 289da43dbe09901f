/* SPDX-License-Identifier: Apache-2.0 */
#include "net/qlog.h"

#include <limits.h>

#include "base/text.h"
#include "net/conn.h"

FILE *wzp_qlog_open(const char *dir, const ngtcp2_cid *id, const char *role)
{
    if (!dir) {
        return NULL;
    }
    char hex[2 * NGTCP2_MAX_CIDLEN + 1];
    wzp_hex_write(id->data, id->datalen, hex);
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/%s_%s.sqlog", dir, hex, role);
    return size > 0 && (size_t)size < sizeof path ? fopen(path, "we") : NULL;
}

void wzp_qlog_close(FILE *qlog)
{
    if (qlog) {
        wzp_ignore(fclose(qlog));
    }
}

void wzp_qlog_write(void *user, uint32_t flags, const void *bytes, size_t size)
{
    (void)flags;
    const struct wzp_conn *conn = user;
    wzp_ignore(fwrite(bytes, 1, size, conn->qlog)); /* a full disk costs the log, not the call */
}
