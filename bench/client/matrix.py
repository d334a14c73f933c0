"""Drives the programs that are measured, one operation at a time, and prints the tables. Started by run.

Each program is told by lines on its standard input and answers each with one line:

    open KIND STYLE NAME BYTES DEPTH TOPIC   makes the entities; KIND is publish, take, drain, echo, serve or call,
                                             STYLE typed (C structure, record, rclpy message), view (of the message
                                             where it lies; C structure, rclpy message) or serialized
    go COUNT BURST PAUSE                     does it COUNT times, with a pause (us) after each burst:
                                             p50, p99 and p99.9 in us (drain: messages a second), how many
    close                                    frees them
    allocated                                bytes allocated on the garbage-collected heap so far

A second process of the C program is the peer of all; it knows KIND ping and the command matched too.
"""

import argparse
import collections
import contextlib
import dataclasses
import json
import os
import statistics
import subprocess
import time

CLIENTS = ("C", "rcljava", "rclpy")
STYLES = ("typed", "view", "serialized")
OPERATIONS = ("publish", "take", "round trip", "service call", "client call", "drain")
METRICS = ("p50", "p99", "p99.9", "CPU")
WARM_UP = {"1 MiB": 1000, "640x480": 1000, "6 MiB": 200}  # messages of a kind; of others 5000
DRAINED = 5000  # as many as Fast DDS keeps of a topic by default


@dataclasses.dataclass(frozen=True)
class Size:
    """What is sent and how often: about half a second for each operation."""

    message: str
    bytes: int
    service: str
    count: int
    ping_pause: int  # us after each answer
    burst: int  # messages published without a pause
    publish_pause: int  # us from burst to burst
    take_pause: int  # us from message to message
    operations: tuple = OPERATIONS[:-1]


ECHO = ("round trip",)
SIZES = {
    "64 B": Size("pose", 56, "set_bool", 1500, 200, 20, 3000, 400, OPERATIONS),
    "1 KiB": Size("image", 1 << 10, "set_camera_info", 1500, 200, 20, 3000, 400),
    "64 KiB": Size("image", 1 << 16, "set_camera_info", 500, 200, 4, 3000, 800),
    "1 MiB": Size("image", 1 << 20, "set_camera_info", 100, 500, 1, 4000, 4000),
    "6 MiB": Size("image", 6 << 20, "set_camera_info", 30, 1000, 1, 20000, 40000),
    "JointState": Size("joint_state", 0, "", 1500, 200, 20, 3000, 400, ECHO),
    "640x480": Size("image", 640 * 480 * 3, "", 100, 500, 1, 4000, 4000, ECHO),
}

SMALL = ("64 B", "1 KiB", "JointState")


