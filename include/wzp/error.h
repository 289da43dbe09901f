/* SPDX-License-Identifier: Apache-2.0 */
/* What can go wrong, as one enumeration used by every floor and by the library's callers. */
#pragma once

/** 0 is success; every failure is one negative number. */
enum wzp_err {
    WZP_OK = 0,
    WZP_ENOMEM = -1,       /* no memory */
    WZP_EINVAL = -2,       /* an argument of the caller's is out of range */
    WZP_EMALFORMED = -3,   /* bytes from a peer or a file do not read */
    WZP_EAGAIN = -4,       /* not now: a queue is full or nothing is there yet; try later */
    WZP_ELIMIT = -5,       /* a named limit is reached */
    WZP_ENOTFOUND = -6,    /* no such thing */
    WZP_EEXIST = -7,       /* it is there already */
    WZP_EIO = -8,          /* a file or device failed */
    WZP_ENET = -9,         /* a socket, name or route failed */
    WZP_ETLS = -10,        /* the TLS handshake failed */
    WZP_EAUTH = -11,       /* a signature, fingerprint or token was not accepted */
    WZP_ETIMEOUT = -12,    /* a deadline passed */
    WZP_ECLOSED = -13,     /* the connection or object is closed */
    WZP_ECODEC = -14,      /* an audio codec failed */
    WZP_ECONFIG = -15,     /* a configuration is wrong */
    WZP_EUNSUPPORTED = -16 /* known, but not available in this build or state */
};

/** A short lower-case phrase for `err`, static; for numbers outside the enumeration "unknown error". */
const char *wzp_err_text(enum wzp_err err);
