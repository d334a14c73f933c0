#!/usr/bin/env python3
"""How long the trainer takes to open many episodes, and in how much memory: decoding them, and from its cache.

    ./reverie demonstrate --episodes 5000 --out /tmp/many
    mvn -q -pl src/trainer -am -DskipTests package && bench/reading.py /tmp/many/demonstrations [--rounds 3]

Each row is a process of its own. "Cold" has no cache; "warm" has the one that the row before left; "off the disk" is
warm after the system was told to forget bags and cache. Memory is the peak of the resident set, and what of it is no
file's and so cannot be given back. Looking means that every frame is copied into batches of 128 and its checksum
compared.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = ("episodes", "cached", "open", "cpu", "peak", "anon", "look", "frames", "peak_after", "anon_after")


def java():
    home = os.environ.get("JAVA_HOME")
    return str(pathlib.Path(home, "bin", "java")) if home else "java"


def measure(bags, cache):
    module = ROOT / "src" / "trainer" / "target"
    classes = [module / "classes", module / "test-classes", (module / "classpath").read_text().strip()]
    out = subprocess.run(
        [java(), f"@{ROOT / 'setup' / 'java' / 'trainer.args'}", "-cp", ":".join(map(str, classes)),
         "dev.reverie.trainer.ReadingBenchmark", str(bags), str(cache)],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ).stdout
    return dict(zip(NAMES, map(float, out.split()), strict=True))


def forget(*folders):
    os.sync()
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file():
                with file.open("rb") as opened:
                    os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bags", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rows = {"cold": [], "warm": [], "off the disk": []}
    cache = pathlib.Path(tempfile.mkdtemp(prefix="reading"))
    try:
        for _ in range(options.rounds):
            shutil.rmtree(cache)
            rows["cold"].append(measure(options.bags, cache))
            rows["warm"].append(measure(options.bags, cache))
            forget(options.bags, cache)
            rows["off the disk"].append(measure(options.bags, cache))
        size = sum(file.stat().st_size for file in cache.iterdir())
    finally:
        shutil.rmtree(cache, ignore_errors=True)
    first = rows["cold"][0]
    print(f"{first['episodes']:.0f} episodes, {first['frames']:.0f} frames, cache of {size / 2**20:.0f} MiB,"
          f" load {os.getloadavg()[0]:.1f}")
    peak = f"{'peak, not of files':>24}"
    print(f"{'':14}{'opening, s (all)':>28}{'CPU s':>8}{peak}{'looking, s':>12}{peak}")
    for name, runs in rows.items():
        middle = {key: statistics.median(run[key] for run in runs) for key in NAMES}
        every = ", ".join(f"{run['open']:.1f}" for run in runs)
        opening = f"{middle['open']:.1f} ({every})"
        memory = f"{middle['peak']:.0f}, {middle['anon']:.0f} MiB"
        after = f"{middle['peak_after']:.0f}, {middle['anon_after']:.0f} MiB"
        print(f"{name:14}{opening:>28}{middle['cpu']:8.1f}{memory:>24}{middle['look']:12.1f}{after:>24}")


if __name__ == "__main__":
    main()
