#!/usr/bin/env python3
"""How smoothly the arm is asked to move, beside the same path as one trajectory.

    eval "$(./reverie ros-env)"; "$REVERIE_PYTHON" bench/motion.py [--runs 3] [--minutes 5] [path] [ramp] [stream]

path: 3 s of minimum jerk over three joints, as one trajectory (whole), from a policy that knows all of it, and from a
person whose leader arm tells it at 100 Hz; to a controller that interpolates as a joint_trajectory_controller does
(and one that takes no accelerations, by cubics), and as a stream at 100 Hz. Ratios to whole of peak acceleration and
jerk (differences at 100 Hz; least, median and most of the runs), the time by which the end comes later, standstills,
and ticks at which the node held the arm, for want of a picture or joint state in time. Of a stream also how evenly it
is sent, by the stamps of the middleware. Runs in which the machine did not run one of its processors for 10 ms and
more, as one that is a guest of another, are counted apart, and run again up to three times as often.

ramp: constant steps at 10 and 30 Hz with pictures 0 to 150 ms late: trajectories that the controller rejects, ticks a
second, and the share of time after 0.2 s in which the velocity is within 20 % of what the policy asks for.

stream: how evenly the messages of a stream of 100 Hz are sent beside inference and recording, and how many are missing;
beside it how punctually the machine wakes a process that does nothing else (bench/bare_loop.py).
"""

import argparse
import array
import hashlib
import json
import math
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

import numpy as np
import onnx
import rclpy
from bare_loop import Stalls
from builtin_interfaces.msg import Time
from onnx import TensorProto, helper
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from reverie.action import RunPolicy
from reverie.msg import Command, Status
from safetensors.numpy import save
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float64MultiArray, String
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

ROOT = pathlib.Path(__file__).resolve().parent.parent
JOINTS = ["j1", "j2", "j3"]
WAYS = np.array([1.4, -0.8, 0.5])  # rad
PATH_S = 3.0
STOOD_S = 0.01  # a machine that did not run a processor for so long stood still
BINS = 4001
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def path(t):
    s = np.clip(t / PATH_S, 0, 1)
    return WAYS * (10 * s**3 - 15 * s**4 + 6 * s**5)


def urdf():
    parts, parent = ['<robot name="bench"><link name="base"/>'], "base"
    for joint in JOINTS:
        parts.append(
            f'<link name="{joint}_link"/><joint name="{joint}" type="revolute"><parent link="{parent}"/>'
            f'<child link="{joint}_link"/><origin xyz="0.1 0 0"/><axis xyz="0 0 1"/>'
            '<limit lower="-3" upper="3" velocity="3" effort="10"/></joint>'
        )
        parent = joint + "_link"
    return "".join(parts) + "</robot>"


def constant(name, kind, values):
    return helper.make_node("Constant", [], [name], value=helper.make_tensor(name, kind, [len(values)], values))


def effort():
    """Rows of a product of matrices, as many as the red of the first pixel times 400, which come to nothing."""
    integers, node = TensorProto.INT64, helper.make_node
    ones = helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])
    return [
        constant("first", integers, [0, 0, 0, 0]),
        constant("behind", integers, [1, 1, 1, 1]),
        constant("axes", integers, [0, 1, 2, 3]),
        constant("flat", integers, [1]),
        constant("rows_each", integers, [400]),
        constant("side", integers, [1024]),
        constant("square", integers, [1024, 1024]),
        constant("both", integers, [0, 1]),
        node("Slice", ["image.camera", "first", "behind", "axes"], ["corner"]),
        node("Cast", ["corner"], ["red"], to=integers),
        node("Reshape", ["red", "flat"], ["count"]),
        node("Mul", ["count", "rows_each"], ["rows"]),
        node("Concat", ["rows", "side"], ["size"], axis=0),
        node("ConstantOfShape", ["size"], ["ones"], value=ones),
        node("ConstantOfShape", ["square"], ["matrix"], value=ones),
        node("MatMul", ["ones", "matrix"], ["product"]),
        node("ReduceSum", ["product", "both"], ["work"], keepdims=0),
        node("Mul", ["work", "zero"], ["no_work"]),
        node("Add", ["batch_of_nothing", "no_work"], ["rested"]),
    ]


