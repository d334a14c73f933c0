"""Measures round trips through an echo node: ping.py NAMESPACE TYPE COUNT PAUSE_MS ECHO_PID

Sends the same serialised message again and again, each after the answer to the one before and a pause, so that what
is compared is the echo node alone. Prints a line: median and 99th percentile in us, CPU of the echo process in us a
message, messages lost.
"""

import os
import statistics
import sys
import time

import rclpy
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image, JointState

WARM_UP = 3  # times the count, before it and without pause: a node runs for hours, its first seconds do not count


def sample(name):
    if name == "joint_state":
        joints = [f"joint_{i}" for i in range(14)]
        zeros = [0.1 * i for i in range(14)]
        return JointState(name=joints, position=zeros, velocity=zeros, effort=zeros)
    message = Image(height=480, width=640, encoding="rgb8", step=1920)
    message.data = os.urandom(480 * 1920)
    return message


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    namespace, name, count, pause_ms, pid = sys.argv[1:6]
    count, pause = int(count), float(pause_ms) / 1e3
    message = sample(name)
    rclpy.init()
    node = rclpy.create_node("ping", namespace=namespace)
    answers = []
    publisher = node.create_publisher(type(message), name, 5)
    node.create_subscription(
        type(message), f"{name}_back", lambda m: answers.append(time.monotonic_ns()), 5, raw=True
    )
    executor = rclpy.executors.SingleThreadedExecutor()
    executor.add_node(node)
    while not publisher.get_subscription_count() or not node.count_publishers(f"{name}_back"):
        time.sleep(0.05)
    time.sleep(0.5)
    payload = serialize_message(message)

    def round_trip():
        answers.clear()
        start = time.monotonic_ns()
        publisher.publish(payload)
        while not answers:
            executor.spin_once(timeout_sec=0.5)
            if time.monotonic_ns() - start > 500_000_000:
                return None
        return (answers[0] - start) / 1e3

    for _ in range(count * WARM_UP):
        round_trip()
    before = cpu_seconds(pid)
    times = []
    for _ in range(count):
        times.append(round_trip())
        time.sleep(pause)
    cpu = cpu_seconds(pid) - before
    good = sorted(t for t in times if t is not None)
    print(
        f"{statistics.median(good):.0f} {good[int(len(good) * 0.99)]:.0f}"
        f" {cpu / len(good) * 1e6:.0f} {len(times) - len(good)}"
    )


main()
