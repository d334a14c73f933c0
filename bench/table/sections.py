"""What stands in each section of the table's pages, made from lines alone: one for each size."""

import statistics
from collections import defaultdict
from dataclasses import dataclass, field

import cells
import figures
import mechanisms
import plots
from figures import told

NAMES = {
    "base": "base policy", "clone-successes": "cloning of successes", "clone-by-advantage": "cloning by advantage",
    "dpo": "DPO", "online-grpo": "online GRPO", "wmpo": "WMPO in small", "wovr": "WoVR in small",
}  # fmt: skip
# Gains over base in points as the papers print them (docs/method.md): their tasks, their policies, not these.
PAPERS = {
    ("online-grpo", 128): "-0.4", ("dpo", 128): "+3.7", ("wmpo", 128): "+13.5",
    ("online-grpo", 1280): "+3.5", ("dpo", 1280): "+8.8", ("wmpo", 1280): "+24.0", ("wovr", 128): "+29.3",
}  # fmt: skip
# Success in percent under a shift, of WMPO's paper.
SHIFTED = {
    "base": "14.1, 46.1, 10.9", "online-grpo": "15.6, 47.7, 10.9", "dpo": "16.4, 34.4, 7.8", "wmpo": "22.3, 50.0, 16.4",
}  # fmt: skip
TITLES = {
    "small": "The planar arm's tasks, one seed",
    "first": "The planar arm's tasks, 128 rollouts",
    "thousand": "The planar arm's tasks, 1280 rollouts",
    "panda": "The Panda in scenes of robosuite and LIBERO, 128 rollouts",
    "mechanisms": "Mechanisms",
    "lifelong": "Round after round",
    "shifts": "Scenes that differ from those that were learned from",
    "whole": "All tasks and budgets",
    "ci": "The size of a check",
    "trial": "A trial of the queue",
}


# Mechanisms whose arms have world models of their own.
OF_THE_WORLD_MODEL = ("memory", "noise", "alignment", "network")


@dataclass
class Table:
    """Words between backticks are names."""

    head: list
    rows: list
    title: str = ""
    plots: list = field(default_factory=list)


@dataclass
class Section:
    title: str
    points: list
    tables: list


def seeds_of(lines):
    """Lines by task, budget, method, shift and rounds: of each the seeds in their order."""
    found = defaultdict(list)
    for line in sorted(figures.by_cell(lines).values(), key=lambda one: one["seed"]):
        task, method, budget, _, shift, rounds = figures.key(line)
        found[task, budget, method, shift, rounds].append(line)
    return found


def gain_over_base(found, lines):
    lines = [figures.kept(found, line) for line in lines]
    return figures.gain(figures.gains(lines, lambda line: figures.base_of(found, line)))


def methods(size, lines):
    """Success of each method, the gain over base, and how long a success takes."""
    of_methods = (one for one in lines if one["method"] in cells.METHODS)
    lines = [one for one in of_methods if not one.get("shift") and one.get("rounds", 1) == 1]
    found, of, rows = figures.by_cell(lines), seeds_of(lines), []
    shape = defaultdict(list)
    for task in cells.DEMONSTRATIONS:
        for budget in sorted({key[1] for key in of if key[0] == task}):
            for method in cells.METHODS:
                seeds = of.get((task, budget, method, "", 1))
                if not seeds:
                    continue
                shape[task].append((NAMES[method] + (f", {budget}" if budget else ""), [dot(line) for line in seeds]))
                rows.append([
                    f"`{task}`", str(budget or ""), NAMES[method], ", ".join(map(told, seeds)),
                    gain_over_base(found, seeds) if budget else "", PAPERS.get((method, budget), ""),
                    figures.mean([line.get("success_s") for line in seeds], "{:.2f}"), f"{figures.hours(seeds):.2f}",
                ])  # fmt: skip
    tasks = {line["task"] for line in lines}
    for budget, method in sorted({(key[1], key[2]) for key in of if key[1]}, key=place) if len(tasks) > 1 else []:
        every = [line for line in found.values() if (line["budget"], line["method"]) == (budget, method)]
        gained = figures.gains(
            [figures.kept(found, line) for line in every], lambda line: figures.base_of(found, line)
        )
        rows.append([
            f"all, {len(gained)} task-seed pairs", str(budget), NAMES[method], "", figures.gain(gained),
            PAPERS.get((method, budget), ""), "", f"{figures.hours(every):.2f}",
        ])  # fmt: skip
    head = ["task", "rollouts", "method", "success of each seed", "gain over base, points",
            "gain in the papers", "a success takes, s", "CPU hours"]  # fmt: skip
    drawn = [plots.dots(task, values) for task, values in shape.items()]
    return Section("", list(best(found)), [Table(head, rows, plots=drawn)])


