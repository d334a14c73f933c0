// Play: a person steers the arm inside a round's world model, from any recorded frame.
import {Believed} from "./believed.js";
import {attribute, h, keyed, shown, text} from "./dom.js";
import {get} from "./link.js";
import {Steer} from "./steer.js";

const LOOK_MS = 400; // while a world model is loaded
const AGAIN_MS = 700; // while the console reads bags
const GONE = [409, 502, 504, 507]; // answers after which there is no world model any more
const FOLDERS = {
  "rollouts": "the round's rollouts", "evaluation/improved": "evaluation of the better policy", "evaluation/base": "evaluation of the base policy",
  "demonstrations": "demonstrations", "recorded": "what the console lists",
};

export class Play {
  #ask;
  #commands;
  #here = false;
  #open = ""; // run that is loaded
  #loading = false;
  #busy = false;
  #ready = null;
  #start = null;
  #wanted = null; // the newest wish of where to start
  #next = null; // the newest wish of what to do, while something is under way
  #timer = 0;
  #listing = 0; // lists of rollouts that were asked for
  #before = 0; // when the last step was shown
  #run = h("select", {id: "play-run", onchange: () => this.#chose()});
  #from = h("select", {id: "play-from", onchange: () => this.#list(true)});
  #rollout = h("select", {id: "play-rollout", onchange: () => this.#begin(0)});
  #frame = h("input", {type: "range", class: "slider", id: "play-frame", min: "0", max: "0", step: "1", value: "0", oninput: () => this.#begin(Number(this.#frame.value))});
  #frameTold = h("output", {for: "play-frame", class: "value"});
  #fault = h("p", {class: "fault", role: "alert"});
  #words = h("p", {class: "quiet", role: "status"});
  #opener = h("button", {class: "primary", onclick: () => this.#load()}, "Open its world model");
  #closer = h("button", {onclick: () => this.#end()}, "Close it");
  #steer = new Steer(actions => this.#act({do: "act", actions}));
  #believed = new Believed();
  #none = h("p", {class: "empty"}, "Open the world model of a round, and choose where to begin. The arm itself does not move.");
  #policy = h("button", {onclick: () => this.#act({do: "policy"})}, "One chunk by the policy", h("kbd", {}, "C"));
  #back = h("button", {onclick: () => this.#begin(this.#start?.frame ?? 0)}, "Back to the start", h("kbd", {}, "B"));
  #hands = h("section", {class: "card steer-card", "aria-label": "Steer"}, h("header", {}, h("h2", {}, "Steer")),
    this.#steer.element, h("div", {class: "row"}, this.#policy, this.#back),
    h("p", {class: "hint"}, "The keys count while no field is written in and no slider has the focus; hold one to go on."));
  #where = h("div", {class: "play-where"},
    h("label", {for: "play-from"}, "Rollouts"), this.#from, h("label", {for: "play-rollout"}, "Rollout"), this.#rollout,
    h("label", {for: "play-frame"}, "Frame to begin at"), h("div", {class: "frame-row"}, this.#frame, this.#frameTold));
  #choice = h("section", {class: "card choice-card", "aria-label": "Where to begin"}, h("header", {}, h("h2", {}, "Where to begin")),
    h("div", {class: "play-where"}, h("label", {for: "play-run"}, "Round"), this.#run), h("div", {class: "row"}, this.#opener, this.#closer), this.#words, this.#fault, this.#where);
  #sure = h("section", {class: "card sure-card", "aria-label": "How sure it is"}, h("header", {}, h("h2", {}, "How sure it is")), this.#believed.numbers);
  element = h("main", {class: "play"},
    h("div", {class: "wide"},
      h("section", {class: "card screen-card", "aria-label": "What the world model believes"},
        h("header", {}, h("h2", {}, "What the world model believes")), this.#none, this.#believed.screens),
      this.#sure),
    h("div", {class: "side"}, this.#choice, this.#hands));

  /** ask: of the world model, a promise; commands: whether a person may. */
  constructor(ask, commands) {
    this.#ask = ask;
    this.#commands = commands;
    if (!commands) text(this.#none, "A viewer sees what others record, and opens no world model; sign in as operator to play.");
    shown(this.#choice, commands);
    document.addEventListener("keydown", event => this.#key(event));
    this.#draw();
  }

  /** Begins to look at the runs, or ends it. */
  look(whether) {
    this.#here = whether;
    clearTimeout(this.#timer);
    if (whether && this.#commands) this.#learn();
  }

  async #learn() {
    try {
      const told = await get("/api/runs");
      const runs = told.runs.filter(run => run.kind !== "pretrain");
      keyed(this.#run, runs.map(run => run.name || "."), key => h("option", {value: key === "." ? "" : key}, key === "." ? "this folder" : key));
      attribute(this.#run, "data-runs", String(runs.length));
      this.#say(runs.length ? "" : `No round in ${told.folder} yet; name the folder of some by --rounds.`);
      this.#opener.disabled = !runs.length;
      if (runs.length && !this.#rollout.options.length) await this.#list(false);
    } catch (error) {
      this.#refused(error);
    }
  }

  async #chose() {
    if (this.#open !== "" || this.#ready) await this.#end();
    this.#from.replaceChildren();
    await this.#list(false);
  }

  /** Lists the rollouts that there are; begin: at the first one. */
  async #list(begin) {
    clearTimeout(this.#timer);
    const listing = ++this.#listing;
    let had = "";
    try {
      const told = await get(`/api/play/rollouts?${new URLSearchParams({run: this.#run.value, from: this.#from.value})}`);
      if (listing !== this.#listing) return; // another list is wanted by now
      had = this.#rollout.value;
      keyed(this.#from, told.folders, folder => h("option", {value: folder}, FOLDERS[folder] ?? folder));
      this.#from.value = told.from;
      const rows = told.rows.filter(row => !row.problem);
      keyed(this.#rollout, rows.map(row => JSON.stringify([row.name, row.outcome])), key => {
        const row = rows.find(one => JSON.stringify([one.name, one.outcome]) === key);
        return h("option", {value: row.name}, `${row.outcome}: ${row.instruction || row.id} · ${row.id}`);
      });
      this.#say(rows.length || told.looking ? "" : `No rollout in ${told.folder} can be read.`);
      if (rows.some(row => row.name === had)) this.#rollout.value = had;
      if (told.looking && this.#here) this.#timer = setTimeout(() => this.#list(false), AGAIN_MS);
    } catch (error) {
      this.#rollout.replaceChildren();
      this.#refused(error);
      return;
    }
    if (this.#ready && (begin || this.#rollout.value !== had)) await this.#begin(0);
  }

  async #load() {
    this.#loading = true;
    this.#refused(null);
    this.#draw();
    try {
      let told = await this.#ask({do: "open", run: this.#run.value});
      while (!told.ready && this.#loading) {
        this.#say(told.loading ? `The world model is being loaded: ${told.loading}` : "The world model is being loaded.");
        await new Promise(done => setTimeout(done, LOOK_MS));
        if (this.#loading) told = await this.#ask({do: "look"});
      }
      if (!this.#loading) return;
      this.#open = this.#run.value;
      this.#ready = told.ready;
      this.#say("");
      this.#steer.show(told.ready.actions, told.ready.executed);
      this.#believed.open(told.ready);
      if (this.#rollout.value) await this.#begin(0);
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#loading = false;
      this.#draw();
    }
  }

  async #end() {
    this.#gone();
    this.#say("");
    try {
      await this.#ask({do: "end"});
    } catch (error) {
      this.#refused(error);
    }
  }

  #gone() {
    this.#open = "";
    this.#loading = false;
    this.#ready = null;
    this.#start = null;
    this.#wanted = null;
    this.#next = null;
    this.#draw();
  }

  /** Begins at a frame of the chosen rollout; while one is on its way the newest wish waits. */
  async #begin(frame) {
    if (!this.#ready || !this.#rollout.value) return;
    this.#wanted = {do: "start", from: this.#from.value, rollout: this.#rollout.value, frame};
    text(this.#frameTold, String(frame));
    while (this.#wanted && !this.#busy) {
      const wish = this.#wanted;
      this.#wanted = null;
      await this.#turn(async () => {
        const told = await this.#ask(wish);
        this.#start = told;
        this.#frame.max = String(told.frames - 1);
        this.#frame.value = String(told.frame);
        attribute(this.#frame, "aria-valuetext", `${told.frame} of ${told.frames - 1}`);
        text(this.#frameTold, `${told.frame} of ${told.frames - 1}`);
        this.#next = null;
        this.#believed.begin(told);
        this.#before = 0;
        await this.#believed.show(told.moments[0]);
      });
    }
  }

  /** Has actions carried out, not faster than the policy acts; returns whether they were. */
  async #act(what) {
    if (!this.#ready || !this.#start) return false;
    if (this.#busy) {
      this.#next = what;
      return true;
    }
    const done = await this.#turn(async () => {
      const told = await this.#ask(what);
      const period = this.#ready.period_s * 1000;
      for (const moment of told.moments) {
        const since = performance.now() - this.#before;
        if (since < period) await pause(period - since);
        const now = performance.now();
        const took = this.#before ? (now - this.#before) / 1000 : null;
        this.#before = now;
        await this.#believed.show(moment, took !== null && took < 2 ? took : null);
      }
    });
    const next = this.#next;
    this.#next = null;
    if (this.#wanted) this.#begin(this.#wanted.frame);
    else if (next) await this.#act(next);
    return done;
  }

  /** One thing at a time; says why it was refused. */
  async #turn(work) {
    this.#busy = true;
    try {
      await work();
      this.#refused(null);
      return true;
    } catch (error) {
      this.#refused(error);
      return false;
    } finally {
      this.#busy = false;
      this.#draw();
    }
  }

  #key(event) {
    if (!this.#here || !this.#start || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("input, select, textarea, summary, [contenteditable]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const taken = key === "c" ? (event.repeat || this.#act({do: "policy"}), true)
      : key === "b" ? (event.repeat || this.#begin(this.#start.frame), true)
        : this.#steer.key(key);
    if (taken) event.preventDefault();
  }

  #refused(error) {
    text(this.#fault, error === null ? "" : error.message);
    if (error && GONE.includes(error.status)) this.#gone();
  }

  #say(words) {
    text(this.#words, words);
  }

  #draw() {
    const begun = this.#start !== null;
    shown(this.#opener, !this.#ready && !this.#loading);
    shown(this.#closer, this.#ready !== null || this.#loading);
    shown(this.#where, this.#commands);
    this.#frame.disabled = !begun;
    shown(this.#hands, begun);
    shown(this.#believed.screens, begun);
    shown(this.#sure, begun);
    attribute(this.element, "data-begun", String(begun));
    shown(this.#none, !begun);
  }
}

function pause(ms) {
  return new Promise(done => setTimeout(done, ms));
}
