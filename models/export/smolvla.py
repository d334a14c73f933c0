#!/usr/bin/env python3
"""LeRobot's SmolVLA as a policy bundle: docs/policies/smolvla.md.

    smolvla.py --policy CHECKPOINT --vlm SMOLVLM2 --task TASK.json --out BUNDLE

SMOLVLM2 is a local folder with config.json and the processor's files of the vision-language model; its weights are not
needed, since the checkpoint has them.
"""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bundle
import from_lerobot
import torch
import transformers
from lerobot.policies.smolvla import smolvlm_with_expert
from lerobot.policies.smolvla.configuration_smolvla import SmolVLAConfig
from lerobot.policies.smolvla.modeling_smolvla import SmolVLAPolicy, make_att_2d_masks

NOW = {"observations": 0, "stride": 0}
LATE = {"x_t": "chunk", "timestep": "time"}
TOKENS, MASK = "observation.language.tokens", "observation.language.attention_mask"
SMALL = {
    "width": 192, "inner": 512, "layers": 4, "heads": 6, "image_size": 128, "patch_size": 16, "scale": 4,
}  # fmt: skip
INSTRUCTIONS = ["pick up the red peg", "put the cube into the box", "open it"]
# A small tokenizer for --random.
TOKENIZER = bundle.ROOT / "src" / "policy" / "test" / "resources" / "tokenizer.json"


def small(features: dict, horizon: int, tokenizer: str) -> SmolVLAConfig:
    """A small policy, for --random, of a vision-language model with few layers that no hub is asked for.

    `tokenizer` is the folder of one.
    """
    width, heads, layers, size = SMALL["width"], SMALL["heads"], SMALL["layers"], SMALL["image_size"]
    both = {
        "hidden_size": width, "intermediate_size": SMALL["inner"], "num_hidden_layers": layers,
        "num_attention_heads": heads,
    }  # fmt: skip
    text = {
        "model_type": "llama", "vocab_size": 512, "num_key_value_heads": heads // 2, "head_dim": width // heads,
        "pad_token_id": 0,
    }  # fmt: skip
    vision = {"image_size": size, "patch_size": SMALL["patch_size"]}
    model = transformers.SmolVLMConfig(
        text_config=both | text, vision_config=both | vision, scale_factor=SMALL["scale"], image_token_id=511,
        pad_token_id=0,
    )  # fmt: skip

    class Known:
        """What the policy asks a hub for."""

        class tokenizer:
            fake_image_token_id, global_image_token_id = 509, 510

        @staticmethod
        def from_pretrained(_):
            return Known

    class Small:
        @staticmethod
        def from_pretrained(_):
            return model

    smolvlm_with_expert.AutoConfig, smolvlm_with_expert.AutoProcessor = Small, Known
    return SmolVLAConfig(
        **features, load_vlm_weights=False, vlm_model_name=tokenizer, num_vlm_layers=layers, chunk_size=horizon,
        n_action_steps=-(-horizon // 2), resize_imgs_with_padding=(size, size),
    )  # fmt: skip


def small_tokenizer() -> transformers.PreTrainedTokenizerBase:
    """The tokenizer of the small policy."""
    return transformers.PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER), pad_token="<pad>")


@contextlib.contextmanager
def local_tokenizer() -> Iterator[str]:
    """A folder with the tokenizer of the small policy, where LeRobot looks for one."""
    with tempfile.TemporaryDirectory() as folder:
        small_tokenizer().save_pretrained(folder)
        yield folder


class Network(torch.nn.Module):
    """Velocity [B, K, D'] of a chunk x_t [B, K, D'] at a time of the flow, of pictures [B, 3, H, W] in [0, 1].

    The class's own functions in its own order: pictures are resized with padding and brought to [-1, 1] in the graph,
    then keys and values of all but the chunk are made, which depend on neither x_t nor the time, then one step.
    """

    def __init__(self, policy: SmolVLAPolicy):
        super().__init__()
        self.model = policy.model
        self.prepare_images = policy.prepare_images
        self.features = [key for key in policy.config.image_features if "empty_camera" not in key]

    def forward(self, state, lang_tokens, lang_masks, x_t, timestep, *pictures):
        images, masks = self.prepare_images(dict(zip(self.features, pictures, strict=True)))
        embedded, pads, attention = self.model.embed_prefix(images, masks, lang_tokens, lang_masks, state=state)
        _, cache = self.model.vlm_with_expert.forward(
            attention_mask=make_att_2d_masks(pads, attention), position_ids=torch.cumsum(pads, dim=1) - 1,
            past_key_values=None, inputs_embeds=[embedded, None], use_cache=True, fill_kv_cache=True,
        )  # fmt: skip
        return self.model.denoise_step(pads, cache, x_t, timestep)


def network(
    policy: SmolVLAPolicy, sizes: dict[str, tuple[int, int]], batch: int = 1
) -> tuple[Network, dict[str, torch.Tensor]]:
    """What is exported, and examples of its inputs; the batch is fixed, since the vision model counts it.

    `sizes` is the height and width of each feature that is a picture of a camera.
    """
    config = policy.config
    mask = torch.arange(config.tokenizer_max_length)[None] < torch.tensor([[9], [5]])[:batch]
    inputs = {
        "state": torch.randn(batch, config.max_state_dim),
        "lang_tokens": torch.randint(400, mask.shape),
        "lang_masks": mask,
        "x_t": torch.randn(batch, config.chunk_size, config.max_action_dim),
        "timestep": torch.tensor([0.2, 0.9])[:batch],
    }
    return Network(policy), inputs | {short(key): torch.rand(batch, 3, *size) for key, size in sizes.items()}


