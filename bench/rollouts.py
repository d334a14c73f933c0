#!/usr/bin/env python3
"""How fast `reverie rollouts list` is over thousands of episodes.

    bench/rollouts.py BAG [--episodes 5000] [--keep DIR]

Copies one recorded bag so many times (its name is each episode's), then lists them three times: cold the first time
only where the machine has dropped its file cache. Prints seconds, start of the JVM included.
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("bag", type=pathlib.Path)
    arguments.add_argument("--episodes", type=int, default=5000)
    arguments.add_argument("--keep", type=pathlib.Path, help="make them here and leave them there")
    arguments = arguments.parse_args()
    folder = arguments.keep or pathlib.Path(tempfile.mkdtemp(prefix="rollouts-"))
    try:
        for number in range(arguments.episodes):
            target = folder / f"{arguments.bag.name}-{number:05}"
            if not target.exists():
                shutil.copytree(arguments.bag, target)
        size = sum(file.stat().st_size for file in arguments.bag.iterdir())
        print(f"{arguments.episodes} episodes of {size / 1024:.0f} KiB")
        for what in (["list"], ["list", "--json"], ["list", "--outcome", "failure"]):
            seconds = []
            for _ in range(3):
                began = time.monotonic()
                subprocess.run([ROOT / "reverie", "rollouts", *what, folder], stdout=subprocess.DEVNULL, check=True)
                seconds.append(time.monotonic() - began)
            spread = f"({min(seconds):.2f} to {max(seconds):.2f})"
            print(f"{' '.join(what):25} {statistics.median(seconds):6.2f} s   {spread}")
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
