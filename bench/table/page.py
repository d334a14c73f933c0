"""Pages of the table, from its lines: Markdown for reading in the repository, HTML with a plot of each task."""

import html
import math
import random
from collections import defaultdict

import cells

NAMES = {
    "base": "base policy", "clone-successes": "cloning of successes", "clone-by-advantage": "cloning by advantage",
    "dpo": "DPO", "online-grpo": "online GRPO", "wmpo": "WMPO in small", "wovr": "WoVR in small",
}  # fmt: skip
RESAMPLES = 4000
# Success in percent as the papers print it (docs/method.md): their tasks, their policies, not these.
PAPERS = {
    128: "base 33.6, online GRPO 33.2, DPO 37.3, WMPO 47.1",
    1280: "base 33.6, online GRPO 37.1, DPO 42.4, WMPO 57.6",
}


def by_cell(lines):
    """The last line of each cell."""
    return {(line["task"], line["method"], line["budget"], line["seed"]): line for line in lines}


def gains(found, method, budget, task=None, over="base"):
    """Paired gains in points of the task-seed pairs that have both."""
    pairs = {}
    for (task_of, method_of, budget_of, seed), line in found.items():
        if method_of != method or budget_of != budget or task not in (None, task_of) or not line["outcomes"]:
            continue
        before = found.get((task_of, over, 0 if over == "base" else budget, seed))
        if before and len(before["outcomes"]) == len(line["outcomes"]):
            differences = [after - won for won, after in zip(before["outcomes"], line["outcomes"], strict=True)]
            pairs[task_of, seed] = differences
    return pairs


def interval(pairs):
    """Mean gain in points with its 95 % bootstrap interval, over pairs; over the scenes of one pair alone."""
    drawn, random_of = [], random.Random(1)
    values = [100 * sum(one) / len(one) for one in pairs] if len(pairs) > 1 else [100 * d for d in pairs[0]]
    for _ in range(RESAMPLES):
        drawn.append(sum(random_of.choices(values, k=len(values))) / len(values))
    drawn.sort()
    return sum(values) / len(values), drawn[int(0.025 * len(drawn))], drawn[int(0.975 * len(drawn))]


def gain(pairs):
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*interval(list(pairs.values()))) if pairs else ""


def wilson(won, n, z=1.959964):
    share = won / n
    centre, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


def rows(lines):
    """Of each task, budget and method: success of every seed, gain over base, and what was refused or failed."""
    found = by_cell(lines)
    of = defaultdict(dict)
    for (task, method, budget, seed), line in found.items():
        of[task, budget, method][seed] = line
    for task in cells.DEMONSTRATIONS:
        for budget in sorted({key[1] for key in of if key[0] == task}):
            for method in cells.METHODS:
                seeds = of.get((task, budget, method))
                if seeds:
                    yield task, budget, method, seeds, gain(gains(found, method, budget, task)) if budget else ""


def told(line):
    """A cell in words."""
    if line["outcomes"]:
        return "{:.3f}".format(sum(line["outcomes"]) / line["n"])
    return "refused" if line.get("refused") else "failed"


def summary(lines):
    """Best of ours over the best baseline of each task and seed, and over the base."""
    found = by_cell(lines)
    for budget in sorted({line["budget"] for line in lines} - {0}):
        best = {}
        for side, methods in (("ours", cells.OURS), ("baseline", ["base", *cells.BASELINES])):
            for task, seed in sorted({key[0::3] for key in found}):
                have = [found.get((task, method, 0 if method == "base" else budget, seed)) for method in methods]
                have = [line["outcomes"] for line in have if line and line["outcomes"]]
                if have:
                    best[side, task, seed] = max(have, key=sum)
        for name, over in (("the best baseline", "baseline"), ("the base policy", "base")):
            pairs = {}
            for side, task, seed in best:
                other = best.get((over, task, seed))
                if over == "base":
                    line = found.get((task, "base", 0, seed))
                    other = line["outcomes"] if line else None
                if side == "ours" and other and len(other) == len(best[side, task, seed]):
                    differences = zip(other, best[side, task, seed], strict=True)
                    pairs[task, seed] = [after - before for before, after in differences]
            if pairs:
                told = f"{gain(pairs)} points, {len(pairs)} task-seed pairs"
                yield f"{budget} rollouts, the best of ours over {name}: {told}"


