/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/line.h"

#include <stdlib.h>

#include "proto/signal.h"
#include "relay/delivery.h"
#include "relay/limiter.h"
#include "relay/passage.h"

void wzp_line_set_role(const struct wzp_line *line, struct wzp_role *role)
{
    if (line->conn) {
        wzp_conn_set_user(line->conn, role);
        wzp_conn_measure_every(line->conn, WZP_LIMITER_EVERY);
    } else {
        wzp_guest_set_role(line->guest, role);
    }
}

unsigned wzp_line_worker(const struct wzp_relay *relay, const struct wzp_line *line)
{
    return line->conn ? relay->worker : wzp_guest_worker(line->guest);
}

const struct wzp_addr *wzp_line_addr(const struct wzp_line *line)
{
    return line->conn ? wzp_conn_peer_addr(line->conn) : wzp_guest_addr(line->guest);
}

const uint8_t *wzp_line_fingerprint(const struct wzp_line *line)
{
    return line->conn ? wzp_conn_peer_fingerprint(line->conn) : wzp_guest_fingerprint(line->guest);
}

void wzp_line_close(const struct wzp_line *line, enum wzp_close_code code, const char *reason)
{
    if (line->conn) {
        wzp_conn_close(line->conn, code, reason);
    } else {
        wzp_guest_dismiss(line->guest, code, reason);
    }
}

void wzp_line_send(struct wzp_relay *relay, const struct wzp_line *line, const struct wzp_signal *signal,
                   uint64_t replace_key)
{
    if (line->conn) {
        wzp_delivery_send(relay, line->conn, signal, replace_key);
        return;
    }
    char *body = NULL;
    size_t size = 0;
    if (wzp_delivery_write(relay, signal, &body, &size)) {
        wzp_passage_address(relay->passage, line->guest);
        wzp_passage_say(relay->passage, body, size, replace_key);
        free(body);
    }
}
