"""Pairs of a task and a seed. Cells of a pair share demonstrations, base policy, rollouts and scenes, and so one code;
those of two pairs share none of these, and their code may differ."""

from collections import defaultdict

import cells
import lines


def of(every):
    """Cells or lines by their pair."""
    found = defaultdict(list)
    for one in every:
        found[(one["task"], one["seed"]) if isinstance(one, dict) else (one.task, one.seed)].append(one)
    return found


def made_of(pair, size, code):
    """What the cells of a pair are made of with some code."""
    return {cells.made_of(cell, size, code) for cell in pair}


def codes(there):
    """The lines of a pair by their code, the newest last."""
    found = defaultdict(list)
    for line in there:
        found[line["code"]].append(line)
    return dict(sorted(found.items(), key=lambda one: max(line.get("date", "") for line in one[1])))


def whole(pair, size, there):
    """The codes with which all cells of a pair have ended, the newest last."""
    by_code = codes(there) if pair else {}
    return [code for code, of_code in by_code.items() if made_of(pair, size, code) <= lines.ended(of_code)]


def waiting(wanted, size, there, code, again=False):
    """The cells to run: of pairs that are whole with an earlier code none, or again all; of others what this lacks."""
    every, found, ended = of(cells.cells(size)), of(there), lines.ended(there)
    return [
        cell
        for cell in wanted
        if cells.made_of(cell, size, code) not in ended
        and (again or not whole(every[cell.task, cell.seed], size, found[cell.task, cell.seed]))
    ]


def chosen(size, there):
    """The lines of a size for a page, and why a pair has none: begun with several codes, and whole with none."""
    every, used, refused = of(cells.cells(size)), [], []
    for (task, seed), found in of(there).items():
        pair = every[task, seed]
        by_code = codes([line for line in found if line["made_of"] in made_of(pair, size, line["code"])])
        best = [*by_code] if len(by_code) <= 1 else whole(pair, size, found)
        if not by_code:
            continue
        if best:
            used += by_code[best[-1]]
            continue
        counts = ", ".join(f"{len(of_code)} of {code}" for code, of_code in by_code.items())
        refused.append(
            f"{task}, seed {seed}, has cells of different code and all cells of none: {counts}; let `run` end it "
            "with the code that is here, or delete the lines of all codes but one"
        )
    return used, refused
