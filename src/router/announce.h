/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "router/internal.h"
void wzp_announce_members(struct wzp_room *room, wzp_us now);
void wzp_announce_changed(struct wzp_room *room, wzp_us now);
