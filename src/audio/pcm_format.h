/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of audio file a name means. */
#pragma once

/** The longest complaint of a reader or writer, with its NUL; a long path is cut. */
#define WZP_PCM_MESSAGE_BYTES 512

enum wzp_pcm_format {
    WZP_PCM_RAW, /* s16le, 48 kHz, mono, no header */
    WZP_PCM_WAV,
    WZP_PCM_FLAC,
    WZP_PCM_OGG_OPUS,
};

/** By the end of `path`, in any case of letters; RAW where it says nothing. */
enum wzp_pcm_format wzp_pcm_format_of(const char *path);

/** The format's number in libsndfile; 0 for RAW. */
int wzp_pcm_format_sndfile(enum wzp_pcm_format format);
