"""What the scripts beside this file share: from a PyTorch module to a policy bundle.

A script makes a `Wrapped` policy of its family's public class; `write` exports it, with what the class itself says of
some observations, and hands all of it to `./reverie policy import`. docs/format-bundle.md has the words of the spec.
"""

import argparse
import contextlib
import inspect
import json
import logging
import math
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parent.parent.parent
JOINTS = ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"]
# Values of an orientation in an action, and what 1 is of each: radians, or no unit.
ROTATIONS = {
    "rotation_vector": [math.pi] * 3, "quaternion": [1.0] * 4, "rotation_6d": [1.0] * 6, "rotation_6d_rows": [1.0] * 6,
}  # fmt: skip
# The task of `--random` where no other is given: an arm in the way of SO-101 with two cameras.
EXAMPLE = {
    "cameras": [{"name": "front", "width": 64, "height": 48}, {"name": "wrist", "width": 64, "height": 48}],
    "joint_names": JOINTS,
    "action_space": {
        "kind": "joint_positions",
        "joints": JOINTS,
        "min_rad": [-1.9, -1.7, -1.7, -1.6, -2.7, -0.1],
        "max_rad": [1.9, 1.7, 1.7, 1.6, 2.7, 1.7],
    },
    "chunk": {"horizon": 16, "period_s": 0.1},
}


@dataclass
class Wrapped:
    """A policy ready to be exported.

    `module(*inputs.values())` gives the graph's `outputs`; its state_dict has the names that the bundle's weights get.
    `spec` is bundle.json but for what the importer fills in. `statistics` are tensors that normalise. `probe` holds the
    arrays of probe.safetensors: what the policy's own class says of some observations.
    """

    module: torch.nn.Module
    inputs: dict[str, torch.Tensor]
    outputs: list[str]
    spec: dict
    statistics: dict[str, torch.Tensor] = field(default_factory=dict)
    probe: dict[str, torch.Tensor] = field(default_factory=dict)
    instructions: list[str] = field(default_factory=list)
    tokenizer: Path | None = None
    batched: bool = True


@dataclass
class Line:
    """Radians and metres of values that a policy has in units of its own: factor * value + offset, one each."""

    factor: list[float]
    offset: list[float]

    def of(self, values: torch.Tensor) -> torch.Tensor:
        """Units of the policy to radians and metres, [.., n]."""
        return values * torch.tensor(self.factor, dtype=values.dtype) + torch.tensor(self.offset, dtype=values.dtype)

    def back(self, values: torch.Tensor) -> torch.Tensor:
        """Radians and metres to units of the policy, [.., n]."""
        return (values - torch.tensor(self.offset, dtype=values.dtype)) / torch.tensor(self.factor, dtype=values.dtype)

    def normalise(self, kind: str, tensors: dict[str, torch.Tensor | None]) -> tuple[dict, dict[str, torch.Tensor]]:
        """The spec's `normalise` of values in radians and metres, and its tensors, from those in the policy's units.

        `kind` is mean_sd, min_max or quantile, of two tensors; or none: the policy takes its units as they are.
        """
        first, second = tensors.values()
        if kind == "none":
            kind, first, second = "mean_sd", torch.zeros(len(self.factor)), torch.ones(len(self.factor))
        first, second = first.double().flatten(), second.double().flatten()
        factor = torch.tensor(self.factor, dtype=torch.float64)
        made = [self.of(first), second * factor if kind == "mean_sd" else self.of(second)]
        return {"kind": kind, "tensors": list(tensors)}, dict(zip(tensors, (one.float() for one in made), strict=True))


