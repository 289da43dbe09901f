/* SPDX-License-Identifier: Apache-2.0 */
#include <wzp/error.h>

const char *wzp_err_text(enum wzp_err err)
{
    switch (err) {
    case WZP_OK:
        return "ok";
    case WZP_ENOMEM:
        return "out of memory";
    case WZP_EINVAL:
        return "invalid argument";
    case WZP_EMALFORMED:
        return "malformed input";
    case WZP_EAGAIN:
        return "try again later";
    case WZP_ELIMIT:
        return "limit reached";
    case WZP_ENOTFOUND:
        return "not found";
    case WZP_EEXIST:
        return "already there";
    case WZP_EIO:
        return "input or output failed";
    case WZP_ENET:
        return "network failure";
    case WZP_ETLS:
        return "TLS handshake failed";
    case WZP_EAUTH:
        return "not authorised";
    case WZP_ETIMEOUT:
        return "timed out";
    case WZP_ECLOSED:
        return "closed";
    case WZP_ECODEC:
        return "codec failure";
    case WZP_ECONFIG:
        return "bad configuration";
    case WZP_EUNSUPPORTED:
        return "not supported";
    }
    return "unknown error";
}
