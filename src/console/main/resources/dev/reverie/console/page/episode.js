// Runs the policy, and says how it went.
import {h, keyed, shown, text} from "./dom.js";
import {clock, kind, leaf, short} from "./words.js";

const LIMIT = "reverie-time-limit";

export class Episode {
  #ask;
  #say;
  #running = null;
  #last = null;
  #undo = [];
  #instruction = h("input", {id: "instruction", autocomplete: "off", list: "instructions", maxlength: "2000"});
  #known = h("datalist", {id: "instructions"});
  #limit = h("input", {id: "limit", type: "number", min: "0", max: "86400", step: "1", inputmode: "numeric"});
  #teleop = h("input", {id: "teleop", type: "checkbox"});
  #drawn = h("input", {id: "drawn", type: "checkbox"});
  #go = h("button", {class: "primary"}, "Run", h("kbd", {}, "R"));
  #note = h("input", {id: "note", autocomplete: "off", maxlength: "1000", placeholder: "Note (optional)", "aria-label": "Note"});
  #about = h("p", {class: "about"});
  #undoButton = h("button", {class: "quiet-button", onclick: () => this.undo()}, "Undo", h("kbd", {}, "U"));
  #outcomes = ["success", "failure", "aborted"].map(outcome =>
    h("button", {class: `outcome ${outcome}`, onclick: () => this.label(outcome)},
      {success: "Success", failure: "Failure", aborted: "Discard"}[outcome],
      h("kbd", {}, {success: "S", failure: "F", aborted: "D"}[outcome])));
  #list = h("ul", {class: "ended"});
  #form = h("form", {class: "run", onsubmit: event => { event.preventDefault(); this.run(); }},
    h("label", {for: "instruction"}, "Instruction"), this.#instruction, this.#known,
    h("div", {class: "row"},
      h("label", {for: "limit"}, "Time limit, s"), this.#limit,
      h("label", {class: "check"}, this.#teleop, "a person acts"),
      h("label", {class: "check", title: "The policy draws its actions (temperature 1) instead of taking the likeliest"},
        this.#drawn, "for training")),
    this.#go);
  #label = h("div", {class: "label"}, this.#about,
    h("div", {class: "outcomes"}, ...this.#outcomes),
    h("div", {class: "row"}, this.#note, this.#undoButton));
  element = h("section", {class: "card episode-card"},
    h("header", {}, h("h2", {}, "Episode")), this.#form, this.#label, this.#list);

  constructor(ask, say, commands) {
    this.#ask = ask;
    this.#say = say;
    this.#limit.value = localStorage.getItem(LIMIT) ?? "30";
    if (!commands) {
      this.#form.remove();
      this.#label.querySelectorAll(".outcomes, .row").forEach(part => part.remove());
    }
  }

  update(state) {
    this.#running = state.running;
    this.#last = state.ended[0] ?? null;
    const about = this.#running ?? this.#last;
    this.#instruction.placeholder = state.robot.instruction || "what the arm is to do";
    const words = new Set([state.running, ...state.ended].filter(Boolean).map(one => one.instruction).filter(Boolean));
    keyed(this.#known, [...words], word => h("option", {value: word}));
    shown(this.#form, !this.#running);
    text(this.#about, !about
      ? "No episode yet."
      : this.#running
        ? `It runs: how does it go?`
        : `The last one ${said(about)}.`);
    for (const button of this.#outcomes) button.disabled = !about;
    this.#undoButton.disabled = this.#undo.length === 0;
    const ended = state.ended.slice(0, 6);
    const byKey = new Map(ended.map(one => [one.id + one.outcome + one.reason, one]));
    keyed(this.#list, [...byKey.keys()], key => row(byKey.get(key)));
  }

  focus() {
    this.#instruction.focus();
  }

  focusNote() {
    this.#note.focus();
  }

  async run() {
    localStorage.setItem(LIMIT, this.#limit.value);
    const answer = await this.#ask({
      ask: "run",
      instruction: this.#instruction.value.trim(),
      timeLimitS: Number(this.#limit.value) || 0,
      temperature: this.#drawn.checked ? 1 : 0,
      seed: Math.floor(Math.random() * 2 ** 31),
      teleop: this.#teleop.checked,
    });
    if (answer?.ok) this.#instruction.blur();
  }

  async label(outcome) {
    const one = this.#running ?? this.#last;
    if (!one) return;
    const before = this.#running ? {outcome: "unlabelled", note: ""} : {outcome: one.outcome, note: one.reason};
    const answer = await this.#ask({ask: "label", episodeId: one.id, outcome, note: this.#note.value.trim()});
    if (!answer?.ok) return;
    this.#undo.push({id: one.id, ...before});
    this.#note.value = "";
    this.#note.blur();
    this.#say(`${{success: "Success", failure: "Failure", aborted: "Discarded"}[outcome]}: ${one.instruction || one.id}`);
  }

  async undo() {
    const last = this.#undo.pop();
    if (!last) return;
    const answer = await this.#ask({ask: "label", episodeId: last.id, outcome: last.outcome, note: last.note});
    if (answer?.ok) this.#say(`Again ${last.outcome}`);
    else this.#undo.push(last);
  }
}

function said(episode) {
  return episode.outcome === "aborted" ? "was broken off" : episode.outcome === "unlabelled" ? "is not labelled yet" : `was a ${episode.outcome}`;
}

function row(one) {
  return h("li", {"data-outcome": one.outcome},
    h("span", {class: "badge"}, one.outcome),
    h("span", {class: "what"}, one.instruction || leaf(one.id)),
    h("span", {class: "quiet"}, [one.labeller, one.reason].filter(Boolean).join(": ")));
}

/** What the arm does now, in one line: {tone, head, more}. */
export function headline(state) {
  const robot = state.robot;
  if (!robot.there) {
    return robot.ageS < 0
      ? {tone: "off", head: `No robot node ${robot.name}`, more: "Start it with ./reverie robot; this page goes on by itself."}
      : {tone: "stop", head: `${robot.name} is silent`, more: "Nothing came from it for some seconds. Look at the arm."};
  }
  if (robot.nodes > 1) {
    return {tone: "stop", head: `${robot.nodes} nodes are called ${robot.name}`, more: "End one of them: what is shown may be of either."};
  }
  if (robot.state === "stopped") return {tone: "stop", head: "Stopped", more: "No episode begins until you release the stop."};
  const running = state.running;
  const time = running ? clock((state.timeMs - running.beganMs) / 1000) : "";
  if (robot.state === "inactive") return {tone: "off", head: "Inactive", more: state.hold.text};
  if (!running) return {tone: "idle", head: "Ready", more: state.hold.kind === "NO_EPISODE" ? "" : state.hold.text};
  const what = `${running.instruction} · ${time}`;
  // What the node told last is of before the episode.
  if (state.hold.kind === "NO_EPISODE") return {tone: "act", head: "Beginning", more: what};
  if (state.hold.kind !== "NONE") return {tone: "hold", head: `Holding: ${kind(state.hold.kind)}`, more: state.hold.text};
  if (state.tick.source === "teleop") return {tone: "person", head: "A person moves the arm", more: what};
  return {tone: "act", head: robot.shadow ? "Acting in shadow" : "Acting", more: `${what} · policy ${short(running.policyId)}`};
}
