/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "router/internal.h"
void wzp_first_tell(struct wzp_room *room, wzp_us now);
