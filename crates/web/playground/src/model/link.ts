/** A meeting as the fragment of an address. */

import type { Action } from "./action.js";
import { MEETING, type Plan } from "./plan.js";

/** A run of `next` is its length, so that an address stays short. */
type Packed = number | Exclude<Action, { do: "next" }>;

interface Linked {
  v: 1;
  plan: Plan;
  actions: Packed[];
}

/** The fragment, without its `#`. */
export function toFragment(plan: Plan, actions: readonly Action[]): string {
  const packed: Packed[] = [];
  for (const action of actions) {
    const last = packed[packed.length - 1];
    if (action.do !== "next") packed.push(action);
    else if (typeof last === "number") packed[packed.length - 1] = last + 1;
    else packed.push(1);
  }
  const linked: Linked = { v: 1, plan, actions: packed };
  const bytes = new TextEncoder().encode(JSON.stringify(linked));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return `run=${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The meeting of a fragment; nothing if it is none. */
export function fromFragment(fragment: string): { plan: Plan; actions: Action[] } | undefined {
  const coded = /^#?run=([\w-]+)$/.exec(fragment)?.[1];
  if (coded === undefined) return undefined;
  try {
    const text = atob(coded.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const linked = JSON.parse(new TextDecoder().decode(bytes)) as Linked;
    if (linked.v !== 1 || !Array.isArray(linked.plan.phones)) return undefined;
    const actions = linked.actions.flatMap((packed): Action[] =>
      typeof packed === "number"
        ? Array.from({ length: Math.min(packed, 10_000) }, () => ({ do: "next" }))
        : [packed],
    );
    return { plan: { ...MEETING, ...linked.plan }, actions };
  } catch {
    return undefined;
  }
}
