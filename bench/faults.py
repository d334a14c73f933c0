#!/usr/bin/env python3
"""What the arm does when something fails: time to rest, and what was asked for beyond its limits.

    eval "$(./reverie ros-env)"; "$REVERIE_PYTHON" bench/faults.py [--trials 20] [--period 0.1] [--at-once 1]
        [--warm 0] [--keep FOLDER] [KIND ...]

Each trial: a policy moves one joint at 0.5 rad/s, something fails at a random moment, and is repaired. The arm is where
a controller is asked to be that interpolates as a joint_trajectory_controller does.

rest: from the fault to rest (p50, largest), and from the moment at which it counts: an old observation is acted on for
max_observation_age_s, a picture is frozen after frozen_after_s, and an inference is late when its tick is overdue. "-"
where the arm is not to rest. beyond: the largest velocity, acceleration and position that the controller was asked for,
as a part of its limit (goal: 1), until the arm goes on after the repair. rejected: trajectories that end in the past.
Trials in which a thread that goes before all others ran 50 ms late and more, as on a machine that is a guest of another
which does not run it, are counted apart.
With --at-once several arms, each with a robot node on a ROS domain of its own, share the trials; while their JVMs still
compile they take the processors from each other, which a few --warm trials first keep out of the figures.

--keep: of each trial beyond a limit, or later than 200 ms from when it counts, a file: what was asked for and when,
what the node said, and when the bench's thread of joint states, which goes before all others, ran 20 ms late and more.
"""

import argparse
import array
import contextlib
import json
import math
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import rclpy
from motion import JOINTS, LATCHED, ROOT, Controller, along, bundle, stamp, urdf
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from reverie.action import RunPolicy
from reverie.msg import Command, Episode, Status
from reverie.srv import SwapPolicy
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

# The URDF's limits; the acceleration is that of the node, full speed in 0.25 s.
SPEED, VELOCITY, ACCELERATION, BOUND = 0.5, 3.0, 12.0, 3.0
REST_S = 0.2  # the goal
STOOD_S = 0.05  # a machine that did not run the first of all threads for so long stood still: the trial tells nothing
# An arm of which no position changes is behind by more than follow_delay_s after this: 0.3 s, and 0.05 rad.
UNMOVED_S = 0.3 + 0.05 / SPEED
AGE_S, FROZEN_S = 0.3, 0.5
STILL = 0.01  # rad/s
HANGS = 100  # red of the pictures for which an inference takes some seconds
ARM = f"""
name: bench
joints: {JOINTS}
cameras:
  camera: {{width: 16, height: 16, frozen_after_s: {FROZEN_S}}}
action:
  period_s: PERIOD
  horizon: 8
  space: {{kind: joint_deltas, joints: {JOINTS}, scale_rad: [0.1, 0.1, 0.1]}}
controller: {{topic: joint_trajectory}}
"""


class Traced(Controller):
    """Keeps what it is asked for: when, and the curves from there on."""

    def __init__(self):
        super().__init__()
        self.history = []

    def offer(self, message, now):
        super().offer(message, now)
        self.history.append((now, self.points))

    def asked(self, begin, end, step=0.002):
        """Times, positions, velocities and accelerations of what was asked for."""
        times = np.arange(begin, end, step)
        rows = np.zeros((3, len(times), len(JOINTS)))
        pieces = list(self.history)
        cuts = [0, *np.searchsorted(times, [p[0] for p in pieces[1:]]), len(times)]
        for (_, points), begun, over in zip(pieces, cuts[:-1], cuts[1:], strict=True):
            at = np.searchsorted([p[0] for p in points], times[begun:over], side="right")
            for i in np.unique(at):
                here = begun + np.flatnonzero(at == i)
                if i in (0, len(points)):
                    rows[0, here] = points[min(i, len(points) - 1)][1]
                else:
                    rows[:, here] = along(points[i - 1], points[i], (times[here] - points[i - 1][0])[:, None])
        return times, *rows


