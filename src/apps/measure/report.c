/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "audio/codec.h"
#include "base/attr.h"

/* A window is silent below a quarter of the recording's level, as the interop checks have it, and in any case
 * below what comfort noise has. */
#define SILENCE_SHARE 0.25
#define SILENCE_RMS   100.0

enum { EDGE_SAMPLES = WZP_CODEC_SAMPLE_HZ / 10 }; /* codecs take so long to settle */

static double seconds(size_t n_samples)
{
    return (double)n_samples / WZP_CODEC_SAMPLE_HZ;
}

static struct wzp_measure_tone measure_tone(const struct wzp_report *report, const int16_t *samples,
                                            double hz)
{
    size_t first = report->gaps.first;
    size_t end = report->gaps.end;
    if (end > first + 4 * EDGE_SAMPLES) {
        first += EDGE_SAMPLES;
        end -= EDGE_SAMPLES;
    }
    return wzp_measure_tone(samples + first, end > first ? end - first : 0, hz);
}

struct wzp_report wzp_report_of(const int16_t *samples, size_t n, const double *tones_hz, size_t n_tones)
{
    struct wzp_report report = {
        .n_samples = n,
        .level = wzp_level_of(samples, n),
        .dominant_hz = wzp_measure_dominant_hz(samples, n),
        .n_tones = n_tones > 0 ? n_tones : 1,
    };
    double silence_rms = report.level.rms * SILENCE_SHARE;
    report.gaps = wzp_measure_gaps(samples, n, silence_rms > SILENCE_RMS ? silence_rms : SILENCE_RMS);
    for (size_t i = 0; i < report.n_tones; i++) {
        double hz = n_tones > 0 ? tones_hz[i] : report.dominant_hz;
        report.tones[i] = (struct wzp_report_tone){.hz = hz, .measure = measure_tone(&report, samples, hz)};
    }
    return report;
}

void wzp_report_print(const struct wzp_report *report, FILE *stream)
{
    const struct wzp_measure_gaps *gaps = &report->gaps;
    size_t sound = gaps->end > gaps->first ? gaps->end - gaps->first : 0;
    fprintf(stream, "duration   %.3f s (sound %.3f s, from %.3f s on)\n", seconds(report->n_samples),
            seconds(sound), sound > 0 ? seconds(gaps->first) : 0);
    fprintf(stream, "level      RMS %.1f (%.2f dBov), peak %u\n", report->level.rms, report->level.dbov,
            (unsigned)report->level.peak);
    fprintf(stream, "dominant   %.2f Hz\n", report->dominant_hz);
    for (size_t i = 0; i < report->n_tones; i++) {
        const struct wzp_report_tone *tone = &report->tones[i];
        fprintf(stream, "%-10.2f RMS %.1f (%.2f dBov), SNR %.1f dB\n", tone->hz, tone->measure.rms,
                wzp_level_dbov(tone->measure.rms), tone->measure.snr_db);
    }
    fprintf(stream, "gaps       %zu (%zu silent windows of 10 ms, longest %.0f ms)\n", gaps->n_gaps,
            gaps->n_silent, 1000 * seconds(gaps->longest_samples));
}

void wzp_report_print_json(const struct wzp_report *report, FILE *stream)
{
    const struct wzp_measure_gaps *gaps = &report->gaps;
    size_t sound = gaps->end > gaps->first ? gaps->end - gaps->first : 0;
    fprintf(stream, "{\"samples\":%zu,\"duration_s\":%.6f,\"sound_s\":%.6f,\"sound_from_s\":%.6f",
            report->n_samples, seconds(report->n_samples), seconds(sound),
            sound > 0 ? seconds(gaps->first) : 0);
    fprintf(stream, ",\"rms\":%.2f,\"dbov\":%.3f,\"peak\":%u,\"dominant_hz\":%.3f", report->level.rms,
            report->level.dbov, (unsigned)report->level.peak, report->dominant_hz);
    fprintf(stream, ",\"gaps\":%zu,\"silent_windows\":%zu,\"longest_gap_ms\":%.0f,\"tones\":[", gaps->n_gaps,
            gaps->n_silent, 1000 * seconds(gaps->longest_samples));
    for (size_t i = 0; i < report->n_tones; i++) {
        const struct wzp_report_tone *tone = &report->tones[i];
        fprintf(stream, "%s{\"hz\":%.3f,\"rms\":%.2f,\"dbov\":%.3f,\"snr_db\":%.2f}", i > 0 ? "," : "",
                tone->hz, tone->measure.rms, wzp_level_dbov(tone->measure.rms), tone->measure.snr_db);
    }
    fputs("]}\n", stream);
}
