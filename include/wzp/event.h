/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine tells its owner: states, the relay, the room, figures, the end. Pulled with
 * wzp_engine_next. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

/** An IP address with its port, or a host name, and a NUL. */
#define WZP_EVENT_ADDRESS_BYTES 80
/** A SHA-256 as 32 pairs of hex digits joined by ':', and a NUL. */
#define WZP_EVENT_FINGERPRINT_BYTES 96
/** The longest message for people, with its NUL. */
#define WZP_EVENT_MESSAGE_BYTES 512

/** Where a call stands; it only moves downwards in this list. */
enum wzp_call_state {
    WZP_CALL_IDLE,
    WZP_CALL_RESOLVING,  /* the relay's name */
    WZP_CALL_CONNECTING, /* the QUIC handshake */
    WZP_CALL_OFFERING,   /* waits for the relay's signed answer */
    WZP_CALL_ACTIVE,     /* audio flows */
    WZP_CALL_LEAVING,    /* said good-bye, waits until everything sent has arrived */
    WZP_CALL_CLOSING,    /* waits for the connection to be gone */
    WZP_CALL_ENDED,
};

/** Why the relay's certificate is accepted. */
enum wzp_relay_trust {
    WZP_RELAY_PINNED,    /* it is the fingerprint that the caller gave */
    WZP_RELAY_KNOWN,     /* the same as before, by the known-relays file */
    WZP_RELAY_FIRST_USE, /* new, and now in the known-relays file */
    WZP_RELAY_UNCHECKED, /* no file, or a relay on this very machine */
};

enum wzp_event_kind {
    WZP_EVENT_STATE,        /* `state` */
    WZP_EVENT_RELAY,        /* `relay`: its certificate is accepted */
    WZP_EVENT_JOINED,       /* `joined`: the relay's answer is good */
    WZP_EVENT_ROOM,         /* `room`: who is here has changed; wzp_engine_participant tells who */
    WZP_EVENT_SENT,         /* the tone, file or silence has been sent to its end */
    WZP_EVENT_SECOND,       /* once a second of a call: wzp_engine_stats has new figures */
    WZP_EVENT_RELAY_LEAVES, /* `message`: the relay says that it goes away */
    WZP_EVENT_WARNING,      /* `message`: the call goes on */
    WZP_EVENT_ENDED,        /* `ended`, `message`: the last event */
};

/** One event, a value. Only the members named beside its kind are set. */
struct wzp_event {
    enum wzp_event_kind kind;
    union {
        enum wzp_call_state state;
        struct {
            char address[WZP_EVENT_ADDRESS_BYTES]; /* IP and port in use */
            char fingerprint[WZP_EVENT_FINGERPRINT_BYTES];
            enum wzp_relay_trust trust;
        } relay;
        struct {
            uint32_t generation;                   /* 1 or 2 */
            char relay_label[65], relay_build[65]; /* "" where the relay told none */
        } joined;
        struct {
            size_t n_participants; /* with ourselves */
        } room;
        struct {
            enum wzp_err err; /* WZP_OK: as we wished */
        } ended;
    };
    char message[WZP_EVENT_MESSAGE_BYTES];
};