def real_time(work):
    """Works with the priority that a controller_manager gives its thread, where the system allows it."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    work()


class Rig:
    """An arm, a camera and their faults, beside a robot node."""

    def __init__(self, folder, period):
        self.folder, self.period = folder, period
        self.controller, self.commands, self.ends, self.status = Traced(), [], [], None
        self.camera = self.joints = lambda message, now: message  # what becomes of a message; None: it is not sent
        self.red, self.ended, self.robot, self.result = 0, False, None, None
        self.late, self.said = [], []  # (when, seconds) and (when, state, why it holds)
        self.ways = []  # of trajectories: when they were heard, sent and received, by the middleware
        table = np.array([[SPEED * period / 0.1, 0, 0]] * 8)
        space = {"kind": "joint_deltas", "joints": JOINTS, "scale_rad": [0.1] * 3}
        self.bundles = [
            bundle(folder / "policy", space, table, period, slow=True),
            bundle(folder / "other", space, -table, period, slow=True),
        ]
        (folder / "arm.yaml").write_text(ARM.replace("PERIOD", str(period)))
        self.node = rclpy.create_node("faults_bench", enable_rosout=False)
        self.latched = self.node.create_publisher(String, "robot_description", LATCHED)
        self.latched.publish(String(data=urdf()))
        self.states = self.node.create_publisher(JointState, "joint_states", 10)
        self.images = self.node.create_publisher(Image, "camera/image_raw", 10)
        self.node.create_subscription(Command, "robot/command", lambda m: self.commands.append((time.time(), m)), 50)
        self.node.create_subscription(Episode, "robot/episode", self.on_episode, 10)
        self.node.create_subscription(Status, "robot/status", self.on_status, 10)
        self.run = ActionClient(self.node, RunPolicy, "robot/run_policy")
        self.swap = self.node.create_client(SwapPolicy, "robot/swap_policy")
        self.listen()
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        for work in (self.executor.spin, self.sense, self.see):
            threading.Thread(target=real_time, args=[work], daemon=True).start()

    def listen(self):
        self.ears = self.node.create_subscription(JointTrajectory, "joint_trajectory", self.on_trajectory, 50)

    def on_status(self, message):
        self.status = message
        self.said.append((time.time(), message.state, message.hold_reason))

    def on_episode(self, message):
        if message.event == Episode.ENDED:
            self.ends.append(time.time())

    def on_trajectory(self, message, info):
        now = time.time()
        self.controller.offer(message, now)
        self.ways.append((now, info["source_timestamp"] / 1e9, info["received_timestamp"] / 1e9))

    def every(self, seconds):
        due = time.monotonic()
        while not self.ended:
            yield time.time()
            due = max(due + seconds, time.monotonic() - seconds)
            time.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - due > 0.02:
                self.late.append((time.time(), time.monotonic() - due))

    def sense(self):
        for now in self.every(0.01):
            message = JointState(name=JOINTS, position=self.controller.sample(now)[0].tolist())
            message.header.stamp = stamp(now)
            self.publish(self.states, self.joints(message, now))

    def see(self):
        for now in self.every(1 / 30):
            pixels = bytearray(random.randbytes(768))
            pixels[0] = self.red
            image = Image(width=16, height=16, encoding="rgb8", step=48, data=array.array("B", pixels))
            image.header.stamp = stamp(now)
            self.publish(self.images, self.camera(image, now))

    def publish(self, publisher, messages):
        for message in messages if isinstance(messages, list) else [messages]:
            if message is not None and not self.ended:
                publisher.publish(message)

    def start(self):
        command = [ROOT / "reverie", "robot", "--ros-args", "-p", f"rollouts_dir:={self.folder / 'rollouts'}"]
        command += ["-p", f"arm:={self.folder / 'arm.yaml'}", "-p", f"bundle:={self.bundles[0]}"]
        command += ["-p", f"max_observation_age_s:={AGE_S}", "-p", "shadow:=never"]
        self.status = None
        self.robot = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait(lambda: self.status and self.run.server_is_ready(), 60, "its first status")
        self.wait(lambda: self.status.hold_reason == "no episode runs", 20, "all that it needs")

    def wait(self, seen, seconds, what):
        end = time.monotonic() + seconds
        while not seen():
            if self.robot.poll() is not None:
                raise RuntimeError(f"the robot node ended before {what}")
            if time.monotonic() > end:
                raise TimeoutError(f"no {what} in {seconds} s; it says '{self.status and self.status.hold_reason}'")
            time.sleep(0.002)

    def go(self):
        """Lets the policy move the arm: on in its episode while there is way left, else in one from the start."""
        if not (self.runs() and self.has_way()):
            self.end()
            self.begin()
        self.wait(self.moves, 30, "motion")
        time.sleep(random.uniform(0, 2 * self.period))

    def runs(self):
        return self.result is not None and not self.result.done()

    def has_way(self):
        """Whether the arm moves again within 2 s, and is far from its bounds then."""
        due = time.monotonic() + 2
        while not self.moves() and time.monotonic() < due and self.runs():
            time.sleep(0.01)
        return self.moves() and np.abs(self.controller.sample(time.time())[0]).max() < BOUND - 1.2

    def moves(self):
        return np.abs(self.controller.sample(time.time())[1]).max() > 0.9 * SPEED

    def begin(self):
        """Puts the arm to its start and begins an episode."""
        time.sleep(0.3)  # the arm of the episode before rests
        self.controller = Traced()
        self.commands.clear()
        time.sleep(AGE_S + 0.2)  # no node takes it to be where it was
        future = self.ask(self.run.send_goal_async, RunPolicy.Goal(instruction="move", seed=1))
        self.wait(future.done, 10, "answer to the goal")
        self.goal = future.result()
        self.result = self.ask(self.goal.get_result_async)

    def ask(self, call, *request):
        """Calls on the executor's thread: rclpy drops an answer that comes before it noted what it belongs to."""
        called = self.executor.create_task(call, *request)
        self.wait(called.done, 10, "call of the action")
        return called.result()

    def end(self):
        if self.runs():
            self.ask(self.goal.cancel_goal_async)
            self.wait(self.result.done, 15, "the end of the episode")

    def stop(self):
        if self.robot and self.robot.poll() is None:
            self.robot.send_signal(signal.SIGINT)
            self.robot.wait()

    def close(self):
        self.stop()
        self.ended = True
        time.sleep(0.3)
        self.executor.shutdown()
        self.node.destroy_node()


