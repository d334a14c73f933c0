// Replay: what two policies would do in recorded episodes, told before one of them moves the arm.
import {digits} from "./charts.js";
import {attribute, h, keyed, shown, text} from "./dom.js";
import {get} from "./link.js";
import {leaf, short} from "./words.js";

const AGAIN_MS = 3000;
const RUNNING_MS = 700;
const MOST = 200;
/** The numbers that are shown first, in words; the others by their names. */
const FIRST = {
  "disagreement.tokens_differ": "They act otherwise",
  "disagreement.command_distance": "Their joint positions are apart",
  "limits.ticks_limited": "The safety gate limits it",
  "limits.held_still": "The safety gate holds it still",
  "command_error.mean_absolute": "Joint positions away from the recorded ones",
  "log_likelihood.of_successful_actions": "How likely it finds what succeeded",
  "log_likelihood.of_failed_actions": "How likely it finds what failed",
};
const COLUMNS = ["policy", "against", "difference", "executed"];

export class Replay {
  #ask;
  #commands;
  #listed;
  #rows = [];
  #chosen = "";
  #timer = 0;
  #shown = -1; // number of the replay whose report is shown
  #policy = h("select", {id: "replay-policy"});
  #against = h("select", {id: "replay-against"});
  #count = h("input", {id: "replay-count", type: "number", min: "1", max: String(MOST), step: "1", value: "10", inputmode: "numeric", required: true});
  #of = h("p", {class: "quiet"});
  #go = h("button", {class: "primary"}, "Replay");
  #end;
  #form;
  #status = h("p", {role: "status"});
  #progress = h("progress", {max: "1", value: "0", "aria-label": "Episodes that are replayed"});
  #running;
  #fault = h("p", {class: "fault", role: "alert"});
  #report = h("div", {class: "report"});
  element;

