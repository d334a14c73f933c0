#!/usr/bin/env python3
"""Latency of the robot node at real time, and what 1,000 hot swaps do to its control loop.

    eval "$(./reverie ros-env)"; "$REVERIE_PYTHON" bench/robot_node.py [--seconds 60] [--swaps 1000]

Prints p50 and p99 of the time from the last input's arrival to the published chunk (inference excluded), then late
ticks and empty queues without swaps and during as many swaps as asked for.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

import rclpy
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from reverie.action import RunPolicy
from reverie.msg import ActionChunk, Status
from reverie.srv import SwapPolicy

ROOT = pathlib.Path(__file__).resolve().parent.parent


def seconds(duration):
    return duration.sec + duration.nanosec * 1e-9


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


class Observer:
    """Runs one long episode after another and keeps what the node says of itself."""

    def __init__(self):
        self.node = rclpy.create_node("robot_node_bench")
        self.latencies = []
        self.inferences = []
        self.status = None
        self.node.create_subscription(ActionChunk, "robot/action_chunk", self.on_chunk, 50)
        self.node.create_subscription(Status, "robot/status", self.on_status, 10)
        self.swap = self.node.create_client(SwapPolicy, "robot/swap_policy")
        self.run = ActionClient(self.node, RunPolicy, "robot/run_policy")
        executor = SingleThreadedExecutor()
        executor.add_node(self.node)
        threading.Thread(target=executor.spin, daemon=True).start()

    def on_chunk(self, chunk):
        self.latencies.append(seconds(chunk.latency))
        self.inferences.append(seconds(chunk.inference))

    def on_status(self, status):
        self.status = status

    def wait(self, future, limit=30.0):
        end = time.monotonic() + limit
        while not future.done():
            if time.monotonic() > end:
                raise TimeoutError("no answer from the robot node")
            time.sleep(0.002)
        return future.result()

    def start_episode(self, length):
        goal = RunPolicy.Goal()
        goal.instruction = "insert the peg into the red slot"
        goal.time_limit.sec = int(length)
        goal.temperature = 1.0
        handle = self.wait(self.run.send_goal_async(goal))
        if not handle.accepted:
            raise RuntimeError("the robot node refused the goal")

    def counters(self):
        time.sleep(1.2)  # a fresh status comes once a second
        s = self.status
        return {"ticks": s.ticks, "late": s.late_ticks, "empty": s.queue_ran_empty, "swaps": s.swaps}


def other(bundle, folder):
    """The same policy with another history, and so another id: the live one again would be no swap."""
    shutil.copytree(bundle, folder)
    path = pathlib.Path(folder, "bundle.json")
    spec = json.loads(path.read_text())
    spec["lineage"]["settings"]["bench"] = "other"
    path.write_text(json.dumps(spec))
    pathlib.Path(folder, "signature.json").unlink(missing_ok=True)
    return folder


def difference(after, before):
    return {k: after[k] - before[k] for k in after}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--swaps", type=int, default=1000)
    parser.add_argument("--bundle", default=str(ROOT / "models" / "base"))
    arguments = parser.parse_args()
    work = tempfile.mkdtemp(prefix="reverie-bench-")
    subprocess.run([ROOT / "reverie", "setup"], stdout=subprocess.DEVNULL, check=True)  # builds what is out of date
    processes = [
        subprocess.Popen([ROOT / "reverie", "simulated-arm"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
        subprocess.Popen(
            [ROOT / "reverie", "robot", "--ros-args", "-p", f"bundle:={arguments.bundle}"]
            + ["-p", f"rollouts_dir:={work}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ),
    ]
    try:
        rclpy.init()
        bench = Observer()
        if not bench.run.wait_for_server(60.0) or not bench.swap.wait_for_service(60.0):
            raise TimeoutError("the robot node did not start")
        while bench.status is None:
            time.sleep(0.1)
        bench.start_episode(7200)
        time.sleep(5)  # warm
        before = bench.counters()
        bench.latencies.clear()
        bench.inferences.clear()
        time.sleep(arguments.seconds)
        quiet = difference(bench.counters(), before)
        for name, values in (("latency", bench.latencies), ("inference", bench.inferences)):
            p50, p99 = percentile(values, 0.5) * 1e3, percentile(values, 0.99) * 1e3
            print(f"{name:10} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms  max {max(values) * 1e3:6.2f} ms  n {len(values)}")
        print("without swaps:", quiet)

        before = bench.counters()
        bundles = [arguments.bundle, other(arguments.bundle, os.path.join(work, "other"))]
        start = time.monotonic()
        for i in range(arguments.swaps):
            request = SwapPolicy.Request(bundle=bundles[i % 2])
            response = bench.wait(bench.swap.call_async(request))
            if not response.success:
                raise RuntimeError(response.message)
        took = time.monotonic() - start
        print(f"with {arguments.swaps} swaps in {took:.0f} s:", difference(bench.counters(), before))
    finally:
        for p in processes:
            p.terminate()
        for p in processes:
            p.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
