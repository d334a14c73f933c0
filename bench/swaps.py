#!/usr/bin/env python3
"""What damaged bundles and many swaps do to a robot node that moves the simulated arm.

    eval "$(./reverie ros-env)"; "$REVERIE_PYTHON" bench/swaps.py [--damaged 10000] [--swaps 10000] [--format 2]

First as many damaged copies of a bundle are asked for: bytes flipped, zeroed, cut off or doubled in one of its files,
files that are missing, other vocabularies, crops and heads in a bundle.json that is hashed anew, or one without a key
or with a null, files that are links to nowhere, to devices or pipes, one weight that is NaN, graphs that draw random
numbers. None may go live, each has to be answered. Then two sound bundles are swapped by turns. Meanwhile one
episode runs after another. Prints what was answered and how fast, and for each part ticks, late ticks, and the time
between commands.
"""

import argparse
import base64
import collections
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time

import bound
import numpy as np
import onnx
import rclpy
from reverie.msg import Command
from reverie.srv import SwapPolicy
from robot_node import ROOT, Observer, difference, percentile
from safetensors.numpy import load_file
from sensor_msgs.msg import Image

# What nobody may be told.
RAW = ["Exception", "java.", "fasterxml", "protobuf", "onnxruntime", "ORT_", "Error code", ".cc:", "[Source"]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Bundle:
    """A copy of a bundle whose hashes are put right again after a change, and which is signed where there is a key."""

    def __init__(self, source, folder, key=None):
        shutil.copytree(source, folder)
        self.folder = pathlib.Path(folder)
        self.spec = json.loads((self.folder / "bundle.json").read_text())
        self.key = key

    def names(self):
        return sorted({"bundle.json", "signature.json", *self.spec["files"]})

    def write(self, key=None):
        files = self.spec.get("files")
        for name in files:
            if (self.folder / name).is_file():
                files[name] = sha256((self.folder / name).read_bytes())
        text = json.dumps(self.spec, indent=2) + "\n"
        (self.folder / "bundle.json").write_text(text)
        all_files = sorted({**files, "bundle.json": sha256(text.encode())}.items())
        identity = sha256("".join(f"{digest}  {name}\n" for name, digest in all_files).encode())
        self.signed(identity, key or self.key)

    def signed(self, identity, key):
        signatures = " "
        if key:
            signatures = f' "{base64.b64encode(bound.signature(self.folder.parent, identity, key)).decode()}" '
        # As the product writes it: it takes no other blanks.
        text = f'{{\n  "bundle" : "{identity}",\n  "ed25519" : [{signatures}]\n}}\n'
        (self.folder / "signature.json").write_text(text)

    def weights(self, change):
        path = self.folder / "policy.safetensors"
        with open(path, "rb") as file:
            header = file.read(8)
            begin = 8 + int.from_bytes(header, "little")
            layout = json.loads(file.read(begin - 8))
        arrays = load_file(path)
        name, array = change({name: value.copy() for name, value in arrays.items()})
        first, last = layout[name]["data_offsets"]
        data = bytearray(path.read_bytes())
        data[begin + first : begin + last] = array.tobytes()
        path.write_bytes(data)

    def graph(self, change):
        path = self.folder / "policy.onnx"
        model = onnx.load(path, load_external_data=False)
        change(model.graph)
        path.write_bytes(model.SerializeToString())


def damage_bytes(bundle, chance):
    file = bundle.folder / chance.choice(bundle.names())
    data = bytearray(file.read_bytes())
    at = chance.randrange(len(data))
    kind = chance.choice(["flip", "zero", "cut", "longer", "missing", "piece"])
    if kind == "flip":
        data[at] ^= 1 << chance.randrange(8)
    elif kind == "zero":
        first = data[at]
        data[at : at + 16] = bytes(len(data[at : at + 16]))
        data[at] = first ^ 0x55
    elif kind == "cut":
        data = data[:at]
    elif kind == "longer":
        data += bytes(chance.randrange(1, 100))
    elif kind == "piece":
        data = data[: at + 1] + data
    if kind == "missing":
        # Without it a bundle of format 1 is one of before.
        file = bundle.folder / chance.choice([name for name in bundle.names() if name != "signature.json"])
        file.unlink()
    else:
        file.write_bytes(data)
    return f"{kind} {file.name}"


