// What happened, the newest first.
import {h, keyed, shown} from "./dom.js";
import {kind, timeOfDay} from "./words.js";

const SHOWN = 40;
export const TONES = {
  TAKEOVER: "person", RETURNED: "person", ASKED: "person",
  HELD: "hold", CLAMPED: "hold", REFUSED: "hold", NOTICED: "hold",
  STOPPED: "stop", BRAKED: "stop", LOST: "stop",
  BEGUN: "good", LIVE: "good", LABELLED: "good",
};

export class Happenings {
  #list = h("ol", {class: "happenings", reversed: true, tabindex: "0", "aria-label": "What happened, newest first"});
  #empty = h("p", {class: "quiet"}, "Nothing yet.");
  element = h("section", {class: "card happenings-card"}, h("header", {}, h("h2", {}, "What happened")), this.#list, this.#empty);

  update(state) {
    const newest = state.happenings.slice(-SHOWN).reverse();
    const byKey = new Map(newest.map(one => [String(one.id), one]));
    shown(this.#empty, newest.length === 0);
    keyed(this.#list, [...byKey.keys()], key => make(byKey.get(key)));
  }
}

function make(one) {
  const times = one.times > 1 ? h("span", {class: "times"}, `× ${one.times}`) : "";
  return h("li", {"data-tone": TONES[one.kind] ?? "plain"},
    h("time", {}, timeOfDay(one.timeMs)),
    h("span", {class: "kind"}, kind(one.kind)), times,
    h("span", {class: "who"}, one.who),
    h("span", {class: "what"}, one.text));
}
