// The policies: where each comes from, how it did, and which one is to act.
import {attribute, h, keyed, shown, text} from "./dom.js";
import {graph, ordered} from "./lineage.js";
import {get} from "./link.js";
import {Swap} from "./swap.js";
import {bar, counted, wilson} from "./wilson.js";
import {short} from "./words.js";

const ROW = 64; // px, as the style has it
const AGAIN_MS = 5000;

export class Policies {
  #ask;
  #check;
  #say;
  #commands;
  #replay;
  #rollouts;
  #toRollouts;
  #swap;
  #rows = [];
  #chosen = "";
  #about = null;
  #live = "";
  #told = "";
  #timer = 0;
  #none = h("p", {class: "empty"});
  #rail = h("div", {class: "rail"});
  #list = h("div", {class: "lineage-rows"});
  #box = h("div", {class: "lineage", role: "listbox", tabindex: "0", "aria-label": "Policies, each above the one that it came from"}, this.#rail, this.#list);
  #faults = h("ul", {class: "notices"});
  #faulty = h("section", {class: "card faults-card"}, h("header", {}, h("h2", {}, "What cannot be read")), this.#faults);
  #detail = h("section", {class: "card detail", "aria-label": "Chosen policy"});
  element;

  /** ask: of the robot; check(id): all files of a bundle; replay: its card; rollouts: that view, to which toRollouts goes. */
  constructor(ask, check, say, commands, replay, rollouts, toRollouts) {
    this.#ask = ask;
    this.#check = check;
    this.#say = say;
    this.#commands = commands;
    this.#replay = replay;
    this.#rollouts = rollouts;
    this.#toRollouts = toRollouts;
    this.#swap = new Swap(ask, commands);
    this.#box.addEventListener("keydown", event => this.#move(event));
    this.element = h("main", {class: "policies"},
      h("div", {class: "wide"},
        h("section", {class: "card lineage-card"}, h("header", {}, h("h2", {}, "Policies")), this.#box, this.#none),
        replay.element),
      h("div", {class: "side"}, this.#swap.element, this.#detail, this.#faulty));
    shown(this.#faulty, false);
    this.#show();
  }

  /** Begins to look at the folders again and again, or ends it. */
  look(whether) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#replay.look(whether);
    if (!whether) return;
    this.#again();
    this.#rollouts.load().then(() => this.#draw());
  }

  async #again() {
    await this.load();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), AGAIN_MS);
  }

  update(state) {
    this.#swap.update(state);
    const told = `${state.robot.policyId} ${state.swap?.ended} ${state.swap?.bundle}`;
    if (told !== this.#told && this.#timer) {
      this.#again();
    }
    this.#told = told;
  }

