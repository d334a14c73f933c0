"""What the table consists of: cells of a task, method, budget of real rollouts and seed, and what each is made of."""

import dataclasses
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
from mechanisms import IMAGINING, MECHANISMS, OURS, merged, method  # noqa: E402

# Of insert and seed 1, by ./reverie demo --from-scratch.
MODELS = ROOT / "models"

# Demonstrations of a task: so few that its base policy leaves something to learn. With 200 of press it succeeded in 108
# of 128 rollouts.
DEMONSTRATIONS = {
    "insert": 500, "insert-tight": 300, "press": 60, "assemble": 150, "robosuite_stack": 100, "libero_spatial_0": 100,
}  # fmt: skip
PLANAR = ("insert", "insert-tight", "press", "assemble")
PANDA = ("robosuite_stack", "libero_spatial_0")

BASELINES = ["clone-successes", "clone-by-advantage", "dpo", "online-grpo"]
METHODS = ["base", *BASELINES, *OURS]
SHIFTS = ["position", "background", "texture"]

# The parts of the source that decide what a cell comes to.
CODE = ["sim", "robot", "arm", "policy", "rollout", "round", "trainer"]


@dataclass(frozen=True)
class Cell:
    """One figure of the table; rounds follow one another with as many rollouts each, the last round's policy counts."""

    task: str
    method: str
    budget: int
    seed: int
    shift: str = ""
    rounds: int = 1

    def __str__(self):
        more = f" shift {self.shift}" if self.shift else f" round {self.rounds}" if self.rounds > 1 else ""
        return f"{self.task} {self.method} {self.budget} seed {self.seed}{more}"


@dataclass(frozen=True)
class Part:
    """Cells that are combined of all that is named here."""

    tasks: tuple
    methods: tuple
    budgets: tuple
    seeds: tuple
    shifts: tuple = ("",)
    rounds: tuple = (1,)

    def cells(self):
        """Its cells; the base policy has no budget and no rounds."""
        for seed, task, shift in itertools.product(self.seeds, self.tasks, self.shifts):
            if "base" in self.methods:
                yield Cell(task, "base", 0, seed, shift)
            for budget, method_of, rounds in itertools.product(self.budgets, self.methods, self.rounds):
                if method_of != "base":
                    yield Cell(task, method_of, budget, seed, shift, rounds)


@dataclass(frozen=True)
class Size:
    """What a queue consists of; test and validation are episodes, tried is the settings of a method.

    In a trial of the queue itself brief are settings of every method, and demonstrations of every task are as many.
    """

    parts: tuple
    test: int
    validation: int = 0
    tried: int = 1
    brief: dict = dataclasses.field(default_factory=dict)
    demonstrations: int = 0

    def shown(self, task):
        """Demonstrations of a task."""
        return self.demonstrations or DEMONSTRATIONS[task]


OFFLINE = tuple(method_of for method_of in METHODS if method_of != "online-grpo")
LIFELONG = ("base", "dpo", "wovr")


def mechanism(name, seeds):
    of = MECHANISMS[name]
    return Part((of.task,), ("base", *(method(name, arm) for arm in of.arms)), (128,), seeds)


# Every stage for moments, and no gate: it shows that cells of all kinds go through, and nothing else.
BRIEF = {
    "cloning": {"steps": 300}, "vae": {"steps": 100}, "jointHead": {"steps": 20},
    "worldModel": {"steps": 200, "alignSteps": 60}, "classifier": {"steps": 200},
    "gate": {"recall": 0.0, "replayedRecall": 0.0, "precision": 0.0, "falseAlarm": 1.0, "wrongInstruction": 1.0},
    "audit": {"stop": False, "starts": 8, "rollouts": 2}, "grpo": {"iterations": 2, "groups": 16, "patience": 1000},
    "successCloning": {"steps": 5}, "advantageCloning": {"steps": 5}, "dpo": {"steps": 5},
    "onlineGrpo": {"iterations": 1, "groups": 2},
}  # fmt: skip


def trial(*parts):
    """A size of such cells."""
    return Size(parts, 8, brief=BRIEF, demonstrations=24)


SIZES = {
    "trial": trial(
        Part(("insert",), ("base", "dpo", "wmpo", "wovr"), (32,), (1,)),
        Part(("insert",), ("wmpo",), (32,), (1,), ("position",)),
        Part(("insert",), ("dpo", "wmpo"), (32,), (1,), rounds=(2,)),
        Part(("insert",), ("network-transformer", "trust-cut-40"), (32,), (1,)),
        Part(PANDA, ("base", "clone-successes", "wovr"), (32,), (1,)),
    ),
    "ci": Size((Part(("insert",), ("base", "clone-successes", "wmpo"), (128,), (1,)),), 100),
    "small": Size((Part(("insert", "press", "assemble"), tuple(METHODS), (128,), (1,)),), 400),
    "first": Size((Part(("insert", "press", "assemble"), tuple(METHODS), (128,), (1, 2, 3)),), 1000, 200, 2),
    "whole": Size((Part(PLANAR, tuple(METHODS), (128, 1280), (1, 2, 3)),), 1000, 200, 4),
    "thousand": Size((Part(("insert", "assemble"), tuple(METHODS), (1280,), (1, 2)),), 1000, 200, 2),
    "panda": Size((Part(PANDA, OFFLINE, (128,), (1, 2)),), 300),
    "shifts": Size((Part(("insert", "press"), tuple(METHODS), (128,), (1,), ("", *SHIFTS)),), 400),
    "mechanisms": Size(tuple(mechanism(name, (1, 2)) for name in MECHANISMS), 400),
    "lifelong": Size((Part(("insert",), LIFELONG, (128,), (1,), rounds=(1, 2, 3)),), 400),
}


def cells(size):
    """All cells of a size, each once, those of a seed and task together."""
    found = dict.fromkeys(cell for part in size.parts for cell in part.cells())
    return sorted(found, key=order)


def order(cell):
    """Cells of a seed and task follow one another."""
    return cell.seed, list(DEMONSTRATIONS).index(cell.task)


def settings(cell, size):
    """The settings that a cell's method is tried with; the first ones are its usual ones."""
    if cell.method == "base":
        return [{}]
    if cell.method in IMAGINING:
        return [merged(IMAGINING[cell.method], size.brief)]
    found = baselines.candidates(cell.budget)[cell.method][: size.tried]
    return [merged(one, size.brief) for one in found]


def made_of(cell, size, code):
    """The hash of all that decides what a cell comes to."""
    parts = [
        cell.task, cell.method, cell.budget, cell.seed, size.shown(cell.task), settings(cell, size), size.test,
        size.validation if len(settings(cell, size)) > 1 else 0, code,
    ]  # fmt: skip
    parts += [cell.shift] * bool(cell.shift) + [cell.rounds] * (cell.rounds > 1)
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
