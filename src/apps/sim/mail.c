/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/mail.h"

#include <stdlib.h>
#include <string.h>

struct wzp_mail {
    struct wzp_signal signal;
    bool is_read; /* by wzp_signal_read: owns its memory itself */
    struct wzp_signal_participant *people;
    const char **path;
    const char *lost[2];
    char *text; /* all texts, one behind the other */
};

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static size_t count_text(const struct wzp_signal_global_room *room)
{
    size_t size = size_of(room->room) + size_of(room->origin);
    for (size_t i = 0; i < room->path.n; i++) {
        size += size_of(room->path.items[i]);
    }
    for (size_t i = 0; i < room->lost.n; i++) {
        size += size_of(room->lost.items[i]);
    }
    for (size_t i = 0; i < room->participants.n; i++) {
        const struct wzp_signal_participant *one = &room->participants.items[i];
        size += size_of(one->fingerprint) + size_of(one->alias) + size_of(one->relay_label) +
                size_of(one->relay_fp);
    }
    return size;
}

/* Appends a copy of `text` and returns it. */
static const char *keep(char **at, const char *text)
{
    if (!text) {
        return NULL;
    }
    char *copy = *at;
    size_t size = strlen(text) + 1;
    memcpy(copy, text, size);
    *at += size;
    return copy;
}

static enum wzp_err copy_room(struct wzp_mail *mail)
{
    struct wzp_signal_global_room *room = &mail->signal.global_room;
    mail->people = calloc(room->participants.n + 1, sizeof *mail->people);
    mail->path = calloc(room->path.n + 1, sizeof *mail->path);
    mail->text = malloc(count_text(room) + 1);
    if (!mail->people || !mail->path || !mail->text) {
        return WZP_ENOMEM;
    }
    char *at = mail->text;
    room->room = keep(&at, room->room);
    room->origin = keep(&at, room->origin);
    for (size_t i = 0; i < room->path.n; i++) {
        mail->path[i] = keep(&at, room->path.items[i]);
    }
    for (size_t i = 0; i < room->lost.n; i++) {
        mail->lost[i] = keep(&at, room->lost.items[i]);
    }
    for (size_t i = 0; i < room->participants.n; i++) {
        struct wzp_signal_participant *one = &mail->people[i];
        *one = room->participants.items[i];
        one->fingerprint = keep(&at, one->fingerprint);
        one->alias = keep(&at, one->alias);
        one->relay_label = keep(&at, one->relay_label);
        one->relay_fp = keep(&at, one->relay_fp);
    }
    room->path.items = mail->path;
    room->lost.items = mail->lost;
    room->participants.items = mail->people;
    return WZP_OK;
}

static enum wzp_err copy_prune(struct wzp_mail *mail)
{
    struct wzp_signal_prune *prune = &mail->signal.prune;
    mail->text = malloc(size_of(prune->origin) + 1);
    if (!mail->text) {
        return WZP_ENOMEM;
    }
    char *at = mail->text;
    prune->origin = keep(&at, prune->origin);
    return WZP_OK;
}

static enum wzp_err through_json(const struct wzp_signal *signal, struct wzp_signal *out_signal)
{
    char *body = NULL;
    size_t size = 0;
    enum wzp_err err = wzp_signal_write(signal, &body, &size);
    if (err == WZP_OK) {
        err = wzp_signal_read(body, size, out_signal);
        free(body);
    }
    return err;
}

static enum wzp_err copy(const struct wzp_signal *signal, bool as_json, struct wzp_mail *mail)
{
    if (as_json) {
        enum wzp_err err = through_json(signal, &mail->signal);
        mail->is_read = err == WZP_OK;
        return err;
    }
    mail->signal = *signal;
    bool is_prune = signal->kind == WZP_SIGNAL_PRUNE || signal->kind == WZP_SIGNAL_GRAFT;
    return is_prune ? copy_prune(mail) : copy_room(mail);
}

enum wzp_err wzp_mail_new(const struct wzp_signal *signal, bool as_json, struct wzp_mail **out_mail)
{
    struct wzp_mail *mail = calloc(1, sizeof *mail);
    if (!mail) {
        return WZP_ENOMEM;
    }
    enum wzp_err err = copy(signal, as_json, mail);
    if (err != WZP_OK) {
        wzp_mail_free(mail);
        return err;
    }
    *out_mail = mail;
    return WZP_OK;
}

const struct wzp_signal *wzp_mail_signal(const struct wzp_mail *mail)
{
    return &mail->signal;
}

void wzp_mail_free(struct wzp_mail *mail)
{
    if (!mail) {
        return;
    }
    if (mail->is_read) {
        wzp_signal_deinit(&mail->signal);
    }
    free(mail->people);
    free(mail->path);
    free(mail->text);
    free(mail);
}
