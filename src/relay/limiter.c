/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/limiter.h"

#define MARK_EVERY  (250 * WZP_MS)
#define FRESH       (500 * WZP_MS) /* signs further apart are not in a row */
#define CLEAR_FOR   (500 * WZP_MS)
#define CUT_GAP     (400 * WZP_MS) /* and a round trip: until a cut can show */
#define LONG_QUEUE  (200 * WZP_MS)
#define USUAL_SHARE 64 /* of a new sample in what is usual: some seconds */
#define PER_MILLE   1000

/* What is seen. */

static void note_base(struct wzp_limiter *limiter, wzp_us rtt, wzp_us now)
{
    if (limiter->base[0] == 0) {
        limiter->base[0] = limiter->base[1] = rtt;
        limiter->base_at = now;
    } else if (now - limiter->base_at >= WZP_LIMITER_BASE) {
        limiter->base[1] = limiter->base[0];
        limiter->base[0] = rtt;
        limiter->base_at = now;
    } else {
        limiter->base[0] = wzp_us_min(limiter->base[0], rtt);
    }
}

static wzp_us base_of(const struct wzp_limiter *limiter)
{
    return wzp_us_min(limiter->base[0], limiter->base[1]);
}

static wzp_us allowed_queue(const struct wzp_limiter *limiter)
{
    return limiter->usual +
           (limiter->state == WZP_LIMITER_TRYING ? WZP_LIMITER_TRIAL_QUEUE : WZP_LIMITER_QUEUE);
}

static void note_queue(struct wzp_limiter *limiter, const struct wzp_limiter_seen *seen, wzp_us now)
{
    if (seen->rtt == 0) {
        return;
    }
    note_base(limiter, seen->rtt, now);
    wzp_us queue = seen->rtt - base_of(limiter) - 2 * seen->lag;
    limiter->queue = wzp_us_max(queue, 0);
    bool is_queued = limiter->queue > allowed_queue(limiter);
    bool is_in_row = now - limiter->queued_at < FRESH;
    uint8_t n_before = is_in_row ? limiter->n_queued : 0;
    limiter->n_queued = !is_queued ? 0 : n_before < UINT8_MAX ? (uint8_t)(n_before + 1) : n_before;
    limiter->queued_at = now;
    if (limiter->state == WZP_LIMITER_FREE && !is_queued) {
        limiter->usual += (wzp_us_min(limiter->queue, WZP_LIMITER_USUAL_MOST) - limiter->usual) / USUAL_SHARE;
    }
}

static void note_loss(struct wzp_limiter *limiter, const struct wzp_limiter_seen *seen, wzp_us now)
{
    uint64_t sent = seen->judged - limiter->window_judged;
    if (limiter->window_at > 0 &&
        (now - limiter->window_at < WZP_LIMITER_LOSS_WINDOW || sent < WZP_LIMITER_LOSS_LEAST)) {
        return;
    }
    if (limiter->window_at > 0) {
        uint64_t lost = seen->lost - limiter->window_lost;
        limiter->loss = (uint16_t)(lost < sent ? lost * PER_MILLE / sent : PER_MILLE);
        bool is_queued = limiter->queue > limiter->usual + WZP_LIMITER_QUEUE / 2;
        bool is_lossy = limiter->loss > (is_queued ? WZP_LIMITER_QUEUED_LOSS : WZP_LIMITER_LOSS);
        limiter->n_lossy = is_lossy ? (uint8_t)(limiter->n_lossy > 0 ? 2 : 1) : 0;
    }
    limiter->window_at = now;
    limiter->window_judged = seen->judged;
    limiter->window_lost = seen->lost;
}

/* Rates over the last quarter to half a second. */
struct rates {
    uint32_t sent, delivered; /* bytes a second */
};

static uint32_t per_second(uint64_t from, uint64_t to, wzp_us passed)
{
    uint64_t bytes = to > from ? to - from : 0;
    uint64_t rate = passed > 0 ? bytes * WZP_SECOND / (uint64_t)passed : 0;
    return rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}

static uint32_t arrived(const struct wzp_limiter *limiter, uint32_t rate)
{
    return (uint32_t)((uint64_t)rate * (PER_MILLE - limiter->loss) / PER_MILLE);
}

