// Building and replacing nodes. Text always goes in as text: nothing here parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. Functions become listeners, known properties are set, everything else becomes an attribute. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else if (value === true || name === "value") node[name] = value;
  else node.setAttribute(name, value);
}

/** A button. key: keeps the focus over redraws; label: names it where its words don't. */
export function button({ key, label, ...props }, ...children) {
  return el(
    "button",
    { type: "button", "aria-label": label, data: key ? { key } : {}, ...props },
    ...children,
  );
}

/** An icon from the sprite at the top of the page; decorative, the button carries the words. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** Replace what a container holds; the focus stays on the control with the same data-key. */
export function swap(container, ...nodes) {
  const held = container.contains(document.activeElement) ? document.activeElement : null;
  const key = held?.dataset.key;
  const caret = held instanceof HTMLInputElement && held.type === "text" ? held.selectionStart : null;
  container.replaceChildren(...nodes.flat(Infinity).filter(Boolean));
  if (!key) return;
  const again = container.querySelector(`[data-key="${CSS.escape(key)}"]`);
  again?.focus({ preventScroll: true });
  if (again && caret !== null) again.setSelectionRange(caret, caret);
}

/** Whether keys typed here are text and not commands. */
export function takesText(node) {
  if (!(node instanceof HTMLElement)) return false;
  if (node instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(node.type);
  return node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement || node.isContentEditable;
}

let announcer = 0;

/** Say something to screen readers. */
export function announce(text) {
  const live = byId("live");
  live.textContent = "";
  cancelAnimationFrame(announcer);
  announcer = requestAnimationFrame(() => (live.textContent = text));
}
