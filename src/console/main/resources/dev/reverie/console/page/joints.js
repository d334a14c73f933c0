// Joints between their limits: where each is, what was sent, where the motion leads.
import {h, keyed, shown, text} from "./dom.js";
import {position} from "./words.js";

/** Share of its range within which a joint is near a limit. */
const NEAR = 0.04;

export class Joints {
  #list = h("ul", {class: "joints"});
  #empty = h("p", {class: "quiet"}, "No joint state yet.");
  #parts = new Map();
  element = h("section", {class: "card joints-card"},
    h("header", {},
      h("h2", {}, "Joints"),
      h("p", {class: "legend"},
        h("span", {class: "mark measured"}), "measured",
        h("span", {class: "mark sent"}), "sent",
        h("span", {class: "mark ahead"}), "where it leads")),
    this.#list, this.#empty);

  update(state) {
    shown(this.#empty, state.joints.length === 0);
    keyed(this.#list, state.joints.map(joint => joint.name), name => this.#make(name));
    for (const joint of state.joints) this.#show(this.#parts.get(joint.name), joint);
  }

  #make(name) {
    const part = {
      value: h("span", {class: "value"}),
      lower: h("span", {class: "end"}),
      upper: h("span", {class: "end"}),
      measured: h("span", {class: "mark measured"}),
      sent: h("span", {class: "mark sent"}),
      ahead: h("span", {class: "mark ahead"}),
      way: h("span", {class: "way"}),
    };
    part.track = h("div", {class: "track", "aria-hidden": "true"}, part.way, part.ahead, part.sent, part.measured);
    part.element = h("li", {}, h("span", {class: "name"}, name), part.lower, part.track, part.upper, part.value);
    this.#parts.set(name, part);
    return part.element;
  }

  #show(part, joint) {
    const known = joint.lower !== null && joint.upper !== null;
    // A joint without stops is shown over a turn.
    const lower = known ? joint.lower : -Math.PI;
    const upper = known ? joint.upper : Math.PI;
    const share = value => Math.min(1, Math.max(0, (value - lower) / (upper - lower)));
    for (const mark of ["measured", "sent", "ahead"]) {
      shown(part[mark], joint[mark] !== null);
      if (joint[mark] !== null) part[mark].style.left = `${share(joint[mark]) * 100}%`;
    }
    const leads = joint.measured !== null && joint.ahead !== null;
    shown(part.way, leads);
    if (leads) {
      const [from, to] = [share(joint.measured), share(joint.ahead)].sort((a, b) => a - b);
      part.way.style.left = `${from * 100}%`;
      part.way.style.width = `${(to - from) * 100}%`;
    }
    const at = joint.measured === null ? 0.5 : share(joint.measured);
    part.element.classList.toggle("near", known && (at < NEAR || at > 1 - NEAR));
    text(part.lower, known ? position(joint.lower).slice(0, -1) : "");
    text(part.upper, known ? position(joint.upper).slice(0, -1) : "");
    text(part.value, `${position(joint.measured)} ${joint.unit}`);
  }
}
