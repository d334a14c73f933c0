// Each camera as the policy sees it, beside its raw picture with the crop.
import {attribute, h, keyed, shown, text} from "./dom.js";
import {TipWay, legend} from "./tip-way.js";
import {age} from "./words.js";

/** A camera's pictures are pale when none came for so long, s. */
const OLD_S = 1;

export class Cameras {
  element = h("section", {class: "cameras", "aria-label": "Cameras"});
  #none = h("p", {class: "card empty"}, "No camera yet.");
  #parts = new Map();

  update(state) {
    const names = state.cameras.map(camera => camera.name);
    if (!names.length) {
      text(this.#none, state.robot.there
        ? "The robot node has told of no camera yet."
        : "Cameras are shown when the robot node is there.");
      this.element.replaceChildren(this.#none);
      this.#parts.clear();
      return;
    }
    this.#none.remove();
    keyed(this.element, names, name => this.#make(name));
    for (const camera of state.cameras) {
      this.#show(this.#parts.get(camera.name), camera, state.streams.find(s => s.name === camera.name));
    }
  }

  #make(name) {
    const part = {
      raw: h("canvas", {role: "img", "aria-label": `${name}, raw picture`}),
      view: h("canvas", {role: "img", "aria-label": `${name}, as the policy sees it`}),
      crop: h("div", {class: "crop", hidden: true}),
      rawWay: new TipWay(),
      viewWay: new TipWay(),
      legend: legend(),
      missing: h("p", {class: "hint", hidden: true}),
      fault: h("p", {class: "fault", hidden: true}),
      rate: h("span", {class: "rate"}),
      size: h("span", {class: "quiet"}),
      viewSize: h("span", {class: "quiet"}),
    };
    part.viewPane = h("figure", {class: "pane view"},
      h("div", {class: "picture"}, part.view, part.viewWay.element),
      h("figcaption", {}, h("b", {}, "As the policy sees it "), part.viewSize));
    part.element = h("article", {class: "camera card"},
      h("header", {}, h("h2", {}, name), part.rate),
      h("div", {class: "panes"},
        part.viewPane,
        h("figure", {class: "pane"},
          h("div", {class: "picture"}, part.raw, part.crop, part.rawWay.element),
          h("figcaption", {}, h("b", {}, "Raw "), part.size))),
      part.legend, part.missing, part.fault);
    this.#parts.set(name, part);
    return part.element;
  }

  #show(part, camera, stream) {
    const old = !stream || stream.ageS < 0 || stream.ageS > OLD_S;
    part.element.classList.toggle("old", old);
    text(part.rate, !stream || stream.ageS < 0
      ? "no picture yet"
      : old ? `last picture ${age(stream.ageS)} ago` : `${stream.hz.toFixed(0)} Hz`);
    text(part.size, camera.width ? `${camera.width} × ${camera.height}` : "");
    shown(part.fault, camera.fault !== "");
    text(part.fault, camera.fault);
    this.#draw(part, camera.drawn);
    const view = camera.view;
    shown(part.viewPane, view !== null);
    const whole = view === null || (view.x === 0 && view.y === 0 && view.w === 1 && view.h === 1);
    shown(part.crop, !whole);
    if (view !== null) {
      text(part.viewSize, `${view.width} × ${view.height}${view.rectified ? ", rectified" : ""}`);
      for (const [side, share] of [["left", view.x], ["top", view.y], ["width", view.w], ["height", view.h]])
        part.crop.style[side] = `${share * 100}%`;
    }
  }

  /** Draws where chunks lead the tip, or says that it is not known where the camera sees it. */
  #draw(part, drawn) {
    part.rawWay.update(drawn.raw);
    part.viewWay.update(drawn.view);
    shown(part.legend, drawn.tip !== "");
    attribute(part.legend, "title", drawn.tip && `Of the link ${drawn.tip}; before the safety gate`);
    shown(part.missing, drawn.missing !== "");
    text(part.missing, drawn.missing && `Chunks are not drawn: ${drawn.missing}`);
  }

  /** Draws a picture; frames that come meanwhile are dropped by the console. */
  async picture(head, blob) {
    const part = this.#parts.get(head.camera);
    if (!part || document.hidden) return;
    const bitmap = await createImageBitmap(blob);
    const canvas = part[head.kind];
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.parentElement.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
      canvas.classList.toggle("pixels", bitmap.width < 200);
    }
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    attribute(canvas, "data-late-ms", (Date.now() - head.stampMs).toFixed(0));
  }
}
