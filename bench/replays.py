#!/usr/bin/env python3
"""World models that are told more or less of the arm, by what they make of recorded actions.

    bench/replays.py --demo out/demo --out out/joints [--seeds 1,2,3] [--episodes 500] [--share 0.5]

trains world models on the demonstrations and rollouts of a demo: told of actions alone, of joints too, and of joints
and silhouettes; all else alike, from one auto-encoder a seed. Then the recorded actions of the demo's evaluation of
the base policy, of which nothing was learned, are carried out in each from the first real frame on. Prints the PSNR of
all pixels and of those that move from frame to frame, how often the peg is near where it was in the last frame, and
how often the reward classifier, with the threshold that the round chooses, says of the replay how the episode ended;
and by how much each differs from the first, by pairs of episodes, with the 95 % interval of its mean. A run that was
stopped goes on in the same folder. With a share below 1 world model and classifier are trained so much shorter, all
three kinds alike.
"""

import argparse
import json
import math
import os
import pathlib
import re
import shutil
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEPS = {"worldModel": {"steps": 1800, "alignSteps": 600}, "classifier": {"steps": 800}}  # as in the demo
GATE = {"recall": 0, "replayedRecall": 0, "precision": 0, "falseAlarm": 1, "wrongInstruction": 1}
TOLD = {"jointHead": {"kind": "DYNAMICS"}}
KINDS = {
    "actions": {},
    "joints": TOLD | {"worldModel": {"joints": True}},
    "silhouette": TOLD | {"worldModel": {"joints": True, "silhouette": True}},
}
NEAR_PIXELS = 3  # of 48; a slot is wider. Where no peg is left in the picture, it counts as being in the middle
FIGURES = {
    "PSNR, dB": lambda episode: -10 * math.log10(episode["error"]),
    "where it moves, dB": lambda episode: -10 * math.log10(episode["moving_error"]),
    "peg in place, %": lambda episode: 100.0 * (episode["peg_pixels"] < NEAR_PIXELS),
    "outcome told, %": lambda episode: 100.0 * ((episode["verdict"] > episode["threshold"]) == episode["success"]),
}


def java(kind, *arguments):
    module = ROOT / "src" / "trainer" / "target"
    classpath = f"{module}/test-classes:{module}/classes:{(module / 'classpath').read_text()}"
    home = os.environ.get("JAVA_HOME")
    command = [f"{home}/bin/java" if home else "java", f"@{ROOT}/setup/java/trainer.args", "-cp", classpath, kind]
    return subprocess.run(
        [*command, *map(str, arguments)], env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True, text=True,
        stdout=subprocess.PIPE,
    ).stdout  # fmt: skip


def settings_of(kind, share):
    settings = {"gate": GATE} | KINDS[kind]
    if share < 1:
        for group, steps in STEPS.items():
            shorter = {name: round(share * count) for name, count in steps.items()}
            settings[group] = settings.get(group, {}) | shorter
    return settings


def train(stage, *arguments):
    return java("dev.reverie.trainer.TrainCommand", "train", stage, *arguments)


def replayed(options, seed, kind):
    """The episodes as one world model replays them, by their ids."""
    folder = options.out / str(seed) / kind
    models, work, settings = folder / "models", folder / "work", folder / "settings.json"
    result, chosen = folder / "episodes.jsonl", folder / "threshold.txt"
    models.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(settings_of(kind, options.share)))
    demonstrations = options.demo / "demonstrations"
    base = options.demo / "models" / "base"
    base = base if base.exists() else ROOT / "models" / "base"
    common = ["--demonstrations", demonstrations, "--seed", seed, "--cache", options.out / "cache"]
    common += ["--settings", settings]
    if not (result.exists() and chosen.exists()):
        coder = options.out / str(seed) / "actions" / "models" / "vae.safetensors"
        if kind != "actions" and not (models / coder.name).exists():
            shutil.copy(coder, models)
        train("world-model", "--out", models, *common)
        rollouts = ["--rollouts", options.demo / "rollouts", "--base", base]
        # The round's own choice, on rollouts that were held out.
        judged = train("reward", *rollouts, "--models", models, "--work", work, *common)
        chosen.write_text(re.search(r"RewardThreshold\[threshold=([0-9.]+)", judged)[1])
    if not result.exists():
        bags = options.demo / "evaluation" / "base"
        lines = java("dev.reverie.trainer.ReplayBenchmark", models, work, base, bags, options.out / "cache", settings,
                     options.episodes)  # fmt: skip
        told = [line for line in lines.splitlines() if line.startswith("{")]  # stages say how far they are
        result.write_text("\n".join(told) + "\n")
    threshold = {"threshold": float(chosen.read_text())}
    return {episode["id"]: episode | threshold for episode in map(json.loads, result.read_text().splitlines())}


def interval(values):
    """A mean with half of its 95 % interval."""
    return f"{statistics.mean(values):+.2f} +- {1.96 * statistics.stdev(values) / math.sqrt(len(values)):.2f}"


def compare(options):
    for seed in options.seeds.split(","):
        kinds = {kind: replayed(options, int(seed), kind) for kind in KINDS}
        first = kinds["actions"]
        print(f"seed {seed}, {len(first)} episodes")
        for name, figure in FIGURES.items():
            print(f"  {name}")
            for kind, episodes in kinds.items():
                mean = statistics.mean(map(figure, episodes.values()))
                more = [figure(episodes[of]) - figure(first[of]) for of in first]
                print(f"    {kind:12}{mean:8.2f}" + ("" if kind == "actions" else f"   {interval(more)}"), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--episodes", type=int, default=500)
    parser.add_argument("--share", type=float, default=1, help="of the training steps")
    compare(parser.parse_args())


if __name__ == "__main__":
    main()
