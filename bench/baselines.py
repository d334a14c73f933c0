#!/usr/bin/env python3
"""A round against what learns from the same rollouts, or from as many, without a world model.

    python3 bench/baselines.py --out out/baselines [--seeds 1 2 3] [--episodes 500] [--validation 200]

Of each seed `./reverie demo` records demonstrations and rollouts and makes WMPO's policy (in OUT/SEED/demo; a demo that
has ended there is taken as it is). Then each baseline learns from the same base policy, with each setting of its grid:
the cloning of successes, cloning by advantage and DPO from the demo's rollouts, online GRPO from as many of its own,
which it records. The rule that chooses a setting: the highest real success over VALIDATION episodes on scenes of
another seed; of equal ones the first of the grid. The chosen policy, the base and WMPO's are then compared on the
demo's test scenes, which no method has seen, EPISODES for each, sampled at temperature 1, with the same seeds: the
gain's 95 % interval is over pairs. WMPO has its default settings and no validation. Goes on where it was stopped.
"""

import argparse
import itertools
import json
import math
import os
import pathlib
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
REVERIE = ROOT / "reverie"
THREAD = threading.local()
DOMAINS = 71  # and those after it
VALIDATION_SEED = 9000  # added to a seed: other scenes than any that are learned from or tested on


def grid(group, **values):
    """All combinations, as settings of one group; the first is the default."""
    return [{group: dict(zip(values, chosen, strict=True))} for chosen in itertools.product(*values.values())]


def online(rate, iterations, rollouts, size=8):
    groups, rest = divmod(rollouts, iterations * size)
    if rest:
        raise SystemExit(f"{rollouts} rollouts do not make {iterations} times whole groups of {size}")
    return {"onlineGrpo": {"learningRate": rate, "iterations": iterations, "groups": groups}}


def candidates(rollouts):
    """Four settings a method."""
    rates, steps = [3e-4, 1e-3], [600, 200]
    return {
        "clone-successes": grid("successCloning", steps=steps, learningRate=rates),
        "clone-by-advantage": grid("advantageCloning", steps=steps, learningRate=rates),
        "dpo": grid("dpo", steps=[300, 100], learningRate=[1e-4, 3e-4]),
        "online-grpo": [online(rate, n, rollouts) for n in (4, 2) for rate in rates],
    }


# Held out for nobody: the baselines are judged on the arm, and learn from all rollouts but two.
LEARN_FROM_ALL = {"rollouts": {"heldOutShare": 0.01}}


def reverie(log, *arguments):
    log.parent.mkdir(parents=True, exist_ok=True)
    # Arms that move side by side have domains of their own.
    domain = getattr(THREAD, "domain", None)
    environment = os.environ | ({} if domain is None else {"ROS_DOMAIN_ID": str(domain)})
    with log.open("a") as said:
        return subprocess.call([str(REVERIE), *map(str, arguments)], stdout=said, stderr=said, env=environment)


def require(log, *arguments):
    if reverie(log, *arguments):
        raise SystemExit(f"reverie {' '.join(map(str, arguments))} failed; see {log}")


def outcomes(folder):
    """Whether each episode of a folder succeeded, by its seed."""
    told = json.loads(subprocess.check_output([str(REVERIE), "rollouts", "list", "--json", str(folder)]))
    return {episode["seed"]: episode["outcome"] == "success" for episode in told}


def evaluated(bundle, seed, episodes, out):
    """Outcomes of a policy on the scenes of a seed."""
    result = out / "outcomes.json"
    if not result.exists():
        subprocess.call(["rm", "-rf", str(out)])
        options = ["--bundle", bundle, "--seed", seed, "--episodes", episodes, "--out", out]
        require(out / "evaluate.log", "evaluate", *options)
        result.write_text(json.dumps(outcomes(out / "evaluations")))
        subprocess.call(["rm", "-rf", str(out / "evaluations")])
    return {int(scene): won for scene, won in json.loads(result.read_text()).items()}


def trained(method, settings, seed, demo, out):
    """The bundle of a baseline, or none where it says why it learned nothing."""
    bundle = out / ("bundles/improved" if method == "online-grpo" else "bundle")
    refused = out.with_suffix(".refused")
    if bundle.exists() or refused.exists():
        return bundle if bundle.exists() else None
    out.parent.mkdir(parents=True, exist_ok=True)
    file = out.with_suffix(".json")
    file.write_text(json.dumps(LEARN_FROM_ALL | settings))
    base = ROOT / "models/base"
    if method == "online-grpo":
        options = ["--bundle", base, "--out", out]
        status = reverie(out.with_suffix(".log"), method, "--seed", seed, "--settings", file, *options)
    else:
        options = ["--base", base, "--models", ROOT / "models", "--work", out / "work", "--out", bundle]
        options += ["--rollouts", demo / "rollouts", "--demonstrations", demo / "demonstrations"]
        options += ["--cache", demo / "cache", "--seed", seed, "--settings", file]
        status = reverie(out.with_suffix(".log"), "train", method, *options)
    if status:
        if "there is nothing to learn from" not in out.with_suffix(".log").read_text():
            raise SystemExit(f"{method} with {settings} failed; see {out.with_suffix('.log')}")
        refused.touch()
        return None
    return bundle


