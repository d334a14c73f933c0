"""Our datasets and LeRobot's own package, both ways. Not part of the tests: the package brings gigabytes of PyTorch.

    python -m venv VENV && VENV/bin/pip install lerobot==0.4.4    (torchcodec also needs FFmpeg's libraries)
    VENV/bin/python check_with_lerobot.py read VIDEO_DATASET [PNG_DATASET of the same rollouts]
    VENV/bin/python check_with_lerobot.py write DATASET           (a small one to import)

"read" loads what ./reverie rollouts export made, as training does, and compares it with what LeRobot makes of the same
numbers itself; then LeRobot's tools delete and merge episodes of it. It ends with an error at the first difference.
"""

import importlib.util
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from lerobot.datasets.compute_stats import compute_episode_stats  # noqa: E402
from lerobot.datasets.dataset_tools import delete_episodes, merge_datasets  # noqa: E402
from lerobot.datasets.lerobot_dataset import LeRobotDataset  # noqa: E402
from lerobot.datasets.utils import dataset_to_policy_features  # noqa: E402


def read(root, png):
    backends = ["pyav"] + (["torchcodec"] if usable("torchcodec.decoders") else [])
    print("video decoders:", *backends)
    ours = {backend: LeRobotDataset("reverie/check", root=root, video_backend=backend) for backend in backends}
    dataset = ours["pyav"]
    tasks = list(dataset.meta.tasks.index)
    print(f"{dataset.num_episodes} episodes, {len(dataset)} frames, {dataset.fps} fps, tasks {tasks}")
    every_frame(dataset)
    for backend in backends[1:]:
        compare_pictures(dataset, ours[backend], least_db=40)
    windows(dataset)
    statistics(dataset)
    policy_features(dataset)
    if png:
        lossless = LeRobotDataset("reverie/check", root=png)
        every_frame(lossless)
        statistics(lossless)
        compare_pictures(lossless, dataset, least_db=0)
    tools(dataset)


def usable(module):
    try:
        importlib.import_module(module)
        return True
    except Exception as error:
        print(f"{module} cannot be used here: {str(error).splitlines()[0]}")
        return False


def every_frame(dataset):
    """Each frame, as a training loop asks for it, agrees with the metadata."""
    at = 0
    for episode in range(dataset.num_episodes):
        entry = dataset.meta.episodes[episode]
        assert entry["dataset_from_index"] == at, entry
        for frame in range(entry["length"]):
            item = dataset[at]
            assert item["episode_index"] == episode and item["frame_index"] == frame and item["index"] == at, item
            assert abs(item["timestamp"].item() - frame / dataset.fps) < 1e-4, item
            assert item["task"] == entry["tasks"][0], item
            last = frame == entry["length"] - 1
            assert item["next.done"].item() == last, item
            assert item["next.success"].item() == (last and entry["reverie/outcome"] == "success"), item
            for key in dataset.meta.camera_keys:
                height, width, _ = dataset.features[key]["shape"]
                assert item[key].shape == (3, height, width) and 0 <= item[key].min() and item[key].max() <= 1
            at += 1
    assert at == len(dataset) == dataset.meta.total_frames
    print(f"every frame agrees with the metadata ({'video' if dataset.meta.video_keys else 'png'})")


def compare_pictures(one, other, least_db):
    """How far the pictures of two datasets of the same episodes are apart."""
    worst = 99.0
    for at in range(len(one)):
        for key in one.meta.camera_keys:
            error = torch.mean((one[at][key] - other[at][key]) ** 2).item()
            worst = min(worst, 10 * np.log10(1 / error) if error > 0 else 99.0)
    print(f"pictures differ by {worst:.1f} dB at worst")
    assert worst > least_db


