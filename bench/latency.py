#!/usr/bin/env python3
"""From an observation to the command that answers it, beside the same node written in rclpy.

    python3 -m pip install --no-deps --target /tmp/peer opencv-python-headless==4.13.0.92
    eval "$(./reverie ros-env)"
    PYTHONPATH=/tmp/peer:$PYTHONPATH "$REVERIE_PYTHON" bench/latency.py [--period 0.0333] [--rounds 5]
        [--seconds 20] [--warm 3]

Joint states at 100 Hz and two cameras of 640x480 rgb8 at 30 Hz go to the robot node (with an arm file, a policy that
is no work, and recording) and to bench/latency_peer.py (without recording) in turns. Measured by the monotonic clock of
this process: from the beginning of the publish call of the last message that an observation needs to the callback of
what answers it, so that publishing, the middleware twice and this process's rclpy are within. An observation belongs
to a Command by its stamp, a JointTrajectory to the Command sent nearest to it.

plays: ticks whose action is one of a chunk that is there: no picture is decoded and nothing is inferred.
begins: ticks that wait for a new chunk, less the inference that ActionChunk tells; pictures are decoded and resized.
A robot node whose chunks take long asks for them ahead, and then no tick waits.
Of a tick the later one of JointTrajectory and Command counts; where the former came is printed beside.
CPU is that of the processes of the node, user and system, for one tick.
"""

import argparse
import array
import bisect
import gc
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import rclpy
from latency_peer import CAMERAS, SEEN, Matching, nanos
from motion import JOINTS, LATCHED, ROOT, Controller, bundle, stamp, urdf
from pss import children
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import qos_profile_sensor_data
from rclpy.serialization import serialize_message
from reverie.action import RunPolicy
from reverie.msg import ActionChunk, Command, Status
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

WIDTH, HEIGHT = 640, 480
SCALE = 0.05  # rad of an action of 1
HORIZON = 8
SPACE = {"kind": "joint_deltas", "joints": JOINTS, "scale_rad": [SCALE] * len(JOINTS)}
ARM = f"""
name: bench
joints: {JOINTS}
cameras:
  left: {{width: {SEEN[0]}, height: {SEEN[1]}}}
  right: {{width: {SEEN[0]}, height: {SEEN[1]}}}
action:
  period_s: PERIOD
  horizon: {HORIZON}
  space: {{kind: joint_deltas, joints: {JOINTS}, scale_rad: {SPACE["scale_rad"]}}}
controller: {{topic: joint_trajectory}}
"""


def table(period):
    """Actions that swing the arm, whose sum is nothing."""
    swing = np.cos(np.arange(HORIZON) / HORIZON * 2 * np.pi)
    return (swing - swing.mean())[:, None] * np.array([0.3, -0.2, 0.1]) * min(1, period / 0.1)


def pictures():
    """Serialized messages, the stamp to be written at 4, of cameras whose noise differs from picture to picture."""
    buffers = 5  # more than a driver has that stands still
    data = [array.array("B", random.randbytes(WIDTH * HEIGHT * 3)) for _ in range(buffers)]
    images = [Image(width=WIDTH, height=HEIGHT, encoding="rgb8", step=3 * WIDTH, data=d) for d in data]
    return [bytearray(serialize_message(image)) for image in images]


