#!/usr/bin/env python3
"""How punctually this machine wakes a process that does nothing else, 100 times a second: what a stream cannot beat.

    bench/bare_loop.py SECONDS

Runs by SCHED_FIFO where the system allows it, and prints by how much its wake-ups are off their distance of 10 ms.
"""

import os
import subprocess
import sys
import time

PERIOD = 0.01


def real_time():
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
        return "SCHED_FIFO"
    except PermissionError:
        return "no real time"


class Stalls:
    """Watches, while it is entered, how long the machine does not run each of its processors."""

    def __enter__(self):
        watch = [sys.executable, __file__, "--watch"]
        cpus = sorted(os.sched_getaffinity(0))
        self.watchers = [subprocess.Popen([*watch, str(cpu)], stdout=subprocess.PIPE, text=True) for cpu in cpus]
        self.longest = 0.0  # seconds
        return self

    def __exit__(self, *_):
        for watcher in self.watchers:
            watcher.terminate()
            said, _ = watcher.communicate()
            self.longest = max([self.longest, *map(float, said.split())])


def watch(cpu):
    """Prints by how much it is woken too late on one processor, where that is more than before."""
    os.sched_setaffinity(0, [cpu])
    real_time()
    longest = 0.0
    while True:
        began = time.monotonic()
        time.sleep(PERIOD / 5)
        late = time.monotonic() - began - PERIOD / 5
        if late > longest:
            longest = late
            print(longest, flush=True)


def main():
    if sys.argv[1] == "--watch":
        watch(int(sys.argv[2]))
    how = real_time()
    begin, count = time.monotonic(), round(float(sys.argv[1]) / PERIOD)
    clock = time.time() - begin
    woken = []
    for i in range(count):
        while (left := begin + i * PERIOD - time.monotonic()) > 0:
            time.sleep(left)
        woken.append(time.monotonic())
    spans = sorted(abs(b - a - PERIOD) for a, b in zip(woken, woken[1:], strict=False))
    late = [b for a, b in zip(woken, woken[1:], strict=False) if b - a > 1.5 * PERIOD]
    at = ", ".join(time.strftime("%H:%M:%S", time.localtime(clock + t)) + f"{(clock + t) % 1:.3f}"[1:] for t in late)
    print(
        f"bare loop ({how}): {count} wake-ups, {len(late)} later than 5 ms" + (f" (at {at})," if at else ",")
        + f" p99 {1000 * spans[round(0.99 * len(spans)) - 1]:.2f} ms, worst {1000 * spans[-1]:.2f} ms"
    )


if __name__ == "__main__":
    main()
