// The recorded episodes: thousands, filtered, labelled again, recovered.
import {attribute, h, keyed, shown, text} from "./dom.js";
import {Player} from "./player.js";
import {wilson} from "./wilson.js";
import {age, short} from "./words.js";

const ROW = 44; // px, as the style has it
const SPARE = 8; // rows that are there beyond those that are seen
const AGAIN_MS = 15_000;
const LOOKING_MS = 700; // while the console reads bags
const SOON_MS = 1200; // after a bag is closed
const OUTCOMES = ["success", "failure", "unlabelled", "aborted", "broken"];

export class Rollouts {
  #change;
  #say;
  #commands;
  #rows = [];
  #shown = [];
  #chosen = null; // name
  #running = "";
  #looking = false;
  #undo = [];
  #timer = 0;
  #ended = null;
  #words = h("input", {id: "words", type: "search", placeholder: "Instruction, policy, person, note", "aria-label": "Search"});
  #since = h("input", {id: "since", type: "date", "aria-label": "Since"});
  #policy = h("select", {id: "policy", "aria-label": "Policy"});
  #outcomes = new Map(OUTCOMES.map(outcome => [outcome, h("button", {
    class: "filter", "aria-pressed": "false", "data-outcome": outcome, onclick: event => this.#toggle(event.currentTarget),
  }, h("span", {}, outcome), h("b"))]));
  #sum = h("p", {class: "sum", role: "status"});
  #none = h("p", {class: "empty"});
  #space = h("div", {class: "space"});
  #list = h("div", {class: "list", role: "listbox", tabindex: "0", "aria-label": "Rollouts, newest first", onscroll: () => this.#draw()}, this.#space);
  player = new Player();
  #here = h("span", {class: "quiet"});
  #detail = h("section", {class: "card detail", "aria-label": "Chosen rollout"});
  element = h("main", {class: "rollouts"},
    h("section", {class: "card filters"},
      this.#words, this.#since, this.#policy, h("div", {class: "outcome-filters"}, ...this.#outcomes.values())),
    h("section", {class: "card list-card"}, this.#sum, this.#list, this.#none),
    this.#detail);

  constructor(change, say, commands) {
    this.#change = change;
    this.#say = say;
    this.#commands = commands;
    for (const field of [this.#words, this.#since, this.#policy]) field.addEventListener("input", () => this.#filter());
    this.player.onseek = words => text(this.#here, words);
    this.#list.addEventListener("keydown", event => this.#move(event));
    new ResizeObserver(() => this.#draw()).observe(this.#list);
    this.#show(null);
  }

  /** Begins to look at the folder again and again, or ends it. */
  look(whether) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (whether) this.#again();
    else this.player.pause();
  }

  async #again() {
    const looking = await this.load();
    this.#timer = setTimeout(() => this.#again(), looking ? LOOKING_MS : AGAIN_MS);
  }

  update(state) {
    this.#running = state.running?.id ?? "";
    // An episode that ended, or was labelled, is seen at once.
    const ended = JSON.stringify(state.ended);
    if (this.#ended !== ended && this.#ended !== null && this.#timer) setTimeout(() => this.load(), SOON_MS);
    this.#ended = ended;
  }

  /** Gets the list; returns whether the console still reads bags. */
  async load() {
    try {
      const answer = await fetch("/api/rollouts");
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.refused);
      this.#looking = told.looking;
      attribute(this.element, "data-folder", told.folder);
      // What the node still writes is not whole yet.
      this.#rows = told.rows.filter(row => !row.recording && row.id !== this.#running).map(row => ({...row, kind: row.problem ? "broken" : row.outcome}));
      text(this.#none, told.rows.length ? "Nothing is like that." : `No rollout in ${told.folder} yet.`);
      if (!told.rows.length && told.looking) text(this.#none, `${told.folder} is read.`);
      this.#policies();
      this.#filter();
      return told.looking;
    } catch (error) {
      this.#rows = [];
      this.#looking = false;
      text(this.#none, error instanceof TypeError ? "The console does not answer." : error.message);
      this.#filter();
      return false;
    }
  }

  #policies() {
    const all = [...new Set(this.#rows.map(row => row.policyId).filter(Boolean))];
    keyed(this.#policy, ["", ...all], id => h("option", {value: id}, id ? `policy ${short(id)}` : "every policy"));
  }

  #toggle(button) {
    attribute(button, "aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    this.#filter();
  }

  #filter() {
    const words = this.#words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const since = this.#since.value ? new Date(`${this.#since.value}T00:00`).getTime() : 0;
    const policy = this.#policy.value;
    const wanted = OUTCOMES.filter(outcome => this.#outcomes.get(outcome).getAttribute("aria-pressed") === "true");
    const like = this.#rows.filter(row =>
      row.recordedMs >= since
      && (!policy || row.policyId === policy)
      && words.every(word => `${row.instruction} ${row.policyId} ${row.labeller} ${row.reason} ${row.name}`.toLowerCase().includes(word)));
    const count = Object.fromEntries(OUTCOMES.map(outcome => [outcome, 0]));
    for (const row of like) count[row.kind]++;
    for (const [outcome, button] of this.#outcomes) text(button.lastChild, String(count[outcome]));
    this.#shown = wanted.length ? like.filter(row => wanted.includes(row.kind)) : like;
    const tried = count.success + count.failure;
    text(this.#sum, `${this.#shown.length} of ${this.#rows.length} rollouts${this.#looking ? ", more are read" : ""}`
      + (tried ? ` · ${count.success} of ${tried} succeeded${interval(count.success, tried)}` : ""));
    shown(this.#none, this.#shown.length === 0);
    this.#space.style.height = `${this.#shown.length * ROW}px`;
    this.#draw();
    this.#show(this.#rows.find(row => row.name === this.#chosen) ?? null);
  }

  /** Shows those of one policy. */
  async ofPolicy(id) {
    await this.load();
    this.#policy.value = id;
    this.#filter();
  }

  /** Names of those that are shown and can be read, the newest first. */
  listed() {
    return this.#shown.filter(row => !row.problem).map(row => row.name);
  }

  /** Makes the rows that are seen, and a few more. */
  #draw() {
    const first = Math.max(0, Math.floor(this.#list.scrollTop / ROW) - SPARE);
    const last = Math.min(this.#shown.length, first + Math.ceil(this.#list.clientHeight / ROW) + 2 * SPARE);
    const seen = new Map();
    for (let i = first; i < last; i++) seen.set(`${this.#shown[i].name} ${this.#shown[i].stamp} ${i}`, i);
    keyed(this.#space, [...seen.keys()], key => this.#row(this.#shown[seen.get(key)], seen.get(key)));
    for (const row of this.#space.children) attribute(row, "aria-selected", String(row.dataset.name === this.#chosen));
  }

  #row(row, i) {
    const element = h("div", {class: "rollout", role: "option", "data-name": row.name, "data-outcome": row.kind, id: `rollout-${i}`, onclick: () => this.#choose(row.name)},
      h("span", {class: "badge"}, row.kind),
      h("span", {class: "what"}, row.problem || row.instruction || row.id),
      h("span", {class: "quiet who"}, row.labeller),
      h("span", {class: "quiet length"}, row.seconds ? age(row.seconds) : ""),
      h("time", {class: "quiet"}, row.recordedMs ? when(row.recordedMs) : ""));
    element.style.top = `${i * ROW}px`;
    return element;
  }

  #choose(name) {
    this.#chosen = name;
    this.#draw();
    this.#show(this.#rows.find(row => row.name === name) ?? null);
  }

  #move(event) {
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity};
    if (!(event.key in steps) || this.#shown.length === 0) return;
    event.preventDefault();
    const at = this.#shown.findIndex(row => row.name === this.#chosen);
    const to = Math.min(this.#shown.length - 1, Math.max(0, at + steps[event.key]));
    const top = to * ROW;
    if (top < this.#list.scrollTop) this.#list.scrollTop = top;
    else if (top + ROW > this.#list.scrollTop + this.#list.clientHeight) this.#list.scrollTop = top + ROW - this.#list.clientHeight;
    this.#choose(this.#shown[to].name);
    attribute(this.#list, "aria-activedescendant", `rollout-${to}`);
  }

  #show(row) {
    const key = row ? row.name + row.stamp + row.problem : "";
    if (this.#detail.dataset.of === key) return;
    // Of the rollout that was shown, which somebody may be writing a note on: its keys are no labels.
    const before = row && this.#detail.dataset.name === row.name ? this.#detail.querySelector("#why") : null;
    const writing = before !== null && before === document.activeElement;
    this.#detail.dataset.of = key;
    this.#detail.dataset.name = row?.name ?? "";
    if (row && !row.problem) this.player.open(row.name);
    else this.player.close();
    if (!row) {
      this.#detail.replaceChildren(h("p", {class: "empty"}, "Choose a rollout: click, or the arrow keys in the list."));
      return;
    }
    const facts = [
      ["Outcome", row.kind], ["Labelled by", row.labeller], ["Note", row.reason],
      ["Instruction", row.instruction], ["Policy", row.policyId], ["Acted by", row.source],
      ["Begun", row.recordedMs ? new Date(row.recordedMs).toLocaleString() : ""],
      ["Length", row.seconds ? `${row.seconds.toFixed(1)} s, ${row.commands} commands` : ""],
      ["Size", `${(row.bytes / 1e6).toFixed(1)} MB`], ["Bag", row.name],
    ].filter(([, value]) => value !== "");
    const note = h("input", {id: "why", maxlength: "1000", autocomplete: "off", placeholder: "Note (optional)", "aria-label": "Note"});
    note.value = before?.value ?? "";
    this.#detail.replaceChildren(
      h("header", {}, h("h2", {}, row.instruction || row.id)),
      ...(row.problem ? [h("p", {class: "fault"}, row.problem)] : [this.player.element]),
      ...(this.#commands
        ? row.problem
          ? [h("button", {class: "primary recover", onclick: () => this.recover()}, "Recover what is left")]
          : [h("div", {class: "outcomes"}, ...["success", "failure", "aborted"].map(outcome =>
            h("button", {class: `outcome ${outcome}`, onclick: () => this.label(outcome)},
              {success: "Success", failure: "Failure", aborted: "Discard"}[outcome],
              h("kbd", {}, {success: "S", failure: "F", aborted: "D"}[outcome])))),
            h("div", {class: "row"}, h("label", {class: "check", title: "Nothing after that picture counts. Else a success is one when it was said, or at the end"},
              h("input", {id: "here", type: "checkbox"}), "Success at the picture that is shown", this.#here)), note]
        : []),
      h("dl", {class: "facts"}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
    if (writing) note.focus();
  }

  /** Labels the chosen rollout, and goes to the next one. */
  async label(outcome) {
    const note = this.#detail.querySelector("#why")?.value.trim() ?? "";
    const here = outcome === "success" && this.#detail.querySelector("#here")?.checked;
    await this.#label(this.#chosen, {outcome, note, atMs: here ? this.player.ms : -1, stamp: ""}, false);
  }

  async #label(of, told, taken) {
    const {outcome} = told;
    const row = this.#rows.find(one => one.name === of);
    if (!row || row.problem) return;
    const at = this.#shown.findIndex(one => one.name === of);
    const next = this.#shown[at + 1]?.name;
    const answer = await this.#change({name: row.name, ...told});
    if (!answer?.ok) return;
    const note = this.#detail.querySelector("#why");
    if (note) note.value = ""; // it is kept with the label
    if (!taken) this.#undo.push({name: row.name, outcome: row.outcome, note: row.reason, stamp: row.outcomeStamp});
    this.#say(taken ? `Again ${outcome}` : `${outcome}: ${row.instruction || row.id}`);
    if (next && !taken) this.#choose(next);
    await this.load();
  }

  async undo() {
    const last = this.#undo.pop();
    if (!last) return;
    const {name, ...told} = last;
    await this.#label(name, {...told, atMs: -1}, true);
  }

  async recover() {
    const answer = await this.#change({name: this.#chosen, outcome: "", note: "", atMs: -1, stamp: ""});
    if (answer?.ok) this.#say(answer.message || "Nothing was to be done.");
    await this.load();
  }

  focus() {
    this.#words.focus();
  }
}

/** The share of those that were tried and its 95 % interval, in words. */
function interval(successes, episodes) {
  const {value, low, high} = wilson(successes, episodes);
  return ` (${(value * 100).toFixed(0)} %, ${(low * 100).toFixed(0)} to ${(high * 100).toFixed(0)})`;
}

function when(ms) {
  const date = new Date(ms);
  const two = value => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
