"""A LeRobot checkpoint (seen with lerobot 0.4.4): the policy, its processors, and what they normalise by.

A folder holds config.json and model.safetensors, and either policy_preprocessor.json and policy_postprocessor.json with
their statistics, or, of LeRobot below 0.4, the statistics as buffers among the weights.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import bundle
import torch
from lerobot.configs.policies import PreTrainedConfig
from lerobot.configs.types import FeatureType, NormalizationMode, PolicyFeature
from lerobot.policies.factory import make_pre_post_processors
from lerobot.processor import NormalizerProcessorStep, PolicyProcessorPipeline, RenameObservationsProcessorStep
from lerobot.processor.converters import policy_action_to_transition, transition_to_policy_action
from lerobot.processor.migrate_policy_normalization import extract_normalization_stats
from safetensors.torch import load_file

# Steps of a pipeline that the bundle has too, or that change nothing on one machine.
KNOWN = {
    "rename_observations_processor", "to_batch_processor", "device_processor", "normalizer_processor",
    "unnormalizer_processor", "tokenizer_processor", "smolvla_new_line_processor",
}  # fmt: skip
MODES = {
    NormalizationMode.IDENTITY: ("none", "mean", "std"),
    NormalizationMode.MEAN_STD: ("mean_sd", "mean", "std"),
    NormalizationMode.MIN_MAX: ("min_max", "min", "max"),
    NormalizationMode.QUANTILES: ("quantile", "q01", "q99"),
    NormalizationMode.QUANTILE10: ("quantile", "q10", "q90"),
}


@dataclass
class Checkpoint:
    """A policy of LeRobot, and what comes before and behind it.

    `cameras` are names of the arm's cameras by the policy's features, in the policy's order.
    """

    policy: torch.nn.Module
    pre: PolicyProcessorPipeline
    post: PolicyProcessorPipeline
    cameras: dict[str, str]

    @property
    def config(self):
        return self.policy.config

    def statistics(self, key: str) -> tuple[str, dict[str, torch.Tensor | None]]:
        """How a feature is normalised, by the words of the bundle's `normalise`, and by what, two tensors by name."""
        step = next(step for step in self.pre.steps if isinstance(step, NormalizerProcessorStep))
        type_ = step.features[key].type if key in step.features else None
        kind, first, second = MODES[step.norm_map.get(type_, NormalizationMode.IDENTITY)]
        if kind == "none":
            return kind, {f"{key}.{first}": None, f"{key}.{second}": None}
        have = step.state_dict()
        if f"{key}.{first}" not in have or f"{key}.{second}" not in have:
            sys.exit(
                f"the checkpoint normalises {key} by {first} and {second} and has no such statistics, only of "
                f"{sorted(have)}; train or fine-tune it on a dataset of the arm first"
            )
        return kind, {f"{key}.{word}": have[f"{key}.{word}"] for word in (first, second)}

    def seen(self, probe: dict[str, torch.Tensor], n: int, t: int, line: bundle.Line, instruction: str) -> dict:
        """An observation of the probe as LeRobot's own preprocessor makes it, a batch of one."""
        raw = {f: probe[f"picture.{c}"][n, t].permute(2, 0, 1).float() / 255 for f, c in self.cameras.items()}
        raw["observation.state"] = line.back(probe["joints"][n, t].double()).float()
        renamed = {new: old for old, new in renaming(self.pre).items()}
        return self.pre({renamed.get(key, key): value for key, value in raw.items()} | {"task": instruction})


def renaming(pipeline) -> dict[str, str]:
    """What a pipeline calls features otherwise, by their names in the dataset."""
    steps = [step for step in pipeline.steps if isinstance(step, RenameObservationsProcessorStep)]
    return {old: new for step in steps for old, new in step.rename_map.items()}


def options(family: str):
    """The options of a policy of LeRobot."""
    made = bundle.parser(family)
    made.add_argument(
        "--camera", action="append", default=[], metavar="CAMERA=FEATURE",
        help="the task's camera that is the policy's feature, where their names differ; may be repeated",
    )  # fmt: skip
    return made


