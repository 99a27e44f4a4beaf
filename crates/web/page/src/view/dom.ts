/** Elements, and lists that change. Text is always text: nothing is parsed as HTML. */

type Child = Node | string | null | false | undefined;

/** An element. An attribute that is false is left out, one that is true is empty. */
export function h(tag: string, attributes: Record<string, string | boolean> = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  for (const child of children)
    if (child !== null && child !== false && child !== undefined) element.append(child);
  return element;
}

/** A button, which does something; `act` names what. */
export function button(
  text: string,
  act: string,
  onClick: () => void,
  attributes: Record<string, string | boolean> = {},
): HTMLElement {
  const element = h("button", { type: "button", "data-act": act, ...attributes }, text);
  element.addEventListener("click", onClick);
  return element;
}

/** The element of the page with that id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

/** Sets a text, and touches nothing where it stands already: a reader is not told twice. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** How an item of a list is drawn. */
export interface Row<T> {
  /** Which item it is. */
  key: (item: T) => string;
  /** What is drawn of it: while this stays as it is, so does the element. */
  looks: (item: T) => string;
  draw: (item: T) => HTMLElement;
}

/** Draws a list. What did not change keeps its elements; the focus stays on the same button of the same item. */
export function drawList<T>(list: HTMLElement, items: readonly T[], { key, looks, draw }: Row<T>): void {
  const focused = list.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  const [row, act] = [focused?.closest<HTMLElement>("[data-key]")?.dataset["key"], focused?.dataset["act"]];
  const old = new Map([...list.children].map((it) => [(it as HTMLElement).dataset["key"], it as HTMLElement]));
  const rows = items.map((item) => {
    const before = old.get(key(item));
    if (before?.dataset["looks"] === looks(item)) return before;
    const element = draw(item);
    [element.dataset["key"], element.dataset["looks"]] = [key(item), looks(item)];
    return element;
  });
  // An element that stays where it is is not moved: that would take the focus away.
  const kept = new Set(rows);
  for (const it of [...list.children]) if (!kept.has(it as HTMLElement)) it.remove();
  rows.forEach((it, at) => {
    if (list.children[at] !== it) list.insertBefore(it, list.children[at] ?? null);
  });
  if (!focused || focused.isConnected) return;
  const again = rows.find((it) => it.dataset["key"] === row);
  const same = again && [...again.querySelectorAll<HTMLElement>("[data-act]")].find((it) => it.dataset["act"] === act);
  (same ?? again?.querySelector<HTMLElement>("button") ?? list).focus();
}