class Side:
    """One of the two nodes: what it is sent and what came of it."""

    def __init__(self, name, node, process):
        self.name, self.process, self.controller, self.rows = name, process, Controller(), []
        self.states = node.create_publisher(JointState, f"{name}/joint_states", qos_profile_sensor_data)
        self.cameras = [
            node.create_publisher(Image, f"{name}/{c}/image_raw", qos_profile_sensor_data) for c in CAMERAS
        ]
        node.create_subscription(Command, f"{name}/robot/command", self.on_command, 50)
        node.create_subscription(ActionChunk, f"{name}/robot/action_chunk", self.on_chunk, 50)
        node.create_subscription(JointTrajectory, f"{name}/joint_trajectory", self.on_trajectory, 50)
        self.clear()

    def clear(self):
        self.matching, self.complete = Matching(), {}
        self.commands, self.trajectories, self.inferences = [], [], {}

    def on_command(self, message, info):
        self.commands.append((info["source_timestamp"], time.monotonic_ns(), message))

    def on_trajectory(self, message, info):
        self.trajectories.append((info["source_timestamp"], time.monotonic_ns()))
        self.controller.offer(message, time.time())

    def on_chunk(self, message):
        self.inferences[nanos(message.header.stamp), message.index] = nanos(message.inference)

    def send(self, source, when, message):
        """Publishes a joint state (source None) or a picture, and notes the observation that it completes."""
        publisher = self.states if source is None else self.cameras[source]
        began = time.monotonic_ns()
        publisher.publish(message)
        observation = self.matching.add(source, nanos(when), None)
        if observation:
            self.complete[observation[0][0]] = began

    def ready(self):
        return all(p.get_subscription_count() > 0 for p in (self.states, *self.cameras))

    def cpu(self):
        """Seconds of the process and its children."""
        ticks = 0
        for pid in children(self.process.pid):
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def measured(self, since):
        """Of each tick since then: kind, time to Command and to JointTrajectory, inference excluded; ns. Others."""
        sent = sorted(self.trajectories)
        others = 0
        for source, came, command in [c for c in self.commands if c[1] >= since]:
            at = nanos(command.header.stamp)
            i = bisect.bisect(sent, (source, 0))
            near = min(sent[max(0, i - 1) : i + 1], key=lambda t: abs(t[0] - source), default=None)
            if command.source != Command.POLICY or at not in self.complete or near is None:
                others += 1
                continue
            waited = (at, command.chunk) in self.inferences if self.inferences else command.action == 0
            began = self.complete[at] + self.inferences.get((at, command.chunk), 0)
            yield "begins" if waited else "plays", came - began, near[1] - began
        self.others = others


class Bench:
    def __init__(self, folder, period, names=("node", "rclpy")):
        self.folder, self.period, self.ended, self.side = folder, period, False, None
        self.node = rclpy.create_node("latency_bench", enable_rosout=False)
        steps = table(period)
        seen = [(c, *SEEN) for c in CAMERAS]
        policy = bundle(folder / "bundle", SPACE, steps, period, cameras=seen)
        (folder / "arm.yaml").write_text(ARM.replace("PERIOD", str(period)))
        np.save(folder / "table.npy", steps * SCALE)
        self.latched = self.node.create_publisher(String, "node/robot_description", LATCHED)
        self.latched.publish(String(data=urdf()))
        self.status = None
        self.node.create_subscription(Status, "node/robot/status", self.on_status, 10)
        self.run = ActionClient(self.node, RunPolicy, "node/robot/run_policy")
        here = pathlib.Path(__file__).resolve().parent
        robot = [ROOT / "reverie", "robot", "--ros-args", "-r", "__ns:=/node", "-p", f"bundle:={policy}"]
        robot += ["-p", f"arm:={folder / 'arm.yaml'}", "-p", f"rollouts_dir:={folder / 'rollouts'}"]
        robot += ["-p", "shadow:=never"]
        peer = [sys.executable, here / "latency_peer.py", str(period), folder / "table.npy", *JOINTS]
        peer += ["--ros-args", "-r", "__ns:=/rclpy"]
        self.sides = []
        for name, command in (("node", robot), ("rclpy", peer)):
            if name not in names:
                continue
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.sides.append(Side(name, self.node, process))
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        for work in (self.executor.spin, self.sense):
            threading.Thread(target=work, daemon=True).start()
        self.wait(lambda: all(side.ready() for side in self.sides) and self.run.server_is_ready(), 60)

    def on_status(self, message):
        self.status = message

    def wait(self, seen, seconds):
        end = time.monotonic() + seconds
        while not seen():
            if time.monotonic() > end or any(side.process.poll() is not None for side in self.sides):
                raise RuntimeError(f"a node ended or did not answer; the robot node says {self.status}")
            time.sleep(0.002)

    def sense(self):
        """Joint states each 10 ms, pictures of both cameras each 33.3 ms, 2 ms after a joint state and on."""
        shown, begin = pictures(), time.monotonic()
        due, count = [begin, begin + 0.002], [0, 0]
        while not self.ended:
            what = 0 if due[0] <= due[1] else 1
            time.sleep(max(0.0, due[what] - time.monotonic()))
            side, now = self.side, time.time()
            count[what] += 1
            due[what] = begin + (0.01 * count[0] if what == 0 else 0.002 + count[1] / 30)
            if side is None:
                continue
            when = stamp(now)
            if what == 0:
                message = JointState(name=JOINTS, position=side.controller.sample(now)[0].tolist())
                message.header.stamp = when
                side.send(None, when, message)
                continue
            image = shown[count[1] % len(shown)]
            struct.pack_into("<iI", image, 4, when.sec, when.nanosec)
            message = bytes(image)
            for camera in range(len(CAMERAS)):
                side.send(camera, when, message)

    def turn(self, side, seconds, warm):
        """Lets one side work alone; returns its ticks, CPU seconds and load of the seconds after the first ones."""
        side.clear()
        self.side, goal = side, None
        if side.name == "node":
            self.wait(lambda: self.status and self.status.hold_reason == "no episode runs", 30)
            future = self.run.send_goal_async(RunPolicy.Goal(instruction="move", seed=1))
            self.wait(future.done, 10)
            goal = future.result()
        self.wait(lambda: side.commands, 20)
        time.sleep(warm)
        gc.collect()
        since, before = time.monotonic_ns(), side.cpu()
        time.sleep(seconds)
        cpu, load = side.cpu() - before, os.getloadavg()[0]
        rows = list(side.measured(since))
        if goal:
            goal.cancel_goal_async()
            self.wait(goal.get_result_async().done, 20)
        self.side = None
        time.sleep(0.3)
        for bag in (self.folder / "rollouts").glob("*"):
            shutil.rmtree(bag, ignore_errors=True)
        return rows, cpu, load, side.others

    def close(self):
        self.side, self.ended = None, True
        for side in self.sides:
            side.process.send_signal(signal.SIGINT)
        for side in self.sides:
            side.process.wait()
        self.executor.shutdown()
        self.node.destroy_node()


