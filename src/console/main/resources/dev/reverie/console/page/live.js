// The arm as it is now.
import {attribute, h, keyed, shown, text} from "./dom.js";
import {Cameras} from "./cameras.js";
import {Episode, headline} from "./episode.js";
import {Happenings} from "./happenings.js";
import {Joints} from "./joints.js";
import {Streams} from "./streams.js";
import {kind, leaf, short} from "./words.js";

export class Live {
  cameras = new Cameras();
  #joints = new Joints();
  #streams = new Streams();
  #happenings = new Happenings();
  #head = h("h1");
  #more = h("p");
  #release;
  #goLive;
  #ribbon;
  #limits = h("ul", {class: "limits"});
  #noLimits = h("p", {class: "quiet"}, "The safety gate changes nothing.");
  #notices = h("ul", {class: "notices"});
  #noticed = h("section", {class: "card notices-card"}, h("header", {}, h("h2", {}, "Notices")), this.#notices);
  #policy = h("dl", {class: "facts"});
  #facts = new Map();
  element;

  constructor(ask, say, commands) {
    this.episode = new Episode(ask, say, commands);
    this.#release = h("button", {class: "primary", hidden: true, onclick: () => ask({ask: "reset_stop"})}, "Release the stop");
    this.#goLive = h("button", {hidden: true, onclick: () => ask({ask: "go_live"})}, "Let it move the arm");
    this.#ribbon = h("section", {class: "ribbon", role: "status"},
      h("span", {class: "lamp"}), h("div", {class: "ribbon-text"}, this.#head, this.#more),
      ...(commands ? [this.#release, this.#goLive] : []));
    const gate = h("section", {class: "card gate-card"},
      h("header", {}, h("h2", {}, "Safety gate")), this.#limits, this.#noLimits);
    const robot = h("section", {class: "card robot-card"}, h("header", {}, h("h2", {}, "Robot")), this.#policy);
    this.element = h("main", {class: "live"},
      this.#ribbon,
      h("div", {class: "wide"}, this.cameras.element, this.#joints.element, this.#happenings.element),
      h("div", {class: "side"}, this.episode.element, this.#noticed, gate, this.#streams.element, robot));
  }

  update(state) {
    const {tone, head, more} = headline(state);
    attribute(this.#ribbon, "data-tone", tone);
    text(this.#head, head);
    text(this.#more, more);
    shown(this.#release, state.robot.there && state.robot.state === "stopped");
    shown(this.#goLive, state.robot.there && state.robot.shadow);
    this.cameras.update(state);
    this.#joints.update(state);
    this.#streams.update(state);
    this.#happenings.update(state);
    this.episode.update(state);
    const limits = new Map(state.tick.limits.map(one => [one.kind + one.text, one]));
    keyed(this.#limits, [...limits.keys()], key => {
      const one = limits.get(key);
      return h("li", {}, h("span", {class: "badge"}, kind(one.kind)), h("span", {}, one.text));
    });
    shown(this.#noLimits, limits.size === 0);
    const notices = [...state.robot.notices, ...state.robot.remarks];
    keyed(this.#notices, notices, notice => h("li", {}, notice));
    shown(this.#noticed, notices.length > 0);
    this.#fact("Node", state.robot.name);
    this.#fact("Arm", state.robot.arm || "–");
    this.#fact("Policy", state.robot.policyId ? `${short(state.robot.policyId)} on ${state.robot.provider}` : "none");
    this.#fact("Bundle", leaf(state.robot.bundle) || "–", state.robot.bundle);
    this.#fact("Recorded in", leaf(state.robot.rolloutsDir) || "–", state.robot.rolloutsDir);
    this.#fact("Recording", state.robot.recorderFault || "whole");
    this.#fact("Looking", state.people.join(", "));
  }

  #fact(name, value, title = "") {
    if (!this.#facts.has(name)) {
      const element = h("dd");
      this.#facts.set(name, element);
      this.#policy.append(h("dt", {}, name), element);
    }
    const element = this.#facts.get(name);
    text(element, value);
    attribute(element, "title", title);
  }
}
