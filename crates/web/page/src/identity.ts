/** Which device of which user a tab is. A browser profile is one device; an address with `?device=` is another. */

import { randomId } from "./random.js";

/** The part of `localStorage` that is used. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A signed-in device. */
export interface Identity {
  user: string;
  device: string;
  /** What `?device=` says; null for that of the profile. */
  named: string | null;
}

/** Under which key the id of a device is stored. */
function deviceKey(user: string, named: string | null): string {
  return `roomcall-page:device:${JSON.stringify([user, named])}`;
}

/** The device of a user, with an id of its own that is kept. */
export function identify(user: string, named: string | null, store: Store): Identity {
  const key = deviceKey(user, named);
  const kept = store.getItem(key);
  if (kept) return { user, device: kept, named };
  const device = named ?? newId();
  store.setItem(key, device);
  return { user, device, named };
}

/** Which id comes after that of a device which is no more. */
export function successor({ device, named }: Identity): string {
  if (named === null) return newId();
  const lives = device === named ? 1 : Number(device.slice(named.length + 1));
  return `${named}-${lives + 1}`;
}

/** From now on the tabs of that name are this device. */
export function keep({ user, device, named }: Identity, store: Store): void {
  store.setItem(deviceKey(user, named), device);
}

/** The user signed out of it: signing in again needs a new id (D-33). Each of its tabs says so. */
export function abandon(identity: Identity, store: Store): void {
  const { user, device, named } = identity;
  const key = deviceKey(user, named);
  // Another tab was faster, and has signed in again.
  if (store.getItem(key) !== device) return;
  if (named === null) store.removeItem(key);
  else store.setItem(key, successor(identity));
}

function newId(): string {
  return `browser-${randomId(2)}`;
}

/** What an address says. */
export function fromAddress(search: string): { user: string | null; named: string | null } {
  const asked = new URLSearchParams(search);
  return { user: asked.get("user") || null, named: asked.get("device") || null };
}

/** The address of a tab of that user and device. */
export function toAddress(user: string | null, named: string | null): string {
  const parameters = new URLSearchParams();
  if (user !== null) parameters.set("user", user);
  if (named !== null) parameters.set("device", named);
  return parameters.size > 0 ? `?${parameters}` : "./";
}
