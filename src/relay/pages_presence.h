/* SPDX-License-Identifier: Apache-2.0 */
/* The pages that say who is where; `context` is the relay. Source: G1 section 6.10; docs/operating.md. */
#pragma once

#include "net/http_server.h"

void wzp_pages_presence(void *context, const struct wzp_http_request *request,
                        struct wzp_http_response *response);
void wzp_pages_person(void *context, const struct wzp_http_request *request,
                      struct wzp_http_response *response);
void wzp_pages_peers(void *context, const struct wzp_http_request *request,
                     struct wzp_http_response *response);
void wzp_pages_route(void *context, const struct wzp_http_request *request,
                     struct wzp_http_response *response);
void wzp_pages_mesh(void *context, const struct wzp_http_request *request,
                    struct wzp_http_response *response);
