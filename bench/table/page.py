"""Pages of the table, from its lines: Markdown for reading in the repository, HTML with plots and films."""

import html
import re
import shutil
from collections import defaultdict

import cells
import figures
import pairs
import sections
from lines import text_of

# Those that a page is asked for in their order; of small and first that with lines, first where both have some.
USUAL = ["small", "first", "thousand", "panda", "mechanisms", "lifelong", "shifts"]
# Success in percent as the papers print it (docs/method.md): their tasks, their policies, not these.
PAPERS = [
    "WMPO, mean of four tasks, 128 rollouts: base 33.6, online GRPO 33.2, DPO 37.3, WMPO 47.1",
    "WMPO, 1280 rollouts: base 33.6, online GRPO 37.1, DPO 42.4, WMPO 57.6",
    "WoVR, mean of LIBERO's four suites: base 39.9, online GRPO 44.6, WMPO 46.2, WoVR 69.2; Spatial 81.5, without "
    "keyframes 78.2",
]
STYLE = """body{font:15px sans-serif;max-width:76em;margin:2em auto;padding:0 1em}svg{font:12px sans-serif}
.grid{stroke:#ddd}line.one{stroke:#27c}circle.one{fill:#27c}.no{fill:#b40}
table{border-collapse:collapse;margin:1em 0}th{text-align:left;border-bottom:1px solid #888}
.n{white-space:nowrap}
td,th{padding:.2em .8em .2em 0;vertical-align:top}figure{display:inline-block;margin:.5em 1em .5em 0}"""


def missing(lines, size):
    """Of each task and seed the methods of a size that have no line yet, in words."""
    there, waiting, every = figures.by_cell(lines), defaultdict(list), defaultdict(int)
    for cell in cells.cells(size):
        every[cell.task, cell.seed] += 1
        if (cell.task, cell.method, cell.budget, cell.seed, cell.shift, cell.rounds) not in there:
            waiting[cell.task, cell.seed].append(name_of(cell))
    return [
        f"`{task}`, seed {seed}: {'all' if len(names) == every[task, seed] else ', '.join(names)}"
        for (task, seed), names in waiting.items()
    ]


def name_of(cell):
    name = sections.NAMES.get(cell.method, cell.method)
    return name + (f" at {cell.shift}" if cell.shift else f" round {cell.rounds}" if cell.rounds > 1 else "")


def versions(lines):
    """Of each code its hash, its commit and the pairs that were measured with it, the newest last."""
    for code, of_code in pairs.codes(lines).items():
        commit = {f"{line['revision']} of {line['date'][:10]}" for line in of_code if line.get("revision")}
        named = ", ".join(f"`{task}` {seed}" for task, seed in sorted(pairs.of(of_code)))
        yield [code, " and ".join(sorted(commit)) or "not told", named]


def introduction(lines):
    """What the figures are, in sentences."""
    n = sorted({line["n"] for line in lines if line["n"]})
    machines = sorted({line["machine"] for line in lines if "machine" in line})
    return [
        "Policies are small, demonstrations are a scripted expert's: beside the papers' figures stand other tasks and "
        "other policies, so that only the order of methods can be compared, and nothing here is a LIBERO score.",
        f"{len(lines)} cell{'' if len(lines) == 1 else 's'}, {figures.hours(lines):.2f} CPU hours"
        + (f", on {' and '.join(machines)}, beside other work" if machines else "")
        + ". A cell's hours have in them what it was the first to need: demonstrations, models, rollouts; one that "
        "was stopped and gone on with has those since. Insert, seed 1, begins with the models of the repository.",
        "Success is real: sampled at temperature 1 over ROS 2, on "
        f"{' or '.join(map(str, n)) or 'no'} test scenes of each seed that nothing was learned or chosen on; "
        "in brackets 95 % intervals, of gains over pairs of the same scenes. A refused round leaves the base policy, "
        "and counts so in gains. On this machine a world model saves real "
        "rollouts and no time.",
        "Cells of a task and seed were measured with one code, those of another perhaps with another, as told below.",
    ]


def refusals(lines):
    """The cells that were refused or failed, with the reason."""
    for line in figures.by_cell(lines).values():
        why = line.get("refused") or line.get("failed")
        if why:
            cell = cells.Cell(*figures.key(line))
            yield f"`{cell.task}`, {name_of(cell)}, {cell.budget}, seed {cell.seed}: {why}"


class Page:
    """All that both pages say."""

    def __init__(self, lines, names=USUAL):
        used, self.left_out, self.sections, self.cost = [], [], [], []
        for name in names:
            of_size, refused = pairs.chosen(cells.SIZES[name], lines)
            if name == "small" and pairs.chosen(cells.SIZES["first"], lines)[0]:
                continue  # the same cells, of one seed
            self.left_out += refused
            if not of_size and name == "small":
                continue
            waiting = missing(of_size, cells.SIZES[name])
            if not of_size:
                waiting = [f"all of its cells, {len(cells.cells(cells.SIZES[name]))}"]
            self.sections.append((sections.section(name, of_size), waiting))
            self.cost.append([name, str(len(of_size)), f"{figures.hours(of_size):.2f}"])
            used += of_size
        self.used = [*{line["made_of"]: line for line in used}.values()]
        shown = {line["made_of"] for line in self.used}
        other = sum(line["made_of"] not in shown for line in lines)
        if other:
            of = "1 line is" if other == 1 else f"{other} lines are"
            self.left_out.append(f"{of} of other settings, numbers or codes than what stands here")