def place(key):
    budget, method = key
    return budget, cells.METHODS.index(method)


def dot(line):
    return figures.wilson(sum(line["outcomes"]), line["n"]) if line["outcomes"] else told(line)


def best(found):
    """Best of ours over the best baseline of each task and seed, and over the base, in words."""
    for budget in sorted({key[2] for key in found} - {0}):
        ours, baseline, base = {}, {}, {}
        for (task, method, of_budget, seed, *_), told_line in found.items():
            line = figures.kept(found, told_line)
            if not line["outcomes"] or of_budget not in (0, budget):
                continue
            sides = [ours] if method in cells.OURS else [baseline, base] if method == "base" else [baseline]
            for side in sides:
                side[task, seed] = max(side.get((task, seed), line), line, key=lambda one: sum(one["outcomes"]))
        for name, side in (("the best baseline", baseline), ("the base policy", base)):
            gained = figures.gains(ours.values(), lambda line, side=side: side.get((line["task"], line["seed"])))
            if gained:
                yield (
                    f"{budget} rollouts, the best of ours over {name}: {figures.gain(gained)} points, "
                    f"{len(gained)} task-seed pairs"
                )


def shifts(size, lines):
    """Success of each method's policy under each shift, beside that without."""
    found, of, rows = figures.by_cell(lines), seeds_of(lines), []
    every = ["", *cells.SHIFTS]
    for task in cells.DEMONSTRATIONS:
        for budget, method in sorted({key[1:3] for key in of if key[0] == task}, key=place):
            row = [f"`{task}`", NAMES[method]]
            for shift in every:
                seeds = of.get((task, budget, method, shift, 1), [])
                over = gain_over_base(found, seeds) if budget else ""
                row.append(", ".join(map(told, seeds)) + (f"; {over}" if over else ""))
            rows.append([*row, SHIFTED.get(method, "")])
    head = ["task", "method", *(f"{shift or 'as learned'}; over base" for shift in every), "in WMPO's paper, percent"]
    return Section("", [], [Table(head, rows)])


def lifelong(size, lines):
    """Success after each round of as many rollouts."""
    found, of, rows, drawn = figures.by_cell(lines), seeds_of(lines), [], []
    most = max((line.get("rounds", 1) for line in lines), default=1)
    for task in cells.DEMONSTRATIONS:
        series = []
        base = of.get((task, 0, "base", "", 1), [])
        for budget, method in sorted({key[1:3] for key in of if key[0] == task and key[1]}, key=place):
            row, curve = [f"`{task}`", NAMES[method], ", ".join(map(told, base))], [(0, mean_share(base))]
            for number in range(1, most + 1):
                seeds = of.get((task, budget, method, "", number), [])
                over = gain_over_base(found, seeds)
                row.append(", ".join(map(told, seeds)) + (f"; {over}" if over else ""))
                curve.append((number * budget, mean_share(seeds)))
            series.append((NAMES[method], [point for point in curve if point[1] is not None]))
            rows.append(row)
        if any(len(line) > 1 for _, line in series):
            drawn.append(plots.curves(f"{task}: real success", "real rollouts", series, 0, 1))
    head = ["task", "method", "base policy", *(f"round {number}; over base" for number in range(1, most + 1))]
    words = (
        "From the second round on ours learn from the rollouts of all rounds, the others from the newest and the "
        "demonstrations"
    )
    return Section("", [words], [Table(head, rows, plots=drawn)])


def mean_share(lines):
    shares = [figures.share(line) for line in lines if line["outcomes"]]
    return statistics.fmean(shares) if shares else None


def of_mechanisms(size, lines):
    """What training said of each arm, and then its success."""
    found, of = figures.by_cell(lines), seeds_of(lines)
    tables = [arms(name, found, of) for name in mechanisms.MECHANISMS]
    words = (
        "All arms learn from the same rollouts and imagine as many groups, but for the further draws of refill and the "
        "longer practice of trust; groups begun along a rollout are shorter"
    )
    return Section("", [words], [table for table in tables if table.rows])


