#!/usr/bin/env python3
"""LeRobot's ACT as a policy bundle: docs/policies/act.md.

act.py --policy CHECKPOINT --task TASK.json --out BUNDLE
"""

import sys

import bundle
import from_lerobot
import torch
from lerobot.policies.act.configuration_act import ACTConfig
from lerobot.policies.act.modeling_act import ACTPolicy

NOW = {"observations": 0, "stride": 0}


def small(features: dict, horizon: int) -> ACTConfig:
    """A small policy, for --random."""
    return ACTConfig(
        **features, chunk_size=horizon, n_action_steps=-(-horizon // 2), dim_model=128, dim_feedforward=256, n_heads=4,
        n_encoder_layers=2, n_vae_encoder_layers=1, pretrained_backbone_weights=None,
    )  # fmt: skip


class Network(torch.nn.Module):
    """Normalised pictures [B, 3, H, W] and joints [B, J] to normalised actions [B, K, D], as the class acts."""

    def __init__(self, policy: ACTPolicy):
        super().__init__()
        self.model = policy.model

    def forward(self, state, *pictures):
        return self.model({"observation.state": state, "observation.images": list(pictures)})[0]


def network(policy: ACTPolicy, batch: int = 2) -> tuple[Network, dict[str, torch.Tensor]]:
    """What is exported, and examples of its inputs."""
    config = policy.config
    inputs = {"state": torch.randn(batch, config.robot_state_feature.shape[0])}
    inputs |= {short(key): torch.randn(batch, *feature.shape) for key, feature in config.image_features.items()}
    return Network(policy), inputs


def short(feature: str) -> str:
    """Name of the graph's input for a feature of pictures."""
    return "picture_" + feature.rsplit(".", 1)[-1]


def wrapped(options) -> bundle.Wrapped:
    """The checkpoint, and what its own class says of some observations."""
    checkpoint = from_lerobot.load(options, "act", ACTPolicy, small)
    config, policy = checkpoint.config, checkpoint.policy
    ensemble = config.temporal_ensemble_coeff
    if ensemble is not None and ensemble < 0:
        sys.exit(f"temporal_ensemble_coeff is {ensemble}, which prefers new actions; a bundle's ensemble is 0 or above")
    spec = from_lerobot.Spec(options, checkpoint)
    module, inputs = network(policy)
    bound = [spec.joints("state", NOW)] + [spec.camera(key, short(key), NOW) for key in config.image_features]
    probe = spec.observations(options, 1)
    count = len(probe["joints"])
    chunks = [policy.predict_action_chunk(checkpoint.seen(probe, n, 0, spec.state, "")) for n in range(count)]
    probe["output.actions"] = torch.cat(chunks)
    probe["actions"] = spec.physical(probe["output.actions"])
    values = config.action_feature.shape[0]
    told = spec.whole(
        config.chunk_size, bound, {"actions": "actions"}, {"kind": "regression", "noise": [options.noise] * values},
        {"actions": options.executed or config.n_action_steps, "ensemble": -1.0 if ensemble is None else ensemble},
    )  # fmt: skip
    return bundle.Wrapped(module, inputs, ["actions"], told, spec.statistics, probe)


def parser():
    """Its options."""
    made = from_lerobot.options(__doc__)
    made.add_argument(
        "--noise",
        type=float,
        default=0.05,
        help="standard deviation by which it explores in training, of [-1, 1] (0.05)",
    )
    return made


if __name__ == "__main__":
    bundle.main(parser(), wrapped)