def with_rows(table):
    return table.rows


def row(values):
    return "| " + " | ".join(value.replace("|", "\\|") for value in values) + " |"


def markdown_table(head, rows):
    return [row(head), "|" + "---|" * len(head), *map(row, rows)]


def listed(items):
    return [*(f"- {one}" for one in items), ""] if items else []


def markdown(page):
    text = [
        "# The table",
        "",
        "Made by `python3 bench/table page` from the lines that `python3 bench/table run` left in "
        "[table.jsonl](table.jsonl); how a cell is run stands in [tasks.md](../tasks.md#the-table). "
        "[table.html](table.html) has plots.",
        "",
        *introduction(page.used),
        "",
        "In the papers, success in percent:",
        "",
        *listed(PAPERS),
    ]
    for section, waiting in page.sections:
        text += [f"## {section.title}", "", *listed(section.points)]
        for table in filter(with_rows, section.tables):
            text += ([f"### {table.title}", ""] if table.title else []) + markdown_table(table.head, table.rows) + [""]
        text += ["Not run yet:", "", *listed(waiting)] if waiting else []
    for title, items in (("What was refused or failed", [*refusals(page.used)]), ("Left out", page.left_out)):
        text += [f"## {title}", "", *listed(items)] if items else []
    text += ["## What it cost", "", *markdown_table(["size", "cells", "CPU hours"], page.cost), ""]
    text += ["## The code", ""]
    text += markdown_table(["code", "last commit of its sources", "task and seed"], versions(page.used))
    return "\n".join(text).rstrip() + "\n"


def words(text):
    """Words of a table as HTML."""
    named = re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))
    whole = re.sub(r"([-+]?\d[\d.]* \[[^\]]*\])", r'<span class="n">\1</span>', named)
    return whole.replace("</span>, ", "</span>,<br>")


def html_table(head, rows):
    first = "<tr>" + "".join(f"<th>{words(value)}" for value in head)
    rest = "".join("<tr>" + "".join(f"<td>{words(value)}" for value in values) for values in rows)
    return f"<table>{first}{rest}</table>"


def html_list(items, title=""):
    return (title + "<ul>" + "".join(f"<li>{words(one)}" for one in items) + "</ul>") if items else ""


def html_page(page, films):
    parts = [f"<p>{words(line)}</p>" for line in introduction(page.used)]
    parts.append(html_list(PAPERS, "<p>In the papers, success in percent:</p>"))
    for section, waiting in page.sections:
        parts.append(f"<h2>{words(section.title)}</h2>{html_list(section.points)}")
        for table in filter(with_rows, section.tables):
            parts.append(f"<h3>{words(table.title)}</h3>" if table.title else "")
            parts.append(html_table(table.head, table.rows))
            parts += table.plots
        parts.append(html_list(waiting, "<p>Not run yet:</p>"))
    if films:
        parts.append("<h2>Real beside imagined</h2><p>A row each: the recording, its actions in the world model, the ")
        parts.append("policy before and after practice.</p>")
        parts += [f'<figure><img src="{film}" alt=""><figcaption>{words(name)}</figcaption></figure>'
                  for name, film in films]  # fmt: skip
    parts.append(html_list([*refusals(page.used)], "<h2>What was refused or failed</h2>"))
    parts.append(html_list(page.left_out, "<h2>Left out</h2>"))
    parts.append("<h2>What it cost</h2>" + html_table(["size", "cells", "CPU hours"], page.cost))
    head = ["code", "last commit of its sources", "task and seed"]
    parts.append("<h2>The code</h2>" + html_table(head, versions(page.used)))
    return (
        f'<!doctype html><meta charset="utf-8"><title>The table</title>\n<style>{STYLE}</style>\n<h1>The table</h1>\n'
        + "\n".join(part for part in parts if part)
        + "\n"
    )


def write(lines, names, folder, made):
    """Writes both pages, and beside them all lines and the films that were made; returns what was left out."""
    folder.mkdir(parents=True, exist_ok=True)
    page = Page(lines, names or USUAL)
    if made.is_dir():
        shutil.copytree(made, folder / "films", dirs_exist_ok=True)
    films = [(film.stem, f"films/{film.name}") for film in sorted((folder / "films").glob("*.webp"))]
    (folder / "table.md").write_text(markdown(page))
    (folder / "table.html").write_text(html_page(page, films))
    (folder / "table.jsonl").write_text("".join(text_of(line) + "\n" for line in lines))
    return page.left_out