def told(name, kind, rows, text):
    """Prints p50, p99 and most of the times of a kind of ticks; returns p50 and p99 in ms."""
    values = [(max(c, t), t, c) for k, c, t in rows if k == kind]
    if not values:
        return None
    both, trajectory, command = np.array(values).T / 1e6
    p50, p99 = np.quantile(both, [0.5, 0.99])
    print(
        f"{name:6} {kind:6} p50 {p50:5.2f}  p99 {p99:5.2f}  max {both.max():6.2f} ms  n {len(both):5}"
        f"  (trajectory {np.median(trajectory):.2f}, command {np.median(command):.2f}){text}",
        flush=True,
    )
    return p50, p99


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--period", type=float, default=1 / 30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--warm", type=float, default=3, help="seconds of each turn that do not count")
    arguments = parser.parse_args()
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    subprocess.run([ROOT / "reverie", "setup"], stdout=subprocess.DEVNULL, check=True)  # builds what is out of date
    rclpy.init()
    gc.disable()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(pathlib.Path(name), arguments.period)
        rows, cpus = {side.name: [] for side in bench.sides}, {}
        try:
            for _ in range(arguments.rounds):
                for side in bench.sides:
                    found, cpu, load, others = bench.turn(side, arguments.seconds, arguments.warm)
                    rows[side.name] += found
                    cpus.setdefault(side.name, []).append(cpu / max(1, len(found) + others) * 1e3)
                    text = f"  CPU {cpus[side.name][-1]:.1f} ms a tick, {others} others, load {load:.1f}"
                    told(side.name, "plays", found, text)
        finally:
            bench.close()
    rclpy.try_shutdown()
    print(f"all, period {arguments.period:.3f} s:")
    for kind in ("plays", "begins"):
        found = [told(n, kind, rows[n], f"  CPU {np.median(cpus[n]):.1f} ms a tick") for n in rows]
        if None not in found:
            print(f"ratio  {kind:6} p50 {found[0][0] / found[1][0]:.2f}  p99 {found[0][1] / found[1][1]:.2f}")


if __name__ == "__main__":
    main()