  async load() {
    try {
      const told = await get("/api/policies");
      this.#live = told.live;
      this.#rows = ordered(told.policies);
      text(this.#none, "No policy bundle was found. Name a folder of some by --policies.");
      keyed(this.#faults, told.faults.map(one => one.why), why => h("li", {}, why));
      shown(this.#faulty, told.faults.length > 0);
      if (!this.#rows.some(row => row.id === this.#chosen)) this.#chosen = this.#rows.some(row => row.id === told.live) ? told.live : "";
    } catch (error) {
      this.#rows = [];
      text(this.#none, error.message);
    }
    shown(this.#none, this.#rows.length === 0);
    shown(this.#box, this.#rows.length > 0);
    await this.#learn();
    this.#draw();
  }

  async #learn() {
    const row = this.#rows.find(one => one.id === this.#chosen);
    if (!row?.folder) {
      this.#about = null;
      return;
    }
    try {
      this.#about = await get(`/api/policy?id=${encodeURIComponent(row.id)}`);
    } catch {
      this.#about = null; // it went meanwhile
    }
  }

  #draw() {
    const drawn = graph(this.#rows, ROW, this.#chosen, this.#live);
    this.#rail.replaceChildren(drawn.element);
    this.#list.style.marginLeft = `${drawn.width}px`;
    const keys = new Map(this.#rows.map((row, i) => [`${i} ${JSON.stringify(row)} ${row.id === this.#live}`, row]));
    const lines = keyed(this.#list, [...keys.keys()], key => this.#line(keys.get(key)));
    for (const line of lines) attribute(line, "aria-selected", String(line.dataset.id === this.#chosen));
    attribute(this.#box, "aria-activedescendant", this.#chosen ? `policy-${this.#chosen}` : "");
    this.#replay.policies(this.#rows, this.#chosen, this.#live);
    this.#show();
  }

  #line(row) {
    const real = measured(row);
    return h("div", {class: "policy", role: "option", id: `policy-${row.id}`, "data-id": row.id, onclick: () => this.choose(row.id)},
      h("span", {class: "policy-name"}, row.name || (row.folder ? short(row.id) : "not found here")),
      row.id === this.#live ? h("span", {class: "badge acts"}, "live") : h("span"),
      h("span", {class: "quiet hash"}, short(row.id)),
      h("span", {class: "measured"}, bar(real && wilson(real.successes, real.episodes)),
        h("span", {class: "quiet"}, real ? counted(real.successes, real.episodes) : "not tried")));
  }

  #move(event) {
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity};
    if (!(event.key in steps) || this.#rows.length === 0) return;
    event.preventDefault();
    const at = this.#rows.findIndex(row => row.id === this.#chosen);
    const to = Math.min(this.#rows.length - 1, Math.max(0, at + steps[event.key]));
    this.#list.children[to]?.scrollIntoView({block: "nearest"});
    this.choose(this.#rows[to].id);
  }

  async choose(id) {
    this.#chosen = id;
    this.#about = null;
    this.#draw();
    await this.#learn();
    if (this.#chosen === id) this.#show();
  }

  #show() {
    const row = this.#rows.find(one => one.id === this.#chosen);
    const key = JSON.stringify([row, this.#about, row?.id === this.#live]);
    if (this.#detail.dataset.of === key) return;
    this.#detail.dataset.of = key;
    if (!row) {
      this.#detail.replaceChildren(h("p", {class: "empty"}, "Choose a policy: click, or the arrow keys in the list."));
      return;
    }
    const differs = this.#about?.differs ?? [];
    const allowed = differs.map(one => h("input", {type: "checkbox", value: one.field, id: `differs-${one.field}`}));
    const actions = this.#commands && row.folder
      ? [h("div", {class: "row actions"},
        h("button", {
          class: "primary swap-in", disabled: row.id === this.#live,
          onclick: () => this.#ask({ask: "swap", bundle: row.folder, mayDiffer: allowed.filter(box => box.checked).map(box => box.value)}),
        }, row.id === this.#live ? "It is live" : "Swap in"),
        h("button", {class: "check-files", onclick: event => this.#checkFiles(row, event.currentTarget)}, "Check its files"))]
      : [];
    this.#detail.replaceChildren(
      h("header", {}, h("h2", {}, row.name || short(row.id))),
      ...actions,
      ...(differs.length ? [this.#differences(differs, allowed)] : []),
      this.#facts(row),
      ...this.#settings());
  }

  #differences(differs, allowed) {
    return h("div", {class: "differs"},
      h("p", {}, "It is otherwise than the live policy; a swap needs each of these allowed:"),
      h("ul", {}, ...differs.map((one, i) => h("li", {},
        this.#commands ? h("label", {class: "check", for: `differs-${one.field}`}, allowed[i], one.field) : h("b", {}, one.field),
        h("span", {class: "quiet"}, `${cut(one.here)} instead of ${cut(one.live)}`)))));
  }

  #facts(row) {
    const {success, failure, aborted, unlabelled} = row.tried;
    const all = success + failure + aborted + unlabelled;
    const facts = [
      ["Policy", h("span", {class: "hash"}, row.id)],
      ["Came from", row.parent ? this.#link(row.parent) : row.folder ? "nothing: imported, or trained from the beginning" : ""],
      ["Trained on", row.folder ? `${row.bags} bags` : ""],
      ["Here", all ? h("span", {}, success + failure ? counted(success, success + failure) : "none is labelled",
        h("span", {class: "quiet"}, ` · ${unlabelled} unlabelled, ${aborted} aborted `),
        h("button", {class: "link", onclick: () => { this.#toRollouts(); this.#rollouts.ofPolicy(row.id); }}, `Show its ${all} ${all === 1 ? "rollout" : "rollouts"}`)) : "no rollout yet"],
      ...row.said.map(one => ["", h("span", {}, `${one.what}${one.episodes > 0 ? `: ${counted(one.successes, one.episodes)}` : ""}`, h("br"), h("span", {class: "quiet"}, one.file))]),
      ["Written", row.changedMs ? new Date(row.changedMs).toLocaleString() : ""],
      ["Joints", this.#about?.arm ?? ""],
      ["Bundle", row.folder],
    ].filter(([, value]) => value !== "");
    return h("dl", {class: "facts"}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  }

  #link(id) {
    const parent = this.#rows.find(row => row.id === id);
    return h("button", {class: "link", onclick: () => this.choose(id)}, parent?.name || short(id));
  }

  #settings() {
    const settings = Object.entries(this.#about?.settings ?? {});
    if (settings.length === 0) return [];
    return [h("details", {class: "settings"}, h("summary", {}, "Settings of its training"),
      h("dl", {class: "facts"}, ...settings.flatMap(([name, value]) => flat(name, value)).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])))];
  }

  async #checkFiles(row, button) {
    button.disabled = true;
    const answer = await this.#check(row.id);
    button.disabled = false;
    if (answer?.ok) this.#say(`${row.name || short(row.id)}: ${answer.message}`);
  }
}

/** What is known of a policy's success on the arm: its own rollouts here, else the newest that a round tells. */
function measured(row) {
  const episodes = row.tried.success + row.tried.failure;
  if (episodes) return {successes: row.tried.success, episodes};
  const told = row.said.filter(one => one.episodes > 0).at(-1);
  return told ? {successes: told.successes, episodes: told.episodes} : null;
}

/** A setting, or the settings that its text holds as JSON, by their paths. */
function flat(name, value) {
  try {
    const read = JSON.parse(value);
    if (typeof read === "object" && read !== null && !Array.isArray(read))
      return Object.entries(read).flatMap(([key, part]) => flat(name === "settings" ? key : `${name}.${key}`, JSON.stringify(part)));
  } catch {
    // It is no JSON, but text.
  }
  return [[name, value]];
}

function cut(value) {
  return value.length > 160 ? `${value.slice(0, 160)}…` : value;
}
