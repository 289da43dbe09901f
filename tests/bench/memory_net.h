/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network without a kernel, and a clock that only moves when told: what a program linked with it counts of
 * instructions is the same each time.
 *
 * It stands in for net/udp_io_linux.c: what one socket of the process sends waits in memory at the one that
 * has the port, on 127.0.0.1 whatever the address. Sockets are real but carry only bells: a byte to itself
 * tells libuv that something waits. clock_gettime is this one's for everything in the process, libuv too.
 */
#pragma once

#include "base/us.h"
#include "net/loop.h"

/** Moves the clock on. It starts at 1,000 s. */
void memory_net_pass(wzp_us time);

/** wzp_loop_step without waiting, by a name for callgrind's --toggle-collect. */
void memory_net_counted_step(struct wzp_loop *loop);
