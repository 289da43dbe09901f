/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One spelling over ngtcp2 0.12 (Debian 12) and 1.x (Debian 13): that of 1.x where it can be had. The only
 * file that looks at the version; everything else includes this instead of ngtcp2's own headers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#if NGTCP2_VERSION_NUM < 0x010000

typedef ngtcp2_crypto_level ngtcp2_encryption_level;
#define NGTCP2_ENCRYPTION_LEVEL_INITIAL NGTCP2_CRYPTO_LEVEL_INITIAL
#define NGTCP2_ENCRYPTION_LEVEL_1RTT    NGTCP2_CRYPTO_LEVEL_APPLICATION

typedef ngtcp2_connection_close_error ngtcp2_ccerr;
#define NGTCP2_CCERR_TYPE_TRANSPORT        NGTCP2_CONNECTION_CLOSE_ERROR_CODE_TYPE_TRANSPORT
#define NGTCP2_CCERR_TYPE_APPLICATION      NGTCP2_CONNECTION_CLOSE_ERROR_CODE_TYPE_APPLICATION
#define ngtcp2_ccerr_set_liberr            ngtcp2_connection_close_error_set_transport_error_liberr
#define ngtcp2_ccerr_set_tls_alert         ngtcp2_connection_close_error_set_transport_error_tls_alert
#define ngtcp2_ccerr_set_application_error ngtcp2_connection_close_error_set_application_error

#define ngtcp2_conn_decode_and_set_remote_transport_params ngtcp2_conn_decode_remote_transport_params

typedef ngtcp2_conn_stat wzp_compat_conn_info;
typedef int wzp_compat_cid_status;

static inline void wzp_compat_conn_info_get(ngtcp2_conn *conn, wzp_compat_conn_info *out_info)
{
    ngtcp2_conn_get_conn_stat(conn, out_info);
}

static inline ngtcp2_ccerr wzp_compat_ccerr(ngtcp2_conn *conn)
{
    ngtcp2_ccerr ccerr;
    ngtcp2_conn_get_connection_close_error(conn, &ccerr);
    return ccerr;
}

static inline int wzp_compat_shutdown_stream(ngtcp2_conn *conn, int64_t stream_id)
{
    return ngtcp2_conn_shutdown_stream(conn, stream_id, 0);
}

static inline int wzp_compat_shutdown_stream_read(ngtcp2_conn *conn, int64_t stream_id)
{
    return ngtcp2_conn_shutdown_stream_read(conn, stream_id, 0);
}

static inline int wzp_compat_shutdown_stream_write(ngtcp2_conn *conn, int64_t stream_id)
{
    return ngtcp2_conn_shutdown_stream_write(conn, stream_id, 0);
}

static inline ngtcp2_vec wzp_compat_hd_token(const ngtcp2_pkt_hd *hd)
{
    return hd->token;
}

static inline void wzp_compat_set_retry_token(ngtcp2_settings *settings, ngtcp2_vec token)
{
    settings->token = token;
}

static inline void wzp_compat_set_original_dcid(ngtcp2_transport_params *params, const ngtcp2_cid *dcid)
{
    params->original_dcid = *dcid;
}

static inline void wzp_compat_set_qlog(ngtcp2_settings *settings, ngtcp2_qlog_write write,
                                       const ngtcp2_cid *odcid)
{
    settings->qlog.write = write;
    settings->qlog.odcid = *odcid;
}

/*
 * Congestion control must not silence voice: one lost packet in a hundred on a path of 100 ms would hold back
 * three datagrams of four. Both initial window and floor of the congestion window are multiples of the
 * largest payload that ngtcp2 thinks it may send (twice that), so it is told much more than there is.
 *
 * 0.12 takes the multiples of the setting, and shapes real packets by the path MTU that it probes for. 1.x
 * takes them of the shaped size, unless shaping is off; then the size of a packet is ours to choose, and what
 * probes find can't be asked for: packets stay at the 1,200 bytes that every path carries.
 */
