# SPDX-License-Identifier: Apache-2.0
"""What a relay saves by encrypting its packets with ipsec-mb: the same loads on builds with and without it, in turns."""
import statistics

import rig
import show

PAIRS, SECONDS = 5, 2
LINK_PER_SECOND = 2_000_000
# Name, and how a run of it is made.
LOADS = (
    ("from link to link", lambda: show.link_run(LINK_PER_SECOND, SECONDS)),
    ("20 rooms of 10, flush 5000", lambda: rig.measure("20x10x10", 5000, seconds=SECONDS, tries=1)),
    ("4 rooms of 50", lambda: rig.measure("4x50x50", 2500, seconds=SECONDS, tries=1)),
    ("room of 50, flush 0", lambda: rig.measure("1x50x50", 0, seconds=SECONDS, tries=1)),
    ("300 rooms of 2", lambda: rig.measure("300x2x2", 2500, seconds=SECONDS, tries=1)),
)


def measure():
    """Microseconds of the relay's processor time a datagram, medians of alternating runs; None where no build has ipsec-mb."""
    if not rig.aes_library():
        return None
    without = rig.build_without("ipsec_mb")
    found = []
    for name, load in LOADS:
        taken = {"gnutls": [], "ipsec_mb": []}
        for _ in range(PAIRS):
            with rig.relay_program(without):
                taken["gnutls"].append(load()["us_each"])
            taken["ipsec_mb"].append(load()["us_each"])
        found.append({"name": name, **{library: statistics.median(times) for library, times in taken.items()}})
    return found


def saved(one):
    return 1 - one["ipsec_mb"] / one["gnutls"]


def tell(found):
    print("\nencryption: microseconds a datagram by GnuTLS, by ipsec-mb")
    for one in found:
        print(f"  {one['name']:28} {one['gnutls']:7.3f} {one['ipsec_mb']:7.3f}  {-saved(one):+.0%}")