def windows(dataset):
    """Actions to come and pictures before, as chunked policies ask for them."""
    step = 1 / dataset.fps
    keys = dataset.meta.camera_keys
    delta = {"action": [0, step, 2 * step], **{key: [-step, 0] for key in keys}}
    windowed = LeRobotDataset(
        "reverie/check", root=dataset.root, delta_timestamps=delta, video_backend=dataset.video_backend
    )
    for at in (0, len(dataset) // 2, len(dataset) - 1):
        item = windowed[at]
        assert item["action"].shape == (3, *dataset.features["action"]["shape"]), item["action"].shape
        assert torch.equal(item["action"][0], dataset[at]["action"])
    assert bool(windowed[len(dataset) - 1]["action_is_pad"][1])
    print("windows over time are found")


def statistics(dataset):
    """Our statistics against those that LeRobot computes of the same frames."""
    rows = dataset.hf_dataset.with_format("numpy")
    vectors = [key for key, feature in dataset.features.items() if feature["dtype"] not in ("video", "image")]
    worst = 0.0
    for key in vectors:
        # As numbers: LeRobot's own sums of squares of bool and of nanoseconds overflow.
        values = np.stack([np.asarray(value, dtype=np.float64).reshape(-1) for value in rows[key]])
        theirs = compute_episode_stats({key: values}, {key: {"dtype": "float64"}})[key]
        spread = np.maximum(theirs["max"] - theirs["min"], 1e-6)
        for name in ("min", "max", "mean", "std"):
            worst = max(worst, float(np.max(np.abs(theirs[name] - dataset.meta.stats[key][name]) / spread)))
        assert dataset.meta.stats[key]["count"] == len(dataset), key
    print(f"min, max, mean and std differ by {worst:.1e} of the range at worst")
    assert worst < 1e-4
    for key in dataset.meta.camera_keys:
        pictures = torch.stack([dataset[at][key] for at in range(len(dataset))])
        for channel in range(3):
            mean = pictures[:, channel].mean().item()
            std = pictures[:, channel].std(correction=0).item()
            ours = dataset.meta.stats[key]
            print(
                f"{key} channel {channel}: mean {ours['mean'][channel].item():.4f} ({mean:.4f} as decoded), "
                f"std {ours['std'][channel].item():.4f} ({std:.4f})"
            )
            assert abs(mean - ours["mean"][channel].item()) < 0.01 and abs(std - ours["std"][channel].item()) < 0.02


def policy_features(dataset):
    """What a policy of LeRobot would take: states, pictures and actions, nothing of ours."""
    features = {key: feature.type.value for key, feature in dataset_to_policy_features(dataset.features).items()}
    print("a policy takes", features)
    assert set(features) == {"observation.state", "action", *dataset.meta.camera_keys}


def tools(dataset):
    """LeRobot's tools work on our files: an episode deleted, the rest put together with the whole."""
    if dataset.num_episodes < 2:
        return
    folder = Path(tempfile.mkdtemp())
    try:
        fewer = delete_episodes(dataset, [0], output_dir=folder / "fewer", repo_id="reverie/fewer")
        merged = merge_datasets([dataset, fewer], output_repo_id="reverie/merged", output_dir=folder / "merged")
        first = dataset.meta.episodes[0]["length"]
        assert len(fewer) == len(dataset) - first, len(fewer)
        assert len(merged) == len(dataset) + len(fewer), len(merged)
        assert torch.equal(merged[len(dataset)]["action"], dataset[first]["action"])
        print(f"LeRobot deleted an episode ({len(fewer)} frames left) and merged ({len(merged)} frames)")
    finally:
        shutil.rmtree(folder)


def write(root):
    """A dataset as LeRobot records one: two joints in degrees at 30 Hz, one camera as video, one as pictures."""
    joints = ["shoulder_pan.pos", "elbow_flex.pos"]
    pixels = ["height", "width", "channels"]
    dataset = LeRobotDataset.create(
        "reverie/made",
        fps=30,
        root=root,
        robot_type="so101_follower",
        features={
            "observation.state": {"dtype": "float32", "shape": (2,), "names": joints},
            "observation.images.front": {"dtype": "video", "shape": (48, 64, 3), "names": pixels},
            "observation.images.wrist": {"dtype": "image", "shape": (24, 32, 3), "names": pixels},
            "observation.effort": {"dtype": "float32", "shape": (2,), "names": joints},
            "action": {"dtype": "float32", "shape": (2,), "names": joints},
        },
    )
    for episode, (frames, task) in enumerate([(31, "pick up the cube"), (22, "put it down")]):
        for t in range(frames):
            dataset.add_frame(
                {
                    "observation.state": state(episode, t),
                    "observation.images.front": picture(episode, t, 48, 64),
                    "observation.images.wrist": picture(episode, t, 24, 32),
                    "observation.effort": np.zeros(2, np.float32),
                    "action": state(episode, t + 1),
                    "task": task,
                }
            )
        dataset.save_episode()
    dataset.finalize()


def state(episode, t):
    return np.array([10 * episode + 0.5 * t, -0.25 * t], np.float32)


def picture(episode, t, height, width):
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 3 + t, y * 4, np.full_like(x, 40 + 60 * episode)], axis=-1).astype(np.uint8)


if __name__ == "__main__":
    if sys.argv[1] == "read":
        read(Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    else:
        write(Path(sys.argv[2]))
