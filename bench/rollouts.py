#!/usr/bin/env python3
"""How fast `reverie rollouts list` is over thousands of episodes.

    bench/rollouts.py BAG [--episodes 5000] [--keep DIR] [--console]

Copies one recorded bag so many times (its name is each episode's), then lists them three times: cold the first time
only where the machine has dropped its file cache. Prints seconds, start of the JVM included.

With --console it asks `reverie console` for them instead, as a page does: where nobody has read the folder yet, and by
a console that is started anew after that.
"""

import argparse
import http.cookiejar
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent


def ask_console(folder, caches):
    """Starts a console and asks for the list until it is whole; prints what a page would wait for."""
    tokens = caches / "tokens.json"
    command = [ROOT / "reverie", "console", "--port", "0", "--rollouts", folder, "--tokens", tokens]
    environment = {**os.environ, "XDG_CACHE_HOME": str(caches)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as console:
        try:
            url, token = console.stdout.readline().split()[1].split("#")
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
            headers = {"Content-Type": "application/json", "Origin": url.rstrip("/")}
            body = json.dumps({"token": token, "person": "bench"}).encode()
            opener.open(urllib.request.Request(url + "api/sign-in", body, headers)).close()
            began = time.monotonic()
            answers = []
            while True:
                asked = time.monotonic()
                told = json.load(opener.open(url + "api/rollouts"))
                answers.append((time.monotonic() - asked, len(told["rows"])))
                if len(answers) == 1:
                    print(f"first answer {answers[0][0]:6.2f} s with {answers[0][1]} rows", flush=True)
                if not told["looking"]:
                    break
                time.sleep(0.7)  # as the page does
            print(f"whole after  {time.monotonic() - began:6.2f} s in {len(answers)} answers", flush=True)
            later = []
            for _ in range(10):
                time.sleep(1.2)  # older than what is told again without a look
                asked = time.monotonic()
                json.load(opener.open(url + "api/rollouts"))
                later.append(time.monotonic() - asked)
            print(f"later        {statistics.median(later):6.2f} s   ({min(later):.2f} to {max(later):.2f})")
        finally:
            console.terminate()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("bag", type=pathlib.Path)
    arguments.add_argument("--episodes", type=int, default=5000)
    arguments.add_argument("--keep", type=pathlib.Path, help="make them here and leave them there")
    arguments.add_argument("--console", action="store_true", help="ask the console for them")
    arguments = arguments.parse_args()
    folder = arguments.keep or pathlib.Path(tempfile.mkdtemp(prefix="rollouts-"))
    try:
        for number in range(arguments.episodes):
            target = folder / f"{arguments.bag.name}-{number:05}"
            if not target.exists():
                shutil.copytree(arguments.bag, target)
        size = sum(file.stat().st_size for file in arguments.bag.iterdir())
        print(f"{arguments.episodes} episodes of {size / 1024:.0f} KiB")
        if arguments.console:
            with tempfile.TemporaryDirectory(prefix="console-") as caches:
                for _ in range(2):
                    ask_console(folder, pathlib.Path(caches))
            return
        for what in (["list"], ["list", "--json"], ["list", "--outcome", "failure"]):
            seconds = []
            for _ in range(3):
                began = time.monotonic()
                subprocess.run([ROOT / "reverie", "rollouts", *what, folder], stdout=subprocess.DEVNULL, check=True)
                seconds.append(time.monotonic() - began)
            spread = f"({min(seconds):.2f} to {max(seconds):.2f})"
            print(f"{' '.join(what):25} {statistics.median(seconds):6.2f} s   {spread}")
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
