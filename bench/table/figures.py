"""Figures of lines: success with intervals, and gains by pairs of the same scenes."""

import math
import random

RESAMPLES = 4000


def key(line):
    return tuple(line[name] for name in ("task", "method", "budget", "seed")) + (
        line.get("shift", ""),
        line.get("rounds", 1),
    )


def by_cell(lines):
    """The last line of each cell."""
    return {key(line): line for line in lines}


def base_of(found, line):
    """The line of the base policy on the same scenes."""
    return found.get((line["task"], "base", 0, line["seed"], line.get("shift", ""), 1))


def kept(found, line):
    """A line as its arm has it: where a round was refused, the base policy goes on."""
    base = base_of(found, line)
    return line | {"outcomes": base["outcomes"]} if line.get("refused") and base else line


def differing(before, after):
    """Differences of two lines on the same scenes; none where one has no outcomes, or other scenes."""
    if not before or not after or not after["outcomes"] or len(before["outcomes"]) != len(after["outcomes"]):
        return []
    return [won - lost for lost, won in zip(before["outcomes"], after["outcomes"], strict=True)]


def gains(lines, over):
    """Differences of lines to what `over` says of each, by task and seed."""
    found = {(line["task"], line["seed"]): differing(over(line), line) for line in lines}
    return {pair: one for pair, one in found.items() if one}


def interval(gained):
    """Mean gain in points with its 95 % bootstrap interval, over pairs; over the scenes of one pair alone."""
    drawn, random_of = [], random.Random(1)
    values = [100 * sum(one) / len(one) for one in gained] if len(gained) > 1 else [100 * d for d in gained[0]]
    for _ in range(RESAMPLES):
        drawn.append(sum(random_of.choices(values, k=len(values))) / len(values))
    drawn.sort()
    return sum(values) / len(values), drawn[int(0.025 * len(drawn))], drawn[int(0.975 * len(drawn))]


def gain(gained):
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*interval(list(gained.values()))) if gained else ""


def share(line):
    return sum(line["outcomes"]) / len(line["outcomes"])


def wilson(won, n, z=1.959964):
    of = won / n
    centre, spread = of + z * z / (2 * n), z * math.sqrt(of * (1 - of) / n + z * z / (4 * n * n))
    return of, (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


def told(line):
    """A cell in words: success with its 95 % Wilson interval."""
    if line["outcomes"]:
        return "{:.3f} [{:.3f}, {:.3f}]".format(*wilson(sum(line["outcomes"]), line["n"]))
    return "refused" if line.get("refused") else "failed"


def mean(values, form):
    """The mean of the values that are there, in words."""
    values = [value for value in values if value is not None]
    return form.format(sum(values) / len(values)) if values else ""


def hours(lines):
    return sum(line["cpu_s"] for line in lines) / 3600
