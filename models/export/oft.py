#!/usr/bin/env python3
"""A vision-language-action policy in the way of OpenVLA-OFT (arXiv 2502.19645) as a bundle: docs/policies/oft.md.

    oft.py --policy FOLDER --task TASK.json --out BUNDLE

The folder holds config.json and model.safetensors of `Oft` below, dataset_statistics.json and tokenizer.json.
"""

import json
import sys
from pathlib import Path

import bundle
import torch
import transformers
from safetensors.torch import load_file
from torch import nn

NOW = {"observations": 0, "stride": 0}
PROMPT = "In: What action should the robot take to {instruction}?\nOut:"
INSTRUCTIONS = ["pick up the red peg", "put the cube into the box", "open it"]
TOKENIZER = bundle.ROOT / "src" / "policy" / "test" / "resources" / "tokenizer.json"
BINS = 255  # OpenVLA cuts [-1, 1] at 256 places; its actions are the middles between them
MIDDLES = (BINS - 1) / BINS  # the outermost, where the bundle's bins have 1
SMALL = {
    "head": "l1", "chunk": 8, "actions": 7, "joints": 7, "cameras": 1, "length": 48, "image_size": 112,
    "patch_size": 14, "width": 192, "inner": 512, "layers": 4, "heads": 6, "vocabulary": 512,
}  # fmt: skip


class Oft(nn.Module):
    """A chunk in one pass: placeholders of its values see each other, pictures, joints and the prompt, both ways.

    Pictures [B, 3, H, W] in [-1, 1], tokens and mask [B, L], joints [B, J] in [-1, 1] of their quantiles.
    The head `l1` gives actions [B, K, D] in [-1, 1] of theirs, `tokens` logits [B, K, D, 255] of OpenVLA's bins there.
    """

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        width, values = config["width"], config["chunk"] * config["actions"]
        self.vision = transformers.SiglipVisionModel(
            transformers.SiglipVisionConfig(
                hidden_size=width, intermediate_size=config["inner"], num_hidden_layers=config["layers"],
                num_attention_heads=config["heads"], image_size=config["image_size"], patch_size=config["patch_size"],
                vision_use_head=False, attn_implementation="sdpa",
            )
        )  # fmt: skip
        self.projector = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.language = transformers.LlamaModel(
            transformers.LlamaConfig(
                vocab_size=config["vocabulary"], hidden_size=width, intermediate_size=config["inner"],
                num_hidden_layers=config["layers"], num_attention_heads=config["heads"],
                num_key_value_heads=config["heads"], attn_implementation="sdpa", use_cache=False,
            )
        )  # fmt: skip
        self.proprio = nn.Linear(config["joints"], width)
        self.placeholders = nn.Parameter(torch.randn(values, width) * 0.02)
        across = width * config["actions"]
        self.head = (
            nn.Sequential(nn.LayerNorm(across), nn.Linear(across, config["actions"]), nn.Tanh())
            if config["head"] == "l1"
            else nn.Linear(width, BINS)
        )

    def forward(self, tokens, mask, joints, *pictures):
        config, batch = self.config, tokens.shape[0]
        seen = [self.projector(self.vision(pixel_values=picture).last_hidden_state) for picture in pictures]
        told = self.language.embed_tokens(tokens)
        places = self.placeholders.expand(batch, -1, -1)
        embedded = torch.cat([*seen, self.proprio(joints)[:, None], told, places], 1)
        before = embedded.shape[1] - tokens.shape[1] - places.shape[1]
        there = torch.nn.functional.pad(mask.long(), (before, places.shape[1]), value=1)  # [B, n]
        hidden = self.language(
            inputs_embeds=embedded, position_ids=there.cumsum(1) - 1,  # padding does not count
            attention_mask=(1 - there[:, None, None, :]).float() * torch.finfo(torch.float32).min,
        ).last_hidden_state[:, -places.shape[1] :]  # fmt: skip
        if config["head"] == "l1":
            return self.head(hidden.reshape(batch, config["chunk"], -1))
        return self.head(hidden).reshape(batch, config["chunk"], config["actions"], BINS)

    @torch.no_grad()
    def act(self, pictures, joints, instruction: str, tokenizer, statistics: dict) -> torch.Tensor:
        """The chunk of one observation in the units of its dataset, [K, D]: uint8 pictures [H, W, 3], joints [J]."""
        low, high = quantiles(statistics["proprio"])
        tokens = torch.tensor([tokenizer(PROMPT.format(instruction=instruction.lower()))["input_ids"]])
        views = [picture.permute(2, 0, 1)[None].float() / 127.5 - 1 for picture in pictures]
        out = self(
            tokens, torch.ones_like(tokens).bool(), (2 * (joints - low) / (high - low) - 1)[None].float(), *views
        )[0]
        if self.config["head"] == "tokens":
            edges = torch.linspace(-1, 1, BINS + 1)
            out = ((edges[1:] + edges[:-1]) / 2)[out.argmax(-1)]
        low, high = quantiles(statistics["action"])
        return (out + 1) / 2 * (high - low) + low


