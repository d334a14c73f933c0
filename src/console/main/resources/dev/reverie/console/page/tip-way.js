// The way of the tip by the chunk that plays and the one that comes, drawn over a picture.
import {attribute, h, svg} from "./dom.js";

/** Kinds of lines, the lowest first, and the words of the legend. */
const KINDS = {next: "the next chunk", ahead: "ahead", done: "carried out"};

/** What the lines mean. */
export function legend() {
  return h("p", {class: "legend tip-legend"}, "Way of the tip:",
    ...Object.entries(KINDS).toReversed().map(([kind, word]) => h("span", {class: `tip-word ${kind}`}, word)));
}

export class TipWay {
  #paths = Object.entries(KINDS).map(([kind]) => ({
    kind,
    // A dark line below a bright one is seen on any picture.
    drawn: ["shade", "line", "dots"].map(part => svg("path", {class: `${part} ${kind}`})),
  }));
  // Shares of the picture's width and height.
  element = svg("svg", {class: "tip-way", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true"},
    ...this.#paths.flatMap(path => path.drawn));

  /** Shows lines of each kind; null: none. */
  update(lines) {
    for (const {kind, drawn: [shade, line, dots]} of this.#paths) {
      const parts = lines?.[kind] ?? [];
      const way = parts.map(points => `M${points.map(([x, y]) => `${x} ${y}`).join("L")}`).join("");
      // A line of no length with round ends is a dot of the line's width.
      const each = parts.flat().map(([x, y]) => `M${x} ${y}h0`).join("");
      attribute(shade, "d", way);
      attribute(line, "d", way);
      attribute(dots, "d", each);
    }
  }
}
