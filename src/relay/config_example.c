/* SPDX-License-Identifier: Apache-2.0 */
/* The file that `-c` makes where there is none. Lines with a setting start with '#' and no blank, so that a
 * test can take it away and read them. */
#include <errno.h>
#include <stdio.h>

#include "relay/config.h"

/* clang-format off */
static const char settings[] =
    "# Settings of a WarzonePhone relay. Everything here is optional; what is commented out shows the default or\n"
    "# an example. Flags of the command line win over this file. `wzp-relay -c FILE --check-config` checks it.\n"
    "\n"
    "# Where clients and relays connect (UDP).\n"
    "#listen_addr = \"0.0.0.0:4433\"\n"
    "\n"
    "# How other relays and the logs call this relay.\n"
    "#label = \"berlin\"\n"
    "\n"
    "# Clients connected at once, and members of one room.\n"
    "#max_sessions = 1000\n"
    "#max_participants_per_room = 512\n"
    "#flush_us = 2500\n"
    "# measure_loss: count the packets that each client loses, and not only believe its reports\n"
    "#measure_loss = false\n"
    "#workers = 1\n"
    "#room_members_per_worker = 200\n"
    "#max_load = 85\n"
    "\n"
    "# Forward the so many loudest speakers of a room only, where it has at least that many members (0: everybody).\n"
    "#max_speakers = 0\n"
    "\n"
    "# error, warn, info, debug or trace.\n"
    "#log_level = \"info\"\n"
    "\n"
    "# Ask this server about the token of each client; without it everybody may join.\n"
    "#auth_url = \"https://auth.example.org/verify\"\n"
    "\n"
    "# Prometheus metrics at http://metrics_addr:metrics_port/metrics, and /livez and /readyz. Plain HTTP without a\n"
    "# password: on a machine that is reachable from outside, bind it to 127.0.0.1 or keep it behind a firewall.\n"
    "#metrics_port = 9090\n"
    "#metrics_addr = \"0.0.0.0\"\n"
    "\n"
    "# Relays whose round-trip time and loss are measured.\n"
    "#probe_targets = [\"203.0.113.9:4433\"]\n"
    "#probe_mesh = false\n"
    "\n"
    "# Pass everything on to another relay instead of running rooms.\n"
    "#remote_relay = \"203.0.113.9:4433\"\n"
    "\n"
    "# For support: log each packet of a room (\"*\": of all rooms), write events as JSON lines, QUIC logs, and the\n"
    "# keys to decrypt captured traffic with.\n"
    "#debug_tap = \"*\"\n"
    "#event_log = \"/var/log/wzp/events.jsonl\"\n"
    "#qlog_dir = \"/var/log/wzp/qlog\"\n"
    "#keylog_file = \"/tmp/wzp-keys.txt\"\n"
    "\n"
    "# Known from the first generation; without effect here.\n"
    "#jitter_target_depth = 50\n"
    "#jitter_max_depth = 250\n"
    "#trunking_enabled = false\n"
    "#ws_port = 8080\n"
    "#static_dir = \"/usr/share/wzp/web\"\n"
    "\n"
    "# Rooms that are shared with other relays: one room, wherever its members are connected.\n"
    "#[[global_rooms]]\n"
    "#name = \"general\"\n"
    "#max_participants = 100\n"
    "#max_speakers = 5\n"
    "\n"
    "# Relays that this one dials, and accepts.\n"
    "#[[peers]]\n"
    "#url = \"relay.example.org:4433\"\n"
    "#fingerprint = \"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff\"\n"
    "#label = \"paris\"\n"
    "# What it may do: which global rooms (patterns; all, if left out), carry other relays' media, datagrams a second,\n"
    "# participants of a room behind it, and connect without a certificate (first generation).\n"
    "#rooms = [\"general\", \"team-*\"]\n"
    "#transit = true\n"
    "#max_pps = 20000\n"
    "#max_participants = 512\n"
    "#allow_unverified = false\n"
    "\n"
    "# Relays that may dial this one, whatever their address; the same settings without `url`.\n"
    "#[[trusted]]\n"
    "#fingerprint = \"ff:ee:dd:cc:bb:aa:99:88:77:66:55:44:33:22:11:00:ff:ee:dd:cc:bb:aa:99:88:77:66:55:44:33:22:11:00\"\n"
    "#label = \"home\"\n";
/* clang-format on */

enum wzp_err wzp_relay_config_write_example(const char *path, const char *address, const char *fingerprint)
{
    FILE *file = fopen(path, "wxe");
    if (!file) {
        return errno == EEXIST ? WZP_EEXIST : WZP_EIO;
    }
    int n = fprintf(
        file,
        "%s\n# This relay, as other relays name it in their file (put in the address they reach it at):\n"
        "#\n# [[peers]]\n# url = \"%s\"\n# fingerprint = \"%s\"\n",
        settings, address, fingerprint);
    bool is_written = n >= 0 && fflush(file) == 0;
    bool is_closed = fclose(file) == 0;
    return is_written && is_closed ? WZP_OK : WZP_EIO;
}
