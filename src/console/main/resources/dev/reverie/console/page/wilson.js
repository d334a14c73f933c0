// A share of successes with its 95 % interval (Wilson 1927), as words and as a bar.
import {svg} from "./dom.js";

const Z = 1.959964;

/** {value, low, high}, shares; null without episodes. */
export function wilson(successes, episodes) {
  if (!(episodes > 0)) return null;
  const p = successes / episodes;
  const centre = p + Z * Z / (2 * episodes);
  const spread = Z * Math.sqrt(p * (1 - p) / episodes + Z * Z / (4 * episodes * episodes));
  const scale = 1 + Z * Z / episodes;
  return {value: p, low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale)};
}

/** 31 of 40, 78 % (62 to 88). */
export function counted(successes, episodes) {
  const share = wilson(successes, episodes);
  return share ? `${successes} of ${episodes}, ${percents(share)}` : "not tried";
}

/** 78 % (62 to 88); without the interval where there is none. */
export function percents(share) {
  return `${whole(share.value)} %${interval(share)}`;
}

/** A difference of shares: 19 points (14 to 24). */
export function points(share) {
  return `${whole(share.value)} points${interval(share)}`;
}

function interval({low, high}) {
  return Number.isFinite(low) && Number.isFinite(high) ? ` (${whole(low)} to ${whole(high)})` : "";
}

function whole(share) {
  return (share * 100).toFixed(0).replace("-", "−").replace(/^−0$/, "0");
}

/** A bar from 0 to 1 with the interval as a band and the share as a mark; empty for null. */
export function bar(share, tone = "") {
  const element = svg("svg", {class: `interval ${tone}`, viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true"},
    svg("rect", {class: "whole", x: 0, y: 4, width: 100, height: 2}));
  if (share) {
    if (Number.isFinite(share.low))
      element.append(svg("rect", {class: "band", x: share.low * 100, y: 1.5, width: Math.max(0.5, (share.high - share.low) * 100), height: 7}));
    element.append(svg("rect", {class: "value", x: Math.min(98.4, Math.max(0, share.value * 100 - 0.8)), y: 0, width: 1.6, height: 10}));
  }
  return element;
}
