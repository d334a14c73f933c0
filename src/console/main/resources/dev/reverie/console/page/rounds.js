// The rounds: how far each is, what was learned, and whether imagination is to be believed.
import {chart} from "./charts.js";
import {attribute, h, keyed, shown, text} from "./dom.js";
import {Groups} from "./groups.js";
import {get} from "./link.js";
import {bar, counted, percents, points, wilson} from "./wilson.js";
import {age} from "./words.js";

const AGAIN_MS = 5000;
const MOST = 4; // runs whose curves are drawn together
const FIRST = {grpo: ["imagined_success", "imagined_success_from_beginning", "mixed_groups", "trusted", "approx_kl", "entropy"]};
const STAGES = {
  policy: "Base policy", vae: "Auto-encoder", world_model: "World model", reward_classifier: "Reward classifier",
  joint_head: "Joint head", grpo: "Practice",
};
const STATES = {
  running: "at work", ended: "ended", trained: "trained: its round has not ended",
  partial: "not at work: the stages that are not done are not begun either",
  stopped: "stopped: the trainer is gone before its end; the same command goes on where it was",
};

export class Rounds {
  #runs = [];
  #chosen = ""; // name
  #beside = new Set(); // names
  #abouts = new Map();
  #timer = 0;
  #none = h("p", {class: "empty"});
  #body = h("tbody");
  #table = h("table", {class: "runs"}, h("thead", {}, h("tr", {}, ...["Run", "State", "Base, real", "Better, real", "Gain", "Imagined above real", "Curves"].map(name => h("th", {scope: "col"}, name)))), this.#body);
  #scroll = h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs side by side"}, this.#table);
  #head = h("section", {class: "card run-head", "aria-label": "Chosen run"});
  #curves = h("section", {class: "card curves-card"});
  #audit = h("section", {class: "card audit-card"});
  #films = h("section", {class: "card films-card"});
  #groups = new Groups();
  element = h("main", {class: "rounds"},
    h("section", {class: "card runs-card"}, h("header", {}, h("h2", {}, "Rounds and training")), this.#scroll, this.#none),
    this.#head, this.#curves, this.#audit, this.#films, this.#groups.element);

  /** Begins to look at the folder again and again, or ends it. */
  look(whether) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (whether) this.#again();
  }

  async #again() {
    await this.load();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), AGAIN_MS);
  }

  async load() {
    try {
      const told = await get("/api/runs");
      this.#runs = told.runs;
      text(this.#none, `No run of the trainer in ${told.folder} yet. Name the folder of some by --rounds.`);
      if (!this.#runs.some(run => run.name === this.#chosen)) this.#chosen = this.#runs[0]?.name ?? "";
    } catch (error) {
      this.#runs = [];
      text(this.#none, error.message);
    }
    shown(this.#none, this.#runs.length === 0);
    shown(this.#scroll, this.#runs.length > 0);
    await this.#learn();
    this.#draw();
  }

  async #learn() {
    const wanted = this.#shownRuns();
    const groups = this.#groups.load(wanted[0] ?? null);
    const all = await Promise.all(wanted.map(async name => {
      try {
        return [name, await get(`/api/run?name=${encodeURIComponent(name)}`)];
      } catch {
        return [name, this.#abouts.get(name)]; // it went meanwhile
      }
    }));
    this.#abouts = new Map(all.filter(([, about]) => about));
    await groups;
  }

  #shownRuns() {
    return [this.#chosen, ...this.#beside].filter((name, i, all) => all.indexOf(name) === i && this.#runs.some(run => run.name === name)).slice(0, MOST);
  }

  async choose(name) {
    this.#chosen = name;
    this.#draw();
    await this.#learn();
    this.#draw();
  }

  async #compare(name, whether) {
    if (whether) this.#beside.add(name);
    else this.#beside.delete(name);
    await this.#learn();
    this.#draw();
  }

  #draw() {
    const keys = new Map(this.#runs.map(run => [JSON.stringify([run.name, run.state, run.result, run.report]), run]));
    const rows = keyed(this.#body, [...keys.keys()], key => this.#row(keys.get(key)));
    for (const row of rows) attribute(row, "data-chosen", String(row.dataset.name === this.#chosen));
    const names = this.#shownRuns();
    for (const row of rows) {
      const at = names.indexOf(row.dataset.name);
      const box = row.lastChild.firstChild;
      attribute(box, "data-line", at < 0 ? "" : String(at));
      box.disabled = row.dataset.name === this.#chosen; // its curves are drawn in any case
      box.checked = box.disabled || this.#beside.has(row.dataset.name);
    }
    const run = this.#runs.find(one => one.name === this.#chosen);
    const about = this.#abouts.get(this.#chosen);
    for (const card of [this.#head, this.#curves, this.#audit, this.#films, this.#groups.element]) shown(card, run !== undefined);
    if (!run) return;
    anew(this.#head, JSON.stringify([run.name, run.state, run.stages, run.faults]), () => head(run));
    anew(this.#curves, JSON.stringify(names.map(name => [name, this.#abouts.get(name)?.curves])), () => curves(names.map(name => [name, this.#abouts.get(name)])));
    anew(this.#audit, JSON.stringify([run.result, run.report, about?.audits]), () => audit(run, about));
    anew(this.#films, JSON.stringify([run.name, about?.films]), () => films(run, about));
  }

  #row(run) {
    const base = run.result?.base;
    const better = run.result?.improved?.real;
    const gap = run.result?.audit_base?.gap ?? run.report?.audit?.gap;
    const success = of => h("td", {}, of ? counted(of.successes, of.episodes) : "–");
    const apart = of => h("td", {}, share(of) ? points(of) : "–");
    return h("tr", {"data-name": run.name},
      h("th", {scope: "row"}, h("button", {class: "link", onclick: () => this.choose(run.name)}, run.name || "this folder"), h("span", {class: "quiet kind-of"}, run.kind)),
      h("td", {class: "run-state", "data-state": run.state}, STATES[run.state].split(":")[0]),
      success(base), success(better), apart(run.result?.improved?.gain), apart(gap),
      h("td", {}, h("input", {
        type: "checkbox", checked: this.#beside.has(run.name), "aria-label": `Curves of ${run.name || "this folder"} beside the others`,
        onchange: event => this.#compare(run.name, event.currentTarget.checked),
      })));
  }
}

/** Makes what is in a card, where it is another than before; what was opened there stays so, and keeps the focus. */
function anew(card, key, make) {
  if (card.dataset.of === key) return;
  card.dataset.of = key;
  const opened = [...card.querySelectorAll("details[open]")].map(one => one.dataset.name);
  const held = card.contains(document.activeElement) ? document.activeElement.closest("details")?.dataset.name : undefined;
  card.replaceChildren(...make());
  for (const one of card.querySelectorAll("details")) {
    one.open = opened.includes(one.dataset.name);
    if (one.dataset.name === held) one.firstChild.focus();
  }
}

function head(run) {
  return [
    h("header", {}, h("h2", {}, run.name || "This folder"), h("span", {class: "run-state", "data-state": run.state}, STATES[run.state])),
    h("ol", {class: "stages"}, ...run.stages.map(stage => {
      const name = STAGES[stage.name] ?? stage.name.replaceAll("_", " ");
      const done = stage.total ? stage.done / stage.total : 0;
      const told = stage.state === "done" ? (stage.seconds >= 0 ? age(stage.seconds) : "done")
        : stage.state === "open" ? "not begun"
          : `${stage.done}${stage.total ? ` of ${stage.total}` : ""}${stage.leftS >= 0 ? `, ${age(stage.leftS)} left` : ""}`;
      return h("li", {"data-stage": stage.state},
        h("span", {}, name),
        h("progress", {max: "1", value: String(stage.state === "done" ? 1 : done), "aria-label": `${name}: ${told}`}),
        h("span", {class: "quiet told"}, told));
    })),
    ...(run.faults.length ? [h("ul", {class: "notices"}, ...run.faults.map(fault => h("li", {}, fault)))] : []),
  ];
}

function curves(abouts) {
  const names = abouts.map(([name]) => name);
  const stages = Object.keys(STAGES).filter(stage => abouts.some(([, about]) => about?.curves[stage]));
  const more = [...new Set(abouts.flatMap(([, about]) => Object.keys(about?.curves ?? {})))].filter(stage => !(stage in STAGES));
  const legend = names.length > 1
    ? [h("p", {class: "run-legend"}, ...names.map((name, i) => h("span", {"data-line": String(i)}, name || "this folder")))] : [];
  const all = [...stages, ...more].map(stage => {
    const figures = [...new Set([...(FIRST[stage] ?? ["loss"]), ...abouts.flatMap(([, about]) => Object.keys(about?.curves[stage]?.values ?? {}))])]
      .filter(figure => abouts.some(([, about]) => about?.curves[stage]?.values[figure]));
    const draw = figure => chart(figure, abouts.flatMap(([name, about], i) => {
      const of = about?.curves[stage];
      return of?.values[figure] ? [{name: name || "this folder", steps: of.steps, values: of.values[figure], tone: i}] : [];
    }));
    const first = figures.slice(0, stage === "grpo" ? 6 : 1);
    return h("section", {class: stage === "grpo" ? "wide" : ""}, h("h3", {}, STAGES[stage] ?? stage.replaceAll("_", " ")),
      h("div", {class: "charts"}, ...first.map(draw)),
      ...(figures.length > first.length ? [h("details", {"data-name": stage}, h("summary", {}, "More figures"), h("div", {class: "charts"}, ...figures.slice(first.length).map(draw)))] : []));
  }).reverse(); // the last stage is what is looked at
  return [h("header", {}, h("h2", {}, "Curves")), ...legend, ...(all.length ? [h("div", {class: "charts"}, ...all)] : [h("p", {class: "quiet"}, "No stage has written any yet.")])];
}

function audit(run, about) {
  const rows = [];
  const own = run.report?.audit;
  const verdict = told => told?.collapsed === true ? ": NOT to be believed, the world model goes its own way whatever is done"
    : told?.believed === true ? ": to be believed" : told?.believed === false ? ": NOT to be believed" : "";
  const add = (name, found, whole) => {
    const starts = found?.moments ? "first frames" : "starts";
    rows.push([name, found, `${found?.starts ?? "?"} ${starts}, ${found?.rollouts ?? "?"} imagined from each`, found?.moments ? "" : verdict(whole), whole]);
    if (found?.moments)
      rows.push(["The same, along the way too", found.moments, `${found.moments.starts ?? "?"} moments of these rollouts, first frames among them`, verdict(whole), whole]);
  };
  if (own) add("Base policy, held-out rollouts", own, run.report);
  for (const [name, told] of Object.entries(about?.audits ?? {}))
    add(`${name === "base" ? "Base policy" : name === "improved" ? "Better policy" : name}, episodes of its own`, told.audit, told);
  const line = (name, share, tone) => h("div", {class: "share"}, h("span", {}, name), bar(share, tone), h("span", {class: "quiet"}, share ? percents(share) : "–"));
  const real = [["base", run.result?.base], ["better", run.result?.improved?.real]].filter(([, of]) => of?.episodes > 0);
  const practice = run.report?.practice;
  const facts = practice ? [
    ["Groups that all ended alike", practice.groups_without_gradient],
    ["Of the update, from verdicts that come too late", practice.distrusted_update],
    ["Trust in the rollouts", practice.trusted],
  ].filter(([, value]) => Number.isFinite(value)) : [];
  return [
    h("header", {}, h("h2", {}, "Imagined against real")),
    ...(rows.length ? rows.map(([name, found, from, ending, whole]) => h("div", {class: "audit", "data-believed": String(!ending || whole?.believed)},
      h("h3", {}, name),
      line("imagined", share(found?.imagined), "imagined"), line("real", share(found?.real), "real"),
      h("p", {class: "quiet"}, `${from}; imagined less real ${share(found?.gap) ? points(found.gap) : "unknown"}${ending}`))) : [h("p", {class: "quiet"}, "The audit comes before practice; none yet.")]),
    ...(real.length ? [h("div", {class: "audit"}, h("h3", {}, "On the arm"),
      ...real.map(([name, of]) => line(name, wilson(of.successes, of.episodes), "real")),
      h("p", {class: "quiet"}, real.map(([name, of]) => `${name} ${of.successes} of ${of.episodes}`).join(", ")))] : []),
    ...(facts.length ? [h("dl", {class: "facts"}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, `${(value * 100).toFixed(0)} %`)]))] : []),
  ];
}

/** A share as a trainer tells it: what is no number is none. */
function share(told) {
  return told && Number.isFinite(told.value) ? told : null;
}

function films(run, about) {
  const index = about?.films;
  const episodes = Array.isArray(index?.episodes) ? index.episodes : [];
  const rows = Array.isArray(index?.rows) ? index.rows : [];
  const at = file => `/api/film?name=${encodeURIComponent(run.name)}&file=${encodeURIComponent(file)}`;
  return [
    h("header", {}, h("h2", {}, "Imagined beside real")),
    ...(episodes.length ? [h("p", {class: "quiet"}, `From left to right: ${rows.join("; ")}.`),
      h("div", {class: "films"}, ...episodes.map(one => h("figure", {},
        h("img", {src: at(one.film || one.file), loading: "lazy", alt: `${one.instruction}: recorded and imagined, side by side`}),
        h("figcaption", {}, h("b", {}, one.instruction), h("span", {class: "quiet"}, ` ${one.success ? "succeeded" : "failed"} after ${one.steps} steps `),
          h("a", {href: at(one.file), target: "_blank", rel: "noopener"}, "every frame")))))]
      : [h("p", {class: "quiet"}, "They are drawn when practice has ended; none yet.")]),
  ];
}
