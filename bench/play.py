#!/usr/bin/env python3
"""Steps a second of playing inside a round's world model, as the console's Play asks for them.

    bench/play.py WORK BAG [THREADS]

WORK is the training folder of a round that has ended (./reverie demo leaves out/round/training), BAG a rollout of it.
Prints steps a second by single actions and by the policy's chunks, the processor time that a step takes, and the load.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = 200
TICKS = os.sysconf("SC_CLK_TCK")


class Player:
    def __init__(self, work, threads):
        self.process = subprocess.Popen(
            [ROOT / "reverie", "train", "play", "--work", work, "--threads", threads],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ready = json.loads(self.process.stdout.readline())["ready"]

    def ask(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "refused" in answer:
            sys.exit(answer["refused"])
        return len(answer["moments"])

    def cpu_s(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def measure(self, name, **what):
        steps, began, cpu = 0, time.monotonic(), self.cpu_s()
        while steps < STEPS:
            steps += self.ask(**what)
        wall, cpu = time.monotonic() - began, self.cpu_s() - cpu
        rate = 1 / self.ready["period_s"]
        print(
            f"{name:<24}{steps / wall:6.1f} steps/s{1000 * cpu / steps:8.1f} ms of processor a step"
            f"   the policy acts at {rate:.0f}/s, load {os.getloadavg()[0]:.1f}"
        )


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    player = Player(sys.argv[1], sys.argv[3] if len(sys.argv) == 4 else "1")
    player.ask(do="start", bag=sys.argv[2], frame=0)
    action = [0.5] + [0] * (len(player.ready["actions"]) - 1)
    player.measure("(warming up)", do="act", actions=[action])
    player.measure("single actions", do="act", actions=[action])
    player.measure("chunks of the policy", do="policy")
    player.process.stdin.close()
    player.process.wait()


main()
