/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says about this process: proc(5). What can't be read stays as it was. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "relay/metrics.h"

static void sample_memory(struct wzp_metrics *metrics)
{
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) {
        return;
    }
    unsigned long total = 0;
    unsigned long resident = 0;
    if (fscanf(file, "%lu %lu", &total, &resident) == 2) {
        *wzp_metrics_gauge(metrics, WZP_METRIC_PROCESS_RESIDENT_BYTES, NULL, NULL) =
            (double)resident * (double)sysconf(_SC_PAGESIZE);
    }
    wzp_ignore(fclose(file));
}

static void sample_processor(struct wzp_metrics *metrics)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return;
    }
    *wzp_metrics_gauge(metrics, WZP_METRIC_PROCESS_CPU_SECONDS, NULL, NULL) =
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void sample_files(struct wzp_metrics *metrics)
{
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) {
        return;
    }
    unsigned n = 0;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        n += entry->d_name[0] != '.';
    }
    wzp_ignore(closedir(folder));
    *wzp_metrics_gauge(metrics, WZP_METRIC_PROCESS_OPEN_FDS, NULL, NULL) = n - 1; /* not our own look */
}

/** Boot time of the machine, in seconds since the epoch; 0 where it can't be read. */
static double boot_time(void)
{
    FILE *file = fopen("/proc/stat", "re");
    if (!file) {
        return 0;
    }
    char line[256];
    unsigned long long seconds = 0;
    while (seconds == 0 && fgets(line, sizeof line, file)) {
        wzp_ignore(sscanf(line, "btime %llu", &seconds));
    }
    wzp_ignore(fclose(file));
    return (double)seconds;
}

/** Field 22 of /proc/self/stat, counted behind the name, which may hold spaces. */
static void sample_start(struct wzp_metrics *metrics)
{
    double *start = wzp_metrics_gauge(metrics, WZP_METRIC_PROCESS_START_TIME, NULL, NULL);
    FILE *file = *start > 0 ? NULL : fopen("/proc/self/stat", "re");
    if (!file) {
        return;
    }
    char line[1024];
    size_t size = fread(line, 1, sizeof line - 1, file);
    line[size] = '\0';
    wzp_ignore(fclose(file));
    const char *behind_name = strrchr(line, ')');
    unsigned long long ticks = 0;
    double boot = boot_time();
    if (behind_name && boot > 0 &&
        sscanf(behind_name + 1,
               "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
               &ticks) == 1) {
        *start = boot + (double)ticks / (double)sysconf(_SC_CLK_TCK);
    }
}

void wzp_metrics_process_sample(struct wzp_metrics *metrics)
{
    sample_memory(metrics);
    sample_processor(metrics);
    sample_files(metrics);
    sample_start(metrics);
}