def parser(family: str) -> argparse.ArgumentParser:
    """The options that all families have; `family` is the first line of the help."""
    made = argparse.ArgumentParser(description=family, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("--policy", type=Path, help="folder of the checkpoint")
    which.add_argument("--random", type=int, metavar="SEED", help="a small policy of random weights in its place")
    made.add_argument("--out", type=Path, required=True, help="folder of the bundle; must not exist yet")
    made.add_argument(
        "--task", type=Path, help="task file, bundle or its folder: cameras, joints, action space, period"
    )
    made.add_argument("--unit", choices=["rad", "deg"], default="rad", help="angles of the policy (rad)")
    made.add_argument(
        "--joint", action="append", default=[], metavar="NAME=A,B",
        help="a joint's radians or metres are A * value + B; A above 0; wins over --unit; may be repeated",
    )  # fmt: skip
    made.add_argument(
        "--actions", choices=["units", "scaled"], default="units",
        help="the policy's actions are in units (of the joints as said, metres) or in [-1, 1] of the action space",
    )  # fmt: skip
    made.add_argument("--executed", type=int, help="actions of a chunk that are carried out (as the checkpoint says)")
    made.add_argument("--probes", type=int, default=3, help="observations that the robot will compare (3)")
    made.add_argument(
        "--observations", type=Path, help="recorded ones, as probe.safetensors has them, in place of random"
    )
    made.add_argument("--tolerance", type=float, default=1e-3, help="of that comparison, of the largest value (0.001)")
    made.add_argument("--acts-only", action="store_true", help="a policy that is never trained here")
    made.add_argument("--files", type=Path, help="keeps what was exported in this folder")
    return made


def task(options) -> dict:
    """What the arm is: the task's file, or with --random the example."""
    file = options.task
    if file is None:
        if options.policy is not None:
            sys.exit("say by --task what the arm is: cameras, joint_names, action_space, chunk (docs/training.md)")
        return EXAMPLE
    if file.is_dir():
        file /= "bundle.json"
    told = json.loads(file.read_text())
    missing = [key for key in EXAMPLE if key not in told]
    if missing:
        sys.exit(f"{file} lacks {missing}; give a task file as for ./reverie pretrain, or a bundle")
    return {key: told[key] for key in EXAMPLE}


def joints(options, names: list[str]) -> Line:
    """What --unit and --joint say of the joints."""
    factor = [math.pi / 180 if options.unit == "deg" else 1.0] * len(names)
    offset = [0.0] * len(names)
    for told in options.joint:
        name, _, numbers = told.partition("=")
        if name not in names:
            sys.exit(f"--joint {told}: the task's joints are {names}")
        try:
            a, b = (float(number) for number in numbers.split(","))
        except ValueError:
            a, b = 0, 0
        if not (a > 0 and math.isfinite(a) and math.isfinite(b)):
            sys.exit(f"--joint {told}: give NAME=A,B, two numbers, A above 0; turn a joint round in the policy's graph")
        factor[names.index(name)], offset[names.index(name)] = a, b
    return Line(factor, offset)


def parts(space: dict) -> list[dict]:
    """An action space one after the other."""
    return space["parts"] if space["kind"] == "parts" else [space]


def dimensions(space: dict) -> int:
    """D: values of an action."""
    return len(action_line(space).factor)


def action_line(space: dict) -> Line:
    """Metres and radians of actions in [-1, 1]."""
    factor, offset = [], []
    for part in parts(space):
        if part["kind"] == "joint_positions":
            bounds = list(zip(part["min_rad"], part["max_rad"], strict=True))
            factor += [(high - low) / 2 for low, high in bounds]
            offset += [(high + low) / 2 for low, high in bounds]
        elif part["kind"] == "end_effector_pose":
            bounds = list(zip(part["workspace"]["min"], part["workspace"]["max"], strict=True))
            values = ROTATIONS[part["rotation"]]
            factor += [(high - low) / 2 for low, high in bounds] + values
            offset += [(high + low) / 2 for low, high in bounds] + [0.0] * len(values)
        elif part["kind"] == "binary_gripper":  # 0 is closed, 1 open
            factor.append(0.5)
            offset.append(0.5)
        else:
            scales = (
                part["scale_rad"] if part["kind"] == "joint_deltas" else part["scale_m"] + part.get("scale_rad", [])
            )
            factor += scales
            offset += [0.0] * len(scales)
    return Line(factor, offset)


def actions_in(options, space: dict, names: list[str]) -> Line:
    """What --actions, --unit and --joint say of the action's values."""
    if options.actions == "scaled":
        return action_line(space)
    measured, factor, offset = joints(options, names), [], []
    for part in parts(space):
        if part["kind"] == "joint_positions":
            at = [names.index(joint) for joint in part["joints"]]
            factor += [measured.factor[i] for i in at]
            offset += [measured.offset[i] for i in at]
        elif part["kind"] == "joint_deltas":
            factor += [measured.factor[names.index(joint)] for joint in part["joints"]]
            offset += [0.0] * len(part["joints"])
        elif part["kind"] in ("end_effector_pose", "binary_gripper"):  # metres, radians, what has no unit
            count = dimensions(part)
            factor += [1.0] * count
            offset += [0.0] * count
        else:  # metres, and radians about the axes
            turns = len(part.get("scale_rad", []))
            factor += [1.0] * len(part["scale_m"]) + [math.pi / 180 if options.unit == "deg" else 1.0] * turns
            offset += [0.0] * (len(part["scale_m"]) + turns)
    return Line(factor, offset)


def pictures(count: int, instants: int, height: int, width: int, seed: int) -> torch.Tensor:
    """Smooth random pictures, uint8 [count, instants, height, width, 3]."""
    random = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count * instants, 3, 5, 6, generator=random)
    fine = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")
    return (fine * 255).byte().permute(0, 2, 3, 1).reshape(count, instants, height, width, 3).contiguous()


