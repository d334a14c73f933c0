#!/usr/bin/env python3
"""One inference by the robot's policy in Java, and by ONNX Runtime in Python: the same graphs, weights and threads.

    python3 -m venv /tmp/ort && /tmp/ort/bin/pip install onnxruntime==1.29.0 onnx safetensors numpy
    mvn -q -pl src/policy -am -DskipTests package && /tmp/ort/bin/python bench/inference.py BUNDLE ... [--threads 1]

Besides the bundles a graph of three small layers is run, of which a call costs little more than itself, and with --act
LeRobot's ACT of its usual size (52 million weights, two pictures of 480x640), with random weights; that needs the
virtual environment that bench/families.py names, with onnxruntime==1.29.0. Both programs
stay, and take turns with the same number of calls. Prints the medians of one call over all turns, the ratio Java /
Python of the medians of each turn (its median, least and largest), and the bytes that one call leaves on Java's heap.
Python calls `InferenceSession.run` with arrays, as its users do, and `run_with_iobinding` on memory bound before, which
is the fastest that it has. The ratio is to the faster of the two.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SMALL = 64  # width of the small graph


def small(folder):
    """A bundle without a spec: what ONNX Runtime needs of it."""
    import numpy
    import onnx
    from onnx import TensorProto, helper

    names = [f"w{i}" for i in range(3)]
    nodes, at = [], "x"
    for i, name in enumerate(names):
        nodes += [helper.make_node("MatMul", [at, name], [f"m{i}"]), helper.make_node("Tanh", [f"m{i}"], [f"t{i}"])]
        at = f"t{i}"
    values = numpy.random.default_rng(1).standard_normal((3, SMALL, SMALL)).astype(numpy.float32)
    weights = [
        helper.make_tensor(name, TensorProto.FLOAT, [SMALL, SMALL], one.ravel())
        for name, one in zip(names, values, strict=True)
    ]
    port = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, SMALL]) for n in ("x", at)]
    graph = helper.make_graph(nodes, "small", port[:1], port[1:], weights)
    folder.mkdir()
    opset = [helper.make_opsetid("", 20)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), folder / "policy.onnx")
    return folder


def act(folder):
    """The same of LeRobot's ACT."""
    sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "models" / "export")]
    import act
    import families
    import onnx_ir

    features = families.features(2, 480, 640, 14, 14)
    policy = act.ACTPolicy(act.ACTConfig(**features, pretrained_backbone_weights=None))
    network, inputs = act.network(policy, batch=1)
    folder.mkdir()
    onnx_ir.save(families.exported(network, inputs), folder / "policy.onnx")
    return folder


class Peer:
    """The Python half: a session of a bundle's graph, with its weights from the safetensors file."""

    def __init__(self, bundle, threads):
        import numpy
        import onnxruntime
        from safetensors.numpy import load_file

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        weights = bundle / "policy.safetensors"
        if weights.exists():
            arrays = load_file(weights)
            values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
            options.add_external_initializers(list(arrays), values)
        self.session = onnxruntime.InferenceSession(bundle / "policy.onnx", options, ["CPUExecutionProvider"])
        types = {"tensor(float)": "float32", "tensor(uint8)": "uint8", "tensor(int64)": "int64", "tensor(bool)": "bool"}
        self.inputs = {
            port.name: numpy.zeros([n if isinstance(n, int) else 1 for n in port.shape], types[port.type])
            for port in self.session.get_inputs()
        }
        self.binding = self.session.io_binding()
        for name, array in self.inputs.items():
            self.binding.bind_cpu_input(name, array)
        outputs = self.session.get_outputs()
        for port, made in zip(outputs, self.session.run(None, self.inputs), strict=True):
            self.binding.bind_ortvalue_output(port.name, onnxruntime.OrtValue.ortvalue_from_numpy(made))

    def usual(self):
        self.session.run(None, self.inputs)

    def bound(self):
        self.session.run_with_iobinding(self.binding)


def peer(threads):
    sessions = {}
    for line in sys.stdin:
        path, calls = line.rsplit(" ", 1)
        if path not in sessions:
            sessions[path] = Peer(pathlib.Path(path), threads)
        told = []
        for call in (sessions[path].usual, sessions[path].bound):
            took = []
            for _ in range(int(calls)):
                begin = time.perf_counter_ns()
                call()
                took.append(time.perf_counter_ns() - begin)
            told.append(statistics.median(took))
        print(*told, flush=True)


def java(threads):
    module = ROOT / "src" / "policy" / "target"
    classpath = f"{module}/test-classes:{module}/classes:{(module / 'classpath').read_text()}"
    home = os.environ.get("JAVA_HOME")
    command = [f"{home}/bin/java" if home else "java", f"@{ROOT}/setup/java/robot.args", "-cp", classpath]
    return [*command, "dev.reverie.policy.InferenceBenchmark", str(threads)]


class Side:
    def __init__(self, command):
        pipe = subprocess.PIPE
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)

    def ask(self, bundle, calls):
        self.process.stdin.write(f"{bundle} {calls}\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", type=pathlib.Path, nargs="*")
    parser.add_argument("--act", action="store_true", help="LeRobot's ACT too")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=1, help="of each turn of each program, some")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        peer(options.threads)
        return
    ours = Side(java(options.threads))
    theirs = Side([sys.executable, __file__, "--peer", "--threads", str(options.threads)])
    print(f"{'graph':24}{'Java us':>10}{'run us':>10}{'bound us':>10}{'ratio':>8}{'least':>8}{'most':>8}{'bytes':>8}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        bundles = [small(folder / "small"), *(one.resolve() for one in options.bundles)]
        bundles += [act(folder / "act")] if options.act else []
        for bundle in bundles:
            ours.ask(bundle, 3)
            first = min(theirs.ask(bundle, 3))
            calls = max(5, min(20000, int(options.seconds * 1e9 / first)))
            ours.ask(bundle, calls)  # until the compiler is done
            turns = [(ours.ask(bundle, calls), theirs.ask(bundle, calls)) for _ in range(options.turns)]
            ratios = [mine[0] / min(other) for mine, other in turns]
            mine = statistics.median(mine[0] for mine, _ in turns)
            usual, bound = (statistics.median(other[way] for _, other in turns) for way in (0, 1))
            cells = [mine / 1e3, usual / 1e3, bound / 1e3]
            print(
                f"{bundle.name:24}" + "".join(f"{cell:10.1f}" for cell in cells)
                + f"{statistics.median(ratios):8.3f}{min(ratios):8.3f}{max(ratios):8.3f}{turns[-1][0][1]:8.0f}",
                flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
