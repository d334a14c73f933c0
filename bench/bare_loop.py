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