static struct rates note_rates(struct wzp_limiter *limiter, const struct wzp_limiter_seen *seen, wzp_us now)
{
    const struct wzp_limiter_mark mark = {
        .at = now,
        .sent = seen->bytes_sent,
        .delivered = seen->bytes_sent > seen->bytes_in_flight ? seen->bytes_sent - seen->bytes_in_flight : 0,
    };
    const struct wzp_limiter_mark *from = &limiter->marks[1];
    const struct rates rates = {
        .sent = per_second(from->sent, mark.sent, now - from->at),
        .delivered = arrived(limiter, per_second(from->delivered, mark.delivered, now - from->at)),
    };
    if (now - limiter->marks[0].at >= MARK_EVERY) {
        limiter->marks[1] = limiter->marks[0].at > 0 ? limiter->marks[0] : mark;
        limiter->marks[0] = mark;
    }
    return rates;
}

/* What is done about it. */

/* A packet or two that were late are no queue, and a short one has to last, where all was well so far. */
static bool is_queue(const struct wzp_limiter *limiter, const struct rates *rates)
{
    bool is_doubted = limiter->state == WZP_LIMITER_FREE && limiter->queue < LONG_QUEUE / 2;
    return limiter->n_queued >= (is_doubted ? 3 : 2) &&
           limiter->queue * rates->delivered / WZP_SECOND >= WZP_LIMITER_QUEUE_BYTES;
}

static bool is_congested(const struct wzp_limiter *limiter, const struct rates *rates, wzp_us now)
{
    bool is_lossy = limiter->n_lossy >= 2 && rates->sent >= WZP_LIMITER_LOSSY_BPS;
    return (is_queue(limiter, rates) || is_lossy) && rates->sent >= WZP_LIMITER_LEAST_BPS &&
           now >= limiter->deaf_until;
}

static void cut(struct wzp_limiter *limiter, const struct rates *rates, wzp_us now)
{
    uint32_t delivered = rates->delivered > WZP_LIMITER_LEAST_BPS ? rates->delivered : WZP_LIMITER_LEAST_BPS;
    limiter->ceiling = delivered;
    limiter->budget = limiter->queue > LONG_QUEUE ? delivered / 2 : delivered - delivered / 5;
    limiter->cut_at = now;
    limiter->cut_queue = limiter->queue;
    limiter->clear_since = 0;
    limiter->n_queued = limiter->n_lossy = 0;
    limiter->has_grown = false;
}

static void free_it(struct wzp_limiter *limiter, wzp_us now)
{
    limiter->budget = 0;
    limiter->freed_at = now;
    limiter->n_queued = limiter->n_lossy = 0;
}

static void enter(struct wzp_limiter *limiter, enum wzp_limiter_state state, const struct rates *rates,
                  wzp_us now)
{
    switch (state) {
    case WZP_LIMITER_FREE:
        free_it(limiter, now);
        break;
    case WZP_LIMITER_DRAINING:
        if (limiter->state == WZP_LIMITER_TRYING) {
            limiter->hold = wzp_us_min(2 * limiter->hold, WZP_LIMITER_HOLD_MOST);
        } else if (limiter->state == WZP_LIMITER_FREE && now - limiter->freed_at >= WZP_LIMITER_DEAF) {
            limiter->hold = WZP_LIMITER_HOLD;
        }
        limiter->troubled_at = now;
        limiter->troubled_queue = limiter->queue;
        limiter->troubled_loss = limiter->loss;
        limiter->troubled_rate = rates->sent;
        cut(limiter, rates, now);
        break;
    case WZP_LIMITER_HOLDING:
        limiter->budget = limiter->ceiling - limiter->ceiling / 10;
        limiter->next_at = limiter->has_grown ? now : now + limiter->hold;
        break;
    case WZP_LIMITER_TRYING:
        limiter->next_at = now + WZP_LIMITER_TRIAL;
        break;
    }
    limiter->state = state;
}

/* Much less is sent, and it is no better: the queue is another's, or the path has become longer. One that
 * grows, or falls as fast as it can, is ours; so is one that overflows. */
static bool is_futile(const struct wzp_limiter *limiter, const struct rates *rates, wzp_us now)
{
    if (now - limiter->troubled_at < WZP_LIMITER_FUTILE ||
        rates->sent > limiter->troubled_rate - limiter->troubled_rate / 5 * 2) {
        return false;
    }
    wzp_us queue = limiter->troubled_queue;
    bool is_queue_same = queue >= WZP_LIMITER_TRIAL_QUEUE && limiter->loss < WZP_LIMITER_QUEUED_LOSS &&
                         limiter->queue >= wzp_us_max(queue - queue / 4, queue - LONG_QUEUE);
    bool is_loss_same = limiter->troubled_loss > WZP_LIMITER_LOSS &&
                        limiter->loss >= limiter->troubled_loss - limiter->troubled_loss / 5;
    return is_queue_same || is_loss_same;
}

