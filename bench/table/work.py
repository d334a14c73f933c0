"""Runs one cell after the other by the commands of ./reverie."""

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import cells
import lines
import mechanisms
import pairs
import training

REVERIE = cells.ROOT / "reverie"
# Added to a seed: scenes of their own for rollouts, of each round, and for the choice of settings.
ROLLOUTS = 5000
ROUND = 100
VALIDATION = 9000
# A method that says so has done its work: there is nothing that it could responsibly learn from.
REFUSALS = [
    "the reward classifier finds", "the reward classifier needs", "the reward classifier calls",
    "the reward classifier also calls", "the reward classifier surely", "of what the reward classifier calls",
    "the world model has collapsed", "so practice there teaches nothing that holds", "there is nothing to learn from",
    "no iteration had a group to learn from", "rollouts are successes; successes are compared",
    "rollouts are too few for a round",
]  # fmt: skip
REFUSAL = re.compile(f"^.*(?:{'|'.join(REFUSALS)}).*$", re.MULTILINE)
# The method that is shown imagining.
FILMED = "wmpo"
# Left by a round for the next one, as ./reverie round does.
LEFT = ("world_model.safetensors", "split.json")
LEARN_FROM_ALL = cells.baselines.LEARN_FROM_ALL


class Refused(Exception):
    """A gate of the trainer refused, with its reason."""


class Failed(Exception):
    """A command failed, with its last words."""


class Busy(Exception):
    """Another worker's arms move in the domain."""


@contextlib.contextmanager
def alone(domain):
    """Holds a domain on this machine: arms of one name in one domain would take each other's commands."""
    file = Path(tempfile.gettempdir()) / f"reverie-table-domain-{domain}.lock"
    with file.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as why:
            raise Busy(f"another worker's arms move in ROS domain {domain}; give another --domain") from why
        yield


def machine():
    """Cores and processor."""
    names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{os.cpu_count()} cores of {names[0] if names else platform.machine()}"


def ended(command, said, environment):
    """The status of a command, which ends in good order where this program is asked to."""
    with subprocess.Popen(command, stdout=said, stderr=said, env=environment) as running:
        try:
            return running.wait()
        except BaseException:
            running.terminate()
            raise


def last_words(text):
    return " ".join(text.split()[-60:]) or "it said nothing"


def tag(settings):
    """A short name of settings."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]


def name_of(cell, settings):
    """What a cell's policy with some settings is called in its folder."""
    more = f"-round{cell.rounds}" if cell.rounds > 1 else ""
    return f"{cell.method}-{cell.budget}-{tag(settings)}{more}"


def before(cell):
    """The same method a round earlier."""
    return dataclasses.replace(cell, rounds=cell.rounds - 1)


