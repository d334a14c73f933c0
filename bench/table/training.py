"""What the training of a method said of itself, in few figures: mechanisms before success."""

import json


def read(work):
    """Figures of a run's folder (docs/training.md); those that are not there, as of a refused one, are left out."""
    found = {}
    groups = lines_of(work / "groups.jsonl")
    curve = lines_of(work / "grpo.jsonl")
    if curve:
        found["mixed_groups"] = mean(line["mixed_groups"] for line in curve)
        found["mixed_groups_last"] = mean(line["mixed_groups"] for line in curve[-10:])
        found["trusted"] = mean(line["trusted"] for line in curve)
        said = [line["imagined_success_from_beginning"] for line in curve if "imagined_success_from_beginning" in line]
        found["imagined_curve"] = [round(value, 3) for value in said[:: step(said)]]
    if groups:
        found["groups"] = len(groups)
    result = work / "improve.json"
    if not result.exists():
        return found
    told = json.loads(result.read_text())
    reward, audit, control = told["reward_classifier"], told["audit"], told["action_control"]
    return found | {
        "psnr_db": {depth: round(value, 2) for depth, value in told["replay_psnr_db"]["after"].items()},
        "psnr_before_db": {depth: round(value, 2) for depth, value in told["replay_psnr_db"]["before"].items()},
        "precision": reward["replayed"]["precision"]["value"],
        "recall": reward["replayed"]["recall"]["value"],
        "by_depth": [
            [round(depth["upTo"]["precision"]["value"], 3), round(depth["upTo"]["recall"]["value"], 3)]
            for depth in reward["byDepth"]
        ],
        "control": ratio(control["opposite"], control["moved"]),
        "apart": ratio(control["imaginedApart"], control["realApart"]),
        "gap": audit["gap"]["value"],
        "imagined": [told["imagined"]["before"], told["imagined"]["after"]],
        "believed": told["believed"],
    }


def lines_of(file):
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def mean(values):
    values = list(values)
    return round(sum(values) / len(values), 4)


def ratio(value, of):
    return round(value / of, 3) if of else None


def step(curve):
    """So that twenty figures or so are left."""
    return max(1, len(curve) // 20)