def share(won):
    return sum(won.values()) / len(won)


def wilson(won, z=1.959964):
    n, p = len(won), share(won)
    centre, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


def gain(before, after):
    """Mean difference over pairs, in points, with its interval."""
    if before.keys() != after.keys():
        raise SystemExit("the policies were not evaluated on the same scenes")
    pairs = [after[scene] - before[scene] for scene in before]
    mean = sum(pairs) / len(pairs)
    spread = 1.959964 * math.sqrt(sum((pair - mean) ** 2 for pair in pairs) / (len(pairs) - 1) / len(pairs))
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * value for value in (mean, mean - spread, mean + spread)))


def choose(method, settings_of_method, seed, demo, out, options):
    """Outcomes of a method's best policy on the test scenes, its settings, and its success on the validation scenes."""
    validated = []
    for number, settings in enumerate(settings_of_method[: options.most]):
        bundle = trained(method, settings, seed, demo, out / method / str(number))
        if bundle is None:
            print(f"seed {seed} {method} {settings}: nothing to learn from", flush=True)
            continue
        folder = out / "validation" / method / str(number)
        won = evaluated(bundle, VALIDATION_SEED + seed, options.validation, folder)
        print(f"seed {seed} {method} {settings}: validation {share(won):.3f}", flush=True)
        validated.append((share(won), -number, settings, bundle))
    if not validated:
        raise SystemExit(f"{method} learned nothing with any of its settings")
    best, number, settings, bundle = max(validated, key=lambda one: one[:2])
    won = evaluated(bundle, seed, options.episodes, out / "test" / method / str(-number))
    return won, ", ".join(f"{name} {value}" for group in settings.values() for name, value in group.items()), best


def own_domain(domains):
    THREAD.domain = next(domains)


def of_seed(seed, options):
    """Outcomes on the test scenes of every method, and how it was chosen."""
    out = options.out / str(seed)
    demo = out / "demo"
    if not (demo / "round.json").exists():
        status = reverie(out / "demo.log", "demo", "--seed", seed, "--episodes", options.episodes, "--out", demo)
        if status not in (0, 3):  # 3: its audit held the better policy back, which is evaluated here all the same
            raise SystemExit(f"the demo failed; see {out / 'demo.log'}")
    rollouts = len(outcomes(demo / "rollouts"))
    base = evaluated(ROOT / "models/base", seed, options.episodes, out / "test/base")
    wmpo = evaluated(demo / "bundles/improved", seed, options.episodes, out / "test/wmpo")
    rows = {"base": (base, "", None, 0), "WMPO (`demo`)": (wmpo, "defaults", None, rollouts)}
    methods = candidates(rollouts)
    with ThreadPoolExecutor(options.parallel, initializer=own_domain, initargs=(iter(range(DOMAINS, 101)),)) as pool:
        chosen = [pool.submit(choose, method, methods[method], seed, demo, out, options) for method in methods]
    for method, one in zip(methods, chosen, strict=True):
        rows[f"`{method}`"] = (*one.result(), rollouts)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--episodes", type=int, default=500, help="of each test")
    parser.add_argument("--validation", type=int, default=200, help="episodes for each setting of a grid")
    parser.add_argument("--most", type=int, default=4, help="settings of each grid; 1: the defaults, and no choice")
    parser.add_argument("--parallel", type=int, default=1, help="baselines side by side, of four")
    options = parser.parse_args()
    options.out = options.out.resolve()
    every = {seed: of_seed(seed, options) for seed in options.seeds}
    print("\n| seed | method | rollouts | chosen | validation | test | gain over base | WMPO above it |")
    print("|---|---|---|---|---|---|---|---|")
    for seed, rows in every.items():
        base, wmpo = rows["base"][0], rows["WMPO (`demo`)"][0]
        for method, (won, chosen, best, rollouts) in rows.items():
            low, high = wilson(won)
            cells = [seed, method, rollouts or "", chosen, "" if best is None else f"{best:.3f}"]
            cells += [f"{share(won):.3f} [{low:.3f}, {high:.3f}]"]
            cells += ["" if method == "base" else gain(base, won)]
            cells += ["" if method in ("base", "WMPO (`demo`)") else gain(won, wmpo)]
            print("| " + " | ".join(map(str, cells)) + " |")
    pooled = {}
    for seed, rows in every.items():
        for method, (won, *_) in rows.items():
            pooled.setdefault(method, {}).update({(seed, scene): well for scene, well in won.items()})
    print("\n| method, all seeds | test | gain over base | WMPO above it |\n|---|---|---|---|")
    for method, won in pooled.items():
        cells = [method, f"{share(won):.3f}", gain(pooled["base"], won), gain(won, pooled["WMPO (`demo`)"])]
        print("| " + " | ".join(cells) + " |")
    if options.most == 1:
        return
    grids = candidates(next(iter(every.values()))["WMPO (`demo`)"][3])
    recorded = sum(len(one[: options.most]) for one in grids.values()) * options.validation
    searched = len(grids["online-grpo"][: options.most]) * next(iter(every.values()))["WMPO (`demo`)"][3]
    print(f"\nTo choose, each seed took {recorded} validation episodes, and {searched} rollouts of online GRPO.")


if __name__ == "__main__":
    main()
