#!/usr/bin/env python3
"""Runs a command and prints the most memory that it and all its children held together.

    bench/pss.py ./reverie demo --out out/demo

Memory is the proportional set size of /proc/PID/smaps_rollup, sampled once a second.
"""

import pathlib
import subprocess
import sys
import threading
import time


def children(root):
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    tree = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in tree} - tree
        if not more:
            return tree
        tree |= more


def pss_kib(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def command_line(pid):
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        return next((w for w in words if w.startswith("dev.reverie")), words[0])
    except OSError:
        return "?"


def main():
    process = subprocess.Popen(sys.argv[1:])
    peak, parts = 0, {}

    def watch():
        nonlocal peak, parts
        while process.poll() is None:
            now = {pid: pss_kib(pid) for pid in children(process.pid)}
            if sum(now.values()) > peak:
                peak = sum(now.values())
                parts = {command_line(pid): kib // 1024 for pid, kib in now.items() if kib > 10240}
            time.sleep(1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    watcher.join()
    print(f"peak memory, all processes together: {peak / 2**20:.2f} GiB  (MiB: {parts})")
    sys.exit(status)


if __name__ == "__main__":
    main()