def bundle(folder, space, table, period, slow=False, cameras=(("camera", 16, 16),)):
    """A policy that says the same chunk whatever it sees; where it is slow, later for a redder first pixel.

    Of cameras: name, width and height in pixels that the policy sees; a slow one sees the first pixel of "camera".
    """
    folder.mkdir()
    horizon, dimensions = table.shape
    tokens = np.rint((table + 1) / 2 * (BINS - 1)).astype(np.int64)
    logits = np.zeros((1, horizon, dimensions, BINS), np.float32)
    np.put_along_axis(logits, tokens[None, :, :, None], 50, 3)
    data = save({"chunk": logits})
    header = int.from_bytes(data[:8], "little")
    begin, end = json.loads(data[8 : 8 + header])["chunk"]["data_offsets"]
    weight = TensorProto(name="chunk", data_type=TensorProto.FLOAT, dims=logits.shape)
    weight.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "policy.safetensors"), ("offset", 8 + header + begin), ("length", end - begin)):
        weight.external_data.add(key=key, value=str(value))
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            constant("axis", TensorProto.INT64, [1]),
            constant("zero", TensorProto.FLOAT, [0.0]),
            constant("shape", TensorProto.INT64, [-1, 1, 1, 1]),
            helper.make_node("ReduceSum", ["joint_positions", "axis"], ["sum"], keepdims=1),
            helper.make_node("Mul", ["sum", "zero"], ["nothing"]),
            helper.make_node("Reshape", ["nothing", "shape"], ["batch_of_nothing"]),
            *(effort() if slow else []),
            helper.make_node("Add", ["rested" if slow else "batch_of_nothing", "chunk"], ["logits"]),
        ],
        "same",
        [
            *(info(f"image.{c}", TensorProto.UINT8, ["batch", height, width, 3]) for c, width, height in cameras),
            info("instruction_tokens", TensorProto.INT64, ["batch", 4]),
            info("joint_positions", TensorProto.FLOAT, ["batch", len(JOINTS)]),
        ],
        [info("logits", TensorProto.FLOAT, ["batch", *logits.shape[1:]])],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 9
    (folder / "policy.safetensors").write_bytes(data)
    onnx.save(model, folder / "policy.onnx")
    files = ("policy.onnx", "policy.safetensors")
    whole = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    spec = {
        "format": 1,
        "cameras": [
            {"name": c, "width": width, "height": height, "rectify": False, "crop": whole}
            for c, width, height in cameras
        ],
        "joint_names": JOINTS,
        "action_space": space,
        "chunk": {"horizon": horizon, "period_s": period},
        "head": {"kind": "tokens", "bins": BINS},
        "vocabulary": {"kind": "words", "words": ["move"], "length": 4},
        "frozen": [],
        "lineage": {"parent": "", "rollouts": [], "settings": {}, "measured": {"successes": 0, "episodes": 0}},
        "files": {f: hashlib.sha256((folder / f).read_bytes()).hexdigest() for f in files},
    }
    (folder / "bundle.json").write_text(json.dumps(spec))
    return folder


class Controller:
    """Follows trajectories from where it is asked to be, as ros2_controllers' trajectory.cpp: by quintics where both
    points have accelerations, else by cubics. Rejects those that end in the past."""

    def __init__(self, quintic=True):
        self.quintic, self.rejected, self.lock = quintic, 0, threading.Lock()
        self.points = [(0.0, np.zeros(3), np.zeros(3), np.zeros(3))]

    def offer(self, message, now):
        start = message.header.stamp.sec + message.header.stamp.nanosec * 1e-9 or now
        order = [list(message.joint_names).index(j) for j in JOINTS]
        points = [
            (
                start + p.time_from_start.sec + p.time_from_start.nanosec * 1e-9,
                np.array(p.positions)[order],
                np.array(p.velocities)[order],
                np.array(p.accelerations)[order] if self.quintic and p.accelerations else None,
            )
            for p in message.points
        ]
        if points[-1][0] < now:
            self.rejected += 1
            return
        with self.lock:
            state = self.sample(now)
            self.points = [(now, *state), *points]

    def sample(self, now):
        points = self.points
        i = next((i for i, p in enumerate(points) if p[0] > now), len(points))
        if i in (0, len(points)):
            return points[min(i, len(points) - 1)][1], np.zeros(3), np.zeros(3)
        return along(points[i - 1], points[i], now - points[i - 1][0])