def quantiles(statistics: dict) -> tuple[torch.Tensor, torch.Tensor]:
    """What became -1 and 1; a value that the mask leaves out, such as a gripper's, is as it was."""
    low, high = torch.tensor(statistics["q01"]), torch.tensor(statistics["q99"])
    keeps = ~torch.tensor(statistics.get("mask", [True] * len(low)))
    return torch.where(keeps, -1.0, low), torch.where(keeps, 1.0, high)


def load(options) -> tuple[Oft, dict, Path]:
    """The network, its dataset's statistics, and the file of its tokenizer."""
    told = bundle.task(options)
    if options.policy is None:
        torch.manual_seed(options.random)
        camera = told["cameras"][0]
        config = SMALL | {
            "head": options.head, "chunk": told["chunk"]["horizon"], "actions": bundle.dimensions(told["action_space"]),
            "joints": len(told["joint_names"]), "cameras": len(told["cameras"]),
            "image_size": camera["height"] // 8 * 8, "patch_size": 8,
        }  # fmt: skip
        space = bundle.action_line(told["action_space"])
        units = bundle.actions_in(options, told["action_space"], told["joint_names"])
        low, high = (
            units.back(space.of(torch.full((config["actions"],), at, dtype=torch.float64))) for at in (-0.9, 0.8)
        )
        statistics = {
            "action": {"q01": low.tolist(), "q99": high.tolist()},
            "proprio": {"q01": [-1.1] * config["joints"], "q99": [1.2] * config["joints"]},
        }
        return Oft(config).eval(), statistics, TOKENIZER
    missing = [
        name
        for name in ("config.json", "model.safetensors", "dataset_statistics.json", "tokenizer.json")
        if not (options.policy / name).is_file()
    ]
    if missing:
        sys.exit(f"{options.policy} lacks {missing}; docs/policies/oft.md says what the folder holds")
    network = Oft(SMALL | json.loads((options.policy / "config.json").read_text()))
    network.load_state_dict(load_file(options.policy / "model.safetensors"))
    statistics = json.loads((options.policy / "dataset_statistics.json").read_text())
    if "action" not in statistics:  # by dataset
        if options.dataset not in statistics:
            sys.exit(f"--dataset {options.dataset}: the statistics are of {sorted(statistics)}; name one of them")
        statistics = statistics[options.dataset]
    return network.eval(), statistics, options.policy / "tokenizer.json"


def network(policy: Oft, batch: int = 2) -> tuple[Oft, dict[str, torch.Tensor]]:
    """What is exported, and examples of its inputs."""
    config = policy.config
    mask = torch.arange(config["length"])[None] < torch.tensor([[9], [5]])[:batch]
    inputs = {
        "tokens": torch.randint(400, mask.shape), "mask": mask, "joints": torch.randn(batch, config["joints"]),
    }  # fmt: skip
    size = config["image_size"]
    return policy, inputs | {f"picture_{i}": torch.randn(batch, 3, size, size) for i in range(config["cameras"])}


