"""Pages of the table, from its lines: Markdown for reading in the repository, HTML with a plot of each task."""

import html
import math
import random
from collections import defaultdict

import cells
import pairs
from lines import text_of

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
    both = {}
    for (task_of, method_of, budget_of, seed), line in found.items():
        if method_of != method or budget_of != budget or task not in (None, task_of) or not line["outcomes"]:
            continue
        before = found.get((task_of, over, 0 if over == "base" else budget, seed))
        if before and len(before["outcomes"]) == len(line["outcomes"]):
            differences = [after - won for won, after in zip(before["outcomes"], line["outcomes"], strict=True)]
            both[task_of, seed] = differences
    return both


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
    """A cell in words: success with its 95 % Wilson interval."""
    if line["outcomes"]:
        return "{:.3f} [{:.3f}, {:.3f}]".format(*wilson(sum(line["outcomes"]), line["n"]))
    return "refused" if line.get("refused") else "failed"


def hours(lines):
    return sum(line["cpu_s"] for line in lines) / 3600


def missing(lines, size):
    """Of each task and seed the methods of a size that have no line yet, in words."""
    there, waiting, every = by_cell(lines), defaultdict(list), defaultdict(int)
    for cell in cells.cells(size):
        every[cell.task, cell.seed] += 1
        if (cell.task, cell.method, cell.budget, cell.seed) not in there:
            name = NAMES[cell.method] + (f" with {cell.budget}" if len(size.budgets) > 1 and cell.budget else "")
            waiting[cell.task, cell.seed].append(name)
    return [
        f"{task}, seed {seed}: {'all' if len(names) == every[task, seed] else ', '.join(names)}"
        for (task, seed), names in waiting.items()
    ]


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
            differing = {}
            for side, task, seed in best:
                other = best.get((over, task, seed))
                if over == "base":
                    line = found.get((task, "base", 0, seed))
                    other = line["outcomes"] if line else None
                if side == "ours" and other and len(other) == len(best[side, task, seed]):
                    differences = zip(other, best[side, task, seed], strict=True)
                    differing[task, seed] = [after - before for before, after in differences]
            if differing:
                told = f"{gain(differing)} points, {len(differing)} task-seed pairs"
                yield f"{budget} rollouts, the best of ours over {name}: {told}"


def versions(lines):
    """Of each code its hash, its commit and the pairs that were measured with it, the newest last."""
    for code, of_code in pairs.codes(lines).items():
        commit = {f"{line['revision']} of {line['date'][:10]}" for line in of_code if line.get("revision")}
        named = ", ".join(f"{task} {seed}" for task, seed in sorted(pairs.of(of_code)))
        yield code, " and ".join(sorted(commit)) or "not told", named


def introduction(lines):
    """What the figures are, in sentences."""
    n = sorted({line["n"] for line in lines if line["n"]})
    machines = sorted({line["machine"] for line in lines if "machine" in line})
    return [
        f"{len(lines)} cell{'' if len(lines) == 1 else 's'}, {hours(lines):.2f} CPU hours"
        + (f", on {' and '.join(machines)}, beside other work" if machines else "")
        + ". A cell's hours have in them what it was the first to need: demonstrations, models, rollouts; insert, "
        "seed 1, begins with the models of the repository.",
        "Success is real: sampled at temperature 1 over ROS 2, on "
        f"{' or '.join(map(str, n)) or 'no'} test scenes of each seed that nothing was learned or chosen on; "
        "in brackets 95 % intervals, of gains over pairs of the same scenes.",
        "Policies are small, demonstrations are a scripted expert's: beside the papers' figures stand other tasks and "
        "other policies, so that only the order of methods can be compared.",
        "Cells of a task and seed were measured with one code, those of another perhaps with another, as told below.",
    ]


