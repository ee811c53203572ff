"""One grid in pandapower: gives it short-circuit data by a fixed rule, writes it where the other side reads it, computes
faults at all buses, and prints one JSON object with times, memory and results.

Usage: pandapower_peer.py GRID FILE KIND[,KIND]
"""

import json
import resource
import signal
import sys
import time
import warnings

import pandapower
import pandapower.networks
from pandapower.shortcircuit import calc_sc

# A grid that takes longer is given up.
SECONDS = 150

KINDS = {"lll": "3ph", "lg": "1ph"}


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


def main():
    signal.alarm(SECONDS)
    warnings.filterwarnings("ignore")
    name, file, kinds = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
    net = with_data(getattr(pandapower.networks, name)())
    pandapower.to_json(net, file)
    told = {"version": pandapower.__version__, "buses": len(net.bus)}
    small = with_data(pandapower.networks.case9())
    for kind in kinds:
        measured(small, kind)
        times = [measured(net, kind) for _ in range(1 if len(net.bus) > 1000 else 5)]
        cpu_ms, wall_ms = sorted(times)[len(times) // 2]
        ikss = {str(bus): value for bus, value in net.res_bus_sc.ikss_ka.items() if value == value}
        told[kind] = {"cpu_ms": cpu_ms, "wall_ms": wall_ms, "ikss_ka": ikss}
    told["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(told, sys.stdout)


main()
