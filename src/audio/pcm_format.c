/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/pcm_format.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <sndfile.h>

#include "base/attr.h"

static const struct {
    const char *ending;
    enum wzp_pcm_format format;
} endings[] = {
    {".wav", WZP_PCM_WAV},
    {".flac", WZP_PCM_FLAC},
    {".opus", WZP_PCM_OGG_OPUS},
    {".ogg", WZP_PCM_OGG_OPUS},
};

enum wzp_pcm_format wzp_pcm_format_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < wzp_count(endings); i++) {
        if (strcasecmp(dot, endings[i].ending) == 0) {
            return endings[i].format;
        }
    }
    return WZP_PCM_RAW;
}

int wzp_pcm_format_sndfile(enum wzp_pcm_format format)
{
    switch (format) {
    case WZP_PCM_RAW:
        return 0;
    case WZP_PCM_WAV:
        return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    case WZP_PCM_FLAC:
        return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    case WZP_PCM_OGG_OPUS:
        return SF_FORMAT_OGG | SF_FORMAT_OPUS;
    }
    return 0;
}
