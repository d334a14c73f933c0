// What a person does in imagination: a row for each number of an action, with a slider, two buttons and two keys.
import {attribute, h, text} from "./dom.js";
import {digits} from "./charts.js";

const KEYS = [["ArrowLeft", "ArrowRight"], ["ArrowDown", "ArrowUp"], ["j", "l"], ["k", "i"], ["[", "]"], [";", "'"], ["-", "="]];
const SIGNS = {ArrowLeft: "←", ArrowRight: "→", ArrowDown: "↓", ArrowUp: "↑"};
const NUDGE = 0.1; // of a number that is a position

export class Steer {
  #act;
  #dimensions = [];
  #rows = [];
  #keys = new Map();
  #held = 0;
  #list = h("ul", {class: "steer-rows"});
  #strength = h("input", {type: "range", class: "slider", id: "strength", min: "0.1", max: "1", step: "0.1", value: "1", oninput: () => this.#tell()});
  #strengthTold = h("output", {for: "strength", class: "value"});
  #times = h("select", {id: "times", "aria-label": "Steps at once"});
  element = h("div", {class: "steer"}, this.#list,
    h("div", {class: "steer-row strength"}, h("label", {for: "strength"}, "Keys and buttons go by"), this.#strength, this.#strengthTold),
    h("div", {class: "row"}, h("button", {class: "primary", onclick: () => this.#act(this.#repeated(this.#values()))}, "Step by the sliders"), this.#times));

  /** act(actions) carries out actions, and returns a promise of that. */
  constructor(act) {
    this.#act = act;
  }

  /** Makes a row for each number of an action: {name, unit, scale, delta}. */
  show(dimensions, chunk) {
    this.#dimensions = dimensions;
    this.#keys.clear();
    const times = [...new Set([1, 2, chunk])].filter(many => many >= 1).sort((a, b) => a - b);
    this.#times.replaceChildren(...times.map(many => h("option", {value: many}, many === 1 ? "one step" : many === chunk ? `${many} steps, as a chunk` : `${many} steps`)));
    this.#rows = dimensions.map((one, i) => this.#row(one, i));
    this.#list.replaceChildren(...this.#rows.map(row => row.element));
    this.#tell();
  }

  #row(one, i) {
    const keys = KEYS[i] ?? [];
    keys.forEach((key, side) => this.#keys.set(key, () => this.nudge(i, side ? 1 : -1)));
    const name = one.name.replaceAll("_", " ");
    const slider = h("input", {type: "range", class: "slider", min: "-1", max: "1", step: "0.05", value: "0", "aria-label": `${name}, ${one.delta ? "moves by" : "goes to"}`, oninput: () => this.#tell()});
    const value = h("output", {class: "value"});
    const button = side => h("button", {
      class: "nudge", "aria-label": `${name} ${side < 0 ? "less" : "more"}`,
      onclick: event => { if (event.detail === 0) this.nudge(i, side); }, // by the keyboard
      onpointerdown: event => { if (event.button === 0) this.#hold(event, () => this.nudge(i, side)); },
    }, side < 0 ? "−" : "+", ...(keys.length ? [h("kbd", {}, SIGNS[keys[side < 0 ? 0 : 1]] ?? keys[side < 0 ? 0 : 1])] : []));
    return {slider, value, element: h("li", {class: "steer-row"}, h("span", {class: "name"}, name), button(-1), slider, button(1), value)};
  }

  /** Goes on as long as a button is held. */
  #hold(event, work) {
    event.currentTarget.setPointerCapture(event.pointerId);
    const turn = ++this.#held;
    const end = () => { if (this.#held === turn) this.#held++; };
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) event.currentTarget.addEventListener(name, end, {once: true});
    const go = async () => {
      do {
        if (!(await work())) return;
        await new Promise(done => setTimeout(done));
      } while (this.#held === turn);
    };
    go();
  }

  /** Carries out one step in which one number is as far to a side as is set; a position goes a little from where its slider stands. */
  nudge(i, side) {
    const by = side * Number(this.#strength.value);
    const action = this.#dimensions.map((one, j) => one.delta ? (j === i ? by : 0) : this.#at(j) + (j === i ? by * NUDGE : 0));
    const bounded = action.map(value => Math.max(-1, Math.min(1, value)));
    if (!this.#dimensions[i].delta) {
      this.#rows[i].slider.value = String(bounded[i]);
      this.#tell();
    }
    return this.#act([bounded]);
  }

  /** Takes a key; returns whether it is one of these. */
  key(name) {
    const handler = this.#keys.get(name);
    handler?.();
    return handler !== undefined;
  }

  #at(i) {
    return Number(this.#rows[i].slider.value);
  }

  #values() {
    return this.#rows.map((_, i) => this.#at(i));
  }

  #repeated(action) {
    return Array.from({length: Number(this.#times.value)}, () => action);
  }

  #tell() {
    text(this.#strengthTold, `${Math.round(Number(this.#strength.value) * 100)} %`);
    this.#dimensions.forEach((one, i) => {
      const value = this.#at(i);
      const words = one.delta && one.unit !== "1" ? `${digits(value * one.scale)} ${one.unit}` : digits(value);
      text(this.#rows[i].value, words);
      attribute(this.#rows[i].slider, "aria-valuetext", words);
    });
  }
}
