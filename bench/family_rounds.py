#!/usr/bin/env python3
"""Each family of policies through a whole round on two small views: cloned, recorded, practised in imagination, tried.

    bench/family_rounds.py out/families [NAME ...]   # in the virtual environment that bench/families.py names

Policies of random weights by the scripts in models/export clone the scripted expert of the simulated SO-101; all share
its demonstrations and a world model. Far fewer steps of everything than by default: this tells whether a family gets
to the end of `train improve`, and what was imagined and real then, not how good it may become. What is there is not
made again, so the same command goes on after a stop.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARM = ROOT / "arms" / "simulated_so101.yaml"
SCENE = ["--scene", ROOT / "arms" / "simulated_so101" / "so101.xml", "--arm", ARM]
JOINTS = ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"]
TASK = {
    "cameras": [
        {"name": view, "width": 48, "height": 48, "rectify": False,
         "crop": {"x": 0.125, "y": 0.0, "width": 0.75, "height": 1.0}}
        for view in ("front", "wrist")
    ],
    "joint_names": JOINTS,
    "action_space": {"kind": "joint_deltas", "joints": JOINTS, "scale_rad": [0.16] * 6},
    "chunk": {"horizon": 16, "period_s": 0.1},
    "head": {"kind": "tokens", "bins": 21},  # of no policy here, but a task file has one
}  # fmt: skip
EXPORT = {
    "cnn": ["cnn"],
    "act": ["act"],
    "diffusion": ["diffusion", "--ddim", "5"],
    "oft": ["oft", "--head", "tokens"],
    "smolvla": ["smolvla"],
}
CLONING = {"cnn": 400, "act": 200, "diffusion": 300, "oft": 200, "smolvla": 200}  # steps
EXECUTED = 8
GATE = {"recall": 0, "replayedRecall": 0, "precision": 0, "falseAlarm": 1, "wrongInstruction": 1}


def settings(steps: int, window: int = 4) -> dict:
    return {
        "imagination": {"executed": EXECUTED, "window": window, "maxSteps": 40},
        "cloning": {"steps": steps, "batch": 16},
        "vae": {"steps": 200, "batch": 16},
        "worldModel": {"steps": 150, "alignSteps": 60, "batch": 16},
        "jointHead": {"steps": 150, "batch": 16},
        "classifier": {"steps": 120, "batch": 24},
        "gate": GATE,
        "audit": {"stop": False, "gap": 1, "rollouts": 2},
        "grpo": {"iterations": 2, "groups": 6, "groupSize": 4, "saveEvery": 1, "miniBatch": 32, "epochs": 2},
    }


def reverie(log: Path, *words) -> None:
    """A command of ./reverie, with what it says in a file."""
    with open(log, "a") as out:
        command = [str(word) for word in (ROOT / "reverie", *words)]
        if subprocess.run(command, stdout=out, stderr=out, check=False).returncode:
            raise RuntimeError(f"{' '.join(command)} failed; see {log}")


def demonstrations(out: Path) -> Path:
    folder = out / "demonstrations"
    if not (folder / "demonstrations").is_dir():
        reverie(out / "log", "demonstrate", *SCENE, "--episodes", 80, "--out", folder)
    return folder / "demonstrations"


def shared_models(out: Path, demos: Path) -> Path:
    models = out / "models"
    if not (models / "world_model.safetensors").is_file():
        (out / "settings.json").write_text(json.dumps(settings(CLONING["cnn"])))
        reverie(
            out / "log", "train", "world-model", "--demonstrations", demos, "--task", out / "task.json",
            "--settings", out / "settings.json", "--out", models,
        )  # fmt: skip
    return models


def evaluate(bundle: Path, episodes: int, seed: int, out: Path) -> str:
    """What the arm came to, in the words of the command."""
    log = out.with_suffix(".log")
    said = log.read_text() if log.is_file() else ""
    if "\nsuccess" not in "\n" + said:
        reverie(
            log, "evaluate", *SCENE, "--bundle", bundle, "--executed", EXECUTED, "--episodes", episodes,
            "--seed", seed, "--out", out,
        )  # fmt: skip
        said = log.read_text()
    return next(line for line in said.splitlines() if line.startswith("success")).removeprefix("success ")


def whole_round(name: str, out: Path, episodes: int) -> dict:
    """What came of a family; each step is left out where its result is there."""
    demos = demonstrations(out)
    models, folder = shared_models(out, demos), out / name
    folder.mkdir(exist_ok=True)
    log = folder / "log"
    (folder / "settings.json").write_text(json.dumps(settings(CLONING[name])))
    if not (folder / "untrained").is_dir():
        script, *options = EXPORT[name]
        command = [sys.executable, ROOT / "models" / "export" / f"{script}.py", "--random", "1", *options]
        command += ["--task", out / "task.json", "--out", folder / "untrained", "--executed", str(EXECUTED)]
        command += [] if name == "cnn" else ["--actions", "scaled"]
        with open(log, "a") as file:
            environment = os.environ | {"HF_HUB_OFFLINE": "1"}
            subprocess.run([str(one) for one in command], stdout=file, stderr=file, env=environment, check=True)
    if not (folder / "cloned" / "base").is_dir():
        reverie(
            log, "train", "bc", "--policy", folder / "untrained", "--demonstrations", demos,
            "--settings", folder / "settings.json", "--out", folder / "cloned",
        )  # fmt: skip
    base, better = folder / "cloned" / "base", folder / "improved"
    rollouts = folder / "rollouts"
    recorded = evaluate(base, episodes, 3, rollouts)
    if not better.is_dir():
        reverie(
            log, "train", "improve", "--rollouts", rollouts, "--demonstrations", demos, "--base", base,
            "--models", models, "--work", folder / "work", "--settings", folder / "settings.json", "--out", better,
        )  # fmt: skip
    return {
        "improve": json.loads((folder / "work" / "improve.json").read_text()),
        "rollouts": recorded,
        "before": evaluate(base, episodes, 4, folder / "before"),
        "after": evaluate(better, episodes, 4, folder / "after"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--episodes", type=int, default=40, help="rollouts, and those before and after (40)")
    parser.add_argument("names", nargs="*", help=f"some of {list(EXPORT)}; all of them")
    options = parser.parse_args()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    (out / "task.json").write_text(json.dumps(TASK))
    for name in options.names or EXPORT:
        try:
            done = whole_round(name, out, options.episodes)
        except (RuntimeError, subprocess.CalledProcessError) as e:
            print(f"{name:10} {e}", flush=True)
            continue
        print(
            f"{name:10} rollouts {done['rollouts']}; real {done['before']} to {done['after']};"
            f" imagined {json.dumps(done['improve']['imagined'])}",
            flush=True,
        )



if __name__ == "__main__":
    main()
