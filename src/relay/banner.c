/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/banner.h"

#include <stdio.h>

#include "relay/own_address.h"

static void log_line(const struct wzp_log *log, const char *format, const char *value)
{
    char line[192];
    int n = snprintf(line, sizeof line, "%s%s'", format, value);
    if (n > 0 && (size_t)n < sizeof line) {
        wzp_info(log, line, "");
    }
}

/* Lines to paste: single quotes, since the message stands in double ones. */
static void log_peers_block(const struct wzp_relay *relay)
{
    struct wzp_addr bound = wzp_endpoint_addr(relay->endpoint);
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_own_address_write(&bound, address);
    wzp_info(relay->log, "for other relays to federate with this one, in their configuration:", "");
    wzp_info(relay->log, "  [[peers]]", "");
    log_line(relay->log, "  url = '", address);
    log_line(relay->log, "  fingerprint = '", relay->cert->fingerprint_text);
    if (relay->config->label) {
        log_line(relay->log, "  label = '", relay->config->label);
    }
}

void wzp_banner_log(const struct wzp_relay *relay)
{
    struct wzp_addr bound = wzp_endpoint_addr(relay->endpoint);
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(&bound, address);
    wzp_info(relay->log, "this relay", "identity=%s tls_fingerprint=%s", relay->identity->fingerprint,
             relay->cert->fingerprint_text);
    log_peers_block(relay);
    if (relay->config->debug_tap) {
        wzp_warn(relay->log, "the debug tap logs every packet of the room: who speaks, when, how much",
                 "room=%s", relay->config->debug_tap);
    }
    wzp_info(relay->log, "listening for connections", "listen=%s max_sessions=%u auth=%s aes=%s", address,
             (unsigned)relay->config->max_sessions, relay->auth ? "token" : "none",
             wzp_endpoint_aes(relay->endpoint));
}