class Program:
    """A process that speaks the protocol."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.cpu_clock = ~self.process.pid << 3 | 2  # as clock_getcpuclockid(3) makes it

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"{self.name} ended at '{' '.join(map(str, words))}'")
        return answer

    def cpu_nanos(self):
        """Of all its threads, so far."""
        return time.clock_gettime_ns(self.cpu_clock)

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:  # rclpy does not always end by itself
            self.process.kill()
            self.process.wait()


class Measurement:
    """Measures one subject with the peer; remembers how many topics there were, so that each has its own name."""

    def __init__(self, peer, samples):
        self.peer, self.samples, self.topics = peer, samples, 0

    def one(self, subject, operation, size, style):
        """p50, p99, p99.9, CPU (us), bytes allocated, each a message, and messages missing; drain: also rate."""
        kind, peer_kind = {
            "publish": ("publish", "take"),
            "take": ("take", "publish"),
            "drain": ("drain", "publish"),
            "round trip": ("echo", "ping"),
            "service call": ("serve", "call"),
            "client call": ("call", "serve"),
        }[operation]
        name = size.service if "call" in operation else size.message
        self.topics += 1
        count = DRAINED if operation == "drain" else 100 if size.bytes < 1 << 16 else 10
        words = name, size.bytes, count, f"t{self.topics}"
        programs = [(self.peer, ("open", peer_kind, "serialized", *words)), (subject, ("open", kind, style, *words))]
        if operation not in ("publish", "client call"):  # those want their peer first
            programs.reverse()
        for program, order in programs:
            program.ask(*order)
        self.peer.ask("matched")
        time.sleep(0.05)  # the other side has matched too
        count = size.count * self.samples
        if operation == "publish" and size.burst > 1:
            count *= 4  # they take less time than the commands
        if operation == "drain":
            result = self.drain(subject)
        else:
            self.run(subject, operation, size, max(10, count // 10))
            result = self.run(subject, operation, size, count)
        for program in (subject, self.peer):
            program.ask("close")
        return result

    def run(self, subject, operation, size, count):
        allocated, cpu = int(subject.ask("allocated")), subject.cpu_nanos()
        if operation == "take":
            subject.ask("go", 0, 1, 0)  # forgets what came before
            self.peer.ask("go", count, 1, size.take_pause)
            time.sleep(0.03)
            line = subject.ask("go", 0, 1, 0)
        elif operation == "publish":
            line = subject.ask("go", count, size.burst, size.publish_pause)
        elif operation == "client call":
            line = subject.ask("go", count, 1, 0)
        else:
            line = self.peer.ask("go", count, 1, size.ping_pause)
        return self.result(subject, line, count, cpu, allocated)

    def drain(self, subject):
        """The median of three bursts, after two; each has queued up before it is taken."""
        results = []
        for _ in range(5):
            self.peer.ask("go", DRAINED, 50, 1500)
            time.sleep(0.2)
            allocated, cpu = int(subject.ask("allocated")), subject.cpu_nanos()
            line = subject.ask("go", DRAINED, 1, 0)
            results.append(self.result(subject, line, DRAINED, cpu, allocated))
        results = results[2:]
        results.sort(key=lambda r: r["p50"])
        return results[1] | {"missing": sum(r["missing"] for r in results)}

    @staticmethod
    def result(subject, line, count, cpu, allocated):
        p50, p99, p999, received = map(float, line.split())
        counted = max(received, 1)
        return {
            "p50": p50,
            "p99": p99,
            "p99.9": p999,
            "CPU": (subject.cpu_nanos() - cpu) / 1e3 / counted,
            "allocated": (int(subject.ask("allocated")) - allocated) / counted,
            "missing": count - received,
        }


def styles(operation, wanted):
    """rcl has no serialized calls for services."""
    return wanted if operation in ("publish", "take", "round trip", "drain") else ("typed",)


def warm_up(measurement, subject, arguments):
    """Lets the JVM compile what is measured: a node runs for hours, its first seconds do not count."""
    samples, measurement.samples = measurement.samples, 1
    for label in arguments.sizes:
        size = dataclasses.replace(SIZES[label], ping_pause=0, publish_pause=0)
        if label in SMALL:
            size = dataclasses.replace(size, take_pause=100)
        for operation in set(arguments.operations) & set(size.operations):
            for style in styles(operation, arguments.styles):
                count = WARM_UP.get(label, 5000) * (4 if operation == "publish" and label in SMALL else 1)
                measurement.one(subject, operation, dataclasses.replace(size, count=count), style)
    measurement.samples = samples
    time.sleep(1)  # the compiler comes after


def measure(arguments, commands, store):
    for run in range(arguments.runs):
        with contextlib.ExitStack() as stack:

            def start(name, command):
                program = Program(name, command)
                stack.callback(program.stop)
                return program

            measurement = Measurement(start("peer", commands["C"]), arguments.samples)
            subjects = {name: start(name, commands[name]) for name in arguments.clients}
            if "rcljava" in subjects:
                warm_up(measurement, subjects["rcljava"], arguments)
            for operation in arguments.operations:
                for label in arguments.sizes:
                    if operation not in SIZES[label].operations:
                        continue
                    for style in styles(operation, arguments.styles):
                        # Both orders, so that what changes slowly favours nobody.
                        for name in arguments.clients[:: 1 if run % 2 == 0 else -1]:
                            result = measurement.one(subjects[name], operation, SIZES[label], style)
                            store(run, operation, label, style, name, result)


# ---- tables ----


def table(head, rows):
    """Aligned columns, the first three to the left."""
    rows = [head, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        cells = (c.ljust(w) if i < 3 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        print("  ".join(cells).rstrip())


def number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def print_medians(medians):
    rows = []
    for (operation, label, style), clients in medians.items():
        for name, m in clients.items():
            if operation != "drain":
                values = [*(number(m[x]) for x in METRICS), number(m["allocated"]), number(m["missing"])]
                rows.append((operation, label, style, name, *values))
    if rows:
        print("\nus; CPU us, heap bytes a message; messages missing")
        table(("operation", "size", "style", "client", *METRICS, "heap", "missing"), rows)
    rows = [
        (operation, label, style, name, number(m["p50"] / 1e3), number(m["CPU"]), number(m["missing"]))
        for (operation, label, style), clients in medians.items()
        for name, m in clients.items()
        if operation == "drain"
    ]
    if rows:
        print(f"\nbursts of {DRAINED} that had queued up")
        table(("operation", "size", "style", "client", "1000/s", "CPU", "missing"), rows)


def ratio(clients, over, under, metric):
    return clients[over][metric] / clients[under][metric]


def print_ratios(medians):
    rows = []
    for (operation, label, style), clients in medians.items():
        if operation == "drain":
            continue
        row = [operation, label, style]
        for over, under in (("rcljava", "C"), ("rclpy", "rcljava")):
            there = over in clients and under in clients
            row += (f"{ratio(clients, over, under, m):.2f}" if there else "" for m in METRICS)
        rows.append(row)
    if rows:
        print("\nratios: rcljava / C (four columns), then rclpy / rcljava")
        table(("operation", "size", "style", *METRICS, *METRICS), rows)


def print_misses(medians):
    """What is not as good as wanted: 1.3 of C; of rclpy a third of the CPU for small messages and no percentile 1.1.

    Where the C program itself is not as good, the middleware leaves no room.
    """
    misses = []
    for (operation, label, style), clients in medians.items():
        cell = f"{operation}, {label}, {style}"
        if operation == "drain":
            rate = clients["rcljava"]["p50"] if "rcljava" in clients else 80_000
            if rate < 80_000:
                misses.append(f"{cell}: {rate / 1e3:.1f} thousand a second are less than 80")
            continue
        for metric in METRICS:
            if metric == "p99.9" and SIZES[label].count < 1000:
                continue  # the slowest message of all
            if {"rcljava", "C"} <= set(clients) and ratio(clients, "rcljava", "C", metric) > 1.3:
                misses.append(f"{cell}: {metric} {ratio(clients, 'rcljava', 'C', metric):.2f} of C's")
            if {"rcljava", "rclpy"} <= set(clients):
                of_rclpy = ratio(clients, "rcljava", "rclpy", metric)
                most = 1 / 3 if metric == "CPU" and label in SMALL else 1.1
                if (operation, label, metric) == ("round trip", "JointState", "p50"):
                    most = 1 / 1.3
                if of_rclpy > most:
                    own = f" (C's is {ratio(clients, 'C', 'rclpy', metric):.2f})" if "C" in clients else ""
                    misses.append(f"{cell}: {metric} {of_rclpy:.2f} of rclpy's{own}")
    print("\nno goal is missed" if not misses else "\nmissed goals:")
    for miss in misses:
        print("  " + miss)


def main():
    parser = argparse.ArgumentParser(prog="bench/client/run", description="Our ROS 2 client beside C and rclpy.")
    parser.add_argument("runs", type=int, nargs="?", default=5)
    for name, choices in (
        ("clients", CLIENTS),
        ("styles", STYLES),
        ("operations", OPERATIONS),
        ("sizes", tuple(SIZES)),
    ):
        default = tuple(c for c in choices if c != "client call")  # that is beside the matrix
        parser.add_argument(
            f"--{name}", type=lambda s: tuple(s.split(",")), default=default, help="some of " + ",".join(choices)
        )
    parser.add_argument("--samples", type=int, default=1, help="times as many messages a measurement")
    parser.add_argument("--out", help="file for every single measurement, a line of JSON each")
    parser.add_argument("--commands", type=json.loads, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    namespace = f"/bench_{os.getpid()}"
    commands = {name: [*command, namespace] for name, command in arguments.commands.items()}
    values = collections.defaultdict(lambda: collections.defaultdict(list))
    out = open(arguments.out, "w") if arguments.out else None

    def store(run, operation, label, style, name, result):
        values[operation, label, style][name].append(result)
        shown = "  ".join(f"{key} {number(value)}" for key, value in result.items())
        print(f"{run + 1} {operation:12} {label:10} {style:10} {name:8} {shown}", flush=True)
        if out:
            cell = dict(run=run, operation=operation, size=label, style=style, client=name)
            print(json.dumps(cell | result), file=out, flush=True)

    began = time.monotonic()
    measure(arguments, commands, store)
    medians = {
        cell: {
            name: {key: statistics.median(r[key] for r in results) for key in results[0]}
            for name, results in clients.items()
        }
        for cell, clients in values.items()
    }
    load = os.getloadavg()[0]
    print(f"\nmedians of {arguments.runs} runs; {time.monotonic() - began:.0f} s, load at the end {load:.1f}")
    print_medians(medians)
    print_ratios(medians)
    print_misses(medians)


if __name__ == "__main__":
    main()
