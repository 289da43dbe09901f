/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/impair/settings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "apps/impair/units.h"

#define DEFAULT_QUEUE      50
#define DEFAULT_REORDER_BY (25 * WZP_MS) /* more than a frame of speech */
#define VALUE_BYTES        128

typedef enum wzp_err (*read_fn)(struct wzp_model_settings *settings, const char *value);

const struct wzp_settings_name wzp_settings_names[] = {
    {"loss", "5%", "lose that share of the packets"},
    {"gilbert", "1%,30%,0,1",
     "lose in bursts: chance to enter the bad state, to leave it,\nloss in the good state (0), in the bad "
     "one (1)"},
    {"delay", "50ms", "hold each packet for so long"},
    {"jitter", "10ms", "vary the delay by up to so much either way; keeps the order"},
    {"reorder", "2%", "hold that share for longer, so that others overtake it"},
    {"reorder-by", "25ms", "how much longer"},
    {"duplicate", "1%", "send that share twice"},
    {"rate", "100kbit", "a slow link, with a queue before it"},
    {"queue", "50", "packets in that queue; more are dropped"},
    {"mtu", "1280", "drop packets with a larger UDP payload (bytes)"},
    {"cut", "3s+10s", "let nothing pass from 3 s on for 10 s; may be given again"},
    {NULL, NULL, NULL},
};

static enum wzp_err read_loss(struct wzp_model_settings *settings, const char *value)
{
    return wzp_units_read_share(value, &settings->loss);
}

static enum wzp_err read_gilbert(struct wzp_model_settings *settings, const char *value)
{
    double shares[4] = {0, 0, 0, 1};
    char text[VALUE_BYTES];
    char *at = text;
    size_t n = 0;
    if (strlen(value) >= sizeof text) {
        return WZP_EMALFORMED;
    }
    memcpy(text, value, strlen(value) + 1);
    for (char *part = strsep(&at, ","); part; part = strsep(&at, ",")) {
        if (n == wzp_count(shares) || wzp_units_read_share(part + strspn(part, " "), &shares[n]) != WZP_OK) {
            return WZP_EMALFORMED;
        }
        n++;
    }
    if (n < 2) {
        return WZP_EMALFORMED;
    }
    settings->gilbert = (struct wzp_model_gilbert){
        .enter = shares[0], .leave = shares[1], .good = shares[2], .bad = shares[3]};
    return WZP_OK;
}

static enum wzp_err read_hold(const char *value, wzp_us *out_duration)
{
    wzp_us duration = 0;
    enum wzp_err err = wzp_units_read_duration(value, &duration);
    if (err != WZP_OK || duration > WZP_MODEL_MAX_DELAY) {
        return WZP_EMALFORMED;
    }
    *out_duration = duration;
    return WZP_OK;
}

static enum wzp_err read_delay(struct wzp_model_settings *settings, const char *value)
{
    return read_hold(value, &settings->delay);
}

static enum wzp_err read_jitter(struct wzp_model_settings *settings, const char *value)
{
    return read_hold(value, &settings->jitter);
}

static enum wzp_err read_reorder(struct wzp_model_settings *settings, const char *value)
{
    return wzp_units_read_share(value, &settings->reorder);
}

static enum wzp_err read_reorder_by(struct wzp_model_settings *settings, const char *value)
{
    return read_hold(value, &settings->reorder_by);
}

static enum wzp_err read_duplicate(struct wzp_model_settings *settings, const char *value)
{
    return wzp_units_read_share(value, &settings->duplicate);
}

static enum wzp_err read_rate(struct wzp_model_settings *settings, const char *value)
{
    return wzp_units_read_rate(value, &settings->rate_bps);
}

static enum wzp_err read_size(const char *value, uint64_t max, size_t *out_size)
{
    uint64_t count = 0;
    enum wzp_err err = wzp_units_read_count(value, max, &count);
    if (err != WZP_OK || count == 0) {
        return WZP_EMALFORMED;
    }
    *out_size = (size_t)count;
    return WZP_OK;
}

static enum wzp_err read_queue(struct wzp_model_settings *settings, const char *value)
{
    return read_size(value, WZP_MODEL_MAX_QUEUE, &settings->queue_packets);
}

static enum wzp_err read_mtu(struct wzp_model_settings *settings, const char *value)
{
    return read_size(value, WZP_MODEL_PACKET_BYTES, &settings->mtu_bytes);
}

static enum wzp_err read_cut(struct wzp_model_settings *settings, const char *value)
{
    struct wzp_model_cut cut;
    char text[VALUE_BYTES];
    if (settings->n_cuts == WZP_MODEL_MAX_CUTS) {
        return WZP_ELIMIT;
    }
    if (strlen(value) >= sizeof text) {
        return WZP_EMALFORMED;
    }
    memcpy(text, value, strlen(value) + 1);
    char *length = strchr(text, '+');
    if (!length) {
        return WZP_EMALFORMED;
    }
    *length++ = '\0';
    if (wzp_units_read_duration(text, &cut.at) != WZP_OK ||
        wzp_units_read_duration(length, &cut.length) != WZP_OK) {
        return WZP_EMALFORMED;
    }
    settings->cuts[settings->n_cuts++] = cut;
    return WZP_OK;
}

/** In the order of the names. */
static const read_fn readers[] = {
    read_loss,      read_gilbert, read_delay, read_jitter, read_reorder, read_reorder_by,
    read_duplicate, read_rate,    read_queue, read_mtu,    read_cut,
};
static_assert(wzp_count(readers) + 1 == wzp_count(wzp_settings_names), "a reader for each name");

struct wzp_model_settings wzp_settings_default(void)
{
    return (struct wzp_model_settings){.queue_packets = DEFAULT_QUEUE, .reorder_by = DEFAULT_REORDER_BY};
}

bool wzp_settings_is_same_name(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b)) {
            return false;
        }
    }
    return *a == *b;
}

static size_t find(const char *name)
{
    size_t i = 0;
    while (wzp_settings_names[i].name && !wzp_settings_is_same_name(wzp_settings_names[i].name, name)) {
        i++;
    }
    return i;
}

bool wzp_settings_is_name(const char *name)
{
    return find(name) < wzp_count(readers);
}

enum wzp_err wzp_settings_set(struct wzp_model_settings *settings, const char *name, const char *value,
                              char out_message[static WZP_SETTINGS_MESSAGE_BYTES])
{
    size_t i = find(name);
    if (i >= wzp_count(readers)) {
        return WZP_ENOTFOUND;
    }
    enum wzp_err err = readers[i](settings, value);
    if (err == WZP_ELIMIT) {
        wzp_ignore(
            snprintf(out_message, WZP_SETTINGS_MESSAGE_BYTES, "%s: more than %d", name, WZP_MODEL_MAX_CUTS));
        return err;
    }
    if (err != WZP_OK) {
        wzp_ignore(snprintf(out_message, WZP_SETTINGS_MESSAGE_BYTES,
                            "%s: \"%.64s\" does not read; like this: %s", name, value,
                            wzp_settings_names[i].example));
        return WZP_EINVAL;
    }
    return WZP_OK;
}