def along(begin, end, t):
    """Position, velocity and acceleration t seconds after a point on the way to the next; t is a number or [N, 1]."""
    (ta, p, v, a), (tb, q, w, b) = begin, end
    span, way = tb - ta, q - p
    if a is None or b is None:
        slope = way / span
        c = [p, v, (3 * slope - 2 * v - w) / span, (v + w - 2 * slope) / span**2]
    else:
        c = [
            p,
            v,
            a / 2,
            (20 * way - (8 * w + 12 * v) * span - (3 * a - b) * span**2) / (2 * span**3),
            (-30 * way + (14 * w + 16 * v) * span + (3 * a - 2 * b) * span**2) / (2 * span**4),
            (12 * way - 6 * (w + v) * span + (b - a) * span**2) / (2 * span**5),
        ]
    return tuple(
        sum(math.perm(i, n) * t ** (i - n) * c[i] for i in range(n, len(c)))  # the n-th derivative
        for n in range(3)
    )


class Rig:
    """An arm that is where it is asked to be, a camera, and what the robot node says."""

    def __init__(self, folder, rate, delay, arguments):
        self.controller, self.stream, self.commands, self.offers = Controller(), [], [], []
        self.hold, self.trajectories, self.delay, self.ended = "", 0, delay, False
        self.node = rclpy.create_node("motion_bench", enable_rosout=False)
        self.latched = self.node.create_publisher(String, "robot_description", LATCHED)
        self.latched.publish(String(data=urdf()))
        self.joints = self.node.create_publisher(JointState, "joint_states", 10)
        self.images = self.node.create_publisher(Image, "camera/image_raw", 10)
        self.teleop = self.node.create_publisher(JointTrajectory, "teleop", 10)
        listen = self.node.create_subscription
        listen(JointTrajectory, "joint_trajectory", self.on_trajectory, 50)
        listen(Float64MultiArray, "forward_position_controller/commands", self.on_positions, 50)
        listen(Command, "robot/command", lambda m: self.commands.append((time.time(), m)), 50)
        listen(Status, "robot/status", self.on_status, 10)
        self.run = ActionClient(self.node, RunPolicy, "robot/run_policy")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        command = [ROOT / "reverie", "robot", "--ros-args", "-p", f"rollouts_dir:={folder / 'rollouts'}", *arguments]
        self.robot = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for work in (self.executor.spin, self.sense, lambda: self.see(rate)):
            threading.Thread(target=work, daemon=True).start()
        while self.hold != "no episode runs" or not self.run.server_is_ready():  # all that it needs is there
            if self.robot.poll() is not None:
                raise RuntimeError("the robot node ended")
            time.sleep(0.05)
        time.sleep(3)  # the process that brakes beside the node finds the controller; before, no arm is moved

    def on_status(self, message):
        self.hold = message.hold_reason

    def on_trajectory(self, message):
        self.trajectories += 1
        now = time.time()
        self.offers.append((now, message))
        self.controller.offer(message, now)

    def on_positions(self, message, info):
        self.stream.append((info["source_timestamp"] * 1e-9, np.array(message.data)))

    def every(self, seconds):
        due = time.monotonic()
        while not self.ended:
            yield time.time()
            due += seconds
            time.sleep(max(0.0, due - time.monotonic()))

    def sense(self):
        for now in self.every(0.01):
            where = self.stream[-1][1] if self.stream else self.controller.sample(now)[0]
            message = JointState(name=JOINTS, position=where.tolist())
            message.header.stamp = stamp(now)
            self.joints.publish(message)

    def sampled(self, seconds, quintic=True):
        """Where the controller was from shortly before the first trajectory on, at 100 Hz."""
        controller, coming = Controller(quintic), list(self.offers)
        samples = []
        for now in coming[0][0] - 0.05 + np.arange(0, seconds, 0.01):
            while coming and coming[0][0] <= now:
                arrival, message = coming.pop(0)
                controller.offer(message, arrival)
            samples.append(controller.sample(now)[0])
        return np.array(samples)

    def see(self, rate):
        for now in self.every(1 / rate):
            image = Image(width=16, height=16, encoding="rgb8", step=48, data=array.array("B", bytes(768)))
            image.header.stamp = stamp(now)
            threading.Timer(self.delay, self.show, [image]).start()

    def show(self, image):
        if not self.ended:
            self.images.publish(image)

    def held(self):
        """Ticks at which the arm was held in the first 4 s: the bench, or the machine, was too slow."""
        return sum(m.source == Command.HOLD for at, m in list(self.commands) if at < self.commands[0][0] + 4)

    def goal(self, teleop=False):
        handle = self.run.send_goal_async(RunPolicy.Goal(instruction="move", teleop=teleop))
        while not handle.done():
            time.sleep(0.001)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.robot.send_signal(signal.SIGINT)
        self.robot.wait()
        self.ended = True
        time.sleep(0.3)
        self.executor.shutdown()
        self.node.destroy_node()