def markdown(lines):
    n = sorted({line["n"] for line in lines if line["n"]})
    hours = sum(line["cpu_s"] for line in lines) / 3600
    text = [
        "# The table",
        "",
        "Made by `python3 bench/table page` from the lines that `python3 bench/table run` leaves; "
        f"{len(lines)} cells, {hours:.1f} CPU hours. Success is real: sampled at temperature 1 over ROS 2, "
        f"on {' or '.join(map(str, n))} test scenes of each seed that nothing was learned or chosen on. "
        "Policies are small (docs/method.md), demonstrations are a scripted expert's; beside the papers' figures stand "
        "other tasks and other policies, so that only the order of methods can be compared. `refused`: a gate of the "
        "trainer said no.",
        "",
        *(f"- {line}" for line in summary(lines)),
        *(f"- the papers at {budget} (WMPO, mean of four tasks): {words}" for budget, words in PAPERS.items()),
        "",
        "| task | rollouts | method | success of each seed | gain over base, points |",
        "|---|---|---|---|---|",
    ]
    for task, budget, method, seeds, over in rows(lines):
        each = ", ".join(told(seeds[seed]) for seed in sorted(seeds))
        text.append(f"| `{task}` | {budget or ''} | {NAMES[method]} | {each} | {over} |")
    said = [(key, line) for key, line in by_cell(lines).items() if line.get("refused") or line.get("failed")]
    if said:
        text += ["", "## What was refused or failed", ""]
        for (task, method, budget, seed), line in sorted(said):
            why = line.get("refused") or line.get("failed")
            text.append(f"- `{task}`, {NAMES[method]}, {budget}, seed {seed}: {why}")
    return "\n".join(text) + "\n"


def plot(task, found):
    """Success of each method as dots of its seeds with their intervals."""
    height, left, width = 22, 230, 420
    parts = []
    for row, (budget, method, seeds) in enumerate(found):
        y = 20 + row * height
        name = NAMES[method] + (f", {budget}" if budget else "")
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{html.escape(name)}</text>')
        lines = [seeds[seed] for seed in sorted(seeds)]
        for number, line in enumerate(lines):
            if not line["outcomes"]:
                parts.append(f'<text x="{left + 60 * number}" y="{y + 4}" class="no">{told(line)}</text>')
                continue
            at = y + 4 * (number - (len(lines) - 1) / 2)
            share, low, high = (left + width * value for value in wilson(sum(line["outcomes"]), line["n"]))
            parts.append(f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{at}" y2="{at}"/>')
            parts.append(f'<circle cx="{share:.1f}" cy="{at}" r="3"/>')
    bottom = 20 + len(found) * height
    for tick in range(0, 11, 2):
        x = left + width * tick / 10
        parts.append(f'<path d="M{x} 8V{bottom}"/>')
        parts.append(f'<text x="{x}" y="{bottom + 14}" text-anchor="middle">{tick / 10:.1f}</text>')
    size = f'width="{left + width + 20}" height="{bottom + 24}"'
    return f"<h2>{html.escape(task)}</h2><svg {size}>{''.join(parts)}</svg>"


def page(lines):
    of = defaultdict(list)
    for task, budget, method, seeds, _ in rows(lines):
        of[task].append((budget, method, seeds))
    plots = "".join(plot(task, found) for task, found in of.items())
    points = "".join(f"<li>{html.escape(line)}</li>" for line in summary(lines))
    return f"""<!doctype html><meta charset="utf-8"><title>The table</title>
<style>body{{font:15px sans-serif;max-width:46em;margin:2em auto}}svg{{font:12px sans-serif}}
path{{stroke:#ddd}}line{{stroke:#27c}}circle{{fill:#27c}}.no{{fill:#b40}}</style>
<h1>The table</h1>
<p>Real success on test scenes; a dot a seed, with its 95 % Wilson interval. table.md has the numbers.</p>
<ul>{points}</ul>{plots}
"""


def write(lines, folder):
    """Writes both pages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(markdown(lines))
    (folder / "table.html").write_text(page(lines))
