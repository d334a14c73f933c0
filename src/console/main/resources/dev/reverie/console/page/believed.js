// What a world model believes: its pictures beside the recorded ones, how unsure it is, and what the classifier says.
import {chart, digits} from "./charts.js";
import {attribute, h, shown, text} from "./dom.js";
import {position} from "./words.js";

export class Believed {
  #ready = null;
  #start = null;
  #moments = [];
  #pairs = [];
  #turn = 0;
  #screens = h("div", {class: "play-screens"});
  #step = h("dd");
  #success = h("dd");
  #apart = h("dd");
  #rate = h("dd");
  #joints = h("dd");
  #numbers = h("dl", {class: "facts play-numbers"},
    h("dt", {}, "Step"), this.#step, h("dt", {}, "Success"), this.#success, h("dt", {}, "How unsure"), this.#apart,
    h("dt", {}, "Joints, rad"), this.#joints, h("dt", {}, "Speed"), this.#rate);
  #charts = h("div", {class: "charts"});
  #said = h("p", {class: "unseen", role: "status"}); // what the numbers say, for who hears it
  screens = h("div", {}, this.#screens, this.#said);
  numbers = h("div", {class: "believed"}, this.#numbers, this.#charts);

  /** Prepares for a world model that is open. */
  open(ready) {
    this.#ready = ready;
    this.#pairs = ready.cameras.map(camera => ({camera, imagined: screen(`${camera}, imagined`), recorded: screen(`${camera}, recorded`)}));
    this.#screens.replaceChildren(...this.#pairs.flatMap(pair => [pair.imagined.element, pair.recorded.element]));
  }

  /** Begins anew at a recorded frame. */
  begin(start) {
    this.#start = start;
    this.#moments = [];
    text(this.#rate, "–");
  }

  /** Shows the next moment, after so many seconds. */
  async show(moment, seconds = null) {
    this.#moments.push(moment);
    const turn = ++this.#turn;
    if (seconds !== null) text(this.#rate, `${digits(1 / Math.max(seconds, 1e-3))} steps/s, the policy ${digits(1 / this.#ready.period_s)}`);
    this.#tell(moment);
    this.#draw();
    for (const pair of this.#pairs) {
      await pair.imagined.draw(moment.imagined.find(one => one.camera === pair.camera), turn === this.#turn);
      await pair.recorded.draw(moment.recorded?.find(one => one.camera === pair.camera), turn === this.#turn);
    }
  }

  #tell(moment) {
    const {threshold, world_models: models} = this.#ready;
    const success = `${percent(moment.success)}${moment.success > threshold ? ", counts as success" : `; counts from ${percent(threshold)}`}`;
    const usual = this.#start.usual;
    const far = moment.apart === undefined || !usual ? "" : moment.apart > usual ? `${digits(moment.apart / usual)} times what is usual` : "as usual";
    text(this.#step, `${moment.step}, ${moment.step - this.#start.frame} from the start`);
    text(this.#success, success);
    text(this.#apart, moment.apart === undefined ? "–" : `${digits(moment.apart)}${far ? `, ${far}` : ""} (${models > 1 ? `${models} world models` : "draws of one world model"})`);
    text(this.#joints, this.#ready.joints.map((name, i) => `${name} ${position(moment.joints[i])}`).join(", "));
    text(this.#said, `Step ${moment.step}: success ${success}${far ? `; as unsure ${far === "as usual" ? far : `as ${far}`}` : ""}.`);
  }

  #draw() {
    const steps = this.#moments.map(moment => moment.step);
    const flat = (name, value) => ({name, steps: [steps[0], steps.at(-1)], values: [value, value], tone: 2, label: name});
    const usual = this.#start.usual;
    this.#charts.replaceChildren(
      chart("success", [{name: "probability", steps, values: this.#moments.map(moment => moment.success), tone: 0}, flat("counts from", this.#ready.threshold)], [0, 1]),
      chart("how unsure", [{name: "apart", steps, values: this.#moments.map(moment => moment.apart ?? null), tone: 0}, ...(usual ? [flat("usual up to", usual)] : [])], [0, usual * 1.5]));
  }
}

function percent(share) {
  return share > 0 && share < 0.01 ? "below 1 %" : `${Math.round(share * 100)} %`;
}

/** A picture with its caption; what there is none of says so. */
function screen(name) {
  const canvas = h("canvas", {role: "img", "aria-label": name});
  const none = h("p", {class: "quiet none"}, "no such step in the recording");
  const picture = h("div", {class: "picture"}, canvas, none);
  const draw = async (coded, newest) => {
    shown(none, !coded);
    shown(canvas, Boolean(coded));
    if (!coded || !newest) return;
    const bytes = Uint8Array.from(atob(coded.data), letter => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], {type: coded.type}));
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    picture.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
    canvas.classList.toggle("pixels", bitmap.width <= 128);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    attribute(canvas, "data-drawn", "yes");
  };
  return {draw, element: h("figure", {}, picture, h("figcaption", {}, h("b", {}, name)))};
}