def load(options, kind: str, cls, small, tokenizer=None, **overrides) -> Checkpoint:
    """The policy of --policy, or a small one with random weights.

    `small(features, horizon)` makes the configuration of the latter. `overrides` replace values of a checkpoint's.
    """
    told = bundle.task(options)
    if options.policy is None:
        torch.manual_seed(options.random)
        config = small(features(told), told["chunk"]["horizon"])
        policy = cls(config).eval()
        stats = some_statistics(config, options, told)
        pre, post = make_pre_post_processors(config, dataset_stats=stats)
        return Checkpoint(policy, pre, post, cameras(options, config, told, pre))
    folder = options.policy
    for name in ("config.json", "model.safetensors"):
        if not (folder / name).is_file():
            sys.exit(f"{folder} has no {name}; give the folder pretrained_model of a checkpoint")
    type_ = json.loads((folder / "config.json").read_text()).get("type")
    if type_ != kind:
        sys.exit(f"{folder}/config.json is of the type '{type_}', this script exports '{kind}'")
    config = PreTrainedConfig.from_pretrained(folder)
    config.device = "cpu"
    for name, value in overrides.items():
        setattr(config, name, value)
    policy = cls.from_pretrained(folder, config=config).float().eval()
    pre, post = processors(folder, config, tokenizer)
    return Checkpoint(policy, pre, post, cameras(options, config, told, pre))


def features(told: dict) -> dict:
    """Features of a policy of a task."""
    inputs = {
        f"observation.images.{camera['name']}": PolicyFeature(
            FeatureType.VISUAL, (3, camera["height"], camera["width"])
        )
        for camera in told["cameras"]
    }
    inputs["observation.state"] = PolicyFeature(FeatureType.STATE, (len(told["joint_names"]),))
    action = PolicyFeature(FeatureType.ACTION, (bundle.dimensions(told["action_space"]),))
    return {"input_features": inputs, "output_features": {"action": action}, "device": "cpu"}


def some_statistics(config, options, told: dict) -> dict:
    """Statistics as a dataset of the arm may have them, for a policy of random weights."""
    made = {
        key: {"mean": torch.full((3, 1, 1), 0.45), "std": torch.full((3, 1, 1), 0.25)} for key in config.image_features
    }
    space = told["action_space"]
    line = bundle.action_line(space)
    units = bundle.actions_in(options, space, told["joint_names"])
    low = units.back(line.of(torch.full((len(line.factor),), -0.9, dtype=torch.float64))).float()
    high = units.back(line.of(torch.full((len(line.factor),), 0.8, dtype=torch.float64))).float()
    made["action"] = {"mean": (low + high) / 2, "std": (high - low) / 4, "min": low, "max": high}
    joints = bundle.joints(options, told["joint_names"])
    low, high = (
        joints.back(torch.full((len(joints.factor),), angle, dtype=torch.float64)).float() for angle in (-1.1, 1.2)
    )
    made["observation.state"] = {"mean": (low + high) / 2, "std": (high - low) / 4, "min": low, "max": high}
    for key in config.image_features:
        made[key] |= {"min": torch.zeros(3, 1, 1), "max": torch.ones(3, 1, 1)}
    return made


def processors(folder: Path, config, tokenizer):
    """A checkpoint's own pipelines."""
    files = [folder / "policy_preprocessor.json", folder / "policy_postprocessor.json"]
    if not all(file.is_file() for file in files):
        stats = extract_normalization_stats(load_file(folder / "model.safetensors"))
        if not stats:
            sys.exit(f"{folder} has neither {files[0].name} and {files[1].name} nor statistics among its weights")
        return make_pre_post_processors(config, dataset_stats=stats)
    made = []
    for file in files:
        names = [step.get("registry_name", step.get("class")) for step in json.loads(file.read_text())["steps"]]
        unknown = [name for name in names if name not in KNOWN]
        if unknown:
            sys.exit(f"{file} has the steps {unknown}, which a bundle cannot say; put what they do into the graph")
        here = {"device_processor": {"device": "cpu"}, "tokenizer_processor": {"tokenizer": tokenizer}}
        overrides = {name: told for name, told in here.items() if name in names}
        words = {}
        if file == files[1]:
            words = {"to_transition": policy_action_to_transition, "to_output": transition_to_policy_action}
        made.append(
            PolicyProcessorPipeline.from_pretrained(folder, config_filename=file.name, overrides=overrides, **words)
        )
    return tuple(made)


def cameras(options, config, told: dict, pre) -> dict[str, str]:
    """The task's camera of each picture that the policy sees."""
    names = [camera["name"] for camera in told["cameras"]]
    before = {new: old for old, new in renaming(pre).items()}
    wanted = {}
    for pair in options.camera:
        camera, _, feature = pair.partition("=")
        if camera not in names or feature not in config.image_features:
            sys.exit(f"--camera {pair}: the task's cameras are {names}, the policy sees {list(config.image_features)}")
        wanted[feature] = camera
    found = {}
    for feature in config.image_features:
        if "empty_camera" in feature:
            continue
        camera = wanted.get(feature, before.get(feature, feature).rsplit(".", 1)[-1])
        if camera not in names:
            sys.exit(f"the policy sees '{feature}', the task's cameras are {names}; say --camera CAMERA={feature}")
        found[feature] = camera
    return found


