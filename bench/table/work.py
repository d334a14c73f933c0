"""Runs one cell after the other by the commands of ./reverie."""

import contextlib
import fcntl
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
import pairs

REVERIE = cells.ROOT / "reverie"
# Added to a seed: scenes of their own for rollouts and for the choice of settings.
ROLLOUTS = 5000
VALIDATION = 9000
# A method that says so has done its work: there is nothing that it could responsibly learn from.
REFUSAL = re.compile(
    r"^.*(?:the reward classifier (?:finds|needs|calls|also calls)|there is nothing to learn from"
    r"|rollouts are successes; successes are compared).*$",
    re.MULTILINE,
)
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


class Worker:
    """Runs cells of a size below a folder, which has one of its own for each code, in a ROS domain of its own."""

    def __init__(self, out, size, domain):
        self.out, self.size, self.domain = out / cells.code(), size, domain

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
        return self.out / f"{cell.task}-{cells.DEMONSTRATIONS[cell.task]}" / str(cell.seed)

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
            options = ["--episodes", cells.DEMONSTRATIONS[cell.task], "--seed", cell.seed, "--out", made]
            self.reverie(self.folder(cell) / "demonstrate.log", "demonstrate", "--task", cell.task, *options)

        return self.once(self.folder(cell) / "demonstrations", make) / "demonstrations"

    def models(self, cell, world=None):
        """Base policy, auto-encoder and world model; a method whose world model is another one has its own."""
        name = f"models-{cell.method}" if world else "models"

        def make(made):
            if (cell.task, cell.seed, world) == ("insert", 1, None):
                shutil.copytree(cells.MODELS, made, dirs_exist_ok=True)  # the same commands made them
                return
            options = ["--demonstrations", self.demonstrations(cell), "--out", made, "--seed", cell.seed]
            options += ["--cache", self.folder(cell) / "cache"]
            if world:
                file = self.folder(cell) / f"{name}.settings.json"
                file.write_text(json.dumps({"worldModel": world}))
                options += ["--settings", file]
            self.reverie(self.folder(cell) / f"{name}.log", "pretrain", *options)

        return self.once(self.folder(cell) / name, make, goes_on=True)

    def episodes(self, cell, bundle, seed, count, made):
        options = ["--task", cell.task, "--bundle", bundle, "--seed", seed, "--episodes", count, "--out", made]
        self.reverie(made.parent / f"{made.name.strip('.')}.log", "evaluate", *options)

    def rollouts(self, cell):
        def make(made):
            self.episodes(cell, self.models(cell) / "base", ROLLOUTS + cell.seed, cell.budget, made)

        return self.once(self.folder(cell) / f"rollouts-{cell.budget}", make) / "evaluations"

    def outcomes(self, cell, bundle, seed, count, name):
        """Whether a policy succeeded on each scene of a seed, in their order."""

        def make(made):
            bags = made.with_name(made.name + "-bags")
            shutil.rmtree(bags, ignore_errors=True)
            self.episodes(cell, bundle, seed, count, bags)
            command = [str(REVERIE), "rollouts", "list", "--json", str(bags / "evaluations")]
            listed = subprocess.run(command, check=False, capture_output=True)
            if listed.returncode:
                raise Failed(f"reverie rollouts list {bags}: {last_words(listed.stderr.decode(errors='replace'))}")
            by_seed = {episode["seed"]: episode["outcome"] == "success" for episode in json.loads(listed.stdout)}
            made.write_text(json.dumps([by_seed[scene] for scene in sorted(by_seed)]))
            shutil.rmtree(bags)

        won = json.loads(self.once(self.folder(cell) / f"{name}.json", make).read_text())
        if len(won) != count:
            raise Failed(f"{name}.json has {len(won)} episodes, and {count} were asked for; delete it")
        return won

    def trained(self, cell, number, chosen):
        """The policy of a method with some settings; a run that was stopped goes on."""
        work = self.folder(cell) / f"{cell.method}-{cell.budget}-{number}"
        bundle = work / ("run/bundles/improved" if cell.method == "online-grpo" else "bundle")
        if bundle.exists():
            return bundle
        work.mkdir(parents=True, exist_ok=True)
        file = work / "settings.json"
        ours = cell.method in cells.OURS
        file.write_text(json.dumps(chosen if ours or cell.method == "online-grpo" else LEARN_FROM_ALL | chosen))
        common = ["--seed", cell.seed, "--settings", file]
        base = self.models(cell) / "base"
        if cell.method == "online-grpo":
            command = [cell.method, "--task", cell.task, "--bundle", base, "--out", work / "run"]
        else:
            command = ["train", "improve" if ours else cell.method, "--base", base]
            command += ["--models", self.models(cell, chosen.get("worldModel"))]
            command += ["--rollouts", self.rollouts(cell), "--demonstrations", self.demonstrations(cell)]
            command += ["--cache", self.folder(cell) / "cache", "--work", work / "work", "--out", bundle]
        self.reverie(work / "train.log", *command, *common)
        return bundle

    def chosen(self, cell):
        """The method's policy: of several settings the best on validation scenes, of equal ones the first."""
        if cell.method == "base":
            return self.models(cell) / "base", {}, []
        tried, refusals = [], []
        candidates = cells.settings(cell, self.size)
        for number, settings in enumerate(candidates):
            try:
                bundle = self.trained(cell, number, settings)
            except Refused as why:
                refusals.append(str(why))
                continue
            share = None
            if len(candidates) > 1:
                name = f"validation-{cell.method}-{cell.budget}-{number}-{self.size.validation}"
                won = self.outcomes(cell, bundle, VALIDATION + cell.seed, self.size.validation, name)
                share = sum(won) / len(won)
            tried.append((share or 0, -number, bundle, settings))
        if not tried:
            raise Refused(refusals[0])
        best = max(tried, key=lambda one: one[:2])
        return best[2], best[3], [{"settings": one[3], "success": one[0]} for one in tried if len(candidates) > 1]

    def tested(self, cell):
        """What a cell's policy did on the test scenes, and how it was chosen."""
        bundle, settings, validation = self.chosen(cell)
        name = f"test-{cell.method}-{cell.budget}-{self.size.test}"
        won = self.outcomes(cell, bundle, cell.seed, self.size.test, name)
        return {"n": len(won), "outcomes": won, "settings": settings, "validation": validation}

    def run(self, cell, code):
        """The line of a cell."""
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        line = {
            "task": cell.task, "method": cell.method, "budget": cell.budget, "seed": cell.seed, "n": 0,
            "made_of": cells.made_of(cell, self.size, code), "code": code, **cells.revision(), "outcomes": [],
            "machine": machine(),
        }  # fmt: skip
        for attempt in (1, 2):  # a node may have started too slowly on a busy machine; what was whole before stays
            try:
                line |= self.tested(cell)
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
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        return line | {"cpu_s": round(cpu, 1), "wall_s": round(time.monotonic() - began, 1)}


def run(wanted, out, size, worker, say, known=None, again=False):
    """Runs the cells that wait, and appends their lines; known is a file of lines from elsewhere."""
    file, code = out / "lines.jsonl", cells.code()
    for cell in wanted:
        there = lines.merged(*filter(None, [known, file]))
        if not pairs.waiting([cell], size, there, code, again):
            continue
        if cells.code() != code:
            raise Failed("the sources have been changed since this began; start it again")
        say(f"{cell} ...")
        line = worker.run(cell, code)
        lines.write(file, line)
        share = f"{sum(line['outcomes'])} of {line['n']}" if line["n"] else line.get("refused") or line.get("failed")
        say(f"{cell}: {share}; {line['cpu_s']:.0f} s of CPU, {line['wall_s']:.0f} s")
