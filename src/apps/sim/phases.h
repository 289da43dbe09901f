/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is made of: faults, quiet, probes. See driver.c. */
#pragma once

#include "apps/sim/world.h"

#define WZP_PHASES_NOTICE   (3 * WZP_SECOND) /* the longest until a lost link is noticed, see wire.c */
#define WZP_PHASES_SPEAKERS 12

/* ---- faults.c ---- */

/** People, links and relays come and go, as the options say, while some speak. */
void wzp_faults_run(struct wzp_world *world);

/** Cuts every edge between two random halves. */
void wzp_faults_split(struct wzp_world *world, wzp_us at, wzp_us end);

/* ---- quiet.c ---- */

void wzp_quiet_pass(struct wzp_world *world, wzp_us us);

/** How long a message may take to everybody: over every hop, and a little for those that wait to be merged.
 */
wzp_us wzp_quiet_across(const struct wzp_world *world);

/** After what happened last, lists have to be right within that: the grace, and news to and fro. */
wzp_us wzp_quiet_settling(const struct wzp_world *world);

/** Every link and relay comes back, noise ends. */
void wzp_quiet_repair(struct wzp_world *world);

/** People join until there are `n`. */
void wzp_quiet_populate(struct wzp_world *world, size_t n);

/** Waits until the lists have to be right, and checks them. */
void wzp_quiet_settle(struct wzp_world *world);

/** Each is picked with probability `share`, at most `limit`, and speaks every `pace`. */
void wzp_quiet_speak(struct wzp_world *world, double share, size_t limit, wzp_us pace);
void wzp_quiet_silence(struct wzp_world *world);

/** Speech from which nothing may be lost, until no link carries anything in vain. It goes on afterwards. */
void wzp_quiet_speech(struct wzp_world *world);

/** Checks what was said so long ago that it has arrived wherever it goes. */
void wzp_quiet_check_speech(struct wzp_world *world);

/* ---- probes.c ---- */

/** One join or leave: lists follow in time, at most one announcement a link and direction. */
void wzp_probes_change(struct wzp_world *world, bool is_join);

/** One link fails that is not the only way. Nothing happens where there is none. */
void wzp_probes_heal(struct wzp_world *world);

/** A relay dies for good, or the relays fall into two halves. */
void wzp_probes_lose(struct wzp_world *world);
