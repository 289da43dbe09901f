#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_metrics.sh PRINTER PROMTOOL: the text must read, and promtool may find fault with nothing but the unit in the
# names that dashboards already know.
fixed='^(wzp_federation_peer_rtt_ms|wzp_probe_(rtt|jitter)_ms|wzp_relay_session_rtt_ms) metric names should not contain abbreviated units$'
text=$("$1") || exit 1
said=$(printf '%s\n' "$text" | "$2" check metrics 2>&1)
status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || { echo "$said"; exit 1; }
other=$(printf '%s\n' "$said" | grep -vE "$fixed" | grep -v '^$')
[ -z "$other" ] || { echo "$other"; exit 1; }
