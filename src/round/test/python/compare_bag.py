"""Listens to an episode and compares what came over the wire with its bag, message for message.

Prints "ready" once it hears all topics; then reads the bag's folder from standard input, opens it with rosbags and with
mcap, and exits with an error that names the first difference.
"""

import collections
import os
import pathlib
import sys
import threading
import time

import rclpy
from mcap.reader import make_reader
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from reverie.msg import ActionChunk, Command, Episode
from rosbags.rosbag2 import Reader
from sensor_msgs.msg import Image, JointState
from trajectory_msgs.msg import JointTrajectory

TOPICS = {
    "/camera/image_raw": Image,
    "/joint_states": JointState,
    "/joint_trajectory": JointTrajectory,
    "/robot/action_chunk": ActionChunk,
    "/robot/command": Command,
    "/robot/episode": Episode,
}


def listen(heard):
    node = rclpy.create_node("compare_bag")
    qos = QoSProfile(depth=200, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)
    for topic, cls in TOPICS.items():
        node.create_subscription(cls, topic, lambda m, t=topic: heard[t].append(bytes(m)), qos, raw=True)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    threading.Thread(target=executor.spin, daemon=True).start()
    while any(node.count_publishers(t) == 0 for t in TOPICS):
        time.sleep(0.05)


def with_rosbags(bag):
    found = collections.defaultdict(list)
    with Reader(bag) as reader:
        for connection, _, raw in reader.messages():
            found[connection.topic].append(bytes(raw))
    return found


def with_mcap(bag):
    found = collections.defaultdict(list)
    for file in sorted(pathlib.Path(bag).glob("*.mcap")):
        with open(file, "rb") as stream:
            for _, channel, message in make_reader(stream, validate_crcs=True).iter_messages():
                found[channel.topic].append(message.data)
    return found


def padded(message):
    """The middleware sends a payload in units of four bytes."""
    return message + b"\0" * (-len(message) % 4)


def once(messages):
    """Without what is said again: until the first command the simulated arm repeats its observation."""
    return [m for i, m in enumerate(messages) if i == 0 or m != messages[i - 1]]


def compare(heard, bag):
    for name, found in (("rosbags", with_rosbags(bag)), ("mcap", with_mcap(bag))):
        for topic in TOPICS:
            published = once([padded(m) for m in heard[topic]])
            recorded = [padded(m) for m in found[topic]]
            if not recorded:
                return f"{name}: nothing of {topic} in {bag}"
            missing = [i for i, m in enumerate(recorded) if m not in published]
            if missing:
                return f"{name}: message {missing[0]} of {topic} was never published so"
            # Between the first and the last recorded message nothing that was published is missing.
            first, last = published.index(recorded[0]), len(published) - 1 - published[::-1].index(recorded[-1])
            if published[first : last + 1] != recorded:
                return f"{name}: {len(recorded)} messages of {topic}, published {last + 1 - first}, or in another order"
    return ""


def main():
    rclpy.init()
    heard = collections.defaultdict(list)
    listen(heard)
    print("ready", flush=True)
    bag = sys.stdin.readline().strip()
    time.sleep(0.5)  # the last messages are still under way
    difference = compare(heard, bag)
    print(difference or {topic: len(heard[topic]) for topic in TOPICS}, file=sys.stderr, flush=True)
    os._exit(1 if difference else 0)  # the listening thread never ends


if __name__ == "__main__":
    main()
