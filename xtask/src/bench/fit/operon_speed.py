"""How fast pyoperon evaluates formulas and fits their constants, on one thread: the loops of our own bench beside it.

operon_speed.py: a JSON object a line.
"""
import ast
import json
import time

import numpy as np
import pyoperon as op

LONG_ENOUGH = 0.5
ARITHMETIC = [
    "(a*b + c)/(d - e*0.37) + (a - c)*(b + d)*1.7",
    "(a + 2.3*b - c*d)*(e + a*c) - b/(c + 4.1*e)",
    "a*b*c*d - e*(a + 1.21*b)*(c - d) + a/(b + c + 0.2*d)",
    "(a - b)*(b - c)*(c - d)*(d - e) + 0.5*a*e + b*c/(2.2 + d)",
]
MIXED = [
    "sin(a*b + c)/(d + 4.1*e) + exp(0.1*a - c)*(b + d)",
    "log(a + 2.3*b + c)*cos(e + a*c) - b/sqrt(c + 4.1*e)",
    "a*b*exp(0.2*c - d) - sqrt(e)*(a + 1.21*b)*sin(c - d)",
    "cos(a - b)*(b - c)*log(c + d) + 0.5*a*e + b*c/(2.2 + d)",
]


def table(rows):
    values = np.random.default_rng(1).uniform(0.5, 2.5, (rows, 6))
    return op.Dataset(np.asfortranarray(values))


def ordered(data):
    return sorted(data.Variables, key=lambda variable: variable.Index)


KINDS = {
    ast.Add: op.NodeType.Add,
    ast.Sub: op.NodeType.Sub,
    ast.Mult: op.NodeType.Mul,
    ast.Div: op.NodeType.Div,
    "sin": op.NodeType.Sin,
    "cos": op.NodeType.Cos,
    "exp": op.NodeType.Exp,
    "log": op.NodeType.Log,
    "sqrt": op.NodeType.Sqrt,
}


def nodes(part, hashes):
    """In postfix order, the last operand first: that is how its trees are kept."""
    if isinstance(part, ast.BinOp):
        return nodes(part.right, hashes) + nodes(part.left, hashes) + [op.Node(KINDS[type(part.op)])]
    if isinstance(part, ast.Call):
        return nodes(part.args[0], hashes) + [op.Node(KINDS[part.func.id])]
    if isinstance(part, ast.Name):
        variable = op.Node.Variable(1.0)
        variable.HashValue = hashes[part.id]
        return [variable]
    return [op.Node.Constant(part.value)]


def parsed(formulas, data):
    hashes = dict(zip("abcdey", (variable.Hash for variable in ordered(data))))
    trees = [op.Tree(nodes(ast.parse(formula, mode="eval").body, hashes)) for formula in formulas]
    for tree in trees:
        tree.UpdateNodes()
    return trees


def check(formulas):
    """The trees must say what the formulas say."""
    data = table(16)
    columns = {name: np.asarray(data.Values)[:, at] for at, name in enumerate("abcde")}
    functions = {name: getattr(np, name) for name in ["sin", "cos", "exp", "log", "sqrt"]}
    for formula, tree in zip(formulas, parsed(formulas, data)):
        wanted = eval(formula, functions, columns)
        found = op.Evaluate(tree, data, op.Range(0, 16))
        if not np.allclose(wanted, found, rtol=1e-4):
            raise SystemExit(f"{formula}: {found} is not {wanted}")


def best_rate(run, work):
    best = 0.0
    for _ in range(5):
        begun, turns = time.process_time(), 0
        while time.process_time() - begun < LONG_ENOUGH:
            run()
            turns += 1
        best = max(best, turns * work / (time.process_time() - begun))
    return best


def evaluation(formulas, rows):
    data = table(rows)
    # Many trees a call: what is measured is not Python.
    trees = parsed(formulas, data) * max(1, 250_000 // rows)
    results = np.zeros((len(trees), rows), dtype=np.float32)
    nodes = sum(tree.Length for tree in trees)
    run = lambda: op.EvaluateTrees(trees, data, op.Range(0, rows), results, 1)
    return best_rate(run, nodes * rows) / 1e9


def fits(rows):
    data = table(rows)
    problem = op.Problem(data)
    problem.TrainingRange = op.Range(0, rows)
    problem.Target = ordered(data)[-1]
    dispatch = op.DispatchTable()
    optimizer = op.LMOptimizer(dispatch, problem, max_iter=5)
    coefficients = op.CoefficientOptimizer(optimizer)
    trees = parsed(ARITHMETIC + MIXED, data)
    random = op.RandomGenerator(1)

    def run():
        for tree in trees:
            coefficients(random, tree)

    return best_rate(run, len(trees))


def say(what, measured):
    print(json.dumps({"what": what, "measured": measured}), flush=True)


check(ARITHMETIC + MIXED)
say("evaluation, + - * /, 1024 rows", f"pyoperon {evaluation(ARITHMETIC, 1024):.2g} (single precision)")
say("evaluation, mixed, 1024 rows", f"pyoperon {evaluation(MIXED, 1024):.2g} (single precision)")
say("evaluation, + - * /, 32 rows", f"pyoperon {evaluation(ARITHMETIC, 32):.2g} (single precision)")
for rows in [20, 128]:
    say(f"structures fitted, {rows} rows", f"pyoperon {fits(rows):.0f}/s (5 steps each)")
