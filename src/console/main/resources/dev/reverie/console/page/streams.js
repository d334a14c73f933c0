// How often everything comes, how old it is, and how long the policy takes.
import {h, keyed, text} from "./dom.js";
import {age} from "./words.js";

export class Streams {
  #body = h("tbody");
  #rows = new Map();
  #policy = h("dl", {class: "numbers"});
  #numbers = new Map();
  element = h("section", {class: "card streams-card"},
    h("header", {}, h("h2", {}, "Streams")),
    h("table", {},
      h("thead", {}, h("tr", {},
        h("th", {scope: "col"}, "Stream"), h("th", {scope: "col"}, "Rate"),
        h("th", {scope: "col"}, "Age"), h("th", {scope: "col"}, "On the way"))),
      this.#body),
    this.#policy);

  update(state) {
    keyed(this.#body, state.streams.map(stream => stream.name), name => this.#make(name));
    for (const stream of state.streams) {
      const row = this.#rows.get(stream.name);
      const came = stream.ageS >= 0;
      row.element.dataset.fresh = !came ? "never" : stream.ageS < 2.500 ? "yes" : "no";
      text(row.hz, came && stream.hz > 0 ? `${stream.hz.toFixed(1)} Hz` : "–");
      text(row.age, age(stream.ageS));
      // A clock that differs by more than an hour is another clock, such as that of a simulation.
      text(row.late, came && Math.abs(stream.lateS) < 3600 ? `${(stream.lateS * 1000).toFixed(0)} ms` : "–");
    }
    const none = state.chunk.ageS < 0;
    this.#number("Inference", none ? "–" : `${state.chunk.inferenceMs.toFixed(1)} ms`);
    this.#number("Besides it", none ? "–" : `${state.chunk.latencyMs.toFixed(1)} ms`);
    this.#number("Chunk", none ? "–" : `${state.chunk.horizon} × ${(state.chunk.periodS * 1000).toFixed(0)} ms`);
    this.#number("Actions left", String(state.robot.queueLength));
    this.#number("Ticks", String(state.robot.ticks));
    this.#number("Late ticks", String(state.robot.lateTicks));
    this.#number("Limited ticks", String(state.robot.limitedTicks));
    this.#number("Not recorded", String(state.robot.recorderDropped));
  }

  #make(name) {
    const row = {hz: h("td"), age: h("td"), late: h("td")};
    row.element = h("tr", {}, h("th", {scope: "row"}, h("span", {class: "dot"}), name), row.hz, row.age, row.late);
    this.#rows.set(name, row);
    return row.element;
  }

  #number(name, value) {
    if (!this.#numbers.has(name)) {
      const element = h("dd");
      this.#numbers.set(name, element);
      this.#policy.append(h("div", {}, h("dt", {}, name), element));
    }
    text(this.#numbers.get(name), value);
  }
}
