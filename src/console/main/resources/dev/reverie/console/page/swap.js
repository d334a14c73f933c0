// Which policy acts, and each state of the one that is to: swap, roll back, cancel.
import {attribute, h, keyed, shown, text} from "./dom.js";
import {kind, leaf, short, timeOfDay} from "./words.js";

const WAY = ["STAGED", "VERIFIED", "LOADED", "PROBED", "WAITING", "LIVE"];
const MEANS = {
  STAGED: "its files are whole", VERIFIED: "it is made for this arm", LOADED: "a process beside the node has it in memory",
  PROBED: "it acts on what the cameras saw", WAITING: "it waits for the end of the chunk", LIVE: "it acts",
};
const TONES = {LIVE: "good", ROLLED_BACK: "hold", REFUSED: "stop", CANCELLED: "hold"};

export class Swap {
  #live = h("p", {class: "live-name"});
  #liveId = h("p", {class: "quiet hash"});
  #head = h("p", {class: "swap-head", role: "status"});
  #why = h("p", {class: "why"});
  #steps = h("ol", {class: "steps"});
  #cancel;
  #back;
  element;

  constructor(ask, commands) {
    this.#back = h("button", {onclick: () => ask({ask: "rollback"})}, "Roll back");
    this.#cancel = h("button", {hidden: true, onclick: () => ask({ask: "cancel_swap"})}, "Cancel the swap");
    const folder = h("input", {id: "bundle", autocomplete: "off", spellcheck: "false", maxlength: "4096", placeholder: "/models/better", required: true});
    const other = h("form", {
      class: "other", onsubmit: event => {
        event.preventDefault();
        ask({ask: "swap", bundle: folder.value.trim(), mayDiffer: []});
      },
    }, h("label", {for: "bundle"}, "A folder on the robot's machine"), h("div", {class: "row"}, folder, h("button", {}, "Swap in")));
    this.element = h("section", {class: "card swap-card"},
      h("header", {}, h("h2", {}, "Live policy")),
      this.#live, this.#liveId, this.#head, this.#why, this.#steps,
      ...(commands ? [h("div", {class: "row"}, this.#back, this.#cancel), h("details", {}, h("summary", {}, "Another bundle"), other)] : []));
  }

  update(state) {
    const robot = state.robot;
    text(this.#live, robot.there ? leaf(robot.bundle) || (robot.policyId ? short(robot.policyId) : "None") : "The robot node is not there");
    attribute(this.#live, "title", robot.bundle);
    text(this.#liveId, robot.there && robot.policyId ? robot.policyId : "");
    this.#back.disabled = !robot.there;
    const swap = state.swap;
    shown(this.#steps, swap !== null && swap.steps.some(step => WAY.includes(step.state)));
    shown(this.#cancel, swap !== null && !swap.ended);
    shown(this.#head, swap !== null);
    if (!swap) {
      text(this.#why, "");
      return;
    }
    const last = swap.steps.at(-1);
    attribute(this.#head, "data-tone", TONES[last.state] ?? "person");
    const by = swap.asked ? `, asked by ${swap.asked}` : "";
    text(this.#head, `${leaf(swap.bundle) || short(swap.policyId)}: ${kind(last.state)}${by}`);
    text(this.#why, last.reason);
    const came = new Map(swap.steps.map(step => [step.state, step]));
    const lines = keyed(this.#steps, WAY, state => h("li", {}, h("span", {class: "step"}, kind(state)), h("span", {class: "quiet means"}, MEANS[state]), h("time")));
    lines.forEach((line, i) => {
      const step = came.get(WAY[i]);
      const next = !swap.ended && !step && (i === 0 || came.has(WAY[i - 1]));
      attribute(line, "data-step", step ? "done" : next ? "now" : "open");
      text(line.lastChild, step ? timeOfDay(step.timeMs) : next ? "now" : "");
    });
  }
}