def wrapped(options) -> bundle.Wrapped:
    """The policy, and what it says by itself of some observations."""
    told = bundle.task(options)
    policy, statistics, file = load(options)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(file))
    config, names, tensors = policy.config, told["joint_names"], {}
    cameras = told["cameras"][: config["cameras"]]
    if len(cameras) < config["cameras"]:
        sys.exit(f"the policy sees {config['cameras']} cameras, the task has {len(cameras)}")
    joints, actions = bundle.joints(options, names), bundle.actions_in(options, told["action_space"], names)
    low, high = quantiles(statistics["proprio"])
    state, more = joints.normalise("quantile", {"proprio.q01": low, "proprio.q99": high})
    tensors |= more
    if config["head"] == "tokens":  # bins of the bundle reach to -1 and 1
        first, second = quantiles(statistics["action"])
        half, middle = (second - first) / 2 * MIDDLES, (second + first) / 2
        narrow = {"action.q01": middle - half, "action.q99": middle + half}
    else:
        narrow = dict(zip(("action.q01", "action.q99"), quantiles(statistics["action"]), strict=True))
    normalise, more = actions.normalise("quantile", narrow)
    tensors |= more
    size = config["image_size"]
    module, inputs = network(policy)
    sizes = {camera["name"]: (size, size) for camera in cameras}
    probe = bundle.observations(options, told, joints, (low + high) / 2, (high - low) / 4, sizes, 1)
    instructions = [INSTRUCTIONS[n % len(INSTRUCTIONS)] for n in range(len(probe["joints"]))]
    chunks, outputs = [], []
    for n, instruction in enumerate(instructions):
        measured = joints.back(probe["joints"][n, 0].double()).float()
        views = [probe[f"picture.{camera}"][n, 0] for camera in sizes]
        chunks.append(policy.act(views, measured, instruction, tokenizer, statistics))
        ids = tokenizer(PROMPT.format(instruction=instruction.lower()))["input_ids"]
        if len(ids) > config["length"]:
            sys.exit(f"'{instruction}' is {len(ids)} tokens with its prompt, the policy takes {config['length']}")
        given = (
            torch.tensor([ids]),
            torch.ones(1, len(ids), dtype=torch.bool),
            (2 * (measured - low) / (high - low) - 1)[None],
        )
        with torch.no_grad():
            outputs.append(policy(*given, *(view.permute(2, 0, 1)[None].float() / 127.5 - 1 for view in views)))
    output = {"l1": "actions", "tokens": "logits"}[config["head"]]
    probe |= {f"output.{output}_out": torch.cat(outputs), "actions": actions.of(torch.stack(chunks).double()).float()}
    head = (
        {"kind": "regression", "noise": [0.05] * config["actions"]}
        if output == "actions"
        else {"kind": "tokens", "bins": BINS}
    )
    spec = {
        "cameras": [camera | {"width": size, "height": size} for camera in cameras],
        "joint_names": names,
        "action_space": told["action_space"],
        "chunk": {"horizon": config["chunk"], "period_s": told["chunk"]["period_s"]},
        "graph": {
            "inputs": [
                {"source": "language_ids", "name": "tokens", "dtype": "int64"},
                {"source": "language_mask", "name": "mask", "dtype": "bool"},
                {
                    "source": "joints", "name": "joints", "dtype": "float32", "normalise": state, "history": NOW,
                    "pad_to": 0,
                },
                *(
                    {
                        "source": "camera", "name": f"picture_{i}", "cameras": [camera], "dtype": "float32",
                        "layout": "nchw", "range": "-1_1", "history": NOW,
                    }
                    for i, camera in enumerate(sizes)
                ),
            ],
            "outputs": {output: f"{output}_out"},
            "actions": {"skip": 0, "pad_to": 0, "normalise": normalise},
        },
        "head": head,
        "execution": {"actions": options.executed or config["chunk"], "ensemble": -1.0},
        "language": {
            "kind": "tokenizer", "prompt": PROMPT, "lower_case": True, "length": config["length"], "padding": "right",
            "pad_id": 0,
        },
    }  # fmt: skip
    return bundle.Wrapped(module, inputs, [f"{output}_out"], spec, tensors, probe, instructions, file)


def parser():
    """Its options."""
    made = bundle.parser(__doc__)
    made.add_argument("--head", choices=["l1", "tokens"], default="l1", help="of --random (l1)")
    made.add_argument("--dataset", default="", help="whose statistics are used, where there are several")
    return made


if __name__ == "__main__":
    bundle.main(parser(), wrapped)
