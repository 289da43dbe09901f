/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A relay's settings: defaults, TOML file, command line, in this order. Keys and meanings:
 * docs/configuration.md; every key of the first generation (G1 section 7.1) is known here with its meaning.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/log.h"
#include "crypto/fingerprint.h"
#include "net/addr.h"
#include "relay/problems.h"

#define WZP_RELAY_CONFIG_PORT_OFF (-1)
#define WZP_RELAY_CONFIG_AS_ALL   UINT32_MAX

/** A list of texts, owned. */
struct wzp_relay_texts {
    char **items;
    size_t n;
};

/** One [[peers]] or [[trusted]] entry: a relay that may federate with this one, and what it may do. */
struct wzp_relay_link_config {
    char *url; /* "host:port" that this relay dials; NULL in [[trusted]] */
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    char *label;                  /* NULL: none */
    struct wzp_relay_texts rooms; /* globs ("team-*") of the global rooms it takes part in; none: all */
    bool transit;                 /* media and presence of third relays may pass to and from it [true] */
    uint32_t max_pps;             /* datagrams a second taken from it, over all rooms [20000] */
    uint32_t max_participants;    /* per room behind it [512] */
    bool allow_unverified;        /* a first-generation relay that shows no certificate [false] */
};

/** One [[global_rooms]] entry. */
struct wzp_relay_room_config {
    char *name;                /* lower-case */
    uint32_t max_participants; /* 0: max_participants_per_room */
    uint32_t max_speakers;     /* 0: no limit; WZP_RELAY_CONFIG_AS_ALL: as in every room */
};

/** Texts are owned, NULL where not set. */
struct wzp_relay_config {
    struct wzp_addr listen_addr;        /* [0.0.0.0:4433] */
    char *remote_relay;                 /* "host:port": forward mode */
    uint32_t max_sessions;              /* clients connected at once [1000] */
    uint32_t max_participants_per_room; /* [512] */
    uint32_t max_speakers;              /* the loudest of a room that are forwarded; 0: everybody [0] */
    bool measure_loss; /* counts lost packets by acknowledgements, which costs a dense room a seventh */
    uint32_t flush_us; /* how long a busy relay lets packets wait for others to the same receiver [2500] */
    uint32_t
        max_load; /* percent of a processor a worker may take before it lets nobody in; 0: no limit [85] */
    uint32_t room_members_per_worker;     /* a room with more is spread over workers; 0: none is [200] */
    uint32_t workers;                     /* threads that share the rooms; 0: one a processor [1] */
    uint32_t jitter_target_depth;         /* G1 knows it; without effect, a relay has no jitter buffer */
    uint32_t jitter_max_depth;            /* the same */
    enum wzp_log_level log_level;         /* [WZP_LOG_INFO] */
    char *auth_url;                       /* "http://..." or "https://..." */
    int32_t metrics_port;                 /* WZP_RELAY_CONFIG_PORT_OFF; 0: the kernel picks one */
    char *metrics_addr;                   /* never NULL ["0.0.0.0", as G1: scrapers are on other machines] */
    struct wzp_relay_texts probe_targets; /* "ip:port" */
    bool probe_mesh;
    bool trunking_enabled; /* without effect */
    int32_t ws_port;       /* WZP_RELAY_CONFIG_PORT_OFF */
    char *static_dir;
    char *debug_tap; /* a lower-case room name, or "*" */
    char *event_log;
    char *label;
    char *qlog_dir;
    char *keylog_file;
    struct wzp_relay_link_config *peers;
    size_t n_peers;
    struct wzp_relay_link_config *trusted;
    size_t n_trusted;
    struct wzp_relay_room_config *global_rooms;
    size_t n_global_rooms;
};

/** The defaults. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_relay_config_init(struct wzp_relay_config *config);

/** Gives the texts back. Harmless on a zeroed configuration. */
void wzp_relay_config_deinit(struct wzp_relay_config *config);

/**
 * Reads the TOML file at `path` into an initialised configuration.
 *
 * WZP_ENOTFOUND: there is no such file (nothing is added to `problems`). WZP_ECONFIG: `problems` has errors,
 * each with path, line, column and what to do; the configuration is good for wzp_relay_config_deinit only.
 * WZP_OK: perhaps with warnings. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_relay_config_load(struct wzp_relay_config *config, const char *path,
                                                struct wzp_problems *problems);

/** The same from memory; `path` is only for the messages. */
WZP_MUST_USE enum wzp_err wzp_relay_config_read(struct wzp_relay_config *config, const char *path,
                                                const char *text, size_t size, struct wzp_problems *problems);

/**
 * Sets one key from text, as the command line does: "true" and digits become what the key needs, lists grow
 * by one, `global_rooms` takes a name. `flag` is for the messages ("--listen"). WZP_ECONFIG: see `problems`.
 */
WZP_MUST_USE enum wzp_err wzp_relay_config_set(struct wzp_relay_config *config, const char *key,
                                               const char *value, const char *flag,
                                               struct wzp_problems *problems);

/** Warns of what is set but has no effect (yet). Call once everything is read and set. */
void wzp_relay_config_warn(const struct wzp_relay_config *config, struct wzp_problems *problems);

/**
 * Writes a commented example to `path`, which must not exist yet, with lines that other relays can paste:
 * `address` ("203.0.113.7:4433", what others would dial) and `fingerprint` (95 characters).
 * WZP_EEXIST, WZP_EIO.
 */
WZP_MUST_USE enum wzp_err wzp_relay_config_write_example(const char *path, const char *address,
                                                         const char *fingerprint);