def stamp(now):
    return Time(sec=int(now), nanosec=int(now % 1 * 1e9))


def measures(samples):
    """Peak speed, acceleration and jerk of positions at 100 Hz, seconds to the end, and standstills before it."""
    derivatives = [np.diff(samples, n=n, axis=0) * 100**n for n in (1, 2, 3)]
    off = np.flatnonzero(np.abs(samples - WAYS).max(1) > 0.02)
    begin = np.flatnonzero(np.abs(samples - samples[0]).max(1) > 1e-4)[0]
    speed = np.abs(derivatives[0]).max(1)
    inside = speed[begin + 20 : off[-1]]
    stands = int(((inside[1:] < 0.01) & (inside[:-1] >= 0.01)).sum())
    return [float(np.abs(d).max()) for d in derivatives], (off[-1] - begin) / 100, stands


def whole(period):
    controller = Controller()
    times = np.arange(1, round(PATH_S / period) + 1) * period
    slopes = [(path(t + 1e-4) - path(t - 1e-4)) / 2e-4 * (t < PATH_S - 1e-6) for t in times]
    bends = [(path(t + 1e-3) - 2 * path(t) + path(t - 1e-3)) / 1e-6 * (t < PATH_S - 1e-6) for t in times]
    rest = np.zeros(3)
    controller.points = [
        (0.0, rest, rest, rest),
        *((t, path(t), v, a) for t, v, a in zip(times, slopes, bends, strict=True)),
    ]
    return measures(np.array([controller.sample(t)[0] for t in np.arange(0, 4, 0.01)]))


def command(rig, period):
    """A person who tells, as often as a leader arm does, where the path is a period later."""
    began = time.time()
    for now in rig.every(0.01):
        point = JointTrajectoryPoint(positions=path(now - began + period).tolist())
        rig.teleop.publish(JointTrajectory(joint_names=JOINTS, points=[point]))
        if now > began + 4.5:
            return


def moved(who, period, output):
    """Positions that the arm was asked for at 100 Hz, by kind of output, how uneven a stream is, ticks held, and how
    long the machine stood still."""
    times = np.arange(1, round(PATH_S / period) + round(2 / period)) * period
    space = {"kind": "joint_positions", "joints": JOINTS, "min_rad": [-2.0] * 3, "max_rad": [2.0] * 3}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        policy = bundle(folder / "bundle", space, np.array([path(t) for t in times]) / 2, period)
        with Rig(folder, 30, 0, ["-p", f"bundle:={policy}", "-p", f"output:={output}"]) as rig:
            with Stalls() as stalls:
                rig.goal(teleop=who == "person")
                if who == "person":
                    command(rig, period)
                else:
                    time.sleep(4.5)
            if output == "trajectory":
                asked = {"trajectory": rig.sampled(4.5), "by cubics": rig.sampled(4.5, quintic=False)}
                return asked, [], rig.held(), stalls.longest
            stamps, samples = zip(*rig.stream, strict=True)
            return {"stream": np.array(samples)}, np.abs(np.diff(stamps) - 0.01), rig.held(), stalls.longest


def paths(runs, _):
    for output in ("trajectory", "stream"):
        for who in ("policy", "person"):
            for period in (0.1, 0.05, 1 / 30):
                (_, acceleration, jerk), usual, stands = whole(period)
                rows, jitter, held, good, stood_still = {}, [], 0, 0, 0
                while good < runs and stood_still < 3 * runs:
                    asked, late, holds, stood_s = moved(who, period, output)
                    if stood_s >= STOOD_S:
                        stood_still += 1
                        continue
                    good += 1
                    held += holds
                    for kind, samples in asked.items():
                        peaks, took, stood = measures(samples)
                        row = (peaks[1] / acceleration, peaks[2] / jerk, took - usual, stood - stands)
                        rows.setdefault(kind, []).append(row)
                    jitter.extend(late)
                if not good:
                    told = f"the machine stood still in all {stood_still} runs"
                    print(f"{output:10} {who:6} {period:.3f} s: {told}", flush=True)
                for kind, found in rows.items():
                    low, middle, high = np.min(found, 0), np.median(found, 0), np.max(found, 0)
                    print(
                        f"{kind:10} {who:6} {period:.3f} s:"
                        f" acceleration x {low[0]:.2f}, {middle[0]:.2f}, {high[0]:.2f},"
                        f" jerk x {low[1]:.1f}, {middle[1]:.1f}, {high[1]:.1f},"
                        f" end {1000 * low[2]:+.0f} to {1000 * high[2]:+.0f} ms,"
                        f" standstills {low[3]:+.0f} to {high[3]:+.0f}, {held} ticks held,"
                        f" {good} runs and {stood_still} in which the machine stood still"
                        + (uneven(jitter) if jitter else ""),
                        flush=True,
                    )