def damage_spec(bundle, chance):
    spec = bundle.spec
    kind = chance.choice(["words", "crop", "bins", "horizon", "joints", "period", "workspace", "length", "rectify"])
    if kind == "words":
        words = spec["vocabulary"]["words"]
        a, b = chance.sample(range(len(words)), 2)
        words[a], words[b] = words[b], words[a]
    elif kind == "crop":
        left = round(chance.uniform(0.05, 0.5), 3)
        spec["cameras"][0]["crop"] = {"x": left, "y": 0.0, "width": 0.4, "height": 1.0}
    elif kind == "bins":
        spec["head"]["bins"] += chance.randrange(1, 9)
    elif kind == "horizon":
        spec["chunk"]["horizon"] += chance.randrange(1, 9)
    elif kind == "joints":
        chance.shuffle(spec["joint_names"])
        spec["joint_names"][0] += "_"
    elif kind == "period":
        spec["chunk"]["period_s"] *= chance.uniform(1.1, 3)
    elif kind == "workspace":
        spec["action_space"]["workspace"]["max"][0] += chance.uniform(0.1, 1)
    elif kind == "length":
        spec["vocabulary"]["length"] += 1
    else:
        spec["cameras"][0]["rectify"] = True
    bundle.write()
    return f"other {kind}"


