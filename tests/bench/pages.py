# SPDX-License-Identifier: Apache-2.0
"""Puts what was measured into docs/performance.md, between markers of its part, and draws the plots. Nobody types figures there."""
import re
import subprocess

import capacity
import encryption
import instructions
import rig
import show

PAGE = rig.ROOT / "docs/performance.md"
PLOTS = rig.ROOT / "docs/performance"


def table(heads, rows):
    """Markdown; columns behind the first are figures."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join([" --- "] + [" ---: "] * (len(heads) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def under(results):
    """The conditions, as a last line of a part: parts may have been measured on different days."""
    c = results["conditions"]
    return f"\n\n<sub>{c['date']}, {c['source']}; {c['machine']}; {c['kernel']}; {c['compiler']}; {c['flags']}; {c['libraries']}</sub>"


def load_row(one):
    run, g1 = one["run"], one["first_generation"]
    return (one["name"], f"{run['per_cpu_second'] / 1000:,.0f} k", f"{one['ratio']:.2f}", f"{one['ratio_concurrent']:.2f}", one["wanted"] or "",
            f"{g1[0]:.2f}–{g1[1]:.2f}" if g1 else "", f"{show.times_of(one):.1f}" if g1 else "",
            f"{run['relay_share']:.0%}", f"{run['load_share']:.0%}", run["lost"], run["duplicated"], rig.own_delay(run),
            f"{run['delay_p50_ms']:.2f} / {run['delay_p99_ms']:.2f}{' *' if rig.is_starved(run) else ''}")


def bare_row(one):
    b = one["bare"]
    return (one["name"], *(f"{b[k] / 1000:,.0f} k" for k in ("drained", "concurrent", "gso", "gso_gro")))


def render_table(rows):
    loads = table(("load", "datagrams per CPU second", "to bare", "to bare, concurrent", "wanted", "G1", "times G1", "relay's core",
                   "load's core", "lost", "twice", "within the relay p50 / p99, ms", "delay p50 / p99, ms"), [load_row(one) for one in rows])
    bare = table(("measured before", "150 bytes to 50 sockets, drained", "the same, concurrent", "GSO 48 × 1,170", "the same, GRO"),
                 [bare_row(one) for one in rows if not one["name"].startswith("…")])
    starved = "\n\n\\* the machine was busy with something else: that delay is not the relay's." \
        if any(rig.is_starved(one["run"]) for one in rows) else ""
    return f"{loads}{starved}\n\nPackets per CPU second of the kernel alone:\n\n{bare}"


def render_handshakes(seen):
    return (f"{seen['per_cpu_second']:,.0f} joins per CPU second of the relay, each with a QUIC and TLS 1.3 handshake, offer, answer and"
            f" the room's update; {seen['per_second']:,.0f} a second from the load's core ({seen['joined']} clients).")


def render_memory(seen):
    """The first waves one by one, the others by the largest of them."""
    n, waves = seen["participants"], list(zip(seen["waves_kib"], seen["kib_each"]))
    rows = [(f"{n:,} participants", f"{waves[0][0]:,}", f"{waves[0][1]:.1f}")]
    rows += [(f"the same, after {wave * n:,} have come and gone", f"{level:,}", f"{each:.1f}") for wave, (level, each) in enumerate(waves[1:4], 1)]
    if len(waves) > 4:
        most, last = max(waves[4:]), waves[-1]
        rows += [(f"at most in {seen['seconds'] / 60:.0f} minutes, in which {len(waves) * n:,} came and went", f"{most[0]:,}", f"{most[1]:.1f}"),
                 ("at the end of them", f"{last[0]:,}", f"{last[1]:.1f}")]
    return table(("", "resident, KiB", "KiB each"), [("idle", f"{seen['idle_kib']:,}", ""), *rows,
                                                     (f"{capacity.GIVEN_BACK_AFTER} s after all have left", f"{seen['empty_kib']:,}", "")])


def render_storm(seen):
    call = seen["call"]
    return (f"{seen['back']:,} of {seen['clients']:,} clients that dropped and dialled again at once were back in"
            f" {seen['back_in_ms'] / 1000:.2f} s. A room of ten that talked meanwhile lost {call['lost']:,} of {call['expected']:,}"
            f" datagrams, {call['duplicated']} came twice.")


def render_growth(runs):
    plot("growth", "connections", "µs a forwarded datagram", [("", [(r["connections"], r["us_each"]) for r in runs])],
         "set logscale x; set yrange [0:*]; unset key")
    rows = [(f"{r['connections']:,}", r["pps"], f"{r['us_each']:.2f}", f"{r['relay_share']:.0%}", r["lost"], f"{r['delay_p50_ms']:.2f} / {r['delay_p99_ms']:.2f}") for r in runs]
    low, high = min(r["us_each"] for r in runs), max(r["us_each"] for r in runs)
    return (table(("connections", "packets a second of a talker", "µs a datagram", "relay's core", "lost", "delay p50 / p99, ms"), rows)
            + f"\n\nDearest to cheapest: {high / low:.2f}.\n\n![cost over connections](performance/growth.svg)")


def render_growth_alike(runs):
    rows = [(f"{r['connections']:,}", f"{r['forwarded_per_second']:,.0f}", f"{r['us_each']:.2f}", f"{r['relay_share']:.0%}", r["lost"],
             f"{r['delay_p50_ms']:.2f} / {r['delay_p99_ms']:.2f}") for r in runs]
    return (table(("connections", "datagrams a second", "µs a datagram", "relay's core", "lost", "delay p50 / p99, ms"), rows)
            + f"\n\nThe last to the first: {runs[-1]['us_each'] / runs[0]['us_each']:.2f}.")


def render_delay(runs):
    series = [(f"{kind}, flush {flush}", [(r["forwarded_per_second"] / 1000, r[f"delay_{kind}_ms"]) for r in runs if r["flush_us"] == flush])
              for flush in sorted({r["flush_us"] for r in runs}) for kind in ("p50", "p99")]
    plot("delay", "thousand datagrams a second", "ms", series, "set logscale y; set key top left")
    plot("cost", "thousand datagrams a second", "µs a forwarded datagram",
         [(f"flush {flush}", [(r["forwarded_per_second"] / 1000, r["us_each"]) for r in runs if r["flush_us"] == flush])
          for flush in sorted({r["flush_us"] for r in runs})], "set yrange [0:*]")
    rows = [(r["flush_us"], f"{r['forwarded_per_second']:,.0f}", f"{r['relay_share']:.0%}", f"{r['us_each']:.2f}", r["lost"], rig.own_delay(r),
             f"{r['delay_p50_ms']:.2f} / {r['delay_p99_ms']:.2f}{' *' if rig.is_starved(r) else ''}") for r in runs]
    return (table(("`flush_us`", "datagrams a second", "relay's core", "µs a datagram", "lost", "within the relay p50 / p99, ms", "delay p50 / p99, ms"), rows)
            + "\n\n![delay over load](performance/delay.svg) ![cost over load](performance/cost.svg)")


def render_workers(runs):
    rows = [(r["workers"], r["rooms"], f"{r['us_each']:.2f}", f"{r['per_cpu_second']:,.0f}", r["lost"]) for r in runs]
    each, both = capacity.times_of_two(runs)
    return (table(("workers", "rooms", "µs a datagram", "datagrams per CPU second", "lost"), rows)
            + f"\n\nWhere both have a core, two workers carry {each:.2f} times what one does, at as much for each as it had, and {both:.2f} times at as"
              " much for both: who has less to do at a time takes more for each.")


def render_one_room(runs):
    rows = [(r["workers"], f"{r['us_each']:.2f}", f"{r['us_each_busiest']:.2f}", r["lost"], f"{r['delay_p50_ms']:.2f} / {r['delay_p99_ms']:.2f}")
            for r in runs]
    return (table(("workers", "µs a datagram", "of them on the busiest worker", "lost", "delay p50 / p99, ms"), rows)
            + f"\n\nTwo workers carry {runs[0]['us_each_busiest'] / runs[1]['us_each_busiest']:.2f} times what one does, where both have a core.")


def render_encryption(found):
    return table(("µs a datagram", "GnuTLS", "ipsec-mb", ""),
                 [(one["name"], f"{one['gnutls']:.3f}", f"{one['ipsec_mb']:.3f}", f"{-encryption.saved(one):+.0%}") for one in found])


def render_federation(runs):
    return table(("relays", "datagrams", "lost", "twice", "delay p50 / p99, ms"),
                 [(r["relays"], f"{r['expected']:,}", r["lost"], r["duplicated"], f"{r['delay_p50_ms']:.2f} / {r['delay_p99_ms']:.2f}") for r in runs])


def render_instructions(found):
    return table(("", "instructions", instructions.PACKETS),
                 [(f"`{name}`: {one['what']}", f"{one['instructions']:,.0f}", f"{one['per_packet']:.2f}" if "per_packet" in one else "")
                  for name, one in found.items()])


RENDER = {"table": render_table, "handshakes": render_handshakes, "memory": render_memory, "storm": render_storm, "growth": render_growth, "growth_alike": render_growth_alike,
          "delay": render_delay, "workers": render_workers, "one_room": render_one_room, "encryption": render_encryption, "federation": render_federation, "instructions": render_instructions}


def plot(name, x, y, series, more):
    """Lines through points, as an SVG of gnuplot's without the noise that changes from run to run."""
    PLOTS.mkdir(exist_ok=True)
    data = "".join(f"$d{i} << EOD\n" + "\n".join(f"{a} {b}" for a, b in points) + "\nEOD\n" for i, (_, points) in enumerate(series))
    lines = ", ".join(f'$d{i} using 1:2 with linespoints pointtype 7 pointsize 0.5 title "{title}"' for i, (title, _) in enumerate(series))
    script = (f'{data}set terminal svg size 560,340 font "sans,12" background "white"\nset output "{PLOTS / name}.svg"\n'
              f'set xlabel "{x}"\nset ylabel "{y}"\nset grid\n{more}\nplot {lines}\n')
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def write(results):
    text = PAGE.read_text()
    for word, found in results["parts"].items():
        between = re.compile(rf"(<!-- bench:{word} -->\n).*?(<!-- /bench -->)", re.S)
        assert between.search(text), f"{PAGE} has no place for {word}"
        rendered = RENDER[word](found) + under(results) + "\n"
        text = between.sub(lambda match: match[1] + rendered + match[2], text)
    PAGE.write_text(text)
    print(f"\nwritten to {PAGE.relative_to(rig.ROOT)}: {', '.join(results['parts'])}")