def uneven(jitter):
    return f", jitter p99 {1000 * np.quantile(jitter, 0.99):.2f} ms, worst {1000 * max(jitter):.2f} ms"


def clock(seconds):
    return time.strftime("%H:%M:%S", time.localtime(seconds)) + f"{seconds % 1:.3f}"[1:]


def streams(_, minutes):
    """A stream beside inference and recording: a policy that swings to and fro."""
    swing = np.sin(np.arange(1, 21)[:, None] / 20 * 2 * np.pi) * np.array([0.2, 0.1, 0.1])
    space = {"kind": "joint_positions", "joints": JOINTS, "min_rad": [-2.0] * 3, "max_rad": [2.0] * 3}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        policy = bundle(folder / "bundle", space, swing / 2, 0.1)
        with Rig(folder, 30, 0, ["-p", f"bundle:={policy}", "-p", "output:=stream"]) as rig:
            rig.goal()
            load = []
            bare = subprocess.Popen([ROOT / "bench/bare_loop.py", str(minutes * 60)])
            for _ in range(round(minutes * 60)):
                time.sleep(1)
                load.append(os.getloadavg()[0])
            bare.wait()
            stamps = np.array([stamp for stamp, _ in rig.stream])
            spans = np.diff(stamps)
            missed = round((stamps[-1] - stamps[0]) / 0.01) + 1 - len(stamps)  # a late one is followed by the next soon
            late = np.flatnonzero(spans > 0.015)
            at = ", ".join(clock(stamps[i + 1]) for i in late[:20])
            print(
                f"stream for {stamps[-1] - stamps[0]:.0f} s: {len(stamps)} messages, {missed} missed,"
                f" {len(late)} later than 5 ms" + (f" (at {at})," if at else ",")
                + f" {len(rig.commands)} ticks, load {min(load):.1f} to {max(load):.1f}"
                + uneven(np.abs(spans - 0.01)),
                flush=True,
            )


def ramps(runs, _):
    space = {"kind": "joint_deltas", "joints": JOINTS, "scale_rad": [0.1] * 3}
    for rate in (10, 30):
        for delay in (0, 0.03, 0.06, 0.1, 0.15):
            rejected, ticks, shares = 0, [], []
            for _ in range(runs):
                with tempfile.TemporaryDirectory() as name:
                    folder = pathlib.Path(name)
                    policy = bundle(folder / "bundle", space, np.array([[0.3 / rate / 0.1, 0, 0]] * 4), 1 / rate)
                    with Rig(folder, 30, delay, ["-p", f"bundle:={policy}"]) as rig:
                        rig.goal()
                        time.sleep(4)
                        count, samples = len(rig.commands), rig.sampled(3.8)
                        span = rig.commands[-1][0] - rig.commands[0][0]
                        rejected += rig.controller.rejected
                begin = np.flatnonzero(np.abs(samples - samples[0]).max(1) > 1e-4)[0]
                velocity = np.diff(samples[begin:, 0]) * 100
                velocity = velocity[20 : int(100 * (span - 0.2))]
                ticks.append((count - 1) / span)
                shares.append(np.mean(np.abs(velocity / 0.3 - 1) <= 0.2))
            print(
                f"ramp {rate} Hz, pictures {1000 * delay:.0f} ms late: {rejected} rejected,"
                f" {min(ticks):.1f} to {max(ticks):.1f} ticks a second,"
                f" {100 * min(shares):.0f} to {100 * max(shares):.0f} % of the time within 20 %",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=["path", "ramp"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=5, help="of stream; 30 for the goal")
    arguments = parser.parse_args()
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    subprocess.run([ROOT / "reverie", "setup"], stdout=subprocess.DEVNULL, check=True)  # builds what is out of date
    rclpy.init()
    for what in arguments.what:
        {"path": paths, "ramp": ramps, "stream": streams}[what](arguments.runs, arguments.minutes)
    rclpy.try_shutdown()


if __name__ == "__main__":
    main()
