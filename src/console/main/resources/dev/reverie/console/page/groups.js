// The groups that a round practised with: where each starts, how its rollouts ended, and what each gives to the update.
import {h, keyed, shown, svg, text} from "./dom.js";
import {get} from "./link.js";

const TALL = 40; // px, as the style has it
const LEAST = 0.5; // an advantage that a bar of half the height stands for at least, so that tiny ones look so

export class Groups {
  #name = "";
  #from = null; // line; null for the newest, also when more come
  #step = null; // iteration that is asked for
  #page = null;
  #turn = 0;
  #sum = h("p", {class: "quiet", role: "status"});
  #fault = h("p", {class: "fault"});
  #bad = h("ul", {class: "notices bad-lines"});
  #list = h("ol", {class: "groups"});
  #older = [this.#button("Oldest", () => 0), this.#button("Older", page => Math.max(0, page.from - this.#size()))];
  #newer = [this.#button("Newer", page => page.from + this.#size()), this.#button("Newest", () => null)];
  #iteration = h("input", {id: "group-iteration", type: "number", min: "0", step: "1", inputmode: "numeric", required: true});
  #pages = h("form", {class: "row group-pages", onsubmit: event => {
    event.preventDefault();
    this.#go(null, Number(this.#iteration.value));
  }}, ...this.#older, ...this.#newer, h("label", {for: "group-iteration"}, "Iteration"), this.#iteration, h("button", {}, "Show"));
  element = h("section", {class: "card groups-card", "aria-label": "Groups of practice"},
    h("header", {}, h("h2", {}, "Groups of practice")), this.#sum, this.#pages, this.#fault, this.#bad, this.#list);

  #button(name, to) {
    return h("button", {type: "button", onclick: () => this.#go(to(this.#page))}, name);
  }

  /** How many lines a page has. */
  #size() {
    return this.#page.groups.length + this.#page.bad.length;
  }

  async #go(from, step = null) {
    this.#from = from;
    this.#step = step;
    await this.load(this.#name);
    // The page of an iteration is then that of its line, and stays it.
    if (step !== null && this.#page) this.#from = this.#page.from;
    this.#step = null;
  }

  /** Shows those of a run, the newest at first, else the page that was shown of it. */
  async load(name) {
    if (name !== this.#name) {
      this.#name = name;
      this.#from = null;
      this.#step = null;
    }
    const turn = ++this.#turn;
    const asked = new URLSearchParams({name});
    if (this.#step !== null) asked.set("step", this.#step);
    else if (this.#from !== null) asked.set("from", this.#from);
    let page = null;
    let fault = "";
    try {
      page = name === null ? null : await get(`/api/groups?${asked}`);
    } catch (error) {
      fault = error.message;
    }
    if (turn !== this.#turn) return; // another one was asked for meanwhile
    this.#page = page;
    text(this.#fault, fault);
    this.#draw();
  }

  #draw() {
    const page = this.#page;
    const any = page !== null && page.lines > 0;
    for (const part of [this.#pages, this.#list]) shown(part, any);
    shown(this.#bad, any && page.bad.length > 0);
    shown(this.#fault, this.#fault.textContent !== "");
    if (!any) {
      text(this.#sum, page ? "Practice leaves them in groups.jsonl; none yet." : "");
      return;
    }
    const end = page.from + this.#size();
    const iterations = page.firstStep < 0 ? "" : page.firstStep === page.lastStep ? ` of iteration ${page.firstStep}` : ` of iterations ${page.firstStep} to ${page.lastStep}`;
    text(this.#sum, `${page.lines} groups${iterations}; ${page.from + 1} to ${end} are shown. Up: what makes its actions likelier; down: less likely.`);
    for (const button of this.#older) button.disabled = page.from === 0;
    for (const button of this.#newer) button.disabled = end >= page.lines;
    const held = document.activeElement;
    if (held?.disabled) this.#iteration.focus();
    keyed(this.#bad, page.bad.map(one => `Line ${one.line + 1} of groups.jsonl tells no group: ${one.why}`), why => h("li", {}, why));
    const most = Math.max(LEAST, ...page.groups.flatMap(one => one.advantage.map(Math.abs)));
    const lines = new Map(page.groups.map(one => [JSON.stringify([one, most]), one]));
    keyed(this.#list, [...lines.keys()], key => group(lines.get(key), most));
  }
}

function group(one, most) {
  const succeeded = one.success.filter(value => value === 1).length;
  const all = one.success.length;
  const alike = one.advantage.every(value => value === 0);
  return h("li", {class: "group"},
    h("p", {}, h("b", {}, `Iteration ${one.step}`), one.draw > 0 ? `, draw ${one.draw + 1}` : "",
      h("span", {class: "quiet"}, ` · ${succeeded} of ${all} succeeded${alike ? ": nothing to learn from" : ""}`)),
    h("p", {}, one.instruction),
    h("p", {class: "quiet"}, `from frame ${one.frame} of ${one.episode}`),
    ...(alike ? [] : [h("ol", {class: "members"}, ...one.success.map((success, i) => member(success === 1, one.advantage[i], one.trusted?.[i] ?? 1, most)))]));
}

function member(succeeded, advantage, trusted, most) {
  const size = Math.abs(advantage) / most * TALL / 2;
  const how = trusted === 1 ? "" : trusted === 0 ? "cut" : `${Math.round(trusted * 100)} %`;
  return h("li", {"data-outcome": succeeded ? "success" : "failure"},
    svg("svg", {viewBox: `0 0 10 ${TALL}`, preserveAspectRatio: "none", "aria-hidden": "true"},
      svg("rect", {class: "gain", x: 2, width: 6, y: advantage > 0 ? TALL / 2 - size : TALL / 2, height: size, opacity: 0.35 + 0.65 * trusted}),
      svg("rect", {class: "whole", x: 0, width: 10, y: TALL / 2 - 0.5, height: 1})),
    h("span", {class: "unseen"}, succeeded ? "succeeded, advantage " : "failed, advantage "),
    h("span", {class: "mark-of-end", "aria-hidden": "true"}, succeeded ? "✓" : "✕"),
    h("span", {}, signed(advantage)),
    ...(how ? [h("span", {class: "quiet"}, h("span", {class: "unseen"}, ", trusted "), how)] : []));
}

function signed(value) {
  return `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(2)}`;
}