static inline void wzp_compat_disarm_congestion(ngtcp2_settings *settings, size_t half_window)
{
    settings->max_tx_udp_payload_size = half_window;
}

/** The UDP payload that the path is known to carry. */
static inline size_t wzp_compat_mtu(ngtcp2_conn *conn)
{
    return ngtcp2_conn_get_path_max_tx_udp_payload_size(conn);
}

/** The space to offer for a packet, `size` being what there is: all of it, where ngtcp2 keeps to the MTU. */
static inline size_t wzp_compat_packet_space(size_t size)
{
    return size;
}

/** The parameters of an ngtcp2_path_validation callback. */
#define WZP_COMPAT_PATH_VALIDATION_ARGS                                                                      \
    ngtcp2_conn *ng, uint32_t flags, const ngtcp2_path *path, ngtcp2_path_validation_result result, void *user

#else

typedef ngtcp2_conn_info wzp_compat_conn_info;
typedef ngtcp2_connection_id_status_type wzp_compat_cid_status;

static inline void wzp_compat_conn_info_get(ngtcp2_conn *conn, wzp_compat_conn_info *out_info)
{
    ngtcp2_conn_get_conn_info(conn, out_info);
}

static inline ngtcp2_ccerr wzp_compat_ccerr(ngtcp2_conn *conn)
{
    return *ngtcp2_conn_get_ccerr(conn);
}

static inline int wzp_compat_shutdown_stream(ngtcp2_conn *conn, int64_t stream_id)
{
    return ngtcp2_conn_shutdown_stream(conn, 0, stream_id, 0);
}

static inline int wzp_compat_shutdown_stream_read(ngtcp2_conn *conn, int64_t stream_id)
{
    return ngtcp2_conn_shutdown_stream_read(conn, 0, stream_id, 0);
}

static inline int wzp_compat_shutdown_stream_write(ngtcp2_conn *conn, int64_t stream_id)
{
    return ngtcp2_conn_shutdown_stream_write(conn, 0, stream_id, 0);
}

static inline ngtcp2_vec wzp_compat_hd_token(const ngtcp2_pkt_hd *hd)
{
    return (ngtcp2_vec){(uint8_t *)hd->token, hd->tokenlen};
}

static inline void wzp_compat_set_retry_token(ngtcp2_settings *settings, ngtcp2_vec token)
{
    settings->token = token.base;
    settings->tokenlen = token.len;
    settings->token_type = NGTCP2_TOKEN_TYPE_RETRY;
}

static inline void wzp_compat_set_original_dcid(ngtcp2_transport_params *params, const ngtcp2_cid *dcid)
{
    params->original_dcid = *dcid;
    params->original_dcid_present = 1;
}

static inline void wzp_compat_set_qlog(ngtcp2_settings *settings, ngtcp2_qlog_write write,
                                       const ngtcp2_cid *odcid)
{
    (void)odcid;
    settings->qlog_write = write;
}

static inline void wzp_compat_disarm_congestion(ngtcp2_settings *settings, size_t half_window)
{
    settings->max_tx_udp_payload_size = half_window;
    settings->no_tx_udp_payload_size_shaping = 1;
    settings->no_pmtud = 1;
}

static inline size_t wzp_compat_mtu(ngtcp2_conn *conn)
{
    (void)conn;
    return NGTCP2_MAX_UDP_PAYLOAD_SIZE;
}

static inline size_t wzp_compat_packet_space(size_t size)
{
    return size < NGTCP2_MAX_UDP_PAYLOAD_SIZE ? size : NGTCP2_MAX_UDP_PAYLOAD_SIZE;
}

#define WZP_COMPAT_PATH_VALIDATION_ARGS                                                                      \
    ngtcp2_conn *ng, uint32_t flags, const ngtcp2_path *path, const ngtcp2_path *old_path,                   \
        ngtcp2_path_validation_result result, void *user

#endif
