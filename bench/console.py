#!/usr/bin/env python3
"""What open consoles cost the robot node.

    python3 -m pip install --no-deps --target /tmp/peer opencv-python-headless==4.13.0.92
    eval "$(./reverie ros-env)"
    PYTHONPATH=/tmp/peer:$PYTHONPATH "$REVERIE_PYTHON" bench/console.py [--rounds 5] [--consoles 2] [--pages 1]

Joint states at 100 Hz and two cameras of 640x480 rgb8 at 30 Hz go to the robot node, which records, with a policy that
is no work at 30 Hz (the arm and the measure of a tick are those of bench/latency.py).

Turns without any console, with as many plain listeners of both cameras (rclpy, which unpacks nothing: the least that
anybody costs who sees pictures), and with so many of `./reverie console`, each with pages open
(bench/console_page.py, at nice 19: as a browser it takes pictures, but draws none, which is another machine's work).
p50, p99 and most of the ticks of each, the ratios to those without, and the pictures that a page got.
"""

import argparse
import gc
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import rclpy
from latency import CAMERAS, Bench, told
from motion import ROOT

HERE = pathlib.Path(__file__).resolve().parent
CONDITIONS = ("without", "heard", "beside")
LISTENER = """
import rclpy, sys
from rclpy.executors import ExternalShutdownException
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node("listener")
for topic in sys.argv[1:]:
    node.create_subscription(Image, topic, lambda picture: None, qos_profile_sensor_data, raw=True)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, ExternalShutdownException):
    pass
finally:
    rclpy.try_shutdown()
"""


class Console:
    """`./reverie console` for the bench's robot node, with tokens of its own."""

    def __init__(self, folder):
        command = [ROOT / "reverie", "console", "--node", "/node/robot", "--port", "0"]
        command += ["--tokens", folder / "tokens.json", "--rounds", folder / "none"]
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder)}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        line = self.process.stdout.readline().split()
        if len(line) != 2:
            raise RuntimeError("the console did not start; it says why above")
        self.url, self.token = line[1].split("#")

    def page(self):
        command = ["nice", "-n", "19", sys.executable, HERE / "console_page.py", self.url, self.token]
        page = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        page.stdout.readline()  # its first picture
        return page

    def close(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


class Listener:
    """A program that hears the cameras, and does nothing with them."""

    def __init__(self):
        topics = [f"/node/{camera}/image_raw" for camera in CAMERAS]
        self.process = subprocess.Popen(["nice", "-n", "5", sys.executable, "-c", LISTENER, *topics])

    def close(self):
        self.process.send_signal(signal.SIGINT)  # else it is written to until its lease ends, which costs ticks
        self.process.wait()


def told_by(page):
    """Ends a page; returns what it got."""
    page.stdin.close()
    got = json.loads(page.stdout.readline())
    page.wait()
    return got


def warmed(bench, seconds):
    """Lets an episode run unmeasured, so that pictures come and consoles and pages have what they show."""
    bench.turn(bench.sides[0], seconds, 0)


def beside(bench, folder, arguments):
    side = bench.sides[0]
    rows = {name: [] for name in CONDITIONS}
    for number in range(arguments.rounds):
        for name in CONDITIONS if number % 2 == 0 else reversed(CONDITIONS):  # so that a drift is of both
            consoles, pages = [], []
            try:
                if name != "without":
                    consoles = [Listener() if name == "heard" else Console(folder) for _ in range(arguments.consoles)]
                bench.side = side  # pictures come, so that pages get their first
                pages = [console.page() for console in consoles * arguments.pages if name == "beside"]
                found, cpu, load, others = bench.turn(side, arguments.seconds, arguments.warm)
            finally:
                got = [told_by(page) for page in pages]
                for console in consoles:
                    console.close()
            rows[name] += found
            shown = "".join(f"; a page got {one['hz']:.1f} pictures/s, {one['p50_ms']:.0f} ms late" for one in got)
            text = f"  CPU {cpu / max(1, len(found) + others) * 1e3:.1f} ms a tick, load {load:.1f}{shown}"
            for kind in ("plays", "begins"):
                told(name, kind, found, text if kind == "plays" else "")
    print("all:")
    for kind in ("plays", "begins"):
        all_of = {name: told(name, kind, rows[name], "") for name in CONDITIONS}
        for name in CONDITIONS[1:]:
            if all_of["without"] is not None and all_of[name] is not None:
                p50, p99 = (all_of[name][i] / all_of["without"][i] for i in (0, 1))
                print(f"ratio {name} to without  {kind:6} p50 {p50:.2f}  p99 {p99:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--warm", type=float, default=5, help="seconds of each turn that do not count")
    parser.add_argument("--consoles", type=int, default=2)
    parser.add_argument("--pages", type=int, default=1, help="of each console")
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
            beside(bench, folder, arguments)
        finally:
            bench.close()
    rclpy.try_shutdown()


if __name__ == "__main__":
    main()
