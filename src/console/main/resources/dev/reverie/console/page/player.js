// Plays a recorded episode: its pictures, what happened on a time line, and what the joints did.
import {Curves} from "./curves.js";
import {attribute, h, shown, svg, text} from "./dom.js";
import {TONES} from "./happenings.js";
import {Reel} from "./reel.js";
import {kind} from "./words.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const THUMBNAILS = 8;
const EVENTS_SHOWN = 200;

export class Player {
  /** Is told the time that is shown, in words. */
  onseek = () => {};
  #name = "";
  #film = null;
  #ms = 0;
  #playing = 0; // of requestAnimationFrame
  #reels = [];
  #asked = 0;
  #fault = h("p", {class: "fault", role: "status"});
  #screens = h("div", {class: "screens"});
  #strip = h("div", {class: "strip"});
  #line = svg("svg", {class: "line", preserveAspectRatio: "none", "aria-hidden": "true"});
  #slider = h("input", {type: "range", class: "slider", min: "0", step: "any", "aria-label": "Time", oninput: () => { this.pause(); this.seek(Number(this.#slider.value)); }});
  #play = h("button", {class: "toggle", onclick: () => this.toggle()}, h("span", {}, "Play"), h("kbd", {}, "P"));
  #speed = h("select", {"aria-label": "Speed"}, ...SPEEDS.map(speed => h("option", {value: speed}, `${speed} ×`)));
  #clock = h("span", {class: "clock"});
  #curves = new Curves();
  #events = h("ol", {class: "events", "aria-label": "What happened"});
  #more = h("p", {class: "quiet"});
  #body = h("div", {class: "player-body"},
    this.#screens, this.#strip,
    h("div", {class: "time"}, this.#line, this.#slider),
    h("div", {class: "row"}, this.#play,
      h("button", {class: "step", "aria-label": "Picture before", onclick: () => this.step(-1)}, "‹", h("kbd", {}, ",")),
      h("button", {class: "step", "aria-label": "Picture after", onclick: () => this.step(1)}, "›", h("kbd", {}, ".")),
      this.#speed, this.#clock),
    this.#curves.element, this.#events, this.#more);
  element = h("div", {class: "player"}, this.#fault, this.#body);

  constructor() {
    this.#speed.value = "1";
    shown(this.#body, false);
  }

  /** Shows a bag from its beginning; one that is shown already, such as after a label, where it was. */
  async open(name) {
    const again = name === this.#name;
    if (!again) this.close();
    this.#name = name;
    const turn = ++this.#asked;
    try {
      const answer = await fetch(`/api/rollouts/film?${new URLSearchParams({name})}`);
      const told = await answer.json();
      if (turn !== this.#asked) return;
      if (!answer.ok) throw new Error(told.refused);
      this.#show(told, again);
      text(this.#fault, "");
    } catch (error) {
      if (turn === this.#asked) text(this.#fault, error instanceof TypeError ? "The console does not answer." : error.message);
    }
  }

  close() {
    this.pause();
    this.#asked++;
    this.#name = "";
    this.#film = null;
    this.#ms = 0;
    this.#reels.forEach(reel => reel.close());
    this.#reels = [];
    text(this.#fault, "");
    shown(this.#body, false);
  }

  #show(film, again) {
    this.#film = film;
    const cameras = film.cameras.filter(camera => camera.times.length);
    if (!again) {
      this.#reels = cameras.map(camera => new Reel(film.name, camera));
      this.#screens.replaceChildren(...this.#reels.map(reel => reel.element));
      this.#thumbnails(cameras[0]);
    }
    this.#slider.max = String(film.durationMs);
    this.#drawLine();
    this.#curves.show(film);
    this.#list();
    shown(this.#body, true);
    text(this.#more, film.more ? `and ${film.more} more` : cameras.length ? "" : "No camera was recorded.");
    this.seek(again ? this.#ms : 0);
  }

  #thumbnails(camera) {
    shown(this.#strip, Boolean(camera));
    if (!camera) return;
    const last = camera.times.length - 1;
    const at = Array.from({length: Math.min(THUMBNAILS, last + 1)}, (_, i) => camera.times[Math.round(i * last / Math.max(1, Math.min(THUMBNAILS, last + 1) - 1))]);
    this.#strip.replaceChildren(...at.map(ms => {
      const reel = new Reel(this.#film.name, camera, 160);
      reel.show(ms);
      return h("button", {class: "thumbnail", "aria-label": `To ${seconds(ms)}`, onclick: () => { this.pause(); this.seek(ms); }}, reel.picture);
    }));
  }

  #drawLine() {
    const {durationMs, chunks, events} = this.#film;
    const length = Math.max(1, durationMs);
    this.#line.setAttribute("viewBox", "0 0 1000 30");
    const x = ms => (1000 * ms / length).toFixed(1);
    this.#line.replaceChildren(
      ...chunks.map(chunk => svg("rect", {class: `chunk ${chunk.source}`, x: x(chunk.ms), y: 18, width: 1.6, height: 8})),
      ...events.slice(0, EVENTS_SHOWN).map(event => svg("rect", {
        class: "mark-of-event", "data-tone": TONES[event.kind] ?? "plain", x: Math.min(996, Number(x(event.ms))), y: 3,
        width: Math.max(4, 1000 * (event.untilMs - event.ms) / length), height: 11, rx: 1.5,
      })));
  }

  #list() {
    const events = this.#film.events.slice(0, EVENTS_SHOWN);
    this.#events.replaceChildren(...events.map(event => h("li", {"data-tone": TONES[event.kind] ?? "plain"},
      h("button", {class: "event", onclick: () => { this.pause(); this.seek(event.ms); }},
        h("span", {class: "at"}, seconds(event.ms)), h("span", {class: "kind"}, kind(event.kind)),
        event.times > 1 ? h("span", {class: "times"}, `× ${event.times}`) : "",
        h("span", {class: "who"}, event.who), h("span", {class: "what"}, event.text)))));
  }

  /** The time that is shown, in ms since the beginning. */
  get ms() {
    return this.#ms;
  }

  /** Goes to a time, in ms since the beginning. */
  seek(ms) {
    if (!this.#film) return;
    this.#ms = Math.max(0, Math.min(this.#film.durationMs, ms));
    if (Number(this.#slider.value) !== this.#ms) this.#slider.value = String(this.#ms);
    const words = `${seconds(this.#ms)} of ${seconds(this.#film.durationMs)}`;
    attribute(this.#slider, "aria-valuetext", words);
    text(this.#clock, words);
    this.onseek(seconds(this.#ms));
    for (const reel of this.#reels) reel.show(this.#ms);
    this.#curves.at(this.#ms);
    this.#film.events.slice(0, EVENTS_SHOWN).forEach((event, i) =>
      this.#events.children[i].classList.toggle("past", event.ms <= this.#ms));
  }

  /** Goes to the next or the last picture of the first camera. */
  step(by) {
    const times = this.#reels[0]?.times ?? [];
    this.pause();
    const at = times.findLastIndex(ms => ms <= this.#ms + 0.01);
    const to = times[Math.max(0, Math.min(times.length - 1, at + by))];
    if (to !== undefined) this.seek(to);
  }

  toggle() {
    if (this.#playing) this.pause();
    else this.#go();
  }

  #go() {
    if (!this.#film) return;
    if (this.#ms >= this.#film.durationMs) this.seek(0);
    text(this.#play.firstChild, "Pause");
    let before = performance.now();
    const tick = now => {
      const speed = Number(this.#speed.value);
      this.seek(this.#ms + (now - before) * speed);
      before = now;
      if (this.#ms >= this.#film.durationMs) this.pause();
      else this.#playing = requestAnimationFrame(tick);
    };
    this.#playing = requestAnimationFrame(tick);
  }

  pause() {
    cancelAnimationFrame(this.#playing);
    this.#playing = 0;
    text(this.#play.firstChild, "Play");
  }
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}
