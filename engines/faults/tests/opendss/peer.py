"""Solves scripts of OpenDSS: one JSON object per line in, one out; volts and amperes as [real, imaginary]."""

import json
import sys

from dss import DSS


def sums(circuit, name):
    """Currents into an element by node of the circuit."""
    circuit.SetActiveElement(name)
    element = circuit.ActiveCktElement
    values = element.Currents
    buses = [bus.split(".")[0].lower() for bus in element.BusNames]
    nodes = element.NodeOrder
    conductors = len(nodes) // len(buses)
    currents = [complex(values[2 * at], values[2 * at + 1]) for at in range(len(nodes))]
    found = {}
    for at, node in enumerate(nodes):
        key = f"{buses[at // conductors]}.{node}"
        found[key] = found.get(key, 0) + currents[at]
    return currents, found


def solve(question):
    DSS.Text.Commands(question["text"])
    circuit = DSS.ActiveCircuit
    flat = circuit.YNodeVarray
    volts = {}
    for at, name in enumerate(circuit.YNodeOrder):
        volts[name.lower()] = complex(flat[2 * at], flat[2 * at + 1])
    cache = {}
    ends = []
    for end in question["ends"]:
        total = [0j, 0j, 0j]
        for element in end["elements"]:
            name = element["name"]
            if name not in cache:
                cache[name] = sums(circuit, name)
            currents, by_node = cache[name]
            for phase, node in enumerate(end["nodes"]):
                if element["conductors"]:
                    total[phase] += currents[element["conductors"][phase]]
                else:
                    total[phase] += by_node.get(node.lower(), 0)
        ends.append([[value.real, value.imag] for value in total])
    buses = [[[volts.get(node.lower(), 0j).real, volts.get(node.lower(), 0j).imag] for node in nodes] for nodes in question["buses"]]
    return {"buses": buses, "ends": ends}


def main():
    DSS.AllowForms = False
    for line in sys.stdin:
        try:
            answer = solve(json.loads(line))
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


main()
