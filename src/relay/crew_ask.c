/* SPDX-License-Identifier: Apache-2.0 */
#include <semaphore.h>

#include "net/mailbox.h"
#include "relay/crew.h"
#include "relay/relay.h"
#include "relay/worker.h"

/* A question to one worker; lives with the one who asks, who waits. */
struct question {
    struct wzp_letter letter;
    void (*fn)(void *context, struct wzp_relay *relay);
    void *context;
    sem_t is_answered;
};

static void deliver(struct wzp_letter *letter, void *context)
{
    struct question *question = wzp_container(letter, struct question, letter);
    question->fn(question->context, wzp_worker_relay(context));
    sem_post(&question->is_answered);
}

/* A worker that has ended answers nothing. */
static void discard(struct wzp_letter *letter)
{
    sem_post(&wzp_container(letter, struct question, letter)->is_answered);
}

void wzp_crew_ask(struct wzp_relay *first, void (*fn)(void *context, struct wzp_relay *relay), void *context)
{
    fn(context, first);
    for (unsigned i = 1; i < first->crew->n; i++) {
        struct question question = {
            .letter = {.deliver = deliver, .discard = discard},
            .fn = fn,
            .context = context,
        };
        sem_init(&question.is_answered, 0, 0);
        wzp_ignore(wzp_mailbox_post(first->crew->mailboxes[i], &question.letter));
        while (sem_wait(&question.is_answered) != 0) {
            continue; /* a signal came in between */
        }
        sem_destroy(&question.is_answered);
    }
}
