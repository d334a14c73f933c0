#!/usr/bin/env python3
"""A round of training in one process and in several, in turn: seconds a stage, and what comes out of it.

    ./reverie demo --seed 1 --out out/demo
    python3 bench/ranks.py --demo out/demo [--ranks 2] [--rounds 3] [--settings '{"grpo": {"iterations": 4}}']

Every rank has one thread. Prints for each stage the medians of its seconds and their ratio (the ideal is the number of
ranks), the largest difference of its weights, and the share of an iteration that is imagining where the curves tell it.
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


def improve(demo, work, out, settings, ranks):
    """Runs a round on so many ranks; its seconds by stage."""
    command = [str(ROOT / "reverie"), "train", "improve", "--seed", "1", "--threads", "1"]
    for name, path in {
        "rollouts": demo / "rollouts",
        "demonstrations": demo / "demonstrations",
        "base": ROOT / "models/base",
        "models": ROOT / "models",
        "cache": demo / "cache",
        "work": work,
        "settings": settings,
        "out": out,
    }.items():
        command += [f"--{name}", str(path)]
    port = str(free_port())
    running = [
        subprocess.Popen(
            command,
            env=os.environ
            | {"RANK": str(rank), "WORLD_SIZE": str(ranks), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port},
            stdout=subprocess.DEVNULL,
        )
        for rank in range(ranks)
    ]
    if any(process.wait() for process in running):
        raise SystemExit("a rank has failed; see above")
    return json.loads((work / "seconds.json").read_text())


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
        seconds = {1: [], options.ranks: []}
        for turn in range(options.rounds):
            for ranks in seconds:
                work = folder / f"work{ranks}"
                shutil.rmtree(work, ignore_errors=True)
                shutil.rmtree(folder / f"out{ranks}", ignore_errors=True)
                seconds[ranks].append(improve(demo, work, folder / f"out{ranks}", settings, ranks))
                print(f"turn {turn + 1}, {ranks} ranks: {seconds[ranks][-1]}", flush=True)
        print(f"{'stage':<20}{'1 rank':>9}{options.ranks:>5} ranks{'ratio':>8}   weights apart, of at most")
        for stage in seconds[1][0]:
            one, several = (statistics.median(turn[stage] for turn in seconds[ranks]) for ranks in seconds)
            file = f"{stage}.safetensors"
            apart = ""
            if (folder / "work1" / file).exists():
                apart = "{:.1e}, {:.2f}".format(
                    *difference(folder / "work1" / file, folder / f"work{options.ranks}" / file)
                )
            print(f"{stage:<20}{one:9.1f}{several:11.1f}{one / several:8.2f}   {apart}")


if __name__ == "__main__":
    main()