class Spec:
    """What of bundle.json is alike in all families of LeRobot; tensors that normalise are collected beside it."""

    def __init__(self, options, checkpoint: Checkpoint):
        self.told, self.checkpoint, config = bundle.task(options), checkpoint, checkpoint.config
        other = [
            key for key, f in config.input_features.items() if f.type not in (FeatureType.VISUAL, FeatureType.STATE)
        ]
        if other or config.robot_state_feature is None:
            sys.exit(
                f"the policy takes {other or 'no observation.state'}; a bundle has cameras, joints and an instruction"
            )
        self.names = self.told["joint_names"]
        self.state = bundle.joints(options, self.names)
        self.actions = bundle.actions_in(options, self.told["action_space"], self.names)
        self.statistics: dict[str, torch.Tensor] = {}
        features, seen = config.image_features, checkpoint.cameras
        self.sizes = {camera: tuple(features[feature].shape[1:]) for feature, camera in seen.items()}  # height, width
        for what, have, want in (
            ("observation.state", config.robot_state_feature.shape[0], len(self.names)),
            ("action", config.action_feature.shape[0], len(self.actions.factor)),
        ):
            if have != want:
                sys.exit(f"the policy's {what} has {have} values, the task's {want}: {self.told}")

    def camera(self, feature: str, name: str, history: dict) -> dict:
        """An input that sees a camera, float32 [B, (T,) 3, H, W] in [0, 1] before what normalises it."""
        kind, tensors = self.checkpoint.statistics(feature)
        tensors = {} if kind == "none" else tensors
        self.statistics |= {tensor: value.float().flatten() for tensor, value in tensors.items()}
        return {
            "source": "camera", "name": name, "cameras": [self.checkpoint.cameras[feature]], "dtype": "float32",
            "layout": "nchw", "range": "0_1", "normalise": {"kind": kind, "tensors": list(tensors)}, "history": history,
        }  # fmt: skip

    def joints(self, name: str, history: dict, pad_to: int = 0) -> dict:
        """The input that takes the joints."""
        spec, tensors = self.state.normalise(*self.checkpoint.statistics("observation.state"))
        self.statistics |= tensors
        return {
            "source": "joints", "name": name, "dtype": "float32", "pad_to": pad_to, "normalise": spec,
            "history": history,
        }  # fmt: skip

    def whole(self, horizon: int, inputs: list, outputs: dict, head: dict, execution: dict, **more) -> dict:
        """All of it; `more` is `skip` and `pad_to` of the actions, and parts of bundle.json."""
        normalise, tensors = self.actions.normalise(*self.checkpoint.statistics("action"))
        self.statistics |= tensors
        cameras = [
            camera | dict(zip(("height", "width"), self.sizes[camera["name"]], strict=True))
            for camera in self.told["cameras"]
            if camera["name"] in self.sizes
        ]
        return {
            "cameras": cameras,
            "joint_names": self.names,
            "action_space": self.told["action_space"],
            "chunk": {"horizon": horizon, "period_s": self.told["chunk"]["period_s"]},
            "graph": {
                "inputs": inputs,
                "outputs": outputs,
                "actions": {"skip": more.pop("skip", 0), "pad_to": more.pop("pad_to", 0), "normalise": normalise},
            },
            "head": head,
            "execution": execution,
        } | more

    def observations(self, options, instants: int) -> dict[str, torch.Tensor]:
        """Observations for the probe, about what the statistics say."""
        kind, tensors = self.checkpoint.statistics("observation.state")
        first, second = tensors.values()
        mean, spread = torch.zeros(len(self.names)), torch.ones(len(self.names))
        if kind == "mean_sd":
            mean, spread = first, second
        elif kind != "none":
            mean, spread = (first + second) / 2, (second - first) / 4
        return bundle.observations(options, self.told, self.state, mean, spread, self.sizes, instants)

    def physical(self, chunk: torch.Tensor) -> torch.Tensor:
        """A chunk of the class, by LeRobot's own postprocessor, in radians and metres [.., K, D]."""
        rows = [self.checkpoint.post(row) for row in chunk.flatten(0, -2).unsqueeze(1)]
        return self.actions.of(torch.cat(rows).double()).reshape(chunk.shape).float()