def short(feature: str) -> str:
    """Name of the graph's input for a feature of pictures."""
    return "picture_" + feature.rsplit(".", 1)[-1]


def refuse(config) -> None:
    """Ends where the class does what a bundle cannot say."""
    if config.adapt_to_pi_aloha:
        sys.exit(
            "adapt_to_pi_aloha bends the gripper's scale by an arcsine, which a bundle cannot say; fine-tune without it"
        )
    if config.rtc_config is not None and config.rtc_config.enabled:
        sys.exit(
            "rtc_config is enabled, which corrects each step by a gradient; export without it, and use the node's blend"
        )


def trained(config) -> list[str]:
    """Patterns of what the class itself would train."""
    if not config.train_expert_only:
        return ["*"]
    projections = ["model.action_*"] + (["model.state_proj.*"] if config.train_state_proj else [])
    return ["model.vlm_with_expert.lm_expert.*", *projections]


def tokenizer_of(options) -> tuple[Path, transformers.PreTrainedTokenizerBase]:
    """The file of the tokenizer, and the tokenizer."""
    if options.policy is None:
        return TOKENIZER, small_tokenizer()
    if options.vlm is None or not (options.vlm / "tokenizer.json").is_file():
        sys.exit("say by --vlm the folder of the vision-language model: config.json, tokenizer.json, processor files")
    return options.vlm / "tokenizer.json", transformers.AutoTokenizer.from_pretrained(options.vlm)


def wrapped(options) -> bundle.Wrapped:
    """The checkpoint, and what its own class says of some observations."""
    file, tokenizer = tokenizer_of(options)
    with local_tokenizer() as folder:
        checkpoint = from_lerobot.load(
            options, "smolvla", SmolVLAPolicy, lambda features, horizon: small(features, horizon, folder), tokenizer,
            load_vlm_weights=False, vlm_model_name=str(options.vlm), compile_model=False,
        )  # fmt: skip
    config, policy = checkpoint.config, checkpoint.policy
    refuse(config)
    spec = from_lerobot.Spec(options, checkpoint)
    # The class takes pictures of any size, and a fine-tuned checkpoint still names those of the one it began with.
    spec.sizes = {camera["name"]: (camera["height"], camera["width"]) for camera in spec.told["cameras"]}
    spec.sizes = {camera: spec.sizes[camera] for camera in checkpoint.cameras.values()}
    module, inputs = network(policy, {key: spec.sizes[camera] for key, camera in checkpoint.cameras.items()})
    bound = [
        spec.joints("state", NOW, pad_to=config.max_state_dim),
        {"source": "language_ids", "name": "lang_tokens", "dtype": "int64"},
        {"source": "language_mask", "name": "lang_masks", "dtype": "bool"},
        *({"source": source, "name": name, "dtype": "float32"} for name, source in LATE.items()),
        *(spec.camera(key, short(key), NOW) for key in checkpoint.cameras),
    ]
    probe = spec.observations(options, 1)
    told = [INSTRUCTIONS[n % len(INSTRUCTIONS)] for n in range(len(probe["joints"]))]
    chunks, noise, x_t, time, outputs = [], [], [], [], []
    random = torch.Generator().manual_seed(1)
    for n, instruction in enumerate(told):
        batch = checkpoint.seen(probe, n, 0, spec.state, instruction)
        shape = (1, config.chunk_size, config.max_action_dim)
        noise.append(torch.randn(shape, generator=random))
        policy.reset()
        chunks.append(policy.predict_action_chunk(dict(batch), noise=noise[-1].clone()))
        x_t.append(torch.randn(shape, generator=random))
        time.append(torch.tensor([(1 + n % config.num_steps) / config.num_steps]))
        state, views = policy.prepare_state(batch), [batch[key] for key in checkpoint.cameras]
        with torch.no_grad():
            outputs.append(module(state, batch[TOKENS], batch[MASK].bool(), x_t[-1], time[-1], *views))
    probe |= {"input.x_t": torch.cat(x_t), "input.timestep": torch.cat(time), "output.v_t": torch.cat(outputs)}
    probe |= {"noise": torch.cat(noise).flatten(1), "actions": spec.physical(torch.cat(chunks))}
    whole = spec.whole(
        config.chunk_size, bound, {"velocity": "v_t"},
        {"kind": "flow", "steps": config.num_steps, "sampler": "ode", "noise": 0.7},
        {"actions": options.executed or config.n_action_steps, "ensemble": -1.0},
        pad_to=config.max_action_dim, parameters={"trained": trained(config), "frozen": []},
        language={
            "kind": "tokenizer", "prompt": "{instruction}\n", "length": config.tokenizer_max_length, "padding": "right",
            "pad_id": tokenizer.pad_token_id,
        },
    )  # fmt: skip
    return bundle.Wrapped(module, inputs, ["v_t"], whole, spec.statistics, probe, told, file, batched=False)


def parser():
    """Its options."""
    made = from_lerobot.options(__doc__)
    made.add_argument("--vlm", type=Path, help="folder with configuration and tokenizer of the vision-language model")
    return made


if __name__ == "__main__":
    bundle.main(parser(), wrapped)
