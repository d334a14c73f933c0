"""The rclpy program that is measured: subject.py NAMESPACE. Speaks the protocol of matrix.py."""

import struct
import sys
import threading
import time

import rclpy
from geometry_msgs.msg import Pose
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image, JointState
from sensor_msgs.srv import SetCameraInfo
from std_srvs.srv import SetBool

now = time.monotonic_ns


def sample(name, size):
    if name == "pose":
        return Pose()
    if name == "joint_state":
        values = [0.1 * i for i in range(14)]
        return JointState(
            name=[f"joint_{i}" for i in range(14)], position=values, velocity=values, effort=values
        )
    image = Image(height=1, width=size, encoding="mono8", step=size)
    image.data.frombytes(bytes(size))
    return image


def stamp_of(message):
    """When it was sent; of bytes after 4 of encapsulation."""
    if isinstance(message, Pose):
        return int(message.position.x)
    return message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec


def stamp_of_cdr(cls, cdr):
    if cls is Pose:
        return int(struct.unpack_from("<d", cdr, 4)[0])
    seconds, nanos = struct.unpack_from("<II", cdr, 4)
    return seconds * 1_000_000_000 + nanos


class Times:
    """Durations in ns."""

    def __init__(self):
        self.values = []

    def line(self):
        """p50, p99, p99.9 in us, how many; forgets them."""
        values, self.values = sorted(self.values), []
        if not values:
            return "nan nan nan 0"
        quantiles = (values[int(len(values) * share)] / 1e3 for share in (0.5, 0.99, 0.999))
        return " ".join(f"{q:.2f}" for q in quantiles) + f" {len(values)}"


class Echo:
    def __init__(self, node, style, name, size, depth, topic):
        cls = type(sample(name, size))
        self.node = node
        self.back = node.create_publisher(cls, topic + "_back", depth)
        raw = style == "serialized"
        self.subscription = node.create_subscription(cls, topic, self.back.publish, depth, raw=raw)

    def close(self):
        self.node.destroy_subscription(self.subscription)
        self.node.destroy_publisher(self.back)


class Take:
    """Counts messages and how long they were under way."""

    def __init__(self, node, style, name, size, depth, topic):
        cls = type(sample(name, size))
        self.node, self.times = node, Times()
        raw = style == "serialized"
        if raw:

            def callback(cdr):
                self.times.values.append(now() - stamp_of_cdr(cls, cdr))

        else:

            def callback(message):
                self.times.values.append(now() - stamp_of(message))

        self.subscription = node.create_subscription(cls, topic, callback, depth, raw=raw)

    def go(self, count, burst, pause):
        return self.times.line()

    def close(self):
        self.node.destroy_subscription(self.subscription)


class Drain:
    """The first message waits for go; then all that have queued up behind it are taken."""

    def __init__(self, node, style, name, size, depth, topic):
        self.node, self.gate, self.done = node, threading.Semaphore(0), threading.Semaphore(0)
        self.received, self.wanted = 0, 0
        self.subscription = node.create_subscription(
            type(sample(name, size)), topic, self.callback, depth, raw=style == "serialized"
        )

    def callback(self, message):
        if self.received == 0:
            self.gate.acquire()
            self.first = now()
        self.last = now()
        self.received += 1
        if self.received == self.wanted:
            self.done.release()

    def go(self, count, burst, pause):
        self.wanted = count
        self.gate.release()
        self.done.acquire(timeout=5)
        received, self.received = self.received, 0
        return f"{(received - 1) / (self.last - self.first) * 1e9:.0f} 0 0 {received}"

    def close(self):
        self.gate.release()
        self.node.destroy_subscription(self.subscription)


class Publish:
    def __init__(self, node, style, name, size, depth, topic):
        message = sample(name, size)
        self.node = node
        self.publisher = node.create_publisher(type(message), topic, depth)
        self.message = serialize_message(message) if style == "serialized" else message

    def go(self, count, burst, pause):
        times = Times()
        due = now()
        for i in range(1, count + 1):
            begin = now()
            self.publisher.publish(self.message)
            times.values.append(now() - begin)
            if i % burst == 0:
                due += pause * 1000
                time.sleep(max(0, due - now()) / 1e9)
        return times.line()

    def close(self):
        self.node.destroy_publisher(self.publisher)


def exchange(name, size):
    """Service, request, response."""
    if name == "set_bool":
        return SetBool, SetBool.Request(), SetBool.Response(success=True)
    request = SetCameraInfo.Request()
    request.camera_info.d = [0.0] * (size // 8)
    return SetCameraInfo, request, SetCameraInfo.Response(success=True)


class Serve:
    def __init__(self, node, style, name, size, depth, topic):
        cls, _, answer = exchange(name, size)
        self.node = node
        self.service = node.create_service(cls, topic, lambda request, response: answer)

    def close(self):
        self.node.destroy_service(self.service)


class Call:
    """Each call is made when the response to the one before has come in, on the executor's thread."""

    def __init__(self, node, style, name, size, depth, topic):
        cls, self.request, _ = exchange(name, size)
        self.node = node
        self.client = node.create_client(cls, topic)
        self.client.wait_for_service()

    def go(self, count, burst, pause):
        times, done = Times(), threading.Event()

        def call():
            begin = now()

            def answered(future):
                times.values.append(now() - begin)
                if len(times.values) < count:
                    call()
                else:
                    done.set()

            self.client.call_async(self.request).add_done_callback(answered)

        call()
        done.wait(20)
        return times.line()

    def close(self):
        self.node.destroy_client(self.client)


def main():
    rclpy.init()
    node = rclpy.create_node("rclpy", namespace=sys.argv[1])
    spinner = threading.Thread(target=rclpy.spin, args=(node,), daemon=True)
    spinner.start()
    kinds = {c.__name__.lower(): c for c in (Echo, Take, Drain, Publish, Serve, Call)}
    opened = None
    for line in sys.stdin:
        command, *words = line.split()
        if command == "open":
            kind, style, name, size, depth, topic = words
            opened = kinds[kind](node, style, name, int(size), int(depth), topic)
            answer = "ok"
        elif command == "go":
            answer = opened.go(*map(int, words))
        elif command == "allocated":
            answer = "0"
        else:
            opened.close()
            answer = "ok"
        print(answer, flush=True)
    rclpy.shutdown()
    spinner.join(5)


main()