def markdown(lines, waiting, refused=()):
    text = [
        "# The table",
        "",
        "Made by `python3 bench/table page` from the lines that `python3 bench/table run` left in "
        "[table.jsonl](table.jsonl); how a cell is run stands in [tasks.md](../tasks.md#the-table).",
        "",
        *introduction(lines),
        "",
        *(f"- {line}" for line in summary(lines)),
        *(f"- the papers at {budget} (WMPO, mean of four tasks): {words}" for budget, words in PAPERS.items()),
        "",
        "| task | rollouts | method | success of each seed | gain over base, points | CPU hours |",
        "|---|---|---|---|---|---|",
    ]
    for task, budget, method, seeds, over in rows(lines):
        each = ", ".join(told(seeds[seed]) for seed in sorted(seeds))
        cost = f"{hours(seeds.values()):.2f}"
        text.append(f"| `{task}` | {budget or ''} | {NAMES[method]} | {each} | {over} | {cost} |")
    if waiting:
        text += ["", "Not run yet:", "", *(f"- {one}" for one in waiting)]
    said = [(key, line) for key, line in by_cell(lines).items() if line.get("refused") or line.get("failed")]
    if said:
        text += ["", "## What was refused or failed", ""]
        for (task, method, budget, seed), line in sorted(said):
            why = line.get("refused") or line.get("failed")
            text.append(f"- `{task}`, {NAMES[method]}, {budget}, seed {seed}: {why}")
    if refused:
        text += ["", "Left out:", "", *(f"- {one}" for one in refused)]
    text += ["", "## The code", "", "| code | last commit of its sources | task and seed |", "|---|---|---|"]
    text += [f"| {code} | {commit} | {named} |" for code, commit, named in versions(lines)]
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
                parts.append(f'<text x="{left + 8 + 60 * number}" y="{y + 4}" class="no">{told(line)}</text>')
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
    return f"<h3>{html.escape(task)}</h3><svg {size}>{''.join(parts)}</svg>"


def table(lines):
    """The rows as HTML."""
    head = "<tr><th>task<th>rollouts<th>method<th>success of each seed<th>gain over base, points<th>CPU hours"
    body = []
    for task, budget, method, seeds, over in rows(lines):
        each = "<br>".join(told(seeds[seed]) for seed in sorted(seeds))
        values = (html.escape(task), budget or "", NAMES[method], each, over, f"{hours(seeds.values()):.2f}")
        body.append("<tr>" + "".join(f"<td>{value}" for value in values))
    return f"<table>{head}{''.join(body)}</table>"


def page(lines, waiting, refused=()):
    of = defaultdict(list)
    for task, budget, method, seeds, _ in rows(lines):
        of[task].append((budget, method, seeds))
    plots = "".join(plot(task, found) for task, found in of.items())
    points = "".join(f"<li>{html.escape(line)}</li>" for line in summary(lines))
    told_first = "".join(f"<p>{html.escape(line)}</p>" for line in introduction(lines))
    later = "".join(f"<li>{html.escape(one)}</li>" for one in waiting)
    later = f"<p>Not run yet:</p><ul>{later}</ul>" if waiting else ""
    left_out = "".join(f"<li>{html.escape(one)}</li>" for one in refused)
    left_out = f"<p>Left out:</p><ul>{left_out}</ul>" if refused else ""
    code = "".join("<tr>" + "".join(f"<td>{html.escape(one)}" for one in version) for version in versions(lines))
    return f"""<!doctype html><meta charset="utf-8"><title>The table</title>
<style>body{{font:15px sans-serif;max-width:56em;margin:2em auto;padding:0 1em}}svg{{font:12px sans-serif}}
path{{stroke:#ddd}}line{{stroke:#27c}}circle{{fill:#27c}}.no{{fill:#b40}}
table{{border-collapse:collapse;margin:1em 0}}th{{text-align:left;border-bottom:1px solid #888}}
td,th{{padding:.2em .8em .2em 0;vertical-align:top}}</style>
<h1>The table</h1>
{told_first}<ul>{points}</ul>{table(lines)}{later}{left_out}
<h2>Success</h2><p>A dot a seed, with its 95 % interval.</p>{plots}
<h2>The code</h2><table><tr><th>code<th>last commit of its sources<th>task and seed{code}</table>
"""


def write(lines, size, folder):
    """Writes both pages, and beside them all lines; returns why pairs were left out."""
    folder.mkdir(parents=True, exist_ok=True)
    used, refused = pairs.chosen(size, lines)
    waiting = missing(used, size)
    (folder / "table.md").write_text(markdown(used, waiting, refused))
    (folder / "table.html").write_text(page(used, waiting, refused))
    (folder / "table.jsonl").write_text("".join(text_of(line) + "\n" for line in lines))
    return refused
