// The recorded pictures of a camera: the one of a time is asked for when it is to be seen, one at a time.
import {attribute, h, text} from "./dom.js";

const WIDEST = 960;

export class Reel {
  times;
  #name;
  #camera;
  #width;
  #wanted = -1;
  #seen = -1;
  #busy = false;
  #closed = false;
  #canvas = h("canvas");
  #fault = h("p", {class: "fault"});
  picture = h("div", {class: "picture"}, this.#canvas);
  element;

  /** camera: {name, times}, of a bag of that name; width: of its pictures in pixels at most. */
  constructor(name, camera, width = WIDEST) {
    this.times = camera.times;
    this.#name = name;
    this.#camera = camera.name;
    this.#width = width;
    attribute(this.#canvas, "aria-label", `Camera ${camera.name}`);
    attribute(this.#canvas, "role", "img");
    this.element = h("figure", {class: "screen"}, this.picture, h("figcaption", {}, camera.name), this.#fault);
  }

  /** Shows the last picture until a time; while one is on its way the newest wish waits. */
  show(ms) {
    const at = Math.max(0, this.times.findLastIndex(time => time <= ms + 0.01));
    if (at === this.#wanted) return;
    this.#wanted = at;
    if (!this.#busy) this.#load();
  }

  async #load() {
    this.#busy = true;
    while (this.#wanted !== this.#seen && !this.#closed) {
      const at = this.#wanted;
      try {
        await this.#draw(this.times[at]);
        text(this.#fault, "");
        attribute(this.#canvas, "data-at", String(at));
        this.picture.classList.remove("missing");
      } catch (error) {
        text(this.#fault, error instanceof TypeError ? "The console does not answer." : error.message);
        this.picture.classList.add("missing");
      }
      this.#seen = at;
    }
    this.#busy = false;
  }

  async #draw(ms) {
    const asked = new URLSearchParams({name: this.#name, camera: this.#camera, time: ms, width: this.#width});
    const answer = await fetch(`/api/rollouts/picture?${asked}`);
    if (!answer.ok) throw new Error((await answer.json()).refused);
    const bitmap = await createImageBitmap(await answer.blob());
    this.#canvas.width = bitmap.width;
    this.#canvas.height = bitmap.height;
    this.picture.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
    this.#canvas.classList.toggle("pixels", bitmap.width <= 128);
    this.#canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
  }

  close() {
    this.#closed = true;
  }
}
