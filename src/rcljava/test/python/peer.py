"""The rclpy side of the tests: peer.py ROLE [ARGUMENT...] --ros-args ...

It says on standard output, a line each, what it is ready for and what it saw.
"""

import importlib
import pathlib
import random
import sys
import time

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.serialization import serialize_message

sys.path.append(str(pathlib.Path(__file__).parents[3] / "msgs/test/python"))
ROLES = {}


def role(function):
    ROLES[function.__name__] = function
    return function


def say(*words):
    print(*words, flush=True)


def interface(full):
    package, kind, name = full.split("/")
    return getattr(importlib.import_module(f"{package}.{kind}"), name)


def spin_until(node, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("waited in vain")
        rclpy.spin_once(node, timeout_sec=0.05)


@role
def echo(node, *types):
    """Sends random messages of each type, and back what it gets of them."""
    from random_messages import random_message

    r = random.Random(7)
    publishers = []
    for full in types:
        cls, name = interface(full), full.replace("/", "_")
        back = node.create_publisher(cls, f"to_java/{name}", 10)
        node.create_subscription(cls, f"to_python/{name}", back.publish, 10)
        publishers.append(back)
    spin_until(node, lambda: all(p.get_subscription_count() > 0 for p in publishers))
    for full in types:
        samples = [random_message(interface(full), r) for _ in range(3)]
        for sample in samples:
            say("sample", full, serialize_message(sample).hex())
    say("samples_end")
    rclpy.spin(node)


def main():
    words = sys.argv[1 : sys.argv.index("--ros-args")]
    rclpy.init(args=sys.argv)
    node = rclpy.create_node("python")
    try:
        ROLES[words[0]](node, *words[1:])
    except (KeyboardInterrupt, ExternalShutdownException):
        pass


if __name__ == "__main__":
    main()
