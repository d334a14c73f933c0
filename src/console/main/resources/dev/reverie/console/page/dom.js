// Makes elements; whatever is put into them is text, never markup.

/** Makes an element: h("p", {class: "quiet"}, "text", element). Handlers begin with "on". */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  set(element, properties);
  element.append(...children);
  return element;
}

/** Makes an element of SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function set(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
}

/** Shows a text, and touches nothing where it is shown already. */
export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** Sets an attribute, and touches nothing where it is so already. */
export function attribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Shows or hides an element. */
export function shown(element, whether) {
  if (element.hidden === whether) element.hidden = !whether;
}

/** Has one element a key below a parent, in their order; keeps those that stay. */
export function keyed(parent, keys, make) {
  const had = new Map([...parent.children].map(child => [child.dataset.key, child]));
  const now = keys.map(key => {
    const child = had.get(key) ?? make(key);
    child.dataset.key = key;
    return child;
  });
  if (now.length !== parent.children.length || now.some((child, i) => parent.children[i] !== child))
    parent.replaceChildren(...now);
  return now;
}
