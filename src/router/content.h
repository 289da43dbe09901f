/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "router/internal.h"
void wzp_content_free(struct wzp_content *content);
