// One key for what has to be quick. A key that is held counts once, and none counts while text is written.

/** Calls handlers[key] for keys; Escape counts everywhere. */
export function listen(handlers) {
  document.addEventListener("keydown", event => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const handler = handlers[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!handler || (event.key !== "Escape" && writes(event.target))) return;
    event.preventDefault();
    handler();
  });
}

function writes(target) {
  return target.matches("input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]");
}
