"""Grids in pandapower: gives each short-circuit data by a fixed rule, writes it where the other side reads it, and
computes faults at all buses.

Each grid and kind is computed in a process of its own, forked when everything is loaded and compiled: its time is that of
the computation, its memory that of the interpreter and the computation. One that takes more than its share of the
processor is ended; memory is limited so that one which wants too much fails instead of the machine. One JSON object per
grid and kind, with what was used also where nothing came of it.

Usage: pandapower_peer.py FOLDER SECONDS GRID[,GRID] KIND[,KIND]
"""

import json
import os
import resource
import select
import signal
import sys
import time
import warnings

import pandapower
import pandapower.networks
from pandapower.shortcircuit import calc_sc

KINDS = {"lll": "3ph", "lg": "1ph"}

# Bytes of memory one computation may ask for.
MEMORY = 12 << 30

# How often slower than the processor the clock may run on a busy machine.
BUSY = 4


def with_data(net):
    """Machines: x"d 20 % on max(P, 20 MW)/0.85. Zero sequence: r0 = 2 r1, x0 = 3 x1, transformers YNyn.

    No magnetising branches: this version takes mag0_percent as a percentage, PowerFactory's records as a ratio.
    """
    net.sgen.drop(net.sgen.index, inplace=True)
    net.gen["sn_mva"] = net.gen.p_mw.clip(lower=20.0) / 0.85
    net.gen["vn_kv"] = net.bus.vn_kv.loc[net.gen.bus].values
    net.gen["xdss_pu"] = 0.2
    net.gen["rdss_ohm"] = 0.05 * 0.2 * net.gen.vn_kv**2 / net.gen.sn_mva
    net.gen["cos_phi"] = 0.85
    net.ext_grid["s_sc_max_mva"] = 5000.0
    net.ext_grid["rx_max"] = 0.1
    net.ext_grid["x0x_max"] = 1.0
    net.ext_grid["r0x0_max"] = 0.1
    net.line["r0_ohm_per_km"] = 2.0 * net.line.r_ohm_per_km
    net.line["x0_ohm_per_km"] = 3.0 * net.line.x_ohm_per_km
    net.line["c0_nf_per_km"] = 0.0
    net.trafo["vector_group"] = "YNyn"
    net.trafo["vk0_percent"] = net.trafo.vk_percent
    net.trafo["vkr0_percent"] = net.trafo.vkr_percent
    net.trafo["mag0_percent"] = 1e12
    net.trafo["mag0_rx"] = 0.0
    net.trafo["si0_hv_partial"] = 0.5
    for end in ("ft", "tf"):
        if len(net.impedance):
            net.impedance[f"r{end}0_pu"] = 2.0 * net.impedance[f"r{end}_pu"]
            net.impedance[f"x{end}0_pu"] = 3.0 * net.impedance[f"x{end}_pu"]
    return net


def measured(net, kind):
    wall, cpu = time.perf_counter(), time.process_time()
    calc_sc(net, fault=KINDS[kind], case="max", inverse_y=False)
    return (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3


def computed(net, kind):
    """Median times of some runs and the results; of one run where the grid is large."""
    times = [measured(net, kind) for _ in range(1 if len(net.bus) > 1000 else 5)]
    cpu_ms, wall_ms = sorted(times)[len(times) // 2]
    ikss = {str(bus): value for bus, value in net.res_bus_sc.ikss_ka.items() if value == value}
    return {"cpu_ms": cpu_ms, "wall_ms": wall_ms, "ikss_ka": ikss}


def peak_mib(pid="self"):
    """The greatest memory a process had; none where it is over."""
    with open(f"/proc/{pid}/status") as status:
        lines = [line for line in status if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1024 if lines else None


def tell(out, net, kind):
    """What becomes of the computation, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        told = computed(net, kind)
    except BaseException as error:
        reason = f"{type(error).__name__}: {error}".strip(": ").splitlines()[0]
        told = {"error": reason, "cpu_ms": time.process_time() * 1e3}
    with os.fdopen(out, "w") as stream:
        json.dump({**told, "mib": peak_mib()}, stream)


def cpu_ms(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e3 / os.sysconf("SC_CLK_TCK")


def watched(net, kind, seconds):
    """Computes in a process of its own, for so many seconds of the processor at most."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        tell(writer, net, kind)
        os._exit(0)
    os.close(writer)
    text, start, ended = b"", time.monotonic(), None
    used = {"cpu_ms": 0.0, "mib": None}
    while ended is None:
        if select.select([reader], [], [], 0.2)[0]:
            piece = os.read(reader, 1 << 16)
            if not piece:
                break
            text += piece
            continue
        used = {"cpu_ms": cpu_ms(pid), "mib": peak_mib(pid)}
        clock = time.monotonic() - start
        if used["cpu_ms"] > seconds * 1e3 or clock > BUSY * seconds:
            ended = f"given up after {clock:.0f} s by the clock"
            os.kill(pid, signal.SIGKILL)
    os.close(reader)
    killed_by = os.waitpid(pid, 0)[1] & 0x7F
    if ended is None and killed_by:
        ended = f"ended by signal {killed_by}"
    return {"error": ended, **used} if ended else json.loads(text)


def main():
    warnings.filterwarnings("ignore")
    folder, seconds, grids, kinds = sys.argv[1], float(sys.argv[2]), sys.argv[3].split(","), sys.argv[4].split(",")
    for kind in kinds:
        measured(with_data(pandapower.networks.case9()), kind)
    for grid in grids:
        net = with_data(getattr(pandapower.networks, grid)())
        pandapower.to_json(net, os.path.join(folder, f"{grid}.json"))
        for kind in kinds:
            told = {"grid": grid, "kind": kind, "buses": len(net.bus), **watched(net, kind, seconds)}
            print(json.dumps(told), flush=True)


main()
