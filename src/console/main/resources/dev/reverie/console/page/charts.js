// Curves as lines, drawn in SVG; their newest values stand beside the title, and are told to those who do not see.
import {h, svg} from "./dom.js";

const WIDTH = 320;
const HEIGHT = 130;
const LEFT = 44;
const BOTTOM = 18;

/** A chart of one figure: lines are {name, steps, values, tone, label}; what is null is a gap. Values of within are on it in any case. */
export function chart(title, lines, within = []) {
  const points = lines.flatMap(line => line.values.map((value, i) => [line.steps[i], value]).filter(([, value]) => value !== null));
  const newest = lines.map(line => ({...line, last: line.values.findLast(value => value !== null) ?? null}));
  const caption = h("figcaption", {}, h("b", {}, title.replaceAll("_", " ")),
    ...newest.map(line => h("span", {class: "newest", "data-line": String(line.tone)}, `${line.label ? `${line.label} ` : ""}${line.last === null ? "–" : digits(line.last)}`)));
  if (points.length === 0) return h("figure", {class: "chart"}, caption, h("p", {class: "quiet"}, "No number yet."));
  const [x0, x1] = range(points.map(([step]) => step), 1);
  const values = [...points.map(([, value]) => value), ...within];
  const [y0, y1] = range(values, Math.abs(values[0]) * 0.1 || 1);
  const x = step => LEFT + (step - x0) / (x1 - x0) * (WIDTH - LEFT - 6);
  const y = value => 6 + (y1 - value) / (y1 - y0) * (HEIGHT - 6 - BOTTOM);
  const label = (value, attributes) => {
    const text = svg("text", attributes);
    text.textContent = value;
    return text;
  };
  const drawing = svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
    "aria-label": `${title}: ${newest.map(line => `${line.name} ${line.last === null ? "no number yet" : digits(line.last)}`).join(", ")}`},
    ...[y0, y1].map(value => svg("line", {class: "axis", x1: LEFT, x2: WIDTH - 6, y1: y(value), y2: y(value)})),
    label(digits(y1), {x: LEFT - 5, y: 12, class: "tick end"}), label(digits(y0), {x: LEFT - 5, y: HEIGHT - BOTTOM + 2, class: "tick end"}),
    label(String(x0), {x: LEFT, y: HEIGHT - 3, class: "tick"}), label(String(x1), {x: WIDTH - 6, y: HEIGHT - 3, class: "tick end"}),
    ...lines.map(line => svg("path", {class: "line", "data-line": String(line.tone), d: way(line, x, y)})));
  return h("figure", {class: "chart"}, caption, drawing);
}

function way(line, x, y) {
  let d = "";
  let drawn = false;
  line.values.forEach((value, i) => {
    if (value === null) {
      drawn = false;
      return;
    }
    const at = `${x(line.steps[i]).toFixed(1)} ${y(value).toFixed(1)}`;
    d += drawn ? `L${at}` : `M${at}h.01`;
    drawn = true;
  });
  return d;
}

/** The least and the most; so much apart where they are one. */
function range(values, apart) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return low === high ? [low, low + apart] : [low, high];
}

/** A number with three digits that count. */
export function digits(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1).replaceAll("-", "−");
  return Number(value.toPrecision(3)).toString().replace("-", "−");
}