def observations(options, told: dict, line: Line, mean, spread, sizes: dict, instants: int) -> dict[str, torch.Tensor]:
    """Observations for the probe: recorded ones, or random about the statistics of the joints.

    `mean` and `spread` are those of the joints in the policy's units; `sizes` the height and width by camera.
    """
    if options.observations:
        from safetensors.torch import load_file

        file = load_file(options.observations)
        wanted = ["joints", *(f"picture.{camera}" for camera in sizes)]
        for name in wanted:
            if name not in file or file[name].shape[1] != instants:
                have = {key: list(value.shape) for key, value in file.items()}
                sys.exit(f"{options.observations}: write {name} of [N, {instants}, ..]; it has {have}")
        for camera, size in sizes.items():
            have = tuple(file[f"picture.{camera}"].shape[2:4])
            if have != tuple(size):
                sys.exit(f"{options.observations}: picture.{camera} is {have} high and wide, the policy sees {size}")
        return {name: file[name] for name in wanted}
    random = torch.Generator().manual_seed(0)
    count, names = options.probes, told["joint_names"]
    steps = torch.randn(count, instants, len(names), generator=random) * 0.5
    made = {"joints": line.of(mean + steps * spread).float().contiguous()}
    for i, (camera, (height, width)) in enumerate(sizes.items()):
        made[f"picture.{camera}"] = pictures(count, instants, height, width, i)
    return made


def uncropped(probe: dict[str, torch.Tensor], cameras: list[dict]) -> dict[str, torch.Tensor]:
    """The probe with whole pictures, of which the cameras' crops are those that the policy saw."""
    whole = dict(probe)
    for camera in cameras:
        crop, seen = camera.get("crop"), probe.get(f"picture.{camera['name']}")
        if crop and seen is not None:
            height, width = seen.shape[2:4]
            size = round(height / crop["height"]), round(width / crop["width"])
            top, left = round(crop["y"] * size[0]), round(crop["x"] * size[1])
            full = torch.full((*seen.shape[:2], *size, 3), 127, dtype=torch.uint8)
            full[:, :, top : top + height, left : left + width] = seen
            whole[f"picture.{camera['name']}"] = full
    return whole


def program(wrapped: Wrapped) -> torch.onnx.ONNXProgram:
    """The graph as PyTorch exports it, nothing folded."""
    batch = torch.export.Dim("batch")
    parameters = inspect.signature(wrapped.module.forward).parameters.values()
    named = sum(parameter.kind != parameter.VAR_POSITIONAL for parameter in parameters)
    each = [{0: batch} for _ in wrapped.inputs]
    shapes = (*each[:named], tuple(each[named:])) if each[named:] else tuple(each)
    with torch.no_grad():
        return torch.onnx.export(
            wrapped.module.eval(), tuple(wrapped.inputs.values()), input_names=list(wrapped.inputs),
            output_names=wrapped.outputs, dynamic_shapes=shapes if wrapped.batched else None, dynamo=True,
            optimize=False, verbose=False,
        )  # fmt: skip


def save(wrapped: Wrapped, folder: Path) -> None:
    """Writes what the importer takes: policy.onnx, state, statistics and probe, spec.json."""
    warnings.simplefilter("ignore")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    program(wrapped).save(folder / "policy.onnx", external_data=True)
    state = {name: tensor.detach().contiguous().clone() for name, tensor in wrapped.module.state_dict().items()}
    save_file(state, folder / "state.safetensors")
    save_file(wrapped.statistics, folder / "statistics.safetensors")
    probe = uncropped(wrapped.probe, wrapped.spec["cameras"])
    probe = {name: tensor.detach().contiguous() for name, tensor in probe.items()}
    told = {f"instruction.{n}": text for n, text in enumerate(wrapped.instructions)}
    save_file(probe, folder / "probe.safetensors", metadata=told)
    (folder / "spec.json").write_text(json.dumps(wrapped.spec, indent=2) + "\n")


def write(wrapped: Wrapped, options) -> None:
    """Exports a policy and imports it as a bundle."""
    if options.out.exists():
        sys.exit(f"{options.out} is there already; name a folder that is not")
    with contextlib.ExitStack() as stack:
        folder = (options.files or Path(stack.enter_context(tempfile.TemporaryDirectory()))).resolve()
        wrapped.spec["probe"] = {"tolerance": options.tolerance}
        save(wrapped, folder)
        files = {"--state-dict": ["state", "statistics"], "--probe": ["probe"]}
        command = [ROOT / "reverie", "policy", "import", folder / "policy.onnx", "--spec", folder / "spec.json"]
        command += [each for o, names in files.items() for n in names for each in (o, folder / f"{n}.safetensors")]
        command += ["--out", options.out.resolve()]
        command += ["--tokenizer", wrapped.tokenizer] if wrapped.tokenizer else []
        command += ["--acts-only"] if options.acts_only else []
        if subprocess.run([str(word) for word in command], check=False).returncode:
            kept = f"; what was exported is in {folder}" if options.files else ""
            sys.exit(f"./reverie policy import refused it{kept}")


def main(parser: argparse.ArgumentParser, wrapped: Callable[[argparse.Namespace], Wrapped]) -> None:
    """What each script does."""
    options = parser.parse_args()
    write(wrapped(options), options)