  /** ask: a promise of what comes of a wish; listed: names of the rollouts that Rollouts lists; toRollouts: goes there. */
  constructor(ask, commands, listed, toRollouts) {
    this.#ask = ask;
    this.#commands = commands;
    this.#listed = listed;
    this.#end = h("button", {onclick: () => this.#asked({do: "stop"})}, "End the replay");
    this.#form = h("form", {class: "replay-form", onsubmit: event => { event.preventDefault(); this.#start(); }},
      h("div", {class: "replay-pair"},
        h("div", {}, h("label", {for: "replay-policy"}, "Policy"), this.#policy),
        h("div", {}, h("label", {for: "replay-against"}, "Compared with"), this.#against)),
      h("div", {class: "row"}, h("label", {for: "replay-count"}, "Newest episodes"), this.#count, this.#of,
        h("button", {class: "link", type: "button", onclick: toRollouts}, "Choose them in Rollouts")),
      h("div", {class: "row"}, this.#go));
    this.#running = h("div", {class: "replay-running"}, this.#progress, ...(commands ? [this.#end] : []));
    this.element = h("section", {class: "card replay-card", "aria-label": "Replay"},
      h("header", {}, h("h2", {}, "Replay: what would it have done?")),
      h("p", {class: "quiet"}, "Recorded episodes are given to two policies, and what they would do is compared. Nothing moves. It runs behind everything else, so beside an arm that acts it takes long."),
      ...(commands ? [this.#form] : []), this.#status, this.#running, this.#fault, this.#report);
    for (const part of [this.#running, this.#fault, this.#report]) shown(part, false);
  }

  /** Begins to look how far it is, or ends that. */
  look(whether) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (whether) this.#again();
  }

  async #again() {
    clearTimeout(this.#timer);
    let wait = AGAIN_MS;
    try {
      const told = await get("/api/replay");
      await this.#tell(told);
      if (told.state === "running") wait = RUNNING_MS;
    } catch (error) {
      text(this.#status, error.message);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), wait);
  }

  /** Takes the policies that there are; the one that is chosen is offered first. */
  policies(rows, chosen, live) {
    this.#rows = rows.filter(row => row.folder);
    for (const select of [this.#policy, this.#against]) {
      const had = select.value;
      keyed(select, this.#rows.map(row => `${row.id} ${row.name}`), key => {
        const row = this.#rows.find(one => key.startsWith(one.id));
        return h("option", {value: row.id}, this.#name(row.id));
      });
      if (this.#rows.some(row => row.id === had)) select.value = had;
    }
    const row = this.#rows.find(one => one.id === chosen);
    if (row && chosen !== this.#chosen) {
      this.#chosen = chosen;
      const other = [row.parent, live, ...this.#rows.map(one => one.id)].find(id => id !== row.id && this.#rows.some(one => one.id === id));
      this.#policy.value = row.id;
      if (other) this.#against.value = other;
    }
    const names = this.#listed();
    text(this.#of, `of the ${names.length} that Rollouts lists`);
    this.#go.disabled = names.length === 0 || this.#rows.length < 2;
  }

  #name(id) {
    return this.#rows.find(row => row.id === id)?.name || short(id);
  }

  #start() {
    this.#asked({
      do: "start", policy: this.#policy.value, against: this.#against.value,
      rollouts: this.#listed().slice(0, Number(this.#count.value)),
    });
  }

  async #asked(what) {
    try {
      await this.#tell(await this.#ask(what));
      text(this.#fault, "");
    } catch (error) {
      text(this.#fault, error.message);
    }
    shown(this.#fault, this.#fault.textContent !== "");
    if (this.#timer) this.#again();
  }

  async #tell(told) {
    const running = told.state === "running";
    const what = `${this.#name(told.policy)} against ${this.#name(told.against)}, ${told.episodes} ${told.episodes === 1 ? "episode" : "episodes"}, asked by ${told.by}`;
    text(this.#status, {
      none: "", running: `${what}: ${told.done} done${told.said ? ` · ${told.said}` : ""}`, ended: `${what}: done`,
      stopped: `${what}: ended after ${told.done}`, failed: `${what}: failed. ${told.said}`,
    }[told.state]);
    shown(this.#running, running);
    shown(this.#form, !running);
    attribute(this.#progress, "value", String(told.episodes ? told.done / told.episodes : 0));
    if (told.state !== "ended") {
      shown(this.#report, false);
      this.#shown = -1;
    } else if (told.number !== this.#shown) {
      this.#draw(await get("/api/replay/report"), told);
      this.#shown = told.number;
    }
  }

  #draw(report, told) {
    const all = new Map(report.measures.map(measure => [measure.name, measure]));
    const first = Object.entries(FIRST).filter(([name]) => all.has(name));
    const others = report.measures.filter(measure => !(measure.name in FIRST));
    const table = rows => h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Numbers of the replay"},
      h("table", {class: "replay-table"},
        h("thead", {}, h("tr", {}, h("td"), ...[this.#name(told.policy), this.#name(told.against), "difference", "recorded"].map(name => h("th", {scope: "col"}, name)))),
        h("tbody", {}, ...rows.map(([name, measure]) => line(name, measure)))));
    const left = [...report.refused.map(one => `${leaf(one.bag)} was not replayed: ${one.reason}`), ...report.notes.map(one => `${one.note} (${one.episodes} of the episodes)`)];
    this.#report.replaceChildren(
      table(first.map(([name, words]) => [words, all.get(name)])),
      h("p", {class: "quiet"}, "Means over episodes, with the 95 % interval; a difference whose interval leaves out 0 is bold."),
      ...(left.length ? [h("ul", {class: "notices"}, ...left.map(words => h("li", {}, words)))] : []),
      h("details", {}, h("summary", {}, "All numbers"), table(others.map(measure => [measure.name.replaceAll("_", " ").replaceAll(".", ": "), measure]))),
      h("p", {}, h("a", {href: "/api/replay/page", target: "_blank", rel: "noopener"}, "The report as a page"), " to print or to keep"));
    shown(this.#report, true);
  }
}

function line(words, measure) {
  const unit = measure.unit && !measure.unit.startsWith("of ") ? `, ${measure.unit}` : "";
  const share = measure.unit.startsWith("of ") && measure.unit !== "of [-1, 1]";
  const told = value => share ? `${digits(value * 100)} %` : digits(value);
  const cell = column => {
    // What is between the two is neither's.
    const of = measure[column] ?? (column === "difference" ? measure.between : undefined);
    if (!of) return h("td");
    const clear = column === "difference" && measure.difference && (of.low > 0 || of.high < 0);
    return h("td", {}, clear ? h("b", {}, told(of.value)) : told(of.value),
      ...("low" in of ? [h("br"), h("span", {class: "quiet"}, `${told(of.low)} to ${told(of.high)}`)] : []));
  };
  return h("tr", {}, h("th", {scope: "row"}, words, h("span", {class: "quiet"}, share ? `, share ${measure.unit}` : unit)), ...COLUMNS.map(cell));
}
