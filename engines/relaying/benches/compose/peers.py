"""Other programs on the grid of 118 buses: compositions per second of one core, recomputed one by one.

pandapower: LLL, LL and LG at all buses with all branch currents (it has no faults on lines, no LLG).
power-grid-model: all four kinds at all buses, one scenario per composition and bus.
Prints one JSON object. Processor time; argument: the MATPOWER case.
"""

import json
import random
import re
import sys
import time
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
COMPOSITIONS = 3


def tables(path):
    """The matrices of a MATPOWER file."""
    text = re.sub(r"%.*", "", open(path, encoding="utf-8").read())
    found = {}
    for name in ("bus", "gen", "branch"):
        body = re.search(r"mpc\." + name + r"\s*=\s*\[(.*?)\]", text, re.S).group(1)
        rows = [[float(word) for word in row.split()] for row in body.split(";") if row.strip()]
        found[name] = rows
    return found


def off(units, chance):
    """Units that are off in a random composition."""
    return [unit for unit in units if chance.random() < 0.3]


def pandapower_rate(path):
    import numpy as np
    import pandapower as pp
    import pandapower.shortcircuit as sc

    data = tables(path)
    net = pp.create_empty_network()
    bus = {int(row[0]): pp.create_bus(net, 138.0) for row in data["bus"]}
    base = 138.0**2 / 100.0
    for row in data["branch"]:
        pp.create_line_from_parameters(
            net, bus[int(row[0])], bus[int(row[1])], 1.0, max(row[2] * base, 1e-3), row[3] * base, 0.0, 1.0,
            r0_ohm_per_km=3 * max(row[2] * base, 1e-3), x0_ohm_per_km=3 * row[3] * base, c0_nf_per_km=0.0,
            endtemp_degree=80.0)
    gens = []
    for at, row in enumerate(data["gen"]):
        mva = max(row[8], 20.0) / 0.85
        if at == 0:
            pp.create_ext_grid(net, bus[int(row[0])], s_sc_max_mva=5 * mva, s_sc_min_mva=5 * mva, rx_max=0.1,
                               rx_min=0.1, x0x_max=1.0, x0x_min=1.0, r0x0_max=0.1, r0x0_min=0.1)
        else:
            gens.append(pp.create_gen(net, bus[int(row[0])], 0.0, sn_mva=mva, vn_kv=138.0, xdss_pu=0.2,
                                      rdss_ohm=0.01 * 138.0**2 / mva, cos_phi=0.85))
    chance = random.Random(1)
    np.seterr(all="ignore")

    def one():
        net.gen["in_service"] = True
        net.gen.loc[off(gens, chance), "in_service"] = False
        for fault in ("3ph", "2ph", "1ph"):
            sc.calc_sc(net, fault=fault, case="min", branch_results=True, return_all_currents=True)

    one()
    start = time.process_time()
    for _ in range(COMPOSITIONS):
        one()
    return COMPOSITIONS / (time.process_time() - start), pp.__version__


def grid_model_rate(path):
    import power_grid_model as pgm
    from power_grid_model import initialize_array

    data = tables(path)
    base = 138e3**2 / 100e6
    number = {int(row[0]): at for at, row in enumerate(data["bus"])}
    nodes = initialize_array("input", "node", len(data["bus"]))
    nodes["id"], nodes["u_rated"] = list(range(len(nodes))), 138e3
    lines = initialize_array("input", "line", len(data["branch"]))
    for at, row in enumerate(data["branch"]):
        r, x = max(row[2] * base, 1e-3), row[3] * base
        lines[at]["id"], lines[at]["from_node"], lines[at]["to_node"] = 1000 + at, number[int(row[0])], number[int(row[1])]
        lines[at]["from_status"] = lines[at]["to_status"] = 1
        lines[at]["r1"], lines[at]["x1"], lines[at]["c1"], lines[at]["tan1"] = r, x, 0.0, 0.0
        lines[at]["r0"], lines[at]["x0"], lines[at]["c0"], lines[at]["tan0"] = 3 * r, 3 * x, 0.0, 0.0
    sources = initialize_array("input", "source", len(data["gen"]))
    for at, row in enumerate(data["gen"]):
        sources[at]["id"], sources[at]["node"], sources[at]["status"] = 3000 + at, number[int(row[0])], 1
        sources[at]["u_ref"], sources[at]["sk"] = 1.0, 5e6 * max(row[8], 20.0) / 0.85
        sources[at]["rx_ratio"], sources[at]["z01_ratio"] = 0.1, 1.0
    fault = initialize_array("input", "fault", 1)
    fault["id"], fault["status"], fault["fault_object"] = 5000, 1, 0
    fault["r_f"], fault["x_f"] = 0.0, 0.0
    chance = random.Random(1)
    spent = 0.0
    for kind, phase in ((0, 0), (1, 1), (2, 4), (3, 4)):
        fault["fault_type"], fault["fault_phase"] = kind, phase
        model = pgm.PowerGridModel({"node": nodes, "line": lines, "source": sources, "fault": fault})
        count = COMPOSITIONS * len(nodes)
        faults = initialize_array("update", "fault", (count, 1))
        faults["id"], faults["fault_object"][:, 0] = 5000, [at % len(nodes) for at in range(count)]
        units = initialize_array("update", "source", (count, len(sources)))
        units["id"], units["status"] = sources["id"], 1
        for composition in range(COMPOSITIONS):
            for unit in off(range(1, len(sources)), chance):
                units["status"][composition * len(nodes):(composition + 1) * len(nodes), unit] = 0
        start = time.process_time()
        model.calculate_short_circuit(update_data={"fault": faults, "source": units}, threading=-1,
                                      output_component_types=["line"])
        spent += time.process_time() - start
    return COMPOSITIONS / spent, version("power-grid-model")


def main():
    found = {}
    for name, rate in (("pandapower", pandapower_rate), ("power-grid-model", grid_model_rate)):
        try:
            found[name] = rate(sys.argv[1])
        except Exception as error:  # The other one still counts.
            found[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(found))


if __name__ == "__main__":
    main()
