/* SPDX-License-Identifier: Apache-2.0 */
#include "router/accept.h"
/* Federation does nothing yet. */
#include "router/announce.h"
#include "router/content.h"
#include "router/first.h"
#include "router/flood.h"
#include "router/link.h"
#include "router/origin.h"
#include "router/prune.h"
#include "router/stream.h"
void wzp_announce_members(struct wzp_room *room, wzp_us now)
{
    (void)room;
    (void)now;
}
void wzp_announce_changed(struct wzp_room *room, wzp_us now)
{
    (void)room;
    (void)now;
}
void wzp_first_tell(struct wzp_room *room, wzp_us now)
{
    (void)room;
    (void)now;
}
void wzp_flood_member(struct wzp_member *m, struct wzp_packet *p, uint8_t l, wzp_us now)
{
    (void)m;
    (void)p;
    (void)l;
    (void)now;
}
void wzp_accept_media(struct wzp_link *m, struct wzp_packet *p, wzp_us now)
{
    (void)m;
    (void)p;
    (void)now;
}
void wzp_prune_review(struct wzp_room *room)
{
    (void)room;
}
void wzp_prune_settle(struct wzp_router *room, wzp_us now)
{
    (void)room;
    (void)now;
}
void wzp_content_free(struct wzp_content *c)
{
    (void)c;
}
void wzp_stream_settle(struct wzp_router *room, wzp_us now)
{
    (void)room;
    (void)now;
}
enum wzp_err wzp_link_up(struct wzp_router *r, const struct wzp_link_info *i, wzp_us now, struct wzp_link **o)
{
    (void)r;
    (void)i;
    (void)now;
    (void)o;
    return WZP_EUNSUPPORTED;
}
void wzp_link_down(struct wzp_router *r, struct wzp_link *l, wzp_us now)
{
    (void)r;
    (void)l;
    (void)now;
}
void wzp_link_free(struct wzp_link *l)
{
    (void)l;
}
void wzp_link_signal(struct wzp_link *l, const struct wzp_signal *s, wzp_us now)
{
    (void)l;
    (void)s;
    (void)now;
}
enum wzp_err wzp_origin_new_self(struct wzp_room *r)
{
    (void)r;
    return WZP_OK;
}
void wzp_origin_free(struct wzp_origin *o)
{
    (void)o;
}
bool wzp_origin_may_go_to(const struct wzp_origin *o, const struct wzp_link *l)
{
    (void)o;
    (void)l;
    return false;
}
void wzp_origin_tick(struct wzp_room *room, wzp_us now)
{
    (void)room;
    (void)now;
}
void wzp_link_stats(const struct wzp_link *l, struct wzp_link_stats *s)
{
    (void)l;
    (void)s;
}
const char *wzp_link_label(const struct wzp_link *l)
{
    (void)l;
    return "";
}
size_t wzp_router_path(const struct wzp_router *r, const char *n, const uint8_t *o,
                       uint8_t (*p)[WZP_FINGERPRINT_BYTES], size_t l)
{
    (void)r;
    (void)n;
    (void)o;
    (void)p;
    (void)l;
    return 0;
}
