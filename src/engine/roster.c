/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/roster.h"

#include <stdlib.h>

#include "base/text.h"

void wzp_roster_deinit(struct wzp_roster *roster)
{
    free(roster->people);
    *roster = (struct wzp_roster){0};
}

static struct wzp_engine_participant person_of(const struct wzp_signal_participant *participant)
{
    struct wzp_engine_participant person = {.stream = participant->stream, .muted = participant->muted};
    wzp_text_clean(participant->fingerprint, person.fingerprint, sizeof person.fingerprint);
    wzp_text_clean(participant->alias ? participant->alias : "", person.alias, sizeof person.alias);
    wzp_text_clean(participant->relay_label ? participant->relay_label : "", person.relay_label,
                   sizeof person.relay_label);
    return person;
}

enum wzp_err wzp_roster_update(struct wzp_roster *roster, const struct wzp_signal_room_update *update)
{
    if (update->rev < roster->rev) {
        return WZP_EAGAIN;
    }
    size_t n = wzp_min_size(update->participants.n, WZP_SIGNAL_MAX_PARTICIPANTS);
    struct wzp_engine_participant *people = NULL;
    if (n > 0) {
        people = calloc(n, sizeof *people);
        if (!people) {
            return WZP_ENOMEM;
        }
    }
    for (size_t i = 0; i < n; i++) {
        people[i] = person_of(&update->participants.items[i]);
    }
    free(roster->people);
    *roster = (struct wzp_roster){
        .people = people, .n = n, .n_most = wzp_max_size(n, roster->n_most), .rev = update->rev};
    return WZP_OK;
}
