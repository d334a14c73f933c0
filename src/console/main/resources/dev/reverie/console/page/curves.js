// What each joint did over an episode: measured, and sent by the safety gate.
import {attribute, h, svg, text} from "./dom.js";
import {position} from "./words.js";

const WIDTH = 300;
const HEIGHT = 46;
const EDGE = 3;

export class Curves {
  #film = null;
  #parts = [];
  #list = h("ul", {class: "curves"});
  element = h("section", {class: "curves-part", "aria-label": "Joints"},
    h("p", {class: "legend"}, h("span", {class: "swatch measured"}), "measured", h("span", {class: "swatch sent"}), "sent"),
    this.#list);

  /** Draws the joints of a film anew. */
  show(film) {
    this.#film = film;
    this.element.hidden = film.curves.length === 0;
    this.#parts = film.joints.map((name, joint) => this.#make(name, joint));
    this.#list.replaceChildren(...this.#parts.map(part => part.element));
  }

  #make(name, joint) {
    const {curves, durationMs} = this.#film;
    const all = curves.flatMap(tick => [tick.measured[joint], tick.sent[joint]]).filter(Number.isFinite);
    const least = all.reduce((a, b) => Math.min(a, b), Infinity);
    const most = all.reduce((a, b) => Math.max(a, b), -Infinity);
    const span = Math.max(1e-6, most - least);
    const line = of => curves.filter(tick => Number.isFinite(tick[of][joint])).map(tick =>
      `${(WIDTH * tick.ms / Math.max(1, durationMs)).toFixed(1)},${(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (tick[of][joint] - least) / span).toFixed(1)}`).join(" ");
    const hand = svg("line", {class: "hand", y1: 0, y2: HEIGHT});
    const value = h("span", {class: "value"});
    const drawn = svg("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
      "aria-label": `${name}, ${position(least)} to ${position(most)} rad`,
    }, svg("polyline", {class: "measured", points: line("measured")}), svg("polyline", {class: "sent", points: line("sent")}), hand);
    return {hand, value, joint, element: h("li", {}, h("span", {class: "name"}, name), drawn, value)};
  }

  /** Marks a time, and tells the positions then. */
  at(ms) {
    if (!this.#film || !this.#film.curves.length) return;
    const {curves, durationMs} = this.#film;
    const tick = curves[Math.max(0, curves.findLastIndex(one => one.ms <= ms + 0.01))];
    const x = (WIDTH * ms / Math.max(1, durationMs)).toFixed(1);
    for (const part of this.#parts) {
      attribute(part.hand, "x1", x);
      attribute(part.hand, "x2", x);
      text(part.value, `${told(tick.measured[part.joint])} ${told(tick.sent[part.joint])}`);
    }
  }
}

/** A position of a bag, where what is no number is a word. */
function told(value) {
  return Number.isFinite(value) ? position(value) : "–";
}
