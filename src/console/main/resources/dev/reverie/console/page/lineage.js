// Where policies come from, as a graph beside their rows: each stands above the one that it came from.
import {svg} from "./dom.js";

const LANE = 18; // px
const WIDEST = 126;

/** The policies in an order in which each is before its parent, the newest first. */
export function ordered(policies) {
  const left = new Map(policies.map(policy => [policy.id, policy]));
  const placed = [];
  while (left.size) {
    const waited = new Set([...left.values()].map(policy => policy.parent));
    const free = [...left.values()].filter(policy => !waited.has(policy.id));
    // Without one that nobody waits for, somebody wrote what cannot be: any is as good.
    const next = (free.length ? free : [...left.values()]).reduce((a, b) => b.changedMs > a.changedMs ? b : a);
    placed.push(next);
    left.delete(next.id);
  }
  return placed;
}

/** The lane of each policy, in the order of {@link ordered}. */
export function lanes(policies) {
  const waiting = []; // by lane: the id that is to come in it
  return policies.map(policy => {
    let lane = waiting.indexOf(policy.id);
    if (lane < 0) lane = waiting.indexOf(null);
    if (lane < 0) lane = waiting.length;
    for (let i = 0; i < waiting.length; i++) if (waiting[i] === policy.id) waiting[i] = null;
    waiting[lane] = policy.parent || null;
    return lane;
  });
}

/** The ids of a policy and of all that it came from. */
export function ancestors(policies, id) {
  const byId = new Map(policies.map(policy => [policy.id, policy]));
  const found = new Set();
  for (let at = id; byId.has(at) && !found.has(at); at = byId.get(at).parent) found.add(at);
  return found;
}

/** Draws the graph: {element, width}. */
export function graph(policies, row, chosen, live) {
  const lane = lanes(policies);
  const count = Math.max(1, ...lane.map(each => each + 1));
  const step = Math.min(LANE, WIDEST / count);
  const at = i => [lane[i] * step + 12, i * row + row / 2];
  const place = new Map(policies.map((policy, i) => [policy.id, i]));
  const path = ancestors(policies, chosen);
  const width = (count - 1) * step + 24;
  const element = svg("svg", {class: "graph", width, height: policies.length * row, "aria-hidden": "true"});
  const edges = policies.flatMap((policy, i) => {
    const parent = place.get(policy.parent);
    if (parent === undefined || parent <= i) return [];
    const [x, y] = at(i);
    const [px, py] = at(parent);
    const bend = py - row / 2;
    const d = x === px ? `M${x} ${y}V${py}` : `M${x} ${y}V${bend}C${x} ${py} ${px} ${bend} ${px} ${py}`;
    return [svg("path", {class: path.has(policy.id) ? "edge on" : "edge", d})];
  });
  element.append(...edges.sort((a, b) => a.classList.length - b.classList.length));
  policies.forEach((policy, i) => {
    const [cx, cy] = at(i);
    const kind = `${policy.folder ? "" : " lost"}${policy.id === live ? " live" : ""}${path.has(policy.id) ? " on" : ""}`;
    element.append(svg("circle", {class: `node${kind}`, cx, cy, r: policy.id === live ? 7 : 5}));
  });
  return {element, width};
}
