/* SPDX-License-Identifier: Apache-2.0 */
/* Why announcements are refused, in words. */
#include "router/router.h"

static const struct {
    const char *reason, *text;
} words[WZP_N_REFUSALS] = {
    [WZP_REFUSAL_NONE] = {"none", "nothing is wrong"},
    [WZP_REFUSAL_NO_ROOM] = {"no_room", "no global room of that name here"},
    [WZP_REFUSAL_NOT_ALLOWED] = {"not_allowed", "room not allowed on this link"},
    [WZP_REFUSAL_NO_ORIGIN] = {"malformed", "no origin"},
    [WZP_REFUSAL_BAD_NUMBER] = {"malformed", "number out of range"},
    [WZP_REFUSAL_BAD_PATH] = {"malformed", "path holds no fingerprint"},
    [WZP_REFUSAL_PATH_START] = {"malformed", "path does not start with the sender"},
    [WZP_REFUSAL_PATH_END] = {"malformed", "path does not end with the origin"},
    [WZP_REFUSAL_SAME_ORIGIN] = {"malformed", "two origins with the same first bytes"},
    [WZP_REFUSAL_PARTICIPANTS] = {"limit", "too many participants"},
    [WZP_REFUSAL_ORIGINS] = {"limit", "too many origins in the room"},
    [WZP_REFUSAL_OFFERS] = {"limit", "too many rooms and origins by this link"},
    [WZP_REFUSAL_MEMORY] = {"limit", "no memory"},
    [WZP_REFUSAL_PEOPLE] = {"limit", "a list was cut: too many participants"},
};

const char *wzp_refusal_text(enum wzp_refusal refusal)
{
    return words[refusal].text;
}

const char *wzp_refusal_reason(enum wzp_refusal refusal)
{
    return words[refusal].reason;
}
