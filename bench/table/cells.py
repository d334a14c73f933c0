"""What the table consists of: cells of a task, method, budget of real rollouts and seed, and what each is made of."""

import functools
import hashlib
import itertools
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))

import baselines  # noqa: E402 # it lies beside this folder

# Of insert and seed 1, by ./reverie demo --from-scratch.
MODELS = ROOT / "models"

# Demonstrations of a task: so few that its base policy leaves something to learn. With 200 of press it succeeded in 108
# of 128 rollouts.
DEMONSTRATIONS = {"insert": 500, "insert-tight": 300, "press": 60, "assemble": 150}

# Of ours, in small: WMPO starts at first frames alone; WoVR also where failures leave the successes, and its world
# model sees the first frame, four frames before and their actions.
OURS = {
    "wmpo": {"grpo": {"keyframeShare": 0.0}},
    "wovr": {
        "grpo": {"keyframeShare": 0.5, "keyframes": "FAILURE_ONSET", "dualClip": 3.0},
        "worldModel": {"reference": True, "memoryFrames": 4, "memoryActions": True},
    },
}
BASELINES = ["clone-successes", "clone-by-advantage", "dpo", "online-grpo"]
METHODS = ["base", *BASELINES, *OURS]

# The parts of the source that decide what a cell comes to.
CODE = ["sim", "robot", "arm", "policy", "rollout", "round", "trainer"]


@dataclass(frozen=True)
class Size:
    """How much of everything; test and validation are episodes, tried is the settings of a method."""

    tasks: tuple
    methods: tuple
    budgets: tuple
    seeds: tuple
    test: int
    validation: int
    tried: int


SIZES = {
    "ci": Size(("insert",), ("base", "clone-successes", "wmpo"), (128,), (1,), 100, 0, 1),
    "small": Size(("insert", "press", "assemble"), tuple(METHODS), (128,), (1,), 400, 0, 1),
    "first": Size(("insert", "press", "assemble"), tuple(METHODS), (128,), (1, 2, 3), 1000, 200, 2),
    "whole": Size(tuple(DEMONSTRATIONS), tuple(METHODS), (128, 1280), (1, 2, 3), 1000, 200, 4),
}


@dataclass(frozen=True)
class Cell:
    """One figure of the table."""

    task: str
    method: str
    budget: int
    seed: int

    def __str__(self):
        return f"{self.task} {self.method} {self.budget} seed {self.seed}"


def cells(size):
    """All cells of a size, those of a task and seed together; the base policy has no budget."""
    found = []
    for seed, task in itertools.product(size.seeds, size.tasks):
        if "base" in size.methods:
            found.append(Cell(task, "base", 0, seed))
        for budget, method in itertools.product(size.budgets, size.methods):
            if method != "base":
                found.append(Cell(task, method, budget, seed))
    return found


def settings(cell, size):
    """The settings that a cell's method is tried with; the first ones are its usual ones."""
    if cell.method == "base":
        return [{}]
    if cell.method in OURS:
        return [OURS[cell.method]]
    return baselines.candidates(cell.budget)[cell.method][: size.tried]


def made_of(cell, size, code):
    """The hash of all that decides what a cell comes to."""
    parts = [
        cell.task, cell.method, cell.budget, cell.seed, DEMONSTRATIONS[cell.task], settings(cell, size), size.test,
        size.validation if len(settings(cell, size)) > 1 else 0, code,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def sources():
    """The folders of sources that decide what cells come to."""
    folders = [ROOT / "src" / module / "main" for module in CODE]
    return folders + [ROOT / "msg", ROOT / "srv", ROOT / "action", MODELS]


def code():
    """The hash of these sources."""
    digest = hashlib.sha256()
    for folder in sources():
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{file.relative_to(ROOT)}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def revision():
    """The last commit of these sources and its date, with a + where they have been changed since; empty without git."""

    def git(*command):
        paths = [str(folder) for folder in sources()]
        asked = subprocess.run(["git", "-C", str(ROOT), *command, "--", *paths], capture_output=True, text=True)
        return asked.stdout.strip()

    try:
        commit, _, date = git("log", "-1", "--format=%h %cI").partition(" ")
        return {"revision": commit + ("+" if git("status", "--porcelain") else ""), "date": date}
    except OSError:
        return {"revision": "", "date": ""}
