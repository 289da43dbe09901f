/* SPDX-License-Identifier: Apache-2.0 */
/* Part of relay/config.c: what single settings can be, and how each kind is checked. */
#pragma once

#include "relay/config_reading.h"

extern const struct wzp_config_kind wzp_config_boolean;     /* bool */
extern const struct wzp_config_kind wzp_config_count;       /* uint32_t, in the field's range */
extern const struct wzp_config_kind wzp_config_port;        /* int32_t, in the field's range */
extern const struct wzp_config_kind wzp_config_address;     /* struct wzp_addr */
extern const struct wzp_config_kind wzp_config_level;       /* enum wzp_log_level */
extern const struct wzp_config_kind wzp_config_fingerprint; /* WZP_FINGERPRINT_BYTES */

/* Owned texts, char *; an earlier one is freed. */
extern const struct wzp_config_kind wzp_config_ip;
extern const struct wzp_config_kind wzp_config_endpoint; /* "host:port" */
extern const struct wzp_config_kind wzp_config_url;
extern const struct wzp_config_kind wzp_config_path;
extern const struct wzp_config_kind wzp_config_label;
extern const struct wzp_config_kind wzp_config_room; /* folded: lower-case */

/* Lists of them, struct wzp_relay_texts; they grow. */
extern const struct wzp_config_kind wzp_config_endpoints;
extern const struct wzp_config_kind wzp_config_room_globs; /* folded */

#define WZP_CONFIG_MAX_TEXTS 256 /* of one list */
