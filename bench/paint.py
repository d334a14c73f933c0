#!/usr/bin/env python3
"""How soon the console's page is useful in Chromium, and how old the pictures are that it draws.

    python3 -m pip install --no-deps --target /tmp/peer opencv-python-headless==4.13.0.92
    eval "$(./reverie ros-env)"
    PYTHONPATH=/tmp/peer:$PYTHONPATH "$REVERIE_PYTHON" bench/paint.py [--loads 10] [--seconds 20]

The robot node of bench/console.py with its two cameras of 640x480 at 30 Hz, and a console beside it. Chromium loads
the page of somebody who is signed in, each time with an empty cache. From the beginning of a load to the first paint,
to the headline (what the arm does) and to the first picture; then for how long after their stamps pictures are drawn.
Needs Chromium, Node.js and npm, as BrowserTest.
"""

import argparse
import gc
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import rclpy
from console import Console, warmed
from latency import Bench
from motion import ROOT

BROWSER = ROOT / "src/console/test/browser"


def loaded(console, folder, arguments):
    for file in BROWSER.iterdir():
        shutil.copy(file, folder)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder], check=True)
    command = ["node", folder / "paint.mjs", console.url, console.token, arguments.loads, arguments.seconds]
    return json.loads(subprocess.run(map(str, command), check=True, stdout=subprocess.PIPE).stdout)


def spread(name, values):
    values = sorted(values)
    p50, p99 = (values[min(len(values) - 1, int(q * len(values)))] for q in (0.5, 0.99))
    print(f"{name:<32} {len(values):5}   p50 {p50:6.0f} ms   p99 {p99:6.0f}   most {values[-1]:6.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20, help="how long pictures are looked at")
    arguments = parser.parse_args()
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    subprocess.run([ROOT / "reverie", "setup"], stdout=subprocess.DEVNULL, check=True)  # builds what is out of date
    os.environ["REVERIE_PREPARED"] = str(ROOT)
    rclpy.init()
    gc.disable()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bench = Bench(folder, 1 / 30, ("node",))
        try:
            warmed(bench, 5)
            console = Console(folder)
            try:
                bench.side = bench.sides[0]  # pictures come
                got = loaded(console, folder, arguments)
            finally:
                console.close()
        finally:
            bench.close()
    rclpy.try_shutdown()
    spread("first paint", got["painted"])
    spread("what the arm does is told", got["headline"])
    spread("the first picture is drawn", got["picture"])
    spread("a picture, after its stamp", got["late"])


if __name__ == "__main__":
    main()
