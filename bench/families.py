#!/usr/bin/env python3
"""Policies of today, exported from PyTorch, in the trainer's executor and in PyTorch itself.

    python3 -m venv /tmp/families && /tmp/families/bin/pip install torch==2.10.0 lerobot==0.4.4 transformers==4.57.3 \\
        diffusers==0.35.2 onnx==1.23.2 onnxscript==0.7.2 safetensors num2words
    mvn -q -pl src/trainer -am -DskipTests package && /tmp/families/bin/python bench/families.py [--rounds 3] [NAME ...]

act, diffusion and smolvla are LeRobot's own networks, oft is one in OpenVLA-OFT's way of the classes of transformers,
wrapped and exported as the scripts in models/export do it, with random weights; what does not come from their
parameters is folded. bench/exports.py makes whole bundles of them. Prints the largest difference of the output,
relative to its largest value, that of the norm of the gradient, and the medians of CPU and wall time of a forward and
backward pass, both programs in turn in processes of their own.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from trainer import MEMORY  # bench/trainer.py

ROOT = Path(__file__).resolve().parent.parent
STEPS = 20
WARM = 31  # as FamilyBenchmark
sys.path.insert(0, str(ROOT / "models" / "export"))


def features(cameras, height, width, state, actions):
    from lerobot.configs.types import FeatureType, PolicyFeature

    inputs = {f"observation.images.c{i}": PolicyFeature(FeatureType.VISUAL, (3, height, width)) for i in range(cameras)}
    inputs["observation.state"] = PolicyFeature(FeatureType.STATE, (state,))
    return {
        "input_features": inputs, "output_features": {"action": PolicyFeature(FeatureType.ACTION, (actions,))},
        "device": "cpu",
    }  # fmt: skip


def of_act():
    import act

    config = act.ACTConfig(
        **features(2, 96, 128, 6, 6), chunk_size=20, n_action_steps=20, dim_model=256, dim_feedforward=1024,
        pretrained_backbone_weights=None,
    )  # fmt: skip
    return act.network(act.ACTPolicy(config))


def of_diffusion():
    import diffusion

    config = diffusion.DiffusionConfig(**features(1, 96, 96, 2, 2), down_dims=(128, 256, 512), crop_shape=None)
    return diffusion.network(diffusion.DiffusionPolicy(config), batch=4)


def of_smolvla():
    import smolvla

    told = {
        "cameras": [{"name": "c0", "width": 128, "height": 128}], "joint_names": ["a", "b", "c", "d", "e", "f"],
        "action_space": {"kind": "joint_deltas", "scale_rad": [0.1] * 6},
    }  # fmt: skip
    with smolvla.local_tokenizer() as folder:
        config = smolvla.small(smolvla.from_lerobot.features(told), 16, folder)
        config.train_expert_only = config.freeze_vision_encoder = False
        return smolvla.network(smolvla.SmolVLAPolicy(config).float(), {"observation.images.c0": (128, 128)}, batch=2)


def of_oft():
    import oft

    return oft.network(oft.Oft(oft.SMALL))


FAMILIES = {"act": of_act, "diffusion": of_diffusion, "smolvla": of_smolvla, "oft": of_oft}


def made(name):
    import torch

    torch.manual_seed(1)
    policy, inputs = FAMILIES[name]()
    policy.requires_grad_(True)
    return policy.eval(), inputs


def exported(policy, inputs):
    """The graph, in which what does not come from parameters and buffers is folded, and lies inside as constants."""
    import bundle
    import onnx_ir as ir
    import onnxscript.optimizer

    model = bundle.program(bundle.Wrapped(policy, inputs, ["out"], {}, batched=False)).model
    stored = set(policy.state_dict()) | {name for name, _ in policy.named_buffers()}

    def reads_stored(node):
        return any(value is not None and value.name in stored for value in node.inputs)

    onnxscript.optimizer.fold_constants(
        model, input_size_limit=1 << 24, output_size_limit=1 << 24, should_fold=lambda node: not reads_stored(node)
    )
    graph = model.graph
    for name, value in list(graph.initializers.items()):
        if name not in stored:
            node = ir.Node("", "Constant", [], [ir.AttrTensor("value", value.const_value)], num_outputs=1)
            value.replace_all_uses_with(node.outputs[0])
            del graph.initializers[name]
            graph.insert_before(graph[0], node)
    return model


def write(name, folder):
    """The graph and its inputs, beside what PyTorch makes of them."""
    import onnx_ir as ir
    import torch
    from safetensors.torch import save_file

    policy, inputs = made(name)
    model = exported(policy, inputs)
    ir.save(model, folder / "graph.onnx")
    save_file(inputs, folder / "inputs.safetensors")
    out = policy(*inputs.values())
    out.square().sum().backward()
    gradients = [p.grad.double().norm() for p in policy.parameters() if p.grad is not None]
    save_file({"out": out.detach().contiguous()}, folder / "expected.safetensors")
    count = sum(p.numel() for p in policy.parameters() if p.grad is not None)
    print(torch.stack(gradients).norm().item(), count, len(list(model.graph)), flush=True)


def peer(name, threads):
    """Times the policy in PyTorch, and prints CPU and wall ms of a forward and backward pass."""
    import torch

    torch.set_num_threads(threads)
    policy, inputs = made(name)

    def step():
        policy.zero_grad(set_to_none=True)
        policy(*inputs.values()).square().sum().backward()

    for _ in range(WARM):
        step()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(STEPS):
        step()
    print((time.process_time() - cpu) * 1e3 / STEPS, (time.perf_counter() - wall) * 1e3 / STEPS)


def java(folder, threads):
    module = ROOT / "src" / "trainer"
    classpath = f"{module}/target/test-classes:{module}/target/classes:{(module / 'target' / 'classpath').read_text()}"
    java_home = os.environ.get("JAVA_HOME")
    return [
        f"{java_home}/bin/java" if java_home else "java", f"@{ROOT}/setup/java/trainer.args", "-cp", classpath,
        "dev.reverie.trainer.onnx.FamilyBenchmark", str(folder), str(threads), str(STEPS),
    ]  # fmt: skip


def run(command, threads, more=None):
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"} | (more or {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


def measure(name, rounds, threads):
    from safetensors.torch import load_file

    own = [sys.executable, __file__, "--threads", str(threads), name]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        gradient, parameters, nodes = run([*own, "--write", temporary], threads)
        turns = [(run(java(folder, threads), threads, MEMORY), run([*own, "--peer"], threads)) for _ in range(rounds)]
        wanted = load_file(folder / "expected.safetensors")["out"]
        got = load_file(folder / "outputs.safetensors")["out"]
    error = ((got - wanted).abs().max() / wanted.abs().max()).item()
    cpu, peer_cpu = (statistics.median(turn[side][0] for turn in turns) for side in (0, 1))
    wall, peer_wall = (statistics.median(turn[side][1] for turn in turns) for side in (0, 1))
    off = abs(turns[0][0][2] / gradient - 1)
    print(
        f"{name:10} {parameters / 1e6:6.1f} M {nodes:6.0f} nodes  output {error:.1e}  gradient {off:.1e}"
        f"  CPU ms {cpu:7.1f} {peer_cpu:7.1f} {cpu / peer_cpu:5.2f}"
        f"  wall ms {wall:7.1f} {peer_wall:7.1f} {wall / peer_wall:5.2f}",
        flush=True,
    )
    return error < 1e-5 and off < 1e-5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", default=list(FAMILIES))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.write or options.peer:
        write(options.names[0], options.write) if options.write else peer(options.names[0], options.threads)
        return
    good = [measure(name, options.rounds, options.threads) for name in options.names]
    if not all(good):
        sys.exit("output or gradient differ by 1e-5 or more")


if __name__ == "__main__":
    main()
