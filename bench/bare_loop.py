#!/usr/bin/env python3
"""How punctually this machine wakes a process that does nothing else, 100 times a second: what a stream cannot beat.

    bench/bare_loop.py SECONDS

Runs by SCHED_FIFO where the system allows it, and prints by how much its wake-ups are off their distance of 10 ms.
"""

import os
import sys
import time

PERIOD = 0.01


def main():
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
        how = "SCHED_FIFO"
    except PermissionError:
        how = "no real time"
    begin, count = time.monotonic(), round(float(sys.argv[1]) / PERIOD)
    woken = []
    for i in range(count):
        while (left := begin + i * PERIOD - time.monotonic()) > 0:
            time.sleep(left)
        woken.append(time.monotonic())
    spans = sorted(abs(b - a - PERIOD) for a, b in zip(woken, woken[1:], strict=False))
    late = sum(span > PERIOD / 2 for span in spans)
    print(
        f"bare loop ({how}): {count} wake-ups, {late} off by more than 5 ms,"
        f" p99 {1000 * spans[round(0.99 * len(spans)) - 1]:.2f} ms, worst {1000 * spans[-1]:.2f} ms"
    )


if __name__ == "__main__":
    main()
