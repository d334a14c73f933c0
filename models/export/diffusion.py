#!/usr/bin/env python3
"""LeRobot's Diffusion Policy as a policy bundle: docs/policies/diffusion.md.

diffusion.py --policy CHECKPOINT --task TASK.json --out BUNDLE [--ddim 10]
"""

import dataclasses
import math

import bundle
import from_lerobot
import torch
from lerobot.policies.diffusion.configuration_diffusion import DiffusionConfig
from lerobot.policies.diffusion.modeling_diffusion import DiffusionPolicy

LEAST_NOISE = 0.1  # DPPO (arXiv 2409.00588)
NO_CLIP = 1e6


def small(features: dict, _) -> DiffusionConfig:
    """A small policy, for --random; its horizon is 16, a multiple of what its U-Net folds."""
    return DiffusionConfig(**features, down_dims=(64, 128), n_groups=8, spatial_softmax_num_keypoints=8)


class Network(torch.nn.Module):
    """Normalised pictures [B, T, 3, H, W], joints [B, T, J], x_t [B, K', D], time [B] to the noise [B, K', D]."""

    def __init__(self, policy: DiffusionPolicy):
        super().__init__()
        self.diffusion = policy.diffusion

    def forward(self, state, x_t, timestep, *pictures):
        batch = {"observation.state": state, "observation.images": torch.stack(pictures, 2)}
        condition = self.diffusion._prepare_global_conditioning(batch)
        return self.diffusion.unet(x_t, timestep, global_cond=condition)


def network(policy: DiffusionPolicy, batch: int = 2) -> tuple[Network, dict[str, torch.Tensor]]:
    """What is exported, and examples of its inputs."""
    config = policy.config
    seen = config.n_obs_steps
    inputs = {
        "state": torch.randn(batch, seen, config.robot_state_feature.shape[0]),
        "x_t": torch.randn(batch, config.horizon, config.action_feature.shape[0]),
        "timestep": torch.arange(1, batch + 1) * 7 % config.num_train_timesteps,
    }
    inputs |= {short(key): torch.randn(batch, seen, *feature.shape) for key, feature in config.image_features.items()}
    return Network(policy), inputs


def short(feature: str) -> str:
    """Name of the graph's input for a feature of pictures."""
    return "pictures_" + feature.rsplit(".", 1)[-1]


def head(policy: DiffusionPolicy) -> dict:
    """The bundle's head: the schedule of diffusers, as the policy runs it."""
    config, scheduler = policy.config, policy.diffusion.noise_scheduler
    scheduler.set_timesteps(policy.diffusion.num_inference_steps)
    return {
        "kind": "diffusion",
        "alphas_cumprod": scheduler.alphas_cumprod.tolist(),
        "timesteps": scheduler.timesteps.tolist(),
        "sampler": config.noise_scheduler_type.lower(),
        "noise": 1.0,
        "least_noise": LEAST_NOISE,
        "clip": config.clip_sample_range if config.clip_sample else NO_CLIP,
    } | ({} if config.prediction_type == "epsilon" else {"prediction": config.prediction_type})


def noise(told: dict, rows: int, values: int, seed: int) -> torch.Tensor:
    """What the class draws for a chunk after `manual_seed(seed)`, in the robot's order [S * K' * D].

    The robot's steps draw `least_noise` at least: theirs is scaled, so that they add what the class adds.
    """
    torch.manual_seed(seed)
    drawn = [torch.randn(1, rows, values)]
    if told["sampler"] == "ddpm":
        alphas = [told["alphas_cumprod"][t] for t in told["timesteps"]] + [1.0]
        for t, now, after in zip(told["timesteps"], alphas, alphas[1:], strict=False):
            sd = math.sqrt(max((1 - after) / (1 - now) * (1 - now / after), 1e-20))
            step = torch.randn(1, rows, values) if t > 0 else torch.zeros(1, rows, values)
            drawn.append(step * sd / max(sd, LEAST_NOISE))
    return torch.cat(drawn).flatten()


def chunk(policy: DiffusionPolicy, seen: list[dict], seed: int) -> torch.Tensor:
    """The class's own actions after some observations, [1, K, D], normalised; its queues do the history."""
    policy.reset()
    for batch in seen:
        policy._queues["action"].clear()  # it thinks anew at each observation
        torch.manual_seed(seed)
        first = policy.select_action(batch)
    return torch.stack([first, *policy._queues["action"]], 1)


def wrapped(options) -> bundle.Wrapped:
    """The checkpoint, and what its own class says of some observations."""
    faster = {"noise_scheduler_type": "DDIM", "num_inference_steps": options.ddim} if options.ddim else {}

    def quick(features, horizon):
        return dataclasses.replace(small(features, horizon), prediction_type=options.prediction, **faster)

    checkpoint = from_lerobot.load(options, "diffusion", DiffusionPolicy, quick, compile_model=False, **faster)
    config, policy = checkpoint.config, checkpoint.policy
    executed = options.executed or config.n_action_steps
    horizon = config.horizon - config.n_obs_steps + 1
    config.n_action_steps = horizon  # all that it thinks of are compared, not only those that it carries out
    spec, told = from_lerobot.Spec(options, checkpoint), head(policy)
    module, inputs = network(policy)
    seen = {"observations": config.n_obs_steps, "stride": 1}
    bound = [
        spec.joints("state", seen),
        {"source": "chunk", "name": "x_t", "dtype": "float32"},
        {"source": "time", "name": "timestep", "dtype": "int64"},
        *(spec.camera(key, short(key), seen) for key in config.image_features),
    ]
    output = {"epsilon": "epsilon", "sample": "sample", "v_prediction": "velocity"}[config.prediction_type]
    probe, rows, values = spec.observations(options, config.n_obs_steps), config.horizon, len(spec.actions.factor)
    given, chunks, drawn, outputs = [], [], [], []
    for n in range(len(probe["joints"])):
        batches = [checkpoint.seen(probe, n, t, spec.state, "") for t in range(config.n_obs_steps)]
        chunks.append(chunk(policy, batches, n))
        drawn.append(noise(told, rows, values, n))
        state, *views = (
            torch.stack([batch[key] for batch in batches], 1) for key in ("observation.state", *config.image_features)
        )
        given.append((torch.randn(1, rows, values), torch.tensor([told["timesteps"][n % len(told["timesteps"])]])))
        with torch.no_grad():
            outputs.append(module(state, *given[-1], *views))
    probe |= {"input.x_t": torch.cat([x for x, _ in given]), "input.timestep": torch.cat([t for _, t in given])}
    probe |= {
        f"output.{output}_out": torch.cat(outputs),
        "noise": torch.stack(drawn),
        "actions": spec.physical(torch.cat(chunks)),
    }
    whole = spec.whole(
        horizon,
        bound,
        {output: f"{output}_out"},
        told,
        {"actions": executed, "ensemble": -1.0},
        skip=config.n_obs_steps - 1,
    )
    return bundle.Wrapped(module, inputs, [f"{output}_out"], whole, spec.statistics, probe)


def parser():
    """Its options."""
    made = from_lerobot.options(__doc__)
    made.add_argument(
        "--ddim", type=int, metavar="STEPS", help="so many steps of DDIM in place of the checkpoint's own"
    )
    made.add_argument("--prediction", choices=["epsilon", "sample"], default="epsilon", help="of --random (epsilon)")
    return made


if __name__ == "__main__":
    bundle.main(parser(), wrapped)
