/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/report.h"

#include <stdlib.h>
#include <string.h>

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

void wzp_report_text(const struct wzp_result *result, FILE *stream)
{
    const struct wzp_costs *c = &result->costs;
    fprintf(stream, "wzp-sim %s\n", result->command);
    fprintf(stream, "  %zu relays, %zu links, %llu rounds, %.0f s in %.1f s, %llu events\n", result->relays,
            result->links, (unsigned long long)c->rounds, result->virtual_seconds, result->wall_seconds,
            (unsigned long long)c->events);
    fprintf(stream,
            "  one change: %.1f announcements (%.2f a link, at most %llu one way on one), %.2f prunes\n",
            ratio((double)c->change_signals, (double)c->changes),
            ratio((double)c->change_signals, (double)c->changes * (double)result->links),
            (unsigned long long)c->change_worst, ratio((double)c->change_prunes, (double)c->changes));
    fprintf(stream, "  convergence of a change: %.0f ms, at most %.0f ms\n",
            ratio(c->convergence_ms_sum, (double)c->changes), c->convergence_ms_max);
    fprintf(stream, "  speech after a lost link was noticed: %.0f ms, at most %.0f ms (%llu times)\n",
            ratio(c->heal_ms_sum, (double)c->heals), c->heal_ms_max, (unsigned long long)c->heals);
    fprintf(stream, "  stretch: %.3f, at most %.2f\n", ratio(c->stretch_sum, (double)c->stretches),
            c->stretch_max);
    fprintf(stream,
            "  datagrams on links: %llu, dropped as duplicate or from the wrong link: %.4f %%; steady: "
            "%llu of %llu\n",
            (unsigned long long)c->datagrams,
            100 * ratio((double)(c->duplicates + c->not_upstream), (double)c->datagrams),
            (unsigned long long)c->steady_dropped, (unsigned long long)c->steady);
    fprintf(stream, "  signals in all: %llu announcements, %llu prunes and grafts; heard: %llu packets\n",
            (unsigned long long)c->signals, (unsigned long long)c->prunes, (unsigned long long)c->heard);
    fprintf(stream, "  memory: %.1f KiB a relay\n",
            ratio((double)c->memory_bytes, (double)result->relays) / 1024);
    if (result->is_broken) {
        fprintf(stream, "BROKEN %s\n  again: wzp-sim %s\n", result->why, result->command);
    } else {
        fprintf(stream, "all promises held\n");
    }
}

static void write_json_text(const char *text, FILE *stream)
{
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', stream);
        }
        fputc(*text, stream);
    }
    fputc('"', stream);
}

void wzp_report_json(const struct wzp_result *result, FILE *stream)
{
    const struct wzp_costs *c = &result->costs;
    fputs("{\"command\":", stream);
    write_json_text(result->command, stream);
    fprintf(stream,
            ",\"relays\":%zu,\"links\":%zu,\"rounds\":%llu,\"virtual_seconds\":%.3f,\"wall_seconds\":%.3f",
            result->relays, result->links, (unsigned long long)c->rounds, result->virtual_seconds,
            result->wall_seconds);
    fprintf(stream, ",\"changes\":%llu,\"signals_per_change\":%.3f,\"worst_signals_one_way\":%llu",
            (unsigned long long)c->changes, ratio((double)c->change_signals, (double)c->changes),
            (unsigned long long)c->change_worst);
    fprintf(stream, ",\"prunes_per_change\":%.3f,\"convergence_ms\":%.3f,\"convergence_max_ms\":%.3f",
            ratio((double)c->change_prunes, (double)c->changes),
            ratio(c->convergence_ms_sum, (double)c->changes), c->convergence_ms_max);
    fprintf(stream,
            ",\"heals\":%llu,\"heal_ms\":%.3f,\"heal_max_ms\":%.3f,\"stretch\":%.4f,\"stretch_max\":%.4f",
            (unsigned long long)c->heals, ratio(c->heal_ms_sum, (double)c->heals), c->heal_ms_max,
            ratio(c->stretch_sum, (double)c->stretches), c->stretch_max);
    fprintf(stream, ",\"datagrams\":%llu,\"duplicates\":%llu,\"not_upstream\":%llu,\"steady\":%llu",
            (unsigned long long)c->datagrams, (unsigned long long)c->duplicates,
            (unsigned long long)c->not_upstream, (unsigned long long)c->steady);
    fprintf(stream,
            ",\"steady_dropped\":%llu,\"signals\":%llu,\"prunes\":%llu,\"memory_bytes_per_relay\":%.0f",
            (unsigned long long)c->steady_dropped, (unsigned long long)c->signals,
            (unsigned long long)c->prunes, ratio((double)c->memory_bytes, (double)result->relays));
    fprintf(stream, ",\"ok\":%s", result->is_broken ? "false" : "true");
    if (result->is_broken) {
        fputs(",\"why\":", stream);
        write_json_text(result->why, stream);
    }
    fputs("}\n", stream);
}

static const char plot_script[] =
    "set terminal pngcairo size 1000,800\n"
    "set multiplot layout 2,1\n"
    "set grid\n"
    "set xlabel (many ? 'relays' : 'change')\n"
    "set ylabel 'ms until every list is right'\n"
    "plot $points using (many ? $1 : $0):3 with points pt 7 ps 0.6 title 'convergence of one change'\n"
    "set ylabel 'announcements'\n"
    "plot $points using (many ? $1 : $0):2 with points pt 7 ps 0.6 title 'signals for one change'\n"
    "unset multiplot\n";

enum wzp_err wzp_report_plot(const struct wzp_point *points, size_t n, const char *path)
{
    bool is_many = false;
    FILE *gnuplot = popen("gnuplot", "w"); /* NOLINT(cert-env33-c): a fixed word */
    if (!gnuplot) {
        return WZP_EIO;
    }
    fputs("$points << EOD\n", gnuplot);
    for (size_t i = 0; i < n; i++) {
        is_many = is_many || points[i].relays != points[0].relays;
        fprintf(gnuplot, "%g %g %g\n", points[i].relays, points[i].signals, points[i].convergence_ms);
    }
    fprintf(gnuplot, "EOD\nmany = %d\nset output '", is_many);
    for (const char *at = path; *at; at++) {
        fputs(*at == '\'' ? "''" : (const char[]){*at, '\0'}, gnuplot);
    }
    fprintf(gnuplot, "'\n%s", plot_script);
    return pclose(gnuplot) == 0 ? WZP_OK : WZP_EIO;
}
