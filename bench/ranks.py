#!/usr/bin/env python3
"""A round of training in one process and in several, in turn: seconds a stage, and what comes out of it.

    ./reverie demo --seed 1 --out out/demo
    python3 bench/ranks.py --demo out/demo [--ranks 2] [--rounds 3] [--settings '{"grpo": {"iterations": 4}}']

Every rank has one thread. Prints for each stage the medians of its seconds and their ratio (the ideal is the number of
ranks), and the largest difference of its weights. As many runs of one rank each, beside each other and with nothing to
tell each other, show what the machine gives at most: their ratio is the number of runs times the seconds of one alone
by the seconds of the slowest.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import struct
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Long enough to be timed, short enough for several turns.
SHORT = {
    "worldModel": {"alignSteps": 200},
    "classifier": {"steps": 200},
    "jointHead": {"steps": 200},
    "grpo": {"iterations": 4},
    "audit": {"stop": False},
    "gate": {"recall": 0, "replayedRecall": 0, "precision": 0, "falseAlarm": 1, "wrongInstruction": 1},
}


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def started(demo, work, settings, rank, ranks, port):
    """One rank of a round in a new folder."""
    command = [str(ROOT / "reverie"), "train", "improve", "--seed", "1", "--threads", "1"]
    for name, path in {
        "rollouts": demo / "rollouts",
        "demonstrations": demo / "demonstrations",
        "base": ROOT / "models/base",
        "models": ROOT / "models",
        "cache": demo / "cache",
        "work": work,
        "settings": settings,
        "out": work / "improved",
    }.items():
        command += [f"--{name}", str(path)]
    launched = {"RANK": rank, "WORLD_SIZE": ranks, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return subprocess.Popen(
        command,
        env=os.environ | {name: str(value) for name, value in launched.items()},
        stdout=subprocess.DEVNULL,
    )


def ended(running):
    if any([process.wait() for process in running]):
        raise SystemExit("a run has failed; see above")


def seconds_of(work):
    return json.loads((work / "seconds.json").read_text())


def improve(demo, work, settings, ranks):
    """Runs a round on so many ranks; its seconds by stage."""
    shutil.rmtree(work, ignore_errors=True)
    port = free_port()
    ended([started(demo, work, settings, rank, ranks, port) for rank in range(ranks)])
    return seconds_of(work)


def beside(demo, folder, settings, count):
    """Runs so many rounds of one rank beside each other; the seconds of the slowest by stage."""
    works = [folder / f"beside{i}" for i in range(count)]
    for work in works:
        shutil.rmtree(work, ignore_errors=True)
    ended([started(demo, work, settings, 0, 1, free_port()) for work in works])
    each = [seconds_of(work) for work in works]
    return {stage: max(one[stage] for one in each) for stage in each[0]}


def weights(file):
    """Tensors of a safetensors file as lists of float32."""
    raw = file.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"] == "F32":
            begin, end = (8 + size + offset for offset in tensor["data_offsets"])
            yield name, memoryview(raw[begin:end]).cast("f")


def difference(one, other):
    """The largest of the differences of all weights, and how large the largest weight is."""
    apart = largest = 0.0
    for (_, a), (_, b) in zip(weights(one), weights(other), strict=True):
        apart = max([apart, *(abs(x - y) for x, y in zip(a, b, strict=True))])
        largest = max([largest, *map(abs, a)])
    return apart, largest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=pathlib.Path, required=True, help="folder of a demo")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--settings", default=json.dumps(SHORT), help="JSON")
    options = parser.parse_args()
    demo = options.demo.resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        settings = folder / "settings.json"
        settings.write_text(options.settings)
        several = options.ranks
        seconds = {"1 rank": [], f"{several} ranks": [], f"{several} beside": []}
        alone, shared, apart = seconds
        for turn in range(options.rounds):
            load = os.getloadavg()[0]
            seconds[alone].append(improve(demo, folder / "work1", settings, 1))
            seconds[shared].append(improve(demo, folder / "work2", settings, several))
            seconds[apart].append(beside(demo, folder, settings, several))
            for kind, turns in seconds.items():
                print(f"turn {turn + 1} (load before it {load:.1f}), {kind}: {turns[-1]}", flush=True)
        print(f"{'stage':<20}{alone:>10}{shared:>10}{'ratio':>7}{apart:>10}{'ratio':>7}   weights apart, of at most")
        for stage in seconds[alone][0]:
            one, both, free = (statistics.median(turn[stage] for turn in turns) for turns in seconds.values())
            files = [folder / work / f"{stage}.safetensors" for work in ("work1", "work2")]
            differ = "{:.1e}, {:.2f}".format(*difference(*files)) if files[0].exists() else ""
            print(
                f"{stage:<20}{one:10.1f}{both:10.1f}{one / both:7.2f}{free:10.1f}{several * one / free:7.2f}   {differ}"
            )


if __name__ == "__main__":
    main()