static void drain(struct wzp_limiter *limiter, const struct rates *rates, wzp_us rtt, wzp_us now)
{
    if (limiter->queue > limiter->troubled_queue) {
        limiter->troubled_queue = limiter->queue;
        limiter->troubled_at = now;
    }
    if (is_futile(limiter, rates, now)) {
        limiter->base[0] = limiter->base[1] = base_of(limiter) + limiter->queue;
        limiter->deaf_until = now + WZP_LIMITER_DEAF;
        enter(limiter, WZP_LIMITER_FREE, rates, now);
        return;
    }
    if (limiter->clear_since > 0 && now - limiter->clear_since >= CLEAR_FOR) {
        enter(limiter, WZP_LIMITER_HOLDING, rates, now);
        return;
    }
    bool is_shown = now - limiter->cut_at >= CUT_GAP + rtt;
    bool is_falling = limiter->n_lossy < 2 && limiter->queue < limiter->cut_queue - limiter->cut_queue / 10;
    if (is_shown && is_falling) {
        limiter->cut_at = now;
        limiter->cut_queue = limiter->queue;
    } else if (is_shown && is_congested(limiter, rates, now)) {
        cut(limiter, rates, now);
    }
}

static void try_more(struct wzp_limiter *limiter, const struct wzp_limiter_seen *seen,
                     const struct rates *rates, wzp_us now)
{
    uint32_t bolder = limiter->has_grown ? limiter->budget + limiter->budget / 2 : 0;
    uint32_t next = seen->wanted + seen->wanted / 20; /* rates waver */
    limiter->budget = bolder > next ? bolder : next;
    enter(limiter, WZP_LIMITER_TRYING, rates, now);
}

static void hold(struct wzp_limiter *limiter, const struct wzp_limiter_seen *seen, const struct rates *rates,
                 wzp_us now)
{
    if (is_congested(limiter, rates, now)) {
        enter(limiter, WZP_LIMITER_DRAINING, rates, now);
    } else if (limiter->state == WZP_LIMITER_TRYING && now >= limiter->next_at) {
        limiter->ceiling = limiter->budget + limiter->budget / 9;
        limiter->hold = WZP_LIMITER_HOLD;
        limiter->has_grown = true;
        enter(limiter, WZP_LIMITER_HOLDING, rates, now);
    } else if (limiter->state == WZP_LIMITER_HOLDING && limiter->content_since > 0 &&
               now - limiter->content_since >= WZP_LIMITER_PROOF) {
        enter(limiter, WZP_LIMITER_FREE, rates, now);
    } else if (limiter->state == WZP_LIMITER_HOLDING && seen->wanted > limiter->budget &&
               now >= limiter->next_at && limiter->clear_since > 0) {
        try_more(limiter, seen, rates, now);
    }
}

/* Since when something holds; 0: it does not. */
static void date(wzp_us *since, bool holds, wzp_us now)
{
    *since = !holds ? 0 : *since == 0 ? now : *since;
}

bool wzp_limiter_feed(struct wzp_limiter *limiter, const struct wzp_limiter_seen *seen, wzp_us now)
{
    uint32_t before = limiter->budget;
    note_queue(limiter, seen, now);
    note_loss(limiter, seen, now);
    struct rates rates = note_rates(limiter, seen, now);
    bool is_clear = limiter->queue <= limiter->usual + WZP_LIMITER_CLEAR_QUEUE &&
                    limiter->loss < WZP_LIMITER_LOSS - WZP_LIMITER_LOSS / 5;
    date(&limiter->clear_since, is_clear, now);
    date(&limiter->content_since, is_clear && seen->wanted == 0 && limiter->state == WZP_LIMITER_HOLDING,
         now);
    switch (limiter->state) {
    case WZP_LIMITER_FREE:
        if (is_congested(limiter, &rates, now)) {
            enter(limiter, WZP_LIMITER_DRAINING, &rates, now);
        }
        break;
    case WZP_LIMITER_DRAINING:
        drain(limiter, &rates, seen->rtt, now);
        break;
    case WZP_LIMITER_HOLDING:
    case WZP_LIMITER_TRYING:
        hold(limiter, seen, &rates, now);
        break;
    }
    return limiter->budget != before;
}