class Worker:
    """Runs cells below a folder, which has one of its own for each code, in a ROS domain of its own."""

    def __init__(self, out, domain):
        self.out, self.domain, self.size = out / cells.code(), domain, None

    def reverie(self, log, *command):
        """Runs a command; its words go to the log."""
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"ROS_DOMAIN_ID": str(self.domain), "OMP_NUM_THREADS": "1"}
        begun = log.stat().st_size if log.exists() else 0
        with log.open("a") as said:
            status = ended([str(REVERIE), *map(str, command)], said, environment)
        if status:
            text = log.read_text(errors="replace")[begun:]
            refusal = REFUSAL.search(text)
            if refusal:
                raise Refused(refusal.group())
            raise Failed(f"reverie {' '.join(map(str, command))}: status {status}, {last_words(text)} ({log})")

    def folder(self, cell):
        """What all methods of a task and seed share lies there."""
        return self.out / f"{cell.task}-{self.size.shown(cell.task)}" / str(cell.seed)

    def once(self, result, make, goes_on=False):
        """Makes a file or folder whole or not at all, where it is not there yet; returns it."""
        if not result.exists():
            made = result.with_name("." + result.name)
            if not goes_on:
                shutil.rmtree(made, ignore_errors=True)
            result.parent.mkdir(parents=True, exist_ok=True)
            make(made)
            made.rename(result)
        return result

    def demonstrations(self, cell):
        def make(made):
            options = ["--episodes", self.size.shown(cell.task), "--seed", cell.seed, "--out", made]
            self.reverie(self.folder(cell) / "demonstrate.log", "demonstrate", "--task", cell.task, *options)

        return self.once(self.folder(cell) / "demonstrations", make) / "demonstrations"

    def models(self, cell, world=None):
        """Base policy, auto-encoder and world model; methods whose world model is another one have their own."""
        name = f"models-{tag(world)}" if world else "models"

        def make(made):
            if (cell.task, cell.seed, world) == ("insert", 1, None):
                shutil.copytree(cells.MODELS, made, dirs_exist_ok=True)  # the same commands made them
                return
            options = ["--demonstrations", self.demonstrations(cell), "--out", made, "--seed", cell.seed]
            options += ["--cache", self.folder(cell) / "cache"]
            if world or self.size.brief:
                file = self.folder(cell) / f"{name}.settings.json"
                file.write_text(json.dumps(mechanisms.merged(self.size.brief, {"worldModel": world or {}})))
                options += ["--settings", file]
            self.reverie(self.folder(cell) / f"{name}.log", "pretrain", *options)

        return self.once(self.folder(cell) / name, make, goes_on=True)

    def episodes(self, cell, bundle, seed, count, made, shift=""):
        options = ["--task", cell.task, "--bundle", bundle, "--seed", seed, "--episodes", count, "--out", made]
        options += ["--shift", shift] if shift else []
        self.reverie(made.parent / f"{made.name.strip('.')}.log", "evaluate", *options)

    def rollouts(self, cell, chosen):
        """Rollouts of the policy that a cell's last round begins with; a first round's are the same of all methods."""
        own = "" if cell.rounds == 1 else f"-{name_of(cell, chosen)}"
        seed = ROLLOUTS + ROUND * (cell.rounds - 1) + cell.seed

        def make(made):
            self.episodes(cell, self.base(cell, chosen), seed, cell.budget, made)

        return self.once(self.folder(cell) / f"rollouts-{cell.budget}{own}", make) / "evaluations"

    def outcomes(self, cell, bundle, seed, count, name, shift=""):
        """Whether a policy succeeded on each scene of a seed, in their order, and the seconds that each took."""

        def make(made):
            bags = made.with_name(made.name + "-bags")
            shutil.rmtree(bags, ignore_errors=True)
            self.episodes(cell, bundle, seed, count, bags, shift)
            command = [str(REVERIE), "rollouts", "list", "--json", str(bags / "evaluations")]
            listed = subprocess.run(command, check=False, capture_output=True)
            if listed.returncode:
                raise Failed(f"reverie rollouts list {bags}: {last_words(listed.stderr.decode(errors='replace'))}")
            every = sorted(json.loads(listed.stdout), key=lambda episode: episode["seed"])
            made.write_text(json.dumps([[episode["outcome"] == "success", episode["seconds"]] for episode in every]))
            shutil.rmtree(bags)

        told = json.loads(self.once(self.folder(cell) / f"{name}.episodes.json", make).read_text())
        if len(told) != count:
            raise Failed(f"{name}.episodes.json has {len(told)} episodes, and {count} were asked for; delete it")
        return [won for won, _ in told], [seconds for _, seconds in told]

    def work(self, cell, chosen):
        return self.folder(cell) / name_of(cell, chosen)

    def base(self, cell, chosen):
        """The policy that a cell's last round begins with."""
        if cell.rounds == 1:
            return self.models(cell) / "base"
        return self.trained(before(cell), chosen)

    def beginning(self, cell, chosen):
        """Models and recordings that a round begins with; a later one has what was aligned and the earlier rollouts."""
        if cell.rounds == 1:
            return self.models(cell, mechanisms.pretrained(chosen) or None), self.demonstrations(cell)
        last = before(cell)
        models, _ = self.beginning(last, chosen)
        left, there = self.work(last, chosen) / "next", self.work(cell, chosen) / "earlier"

        def leave(made):
            made.mkdir(parents=True)
            for file in (models / "vae.safetensors", *(self.work(last, chosen) / "work" / name for name in LEFT)):
                shutil.copy(file, made)

        def link(made):
            made.mkdir(parents=True)
            (made / "demonstrations").symlink_to(self.demonstrations(cell))
            for round_of in range(1, cell.rounds):
                rollouts = self.rollouts(dataclasses.replace(cell, rounds=round_of), chosen)
                (made / f"round{round_of}").symlink_to(rollouts)

        return self.once(left, leave), self.once(there, link)

    def trained(self, cell, chosen):
        """The policy of a method with some settings; a run that was stopped goes on."""
        work = self.work(cell, chosen)
        bundle = work / ("run/bundles/improved" if cell.method == "online-grpo" else "bundle")
        if bundle.exists():
            return bundle
        work.mkdir(parents=True, exist_ok=True)
        file = work / "settings.json"
        ours = cell.method in mechanisms.IMAGINING
        file.write_text(json.dumps(chosen if ours or cell.method == "online-grpo" else LEARN_FROM_ALL | chosen))
        common = ["--seed", cell.seed, "--settings", file]
        base = self.base(cell, chosen)
        if cell.method == "online-grpo":
            command = [cell.method, "--task", cell.task, "--bundle", base, "--out", work / "run"]
        else:
            if ours:
                models, demonstrations = self.beginning(cell, chosen)
            else:
                models, demonstrations = self.models(cell), self.demonstrations(cell)
            command = ["train", "improve" if ours else cell.method, "--base", base, "--models", models]
            command += ["--rollouts", self.rollouts(cell, chosen), "--demonstrations", demonstrations]
            command += ["--cache", self.folder(cell) / "cache", "--work", work / "work", "--out", bundle]
        self.reverie(work / "train.log", *command, *common)
        return bundle

    def chosen(self, cell):
        """The method's policy: of several settings the best on validation scenes, of equal ones the first."""
        if cell.method == "base":
            return self.models(cell) / "base", {}, []
        tried, refusals = [], []
        candidates = cells.settings(cell, self.size)
        for settings in candidates:
            try:
                bundle = self.trained(cell, settings)
            except Refused as why:
                refusals.append(str(why))
                continue
            share = 0
            if len(candidates) > 1:
                name = f"validation-{name_of(cell, settings)}-{self.size.validation}"
                won, _ = self.outcomes(cell, bundle, VALIDATION + cell.seed, self.size.validation, name)
                share = sum(won) / len(won)
            tried.append((share, bundle, settings))
        if not tried:
            raise Refused(refusals[0])
        _, bundle, settings = max(tried, key=lambda one: one[0])
        told = [{"settings": one[2], "success": one[0]} for one in tried if len(candidates) > 1]
        return bundle, settings, told

    def tested(self, cell):
        """What a cell's policy did on the test scenes, and how it was chosen."""
        bundle, settings, validation = self.chosen(cell)
        name = f"test-{name_of(cell, settings)}-{self.size.test}" + (f"-{cell.shift}" if cell.shift else "")
        won, seconds = self.outcomes(cell, bundle, cell.seed, self.size.test, name, cell.shift)
        of_successes = [one for success, one in zip(won, seconds, strict=True) if success]
        took = {"success_s": round(sum(of_successes) / len(of_successes), 3)} if of_successes else {}
        return {"n": len(won), "outcomes": won, "settings": settings, "validation": validation} | took

    def said(self, cell):
        """What the training of a method that imagines said."""
        if cell.method not in mechanisms.IMAGINING or cell.shift:
            return {}
        return training.read(self.work(cell, cells.settings(cell, self.size)[0]) / "work")

    def film(self, cell):
        """Keeps a film of real beside imagined, of the first seed."""
        film = self.work(cell, cells.settings(cell, self.size)[0]) / "work" / "imagined" / "00.webp"
        if (cell.method, cell.seed, cell.shift, cell.rounds) == (FILMED, 1, "", 1) and film.exists():
            kept = self.out.parent / "films" / f"{cell.task}.webp"
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(film, kept)

    def run(self, cell, size, code):
        """The line of a cell."""
        self.size = size
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        line = {
            "task": cell.task, "method": cell.method, "budget": cell.budget, "seed": cell.seed, "n": 0,
            "made_of": cells.made_of(cell, size, code), "code": code, **cells.revision(), "outcomes": [],
            "machine": machine(),
        }  # fmt: skip
        line |= {"shift": cell.shift} if cell.shift else {}
        line |= {"rounds": cell.rounds} if cell.rounds > 1 else {}
        for attempt in (1, 2):  # a node may have started too slowly on a busy machine; what was whole before stays
            try:
                line |= self.tested(cell)
                self.film(cell)
                break
            except Refused as why:
                line |= {"refused": str(why)}
                break
            except Failed as why:
                failed = str(why)
            except (OSError, KeyError, TypeError, ValueError) as why:  # no room, or a file that is damaged
                failed = f"{type(why).__name__}: {why}"
            if attempt == 2:
                line |= {"failed": failed}
        with contextlib.suppress(KeyError, ValueError):  # of a run that was stopped in the middle of a file
            line |= {"training": said} if (said := self.said(cell)) else {}
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        return line | {"cpu_s": round(cpu, 1), "wall_s": round(time.monotonic() - began, 1)}


def run(wanted, out, worker, say, known=None, again=False):
    """Runs the cells that wait, each with its size, and appends their lines; known is a file of earlier lines."""
    file, code = out / "lines.jsonl", cells.code()
    for size, cell in wanted:
        there = lines.merged(*filter(None, [known, file]))
        if not pairs.waiting([cell], size, there, code, again):
            continue
        if cells.code() != code:
            raise Failed("the sources have been changed since this began; start it again")
        say(f"{cell} ...")
        line = worker.run(cell, size, code)
        lines.write(file, line)
        share = f"{sum(line['outcomes'])} of {line['n']}" if line["n"] else line.get("refused") or line.get("failed")
        say(f"{cell}: {share}; {line['cpu_s']:.0f} s of CPU, {line['wall_s']:.0f} s")
