"""How far figures made now are from those that are kept, over all expected.json of two folders.

same.py KEPT MADE TOLERANCE
"""
import json
import pathlib
import sys


def differences(kept, made, place):
    if isinstance(kept, dict):
        for name in kept:
            yield from differences(kept[name], made[name], f"{place} {name}")
    elif isinstance(kept, list):
        for one, other in zip(kept, made, strict=True):
            yield from differences(one, other, place)
    elif isinstance(kept, (int, float)):
        size = max(abs(kept), abs(made))
        # Iterations that end at rounding leave zeros that are none.
        yield (abs(kept - made) / size if size > 1e-8 else 0.0), place


kept, made, tolerance = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3])
found = []
for file in sorted(kept.glob("*/expected.json")):
    new = json.loads((made / file.parent.name / "expected.json").read_text())
    found.extend(differences(json.loads(file.read_text()), new, file.parent.name))
most, place = max(found)
beyond = sum(difference > tolerance for difference, _ in found)
import statsmodels

print(f"statsmodels {statsmodels.__version__}: {len(found)} figures, {beyond} beyond rounding, at most {most:.1e} ({place})")
