/* SPDX-License-Identifier: Apache-2.0 */
/* Prints every family with a series, for promtool to look at. */
#include <math.h>
#include <stdio.h>

#include "relay/metrics.h"
#include "relay/metrics_table.h"

static void fill(struct wzp_metrics *metrics)
{
    for (enum wzp_metric metric = 0; metric < WZP_METRIC_N; metric++) {
        switch (wzp_metrics_table[metric].type) {
        case WZP_METRIC_COUNTER:
            *wzp_metrics_counter(metrics, metric, "a \"quoted\" \\ value", "b") = UINT64_MAX;
            break;
        case WZP_METRIC_GAUGE:
        case WZP_METRIC_FRACTIONS:
            *wzp_metrics_gauge(metrics, metric, "gr\xc3\xbc\xc3\x9f", "") = 0.1;
            break;
        case WZP_METRIC_HISTOGRAM:
            wzp_histogram_observe(wzp_metrics_histogram(metrics, metric), 0.02);
            break;
        }
    }
    *wzp_metrics_gauge(metrics, WZP_METRIC_PEER_RTT_MS, "nan", NULL) = (double)NAN;
    *wzp_metrics_gauge(metrics, WZP_METRIC_PEER_RTT_MS, "infinite", NULL) = -(double)INFINITY;
    wzp_metrics_process_sample(metrics);
}

int main(void)
{
    struct wzp_metrics *metrics = NULL;
    if (wzp_metrics_new(&metrics) != WZP_OK) {
        return 1;
    }
    fill(metrics);
    struct wzp_buffer text;
    wzp_buffer_init(&text, 1 << 20);
    wzp_metrics_render(metrics, &text);
    int status = text.err == WZP_OK && fputs(text.text, stdout) >= 0 ? 0 : 1;
    wzp_buffer_deinit(&text);
    wzp_metrics_free(metrics);
    return status;
}