def places(value, path=()):
    """Paths of all that stands in a JSON value, but in its history and hashes."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if path or key not in ("lineage", "files"):
            yield (*path, key)
            if isinstance(inner, dict | list):
                yield from places(inner, (*path, key))


def damage_keys(bundle, chance):
    *above, last = chance.choice(list(places(bundle.spec)))
    inside = bundle.spec
    for key in above:
        inside = inside[key]
    kind = chance.choice(["null", "huge", "missing"])
    if kind == "missing" and isinstance(inside, dict):
        del inside[last]
    else:
        inside[last] = None if kind == "null" else 10**400
    bundle.write()
    return f"{kind} key"


def damage_links(bundle, chance):
    file = bundle.folder / chance.choice(bundle.names())
    kind = chance.choice(["link to nowhere", "link to itself", "device", "pipe", "folder"])
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        to = {"link to nowhere": "gone", "link to itself": file.name, "device": "/dev/zero"}[kind]
        file.symlink_to(to)
    return f"{kind} {file.name}"


def damage_weights(bundle, chance):
    def change(arrays):
        floats = [name for name, array in arrays.items() if array.dtype == np.float32]
        name = chance.choice(floats)
        array = arrays[name]
        array.reshape(-1)[chance.randrange(array.size)] = np.nan
        return name, array

    bundle.weights(change)
    bundle.write()
    return "NaN in a weight"


def damage_graph(bundle, chance):
    operator = chance.choice(["RandomNormalLike", "RandomUniformLike", "Bernoulli"])

    def change(graph):
        drawn = onnx.helper.make_node(operator, ["joint_positions"], ["drawn_again"], name="noise")
        graph.node.append(drawn)

    bundle.graph(change)
    bundle.write()
    return f"draws by {operator}"


def damage_bound(bundle, chance):
    what = chance.choice(bound.DAMAGE)(bundle, chance)
    bundle.write()
    return what


def damage_signature(bundle, chance):
    kind = chance.choice(["missing", "none", "of another key", "of another bundle", "changed"])
    file = bundle.folder / "signature.json"
    text = file.read_text()
    if kind == "missing":
        file.unlink()
    elif kind == "none":
        bundle.key = None
        bundle.write()
    elif kind == "of another key":
        bundle.write(bundle.key.with_name("unknown"))
    elif kind == "of another bundle":
        bundle.signed("0" * 64, bundle.key)
    else:
        at = text.index('[ "') + 3 + chance.randrange(80)
        file.write_text(text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :])
    return f"signature {kind}"


DAMAGE = {
    1: [damage_bytes, damage_bytes, damage_spec, damage_keys, damage_links, damage_weights, damage_graph],
    2: [damage_bytes, damage_keys, damage_links, damage_signature, *[damage_bound] * 8],
}


class Ticks:
    """Times between two commands as they come."""

    def __init__(self, bench):
        self.intervals = []
        self.last = None
        bench.node.create_subscription(Command, "robot/command", self.on_command, 50)

    def on_command(self, command):
        now = time.monotonic()
        if self.last is not None and command.tick > 0:
            self.intervals.append(now - self.last)
        self.last = now

    def clear(self):
        self.intervals.clear()


def keep_acting(bench):
    """Begins the next episode when one has ended, as long as the program runs."""
    while True:
        if not bench.status.episode_id:
            bench.start_episode(3600)
            time.sleep(2)  # until the status tells of it
        time.sleep(0.1)


def part(name, bench, ticks, work):
    before = bench.counters()
    ticks.clear()
    begin = time.monotonic()
    answers = work()
    took = time.monotonic() - begin
    values = list(ticks.intervals)
    print(f"{name}: {took:.0f} s,", difference(bench.counters(), before))
    if values:
        p50, p99 = percentile(values, 0.5) * 1e3, percentile(values, 0.99) * 1e3
        print(f"  between commands p50 {p50:.1f} ms  p99 {p99:.1f} ms  max {max(values) * 1e3:.1f} ms  n {len(values)}")
    if answers:
        p50, p99 = percentile(answers, 0.5) * 1e3, percentile(answers, 0.99) * 1e3
        print(f"  an answer p50 {p50:.0f} ms  p99 {p99:.0f} ms  max {max(answers) * 1e3:.0f} ms  n {len(answers)}")


def ask(bench, folder):
    begin = time.monotonic()
    response = bench.wait(bench.swap.call_async(SwapPolicy.Request(bundle=str(folder))), 90.0)
    return response, time.monotonic() - begin


def damaged(bench, source, work, count, chance, damages):
    live = bench.status.policy_id
    answers, kinds, wrong, raw = [], collections.Counter(), [], []
    slowest = (0, "", "")
    for i in range(count):
        bundle = Bundle(source.folder, work / f"damaged_{i}", source.key)
        what = chance.choice(damages)(bundle, chance)
        response, took = ask(bench, bundle.folder)
        answers.append(took)
        kinds[what] += 1
        slowest = max(slowest, (took, what, response.message))
        if response.success or response.policy_id != live:
            wrong.append(what)
        elif any(word in response.message for word in RAW) or ";" not in response.message:
            raw.append(f"{what}: {response.message}")
        shutil.rmtree(bundle.folder)
    print(f"{count} damaged bundles, {len(answers)} answered, {len(wrong)} went live {wrong[:5]}")
    print(f"  {len(raw)} without a remedy, or in the words of a library", *raw[:10], sep="\n    ")
    print(f"  the slowest, {slowest[0]:.1f} s: {slowest[1]}: {slowest[2]}")
    print("  " + ", ".join(f"{what} {n}" for what, n in sorted(kinds.items())))
    return answers


def swapped(bench, bundles, count):
    answers = []
    for i in range(count):
        response, took = ask(bench, bundles[i % 2].folder)
        answers.append(took)
        if not response.success:
            raise RuntimeError(response.message)
    return answers


def bundles(arguments, work):
    """Two sound bundles, and what the robot is told besides."""
    if arguments.format == 1:
        pair = [Bundle(arguments.bundle, work / name) for name in ("one", "two")]
        for bundle in pair:
            bundle.spec["lineage"]["settings"]["bench"] = bundle.folder.name
            bundle.write()
        return pair, []
    keys = work / "keys"
    keys.mkdir()
    for name in ("known", "unknown"):
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", work / name], check=True)
    subprocess.run(["openssl", "pkey", "-in", work / "known", "-pubout", "-out", keys / "known.pem"], check=True)
    pair = []
    for name, bias in (("one", 0.1), ("two", -0.1)):
        bound.write(work / f"{name}_unsigned", bias)
        pair.append(Bundle(work / f"{name}_unsigned", work / name, work / "known"))
        pair[-1].write()
    return pair, ["-p", f"swap.keys:={keys}"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--damaged", type=int, default=10_000)
    parser.add_argument("--swaps", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=60, help="without swaps, to compare with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bundle", default=str(ROOT / "models" / "base"), help="of format 1")
    parser.add_argument("--format", type=int, choices=[1, 2], default=1)
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="reverie-bench-"))
    subprocess.run([ROOT / "reverie", "setup"], stdout=subprocess.DEVNULL, check=True)  # builds what is out of date
    pair, more = bundles(arguments, work)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    robot = [ROOT / "reverie", "robot", "--ros-args", "-p", f"bundle:={pair[1].folder}", "-p", f"rollouts_dir:={work}"]
    arm = [ROOT / "reverie", "simulated-arm"]
    processes = [subprocess.Popen(arm, **quiet), subprocess.Popen(robot + more, **quiet)]
    try:
        rclpy.init()
        bench = Observer()
        ticks = Ticks(bench)
        if arguments.format == 2:  # its second camera sees what the first one does
            wrist = bench.node.create_publisher(Image, "wrist/image_raw", 10)
            bench.node.create_subscription(Image, "camera/image_raw", wrist.publish, 10)
        if not bench.run.wait_for_server(60.0) or not bench.swap.wait_for_service(60.0):
            raise TimeoutError("the robot node did not start")
        while bench.status is None:
            time.sleep(0.1)
        threading.Thread(target=keep_acting, args=[bench], daemon=True).start()
        time.sleep(5)  # warm
        chance = random.Random(arguments.seed)
        part("without swaps", bench, ticks, lambda: time.sleep(arguments.seconds))
        kinds = DAMAGE[arguments.format]
        part("damaged", bench, ticks, lambda: damaged(bench, pair[0], work, arguments.damaged, chance, kinds))
        part("swaps", bench, ticks, lambda: swapped(bench, pair, arguments.swaps))
        print("the robot node runs:", processes[1].poll() is None)
    finally:
        for p in processes:
            p.terminate()
        for p in processes:
            p.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
