/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/mail.h"

#include <stdlib.h>
#include <string.h>

/* One block: this, then people, path and all texts, one behind the other. */
struct wzp_mail {
    struct wzp_signal signal;
    bool is_read; /* by wzp_signal_read: owns its memory itself */
    const char *lost[2];
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

static enum wzp_err copy_room(const struct wzp_signal *signal, struct wzp_mail **out_mail)
{
    size_t n_people = signal->global_room.participants.n;
    size_t n_path = signal->global_room.path.n;
    size_t people_bytes = n_people * sizeof(struct wzp_signal_participant);
    size_t path_bytes = n_path * sizeof(const char *);
    struct wzp_mail *mail =
        malloc(sizeof *mail + people_bytes + path_bytes + count_text(&signal->global_room));
    if (!mail) {
        return WZP_ENOMEM;
    }
    mail->signal = *signal;
    mail->is_read = false;
    struct wzp_signal_global_room *room = &mail->signal.global_room;
    struct wzp_signal_participant *people = (struct wzp_signal_participant *)(mail + 1);
    const char **path = (const char **)(people + n_people);
    char *at = (char *)(path + n_path);
    room->room = keep(&at, room->room);
    room->origin = keep(&at, room->origin);
    for (size_t i = 0; i < n_path; i++) {
        path[i] = keep(&at, room->path.items[i]);
    }
    for (size_t i = 0; i < room->lost.n; i++) {
        mail->lost[i] = keep(&at, room->lost.items[i]);
    }
    for (size_t i = 0; i < n_people; i++) {
        people[i] = room->participants.items[i];
        people[i].fingerprint = keep(&at, people[i].fingerprint);
        people[i].alias = keep(&at, people[i].alias);
        people[i].relay_label = keep(&at, people[i].relay_label);
        people[i].relay_fp = keep(&at, people[i].relay_fp);
    }
    room->path.items = path;
    room->lost.items = mail->lost;
    room->participants.items = people;
    *out_mail = mail;
    return WZP_OK;
}

static enum wzp_err copy_prune(const struct wzp_signal *signal, struct wzp_mail **out_mail)
{
    struct wzp_mail *mail = malloc(sizeof *mail + size_of(signal->prune.origin));
    if (!mail) {
        return WZP_ENOMEM;
    }
    char *at = (char *)(mail + 1);
    mail->signal = *signal;
    mail->is_read = false;
    mail->signal.prune.origin = keep(&at, signal->prune.origin);
    *out_mail = mail;
    return WZP_OK;
}

static enum wzp_err through_json(const struct wzp_signal *signal, struct wzp_mail **out_mail)
{
    struct wzp_mail *mail = calloc(1, sizeof *mail);
    char *body = NULL;
    size_t size = 0;
    enum wzp_err err = mail ? wzp_signal_write(signal, &body, &size) : WZP_ENOMEM;
    if (err == WZP_OK) {
        err = wzp_signal_read(body, size, &mail->signal);
        free(body);
    }
    if (err != WZP_OK) {
        free(mail);
        return err;
    }
    mail->is_read = true;
    *out_mail = mail;
    return WZP_OK;
}

enum wzp_err wzp_mail_new(const struct wzp_signal *signal, bool as_json, struct wzp_mail **out_mail)
{
    if (as_json) {
        return through_json(signal, out_mail);
    }
    bool is_prune = signal->kind == WZP_SIGNAL_PRUNE || signal->kind == WZP_SIGNAL_GRAFT;
    return is_prune ? copy_prune(signal, out_mail) : copy_room(signal, out_mail);
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
    free(mail);
}