def nothing(message, now):
    return None


class Freeze:
    """Sends the first value again and again; it is frozen since then."""

    def __init__(self, field):
        self.field, self.value, self.since = field, None, None

    def __call__(self, message, now):
        if self.value is None:
            self.value, self.since = getattr(message, self.field), now
        setattr(message, self.field, self.value)
        return message


def nan(message, now):
    message.position[1] = math.nan
    return message


class Reorder:
    """Sends messages in pairs, the later one first."""

    def __init__(self):
        self.kept = None

    def __call__(self, message, now):
        if self.kept is None:
            self.kept = message
            return None
        kept, self.kept = self.kept, None
        return [message, kept]


class Jump:
    def __init__(self, by):
        self.by = by

    def __call__(self, message, now):
        message.header.stamp = stamp(now + self.by)
        return message


def both(rig, fault):
    rig.camera, rig.joints = fault(), fault()


def jump(rig):
    seconds = random.choice([-10.0, 0.5, 10.0])
    both(rig, lambda: Jump(seconds))


def limit_files(rig, size):
    resource.prlimit(rig.robot.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def swap(rig):
    rig.bundles.reverse()
    rig.swap.call_async(SwapPolicy.Request(bundle=str(rig.bundles[0])))


def kill(rig):
    rig.robot.kill()
    rig.robot.wait()
    rig.result = None


# name: (fault, repair, seconds after which it counts, whether the arm is to rest, seconds of the fault)
KINDS = {
    "camera_stops": (lambda r: setattr(r, "camera", nothing), None, AGE_S, True, 0.8),
    "camera_freezes": (lambda r: setattr(r, "camera", Freeze("data")), None, FROZEN_S, True, 1.0),
    "joints_stop": (lambda r: setattr(r, "joints", nothing), None, AGE_S, True, 0.8),
    "joints_freeze": (lambda r: setattr(r, "joints", Freeze("position")), None, UNMOVED_S, True, 1.0),
    "joints_nan": (lambda r: setattr(r, "joints", nan), None, 0, True, 0.6),
    "time_jumps": (jump, None, 0, True, 0.6),
    "stamps_late": (lambda r: both(r, lambda: Jump(-AGE_S - 0.1)), None, AGE_S, True, 0.8),
    "reorder": (lambda r: both(r, Reorder), None, 0, False, 0.6),
    "inference_hangs": (lambda r: setattr(r, "red", HANGS), lambda r: setattr(r, "red", 0), None, True, 1.0),
    "node_killed": (kill, lambda r: r.start(), 0, True, 0.8),
    "node_stopped": (
        lambda r: r.robot.send_signal(signal.SIGSTOP),
        lambda r: r.robot.send_signal(signal.SIGCONT),
        0,
        True,
        0.6,
    ),
    "disk_full": (lambda r: limit_files(r, 1), lambda r: limit_files(r, resource.RLIM_INFINITY), None, True, 1.2),
    "swap": (swap, None, 0, False, 0.8),
    "controller_gone": (lambda r: r.node.destroy_subscription(r.ears), lambda r: r.listen(), None, True, 1.5),
}


def held(rig, since):
    """When the node first held the arm, or ended the episode."""
    times = [t for t, m in rig.commands if m.source == "hold"] + rig.ends
    return min((t for t in times if t > since), default=None)


def trial(rig, kind, keep=None):
    """Seconds to rest from the fault and from when it counts (None: no rest), the parts of the limits, rejections, and
    the longest for which the machine stood still."""
    fault, repair, counts, _, lasts = KINDS[kind]
    rig.go()
    controller, began = rig.controller, time.time()
    fault(rig)
    time.sleep(lasts)
    began = getattr(rig.camera, "since", None) or getattr(rig.joints, "since", None) or began
    rig.camera = rig.joints = lambda message, now: message
    repaired = time.time()
    if repair:
        repair(rig)
    after = 1.8 if kind == "controller_gone" else 0.5  # until the arm goes on
    time.sleep(after)
    times, where, speeds, accelerations = controller.asked(began - 0.2, min(time.time(), repaired + after))
    moves = np.abs(speeds).max(1) > STILL
    moving = times[moves & (times >= began) & (times < repaired)]
    rest = None if len(moving) and moving[-1] > repaired - 0.02 else (moving[-1] - began if len(moving) else 0.0)
    if counts is None:
        told = held(rig, began)
        counts = told - began if told else 0.0
    jumps = np.diff(speeds, axis=0) / np.diff(times)[:, None]  # in which a change of curves would show
    parts = (
        np.abs(speeds).max() / VELOCITY,
        max(np.abs(accelerations).max(), np.abs(jumps).max()) / ACCELERATION,
        np.abs(where).max() / BOUND,
    )
    counted = None if rest is None else max(0.0, rest - counts)
    stood = max((seconds for when, seconds in rig.late if when > began - 1), default=0.0)
    if keep and (max(parts) > 1 or (KINDS[kind][3] and (counted is None or counted > REST_S))):
        write(rig, kind, keep, {"fault": began, "repaired": repaired, "rest": rest, "counted": counted, "parts": parts})
    return rest, counted, parts, controller.rejected, stood


def write(rig, kind, folder, figures):
    """Keeps what there is to a trial that went wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    begin = figures["fault"] - 1
    curves = [
        (when, [(t, *(None if row is None else list(row) for row in rows)) for t, *rows in points])
        for when, points in rig.controller.history
        if when > begin
    ]
    commands = [
        (t, m.header.stamp.sec + m.header.stamp.nanosec * 1e-9, m.source, list(m.positions), list(m.clamped))
        for t, m in rig.commands
        if t > begin
    ]
    told = {"ways": rig.ways, "late": rig.late, "said": rig.said, "ends": [(t,) for t in rig.ends]}
    told = {name: [row for row in rows if row[0] > begin] for name, rows in told.items()}
    text = json.dumps(figures | {"curves": curves, "commands": commands} | told)
    (folder / f"{kind}-{os.getpid()}-{int(1000 * begin)}.json").write_text(text)


def told(kind, rows):
    ran = [row for row in rows if row[4] <= STOOD_S]
    rests, counted, parts, rejected, _ = zip(*ran, strict=True)
    text = f"{kind:16} n {len(ran):4} (and {len(rows) - len(ran)} in which the machine stood still)"
    if KINDS[kind][3]:
        missing = sum(r is None for r in rests)
        rests, counted = ([v for v in values if v is not None] or [math.nan] for values in (rests, counted))
        text += f"  rest p50 {1000 * np.median(rests):4.0f} max {1000 * max(rests):4.0f} ms from the fault,"
        text += f" p50 {1000 * np.median(counted):4.0f} max {1000 * max(counted):4.0f} ms from when it counts,"
        text += f" {missing} never"
    else:
        text += "  rest -"
    velocity, acceleration, position = np.max(parts, 0)
    text += f"; velocity {velocity:.2f}, acceleration {acceleration:.2f}, position {position:.2f} of the limit"
    return text + f"; {sum(rejected)} rejected"


def several(arguments):
    """Runs the trials on several arms at once, each by a process on a domain of its own; prints as one does."""
    began, first = time.monotonic(), int(os.environ.get("ROS_DOMAIN_ID", 0))
    share = math.ceil(arguments.trials / arguments.at_once)
    processes = []
    for i in range(arguments.at_once):
        command = [sys.executable, __file__, *arguments.kinds, "--rows", "--trials", str(share)]
        command += ["--period", str(arguments.period), "--seed", str(arguments.seed + i), "--warm", str(arguments.warm)]
        command += ["--keep", str(arguments.keep)] if arguments.keep else []
        domain = os.environ | {"ROS_DOMAIN_ID": str(first + i)}
        processes.append(subprocess.Popen(command, env=domain, stdout=subprocess.PIPE, text=True))
    try:
        for kind in arguments.kinds:
            lines = [process.stdout.readline() for process in processes]
            if not all(lines):
                raise SystemExit(f"faults.py: an arm ended within the trials of {kind}; see above")
            rows = [row for line in lines for row in json.loads(line)]
            print(f"{told(kind, rows)}; {time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f}", flush=True)
    finally:
        for process in processes:
            process.send_signal(signal.SIGINT)
            process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--period", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=1, metavar="ARMS")
    parser.add_argument("--warm", type=int, default=0, metavar="TRIALS", help="of each arm that count for nothing")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="for the trials that go wrong")
    parser.add_argument("--rows", action="store_true", help="print the trials of a kind as a line of JSON")
    arguments = parser.parse_args()
    arguments.kinds = arguments.kinds or list(KINDS)
    if unknown := set(arguments.kinds) - set(KINDS):
        parser.error(f"no kinds: {', '.join(sorted(unknown))}; choose from {', '.join(KINDS)}")
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    subprocess.run([ROOT / "reverie", "setup"], stdout=subprocess.DEVNULL, check=True)  # builds what is out of date
    if arguments.at_once > 1:
        several(arguments)
        return
    random.seed(arguments.seed)
    rclpy.init()
    with tempfile.TemporaryDirectory() as name:
        rig = Rig(pathlib.Path(name), arguments.period)
        try:
            rig.start()
            for _ in range(arguments.warm):
                trial(rig, "camera_stops")
            for kind in arguments.kinds:
                began, rows = time.monotonic(), []
                for _ in range(arguments.trials):
                    rows.append(trial(rig, kind, arguments.keep))
                if arguments.rows:
                    print(json.dumps(rows), flush=True)
                    continue
                each = (time.monotonic() - began) / arguments.trials
                print(f"{told(kind, rows)}; {each:.1f} s a trial; load {os.getloadavg()[0]:.1f}", flush=True)
        finally:
            rig.close()
    rclpy.try_shutdown()


if __name__ == "__main__":
    main()
