/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/path_watch.h"

bool wzp_path_watch_hear(struct wzp_path_watch *watch, wzp_us now)
{
    bool asked = watch->asks;
    watch->heard_at = now;
    watch->asks = false;
    return asked;
}

wzp_us wzp_path_watch_deadline(const struct wzp_path_watch *watch)
{
    if (watch->heard_at == 0) {
        return WZP_NEVER;
    }
    return watch->heard_at + (watch->asks ? WZP_PATH_WATCH_ASKS : WZP_PATH_WATCH_QUIET);
}

bool wzp_path_watch_tick(struct wzp_path_watch *watch, wzp_us now)
{
    if (now < wzp_path_watch_deadline(watch)) {
        return false;
    }
    if (watch->asks) {
        watch->heard_at = 0;
    }
    watch->asks = !watch->asks;
    return true;
}
