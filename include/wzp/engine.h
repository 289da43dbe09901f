/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client: joins a room on a relay, sends audio from a source and records what the others say.
 *
 *     wzp_engine_new(&config, &engine);
 *     while (wzp_engine_next(engine, &event) == WZP_OK) { ... }
 *     wzp_engine_free(engine);
 *
 * An engine is one call. It does its work inside wzp_engine_next, on the thread that calls it; only
 * wzp_engine_hangup may be called from others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>
#include <wzp/event.h>

/** An identity is derived from so many random bytes. */
#define WZP_ENGINE_SEED_BYTES 32

/** What is sent. Without one the engine only listens. */
enum wzp_engine_source {
    WZP_SOURCE_NONE,
    WZP_SOURCE_SILENCE, /* coded silence, not suppressed */
    WZP_SOURCE_TONE,    /* a sine of amplitude 16,000 */
    WZP_SOURCE_FILE,    /* by the end of its name: .wav, .opus, .flac, else raw s16le at 48 kHz, mono */
};

/**
 * What a call is to be. Text is UTF-8, copied by wzp_engine_new; NULL and 0 take the default in brackets.
 * Start from `= {.config_bytes = sizeof(struct wzp_engine_config)}`.
 */
struct wzp_engine_config {
    size_t config_bytes;           /* of this struct as the caller knows it: it may grow at its end */
    const char *relay;             /* "host:port", "ip:port", "[ip6]:port" [127.0.0.1:4433] */
    const char *room;              /* [default] */
    bool hash_room;                /* tells the relay the room's hash only, whatever its name */
    const uint8_t *seed;           /* WZP_ENGINE_SEED_BYTES of identity [random, for this call only] */
    const char *alias;             /* shown to others, 64 bytes [none] */
    const char *token;             /* for relays that ask for one [none] */
    const char *profile;           /* "good", "studio-64k" and so on, docs/protocol.md, "Profiles" [good] */
    const char *relay_fingerprint; /* 64 hex digits, colons or not: only this relay [any, see below] */
    const char *known_relays;      /* file of fingerprints seen before: changed ones are refused [no file] */

    enum wzp_engine_source source;
    uint32_t source_ms;      /* length of tone and silence [5000] */
    uint32_t tone_hz;        /* [440] */
    const char *source_file; /* of WZP_SOURCE_FILE */
    const char *record_file; /* s16le, .wav, .flac or .opus by the end of its name [no recording] */
    uint32_t linger_ms;      /* stays after the source has ended [0: leaves at once] */
    uint32_t limit_ms;       /* leaves that long after joining, whatever is still to be sent [never] */
    uint32_t playout_ms;     /* how long received audio waits for its late and lost neighbours [1000] */

    bool hangs_up_on_signals; /* SIGINT and SIGTERM do what wzp_engine_hangup does */
    bool verbose;             /* log lines about states and signals, to stderr */
};

/** Figures of a call so far. Frames are those of the codec in use, 20 or 40 ms. */
struct wzp_engine_stats {
    size_t stats_bytes; /* set by the caller to the size that it knows */
    uint64_t frames_sent, repairs_sent, bytes_sent;
    uint64_t frames_received; /* source packets, duplicates and late ones not counted */
    uint64_t repairs_received;
    uint64_t comfort_received; /* comfort-noise packets */
    uint64_t frames_played;    /* decoded from a packet of their own */
    uint64_t frames_concealed; /* made up, for whatever reason */
    uint64_t frames_lost;      /* never came */
    uint64_t frames_late;      /* came after their turn */
    uint64_t duplicates;
    uint64_t malformed;   /* datagrams that are no media packet */
    uint64_t undecodable; /* packets that their codec refused */
    uint64_t signals_received, signals_ignored, signals_malformed;
    uint64_t streams;           /* speakers heard so far */
    double loss_pct;            /* of the last second */
    double rtt_ms, jitter_ms;   /* jitter: of the speaker heard last, RFC 3550 section 6.4.1 */
    uint64_t packets_lost;      /* QUIC packets that we sent and the relay did not get */
    uint64_t datagrams_dropped; /* held back too long by congestion control */
    uint64_t buffered_ms;       /* audio waiting in the jitter buffers now */
    uint64_t recorded_ms;
    uint64_t call_ms;         /* since joining */
    size_t participants;      /* in the room now, with ourselves */
    size_t participants_most; /* at a time during the call */
    double record_peak;       /* largest sample recorded, 0 to 1 */
};

/** Somebody in the room, as the relay tells it. Text is cleaned of control characters. */
struct wzp_engine_participant {
    char fingerprint[96];
    char alias[65];       /* "" for none */
    char relay_label[65]; /* "" on our own relay */
    uint16_t stream;      /* 0: unknown */
    bool muted;
};

struct wzp_engine;

/**
 * Checks `config`, opens the files, and gets ready; the call begins with the first wzp_engine_next.
 *
 * WZP_EINVAL, WZP_ENOTFOUND, WZP_EIO, WZP_EUNSUPPORTED: `out_message` says what is wrong, for people.
 */
enum wzp_err wzp_engine_new(const struct wzp_engine_config *config, char out_message[WZP_EVENT_MESSAGE_BYTES],
                            struct wzp_engine **out_engine);

/** Hangs up without a good-bye where the call still runs; closes the recording. Takes NULL. */
void wzp_engine_free(struct wzp_engine *engine);

/** Waits for the next event and takes it. WZP_ECLOSED: WZP_EVENT_ENDED has been taken. */
enum wzp_err wzp_engine_next(struct wzp_engine *engine, struct wzp_event *out_event);

/** Ends the call properly: good-bye, recording saved, connection closed. From any thread, also from a signal
 * handler; a second time ends it without waiting for the relay. */
void wzp_engine_hangup(struct wzp_engine *engine);

/** Figures as of now; complete after WZP_EVENT_ENDED. */
void wzp_engine_stats(const struct wzp_engine *engine, struct wzp_engine_stats *out_stats);

/** The `i`-th of the room's participants. WZP_ENOTFOUND: there are not so many. */
enum wzp_err wzp_engine_participant(const struct wzp_engine *engine, size_t i,
                                    struct wzp_engine_participant *out_participant);
