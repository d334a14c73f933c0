#!/usr/bin/env python3
"""Bundles of each family of policies by the scripts in models/export: the robot does what their classes do.

    bench/exports.py out/exports          # in the virtual environment that bench/families.py names; ./reverie is built

    bench/exports.py --tiny src/bundle/test/resources/dev/reverie/bundle     # what ExportedFamiliesTest imports

Each is exported with random weights and imported; the import opens it as the robot does, which compares the graph's
outputs and the whole chunk, in metres and radians, with what the class and its own processors gave. Of LeRobot's ACT
also from a checkpoint as LeRobot saves it, from one of before 0.4 with its statistics among the weights, and refusals.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPORT = ROOT / "models" / "export"
TOLERANCE = "1e-5"  # of the largest value of an output, and of the chunk
DEGREES = ["--unit", "deg", "--joint", "gripper=0.018,-0.1"]
RANDOM = {
    "cnn": ["cnn", "--random", "1"],
    "act": ["act", "--random", "1"],
    "act-degrees": ["act", "--random", "1", *DEGREES],
    "act-scaled": ["act", "--random", "1", "--actions", "scaled", "--task", str(ROOT / "models" / "base")],
    "diffusion": ["diffusion", "--random", "1"],
    "diffusion-ddim": ["diffusion", "--random", "1", "--ddim", "10", *DEGREES],
    "diffusion-sample": ["diffusion", "--random", "1", "--ddim", "10", "--prediction", "sample"],
    "smolvla": ["smolvla", "--random", "1"],
    "oft": ["oft", "--random", "1"],
    "oft-tokens": ["oft", "--random", "1", "--head", "tokens"],
}


def checkpoints(folder: Path) -> dict[str, list[str]]:
    """A small ACT as LeRobot saves it now and as it did before 0.4, and what is refused."""
    sys.path.insert(0, str(EXPORT))
    import act
    import bundle
    import from_lerobot
    import torch
    from safetensors.torch import load_file, save_file

    options = act.parser().parse_args(["--random", "2", "--out", "none"])
    new = from_lerobot.load(options, "act", act.ACTPolicy, act.small)
    new.config.temporal_ensemble_coeff, new.config.n_action_steps = 0.01, 1
    for name in ("new", "old", "lacking"):
        new.policy.save_pretrained(folder / name)
    new.pre.save_pretrained(folder / "new", config_filename="policy_preprocessor.json")
    new.post.save_pretrained(folder / "new", config_filename="policy_postprocessor.json")
    file = folder / "old" / "model.safetensors"
    weights = load_file(file)
    for name, values in from_lerobot.some_statistics(new.config, options, bundle.task(options)).items():
        for word in ("mean", "std"):
            place = "unnormalize_outputs" if name == "action" else "normalize_inputs"
            weights[f"{place}.buffer_{name.replace('.', '_')}.{word}"] = torch.as_tensor(values[word]).clone()
    save_file(weights, file)
    task = folder / "task.json"
    task.write_text(json.dumps(bundle.EXAMPLE))
    return {name: ["act", "--policy", str(folder / name), "--task", str(task)] for name in ("new", "old", "lacking")}


def tiny(folder: Path) -> None:
    """What the scripts hand to the importer, of two policies as small as they can be, as archives."""
    sys.path.insert(0, str(EXPORT))
    os.environ["HF_HUB_OFFLINE"] = "1"
    import bundle
    import oft
    import smolvla

    joints = ["pan", "lift", "gripper"]
    space = {"kind": "joint_positions", "joints": joints, "min_rad": [-1.9, -1.7, -0.1], "max_rad": [1.9, 1.7, 1.7]}
    task = {"cameras": [{"name": "front", "width": 32, "height": 24}], "joint_names": joints, "action_space": space}
    bundle.EXAMPLE |= task | {"chunk": {"horizon": 4, "period_s": 0.1}}
    sizes = {"width": 16, "inner": 32, "heads": 2, "patch_size": 8}
    oft.SMALL |= sizes | {"layers": 1, "vocabulary": 400}
    smolvla.SMALL |= sizes | {"layers": 2, "image_size": 32, "scale": 2}
    random = ["--random", "1", "--out", "none", "--probes", "2", *DEGREES]
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "oft": oft.wrapped(oft.parser().parse_args([*random, "--head", "tokens"])),
        "smolvla": smolvla.wrapped(smolvla.parser().parse_args(random)),
    }
    for name, wrapped in made.items():
        with (
            tempfile.TemporaryDirectory() as files,
            zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            bundle.save(wrapped, Path(files))
            for file in sorted(Path(files).iterdir()):
                archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes(), zipfile.ZIP_DEFLATED)


def export(script: str, options: list[str], out: Path) -> tuple[int, str, float]:
    """Runs a script; exit status, what it said, CPU seconds with those of the import."""
    before = os.times()
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    command = [sys.executable, str(EXPORT / f"{script}.py"), *options, "--out", str(out), "--tolerance", TOLERANCE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return done.returncode, done.stdout + done.stderr, cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder that gets the bundles")
    parser.add_argument("--tiny", action="store_true", help="writes the archives of ExportedFamiliesTest instead")
    parser.add_argument("names", nargs="*", help=f"some of {[*RANDOM, 'new', 'old', 'lacking']}; all of them")
    options = parser.parse_args()
    if options.tiny:
        return tiny(options.out)
    options.out.mkdir(parents=True, exist_ok=True)
    wanted = options.names or [*RANDOM, "new", "old", "lacking"]
    jobs = dict(RANDOM)
    if {"new", "old", "lacking"} & set(wanted):
        jobs |= checkpoints(options.out / "checkpoints")
    wrong = 0
    for name in wanted:
        script, *rest = jobs[name]
        began = time.monotonic()
        status, said, cpu = export(script, rest, options.out / name)
        right = status == 0 if name != "lacking" else status != 0 and "policy_preprocessor.json" in said
        wrong += not right
        told = "" if right and status == 0 else "\n" + said[-2000:]
        wall = time.monotonic() - began
        print(
            f"{name:18} {'as it should' if right else 'WRONG'}  CPU {cpu:5.1f} s  wall {wall:5.1f} s{told}", flush=True
        )
    if wrong:
        sys.exit(f"{wrong} of {len(wanted)} are not as they should be")


if __name__ == "__main__":
    main()