def arms(name, found, of):
    mechanism, rows, series, practised = mechanisms.MECHANISMS[name], [], [], []
    own = {mechanisms.method(name, arm) for arm in mechanism.arms} - {"wovr"}
    for task in dict.fromkeys(key[0] for key in of if key[2] in own):
        for arm, (title, _) in mechanism.arms.items():
            method = mechanisms.method(name, arm)
            seeds = [line for key, every in of.items() if (key[0], key[2]) == (task, method) for line in every]
            if not seeds:
                continue
            said = [line.get("training", {}) for line in seeds]
            depth = [one["psnr_db"] for one in said if "psnr_db" in one]
            series.append((title, [(float(at), statistics.fmean(one[at] for one in depth)) for at in common(depth)]))
            practised.append((arm, seeds, said, [figures.base_of(found, one) for one in seeds]))
            rows.append([
                f"`{task}`", title, value(said, "mixed_groups", "{:.2f}"),
                ends(depth), by_depth(said, 0), by_depth(said, 1), value(said, "control", "{:.2f}"),
                value(said, "trusted", "{:.2f}"), " to ".join(filter(None, (imagined(said, when) for when in (0, 1)))),
                ", ".join(map(told, seeds)), gain_over_base(found, seeds), f"{figures.hours(seeds):.2f}",
            ])  # fmt: skip
    head = [
        "task", "arm", "groups that end differently", "PSNR of replays, first and last depth, dB",
        "precision on replays to a third, two thirds, the end", "recall, the same", "control", "trusted",
        "imagined success before and after", "success of each seed", "gain over base, points", "CPU hours",
    ]  # fmt: skip
    title, drawn = f"{mechanism.title} ({name})", ""
    if name == "trust":
        drawn = trust(practised)
    elif name in OF_THE_WORLD_MODEL:
        drawn = plots.curves(f"{title}: PSNR of replays by depth, dB", "frames", [one for one in series if one[1]])
    return Table(head, rows, title, [drawn] if drawn else [])


def common(depths):
    return [at for at in depths[0] if all(at in one for one in depths)] if depths else []


def ends(depths):
    at = common(depths)
    both = (at[0], at[-1]) if at else ()
    return " to ".join(f"{statistics.fmean(one[depth] for one in depths):.1f}" for depth in both)


def value(said, name, form):
    return figures.mean([one.get(name) for one in said], form)


def by_depth(said, which):
    """What the classifier said up to a third, two thirds and all of the chunks; 0 asks for precision, 1 for recall."""
    curves = [one["by_depth"] for one in said if one.get("by_depth")]
    at = [[curve[-(-len(curve) * part // 3) - 1][which] for curve in curves] for part in (1, 2, 3)]
    return ", ".join(figures.mean(values, "{:.2f}") for values in at if values)


def imagined(said, when):
    return figures.mean([one["imagined"][when] for one in said if "imagined" in one], "{:.3f}")


def trust(practised):
    """Real and imagined success over iterations of long practice, by what becomes of what is doubted."""
    real, imagined = defaultdict(list), defaultdict(list)
    for arm, seeds, said, bases in practised:
        rule, iterations = arm.rsplit("-", 1)
        shares = mean_share(seeds)
        after = [one["imagined"] for one in said if "imagined" in one]
        before = mean_share([base for base in bases if base])
        if not real[rule] and before is not None:
            real[rule].append((0, before))
        if shares is not None:
            real[rule].append((int(iterations), shares))
        if after:
            if not imagined[rule]:
                imagined[rule].append((0, statistics.fmean(one[0] for one in after)))
            imagined[rule].append((int(iterations), statistics.fmean(one[1] for one in after)))
    series = []
    for rule in real:
        series += [(f"{rule}, real", sorted(real[rule])), (f"{rule}{plots.DASHED}", sorted(imagined[rule]))]
    return plots.curves("Long practice: success, real and imagined", "iterations", series, 0, 1)


# Of each size its section.
MAKERS = {"mechanisms": of_mechanisms, "lifelong": lifelong, "shifts": shifts}


def section(name, lines):
    made = MAKERS.get(name, methods)(cells.SIZES[name], lines)
    made.title = TITLES[name]
    return made
