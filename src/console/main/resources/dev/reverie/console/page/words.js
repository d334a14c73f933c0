// Numbers and names as people read them.

/** A position: a real minus sign, and always as many digits. */
export function position(value) {
  return value === null ? "–" : value.toFixed(3).replace("-", "−");
}

/** A time in seconds: 35 ms, 4.2 s, 3 min. */
export function age(seconds) {
  if (seconds < 0) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** A time that goes on: 0:07. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The time of day. */
export function timeOfDay(ms) {
  return new Date(ms).toTimeString().slice(0, 8);
}

/** A kind as a word: NO_JOINT_STATE becomes "no joint state". */
export function kind(constant) {
  return constant.toLowerCase().replaceAll("_", " ");
}

/** The beginning of a hash. */
export function short(id) {
  return id.slice(0, 8);
}

/** The last part of a path. */
export function leaf(path) {
  return path.split("/").filter(Boolean).pop() ?? "";
}
