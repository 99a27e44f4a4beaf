/** Elements, and how a page becomes another one. Text is always text: nothing is parsed as HTML. */

type Child = Node | string | number | false | null | undefined;
type Attributes = Record<string, string | number | boolean | undefined>;

/** An element. An attribute that is false or undefined is left out, one that is true is empty. */
export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) set(element, name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child !== false && child !== null && child !== undefined) {
      element.append(typeof child === "number" ? String(child) : child);
    }
  }
  return element;
}

/** A button that does something: what, is data, and one listener reads it. */
export function button(text: string, command: object, attributes: Attributes = {}): HTMLElement {
  return h("button", { type: "button", "data-do": JSON.stringify(command), ...attributes }, text);
}

/** Makes the children of one element those of another, and keeps the nodes that it can: focus stays where it is. */
export function morph(from: Element, to: Element): void {
  for (const { name } of [...from.attributes]) {
    // What the reader opened stays open.
    if (!to.hasAttribute(name) && name !== "open" && name !== "style") from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) set(from, name, value);
  }
  if (from instanceof HTMLInputElement || from instanceof HTMLSelectElement) {
    const value = to instanceof HTMLSelectElement ? to.value : to.getAttribute("value");
    if (value !== null && from.value !== value) from.value = value;
  }
  const old = new Map<string, ChildNode>();
  for (const child of from.childNodes) {
    const key = keyOf(child);
    if (key !== undefined) old.set(key, child);
  }
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const match = key === undefined ? place : old.get(key);
    if (match && isSame(match, wanted)) {
      if (match !== place) from.insertBefore(match, place);
      else place = place.nextSibling;
      if (match instanceof Element) morph(match, wanted as Element);
      else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
    } else {
      from.insertBefore(wanted, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** Sets an attribute. A policy that allows no inline style, such as that of the server, blocks `style` as an attribute. */
function set(element: Element, name: string, value: string): void {
  if (name === "style" && element instanceof HTMLElement) element.style.cssText = value;
  else element.setAttribute(name, value);
}

const keyOf = (node: Node): string | undefined =>
  node instanceof HTMLElement ? node.dataset["key"] : undefined;

const isSame = (one: Node, other: Node): boolean =>
  one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

/** A time as people read it. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}\u00a0s`;
