#!/usr/bin/env python3
"""The table of tasks, methods, budgets of real rollouts and seeds, cell after cell.

    python3 bench/table run [--size NAME ...] [--out out/table] [--task NAME ...] [--method NAME ...] [--seed N ...]
    python3 bench/table list [--size ...] [--out ...]
    python3 bench/table page [--out ...] [--to docs/results]

`run` goes on where it was stopped, at the cost of one cell at most: what each cell is made of (task, method and its
settings, numbers of episodes, the sources) is hashed, and a cell that has a line with its hash is not run again. Of a
task and seed all methods share demonstrations, base policy, world model and rollouts, and are tested on the same
scenes; with several settings a method has those that did best on validation scenes, of equal ones the first. Scenes of
tests are used for nothing else. A method whose gate refuses has a line that says so; a cell that failed has one too,
and runs again next time.

All cells of a task and seed are of one code; those of another task or seed may be of another. A pair of task and seed
that is whole in the lines that `page` left (--to) or in those of --out is not run again, whatever its code, but with
--again; one that was begun with another code is begun anew. `list` says of each cell whether it has ended and with
which code. `page` makes the tables and plots from the lines alone: of a pair that is whole with several codes from the
newest, and from none of a pair that mixes codes. One worker uses one core; start two with different --seed and
--domain for two, on the same --out.
"""

import argparse
import signal
import sys
from pathlib import Path

import cells
import lines
import page
import pairs
import work


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["run", "list", "page"])
    parser.add_argument("--size", nargs="+", choices=list(cells.SIZES), help="default: first; of page all")
    parser.add_argument("--out", type=Path, default=cells.ROOT / "out" / "table")
    parser.add_argument("--to", type=Path, default=cells.ROOT / "docs" / "results", help="folder of the pages")
    parser.add_argument("--task", nargs="+", choices=list(cells.DEMONSTRATIONS))
    parser.add_argument("--method", nargs="+", choices=["base", *cells.BASELINES, *cells.IMAGINING])
    parser.add_argument("--seed", type=int, nargs="+")
    parser.add_argument("--domain", type=int, default=71, help="ROS domain of the arms, one for each worker")
    parser.add_argument("--again", action="store_true", help="run: also pairs that are whole with an earlier code")
    return parser.parse_args()


def say(text):
    print(text, flush=True)


def main():
    options = parsed()
    out = options.out.resolve()
    every = [(cells.SIZES[name], cell) for name in options.size or ["first"] for cell in cells.cells(cells.SIZES[name])]
    wanted = [
        (size, cell)
        for size, cell in sorted(every, key=lambda one: cells.order(one[1]))
        if (not options.task or cell.task in options.task)
        and (not options.method or cell.method in options.method)
        and (not options.seed or cell.seed in options.seed)
    ]
    files = options.to / "table.jsonl", out / "lines.jsonl"
    if options.do == "run":
        with work.alone(options.domain):
            work.run(wanted, out, work.Worker(out, options.domain), say, files[0], options.again)
    elif options.do == "list":
        code, there = cells.code(), lines.merged(*files)
        for size, cell in wanted:
            waits = pairs.waiting([cell], size, there, code)
            here = cells.made_of(cell, size, code) in lines.ended(there)
            state = "waits" if waits else "ended (this code)" if here else "ended (earlier code)"
            say(f"{state:20}  {cell}")
    else:
        for told in page.write(lines.merged(*files), options.size, options.to, out / "films"):
            say(f"left out: {told}")
        say(f"{options.to}/table.md, {options.to}/table.html")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except (lines.LinesError, work.Busy, work.Failed) as why:
        sys.exit(f"table: {why}")
    except KeyboardInterrupt:
        sys.exit(130)
