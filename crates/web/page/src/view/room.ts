/** Entering and leaving a room, and calling people into it. */
import { namesIn } from "../names.js";
import type { Session } from "../session.js";
import { byId, setText } from "./dom.js";

export class Room {
  constructor(private readonly session: Session, end: AbortSignal) {
    const [room, people] = [byId<HTMLInputElement>("room"), byId<HTMLInputElement>("people")];
    const on = (id: string, kind: string, run: () => void): void =>
      byId(id).addEventListener(kind, (event) => (event.preventDefault(), run()), { signal: end });
    on("enter-form", "submit", () => void this.#enter(room.value.trim()));
    on("leave", "click", () => void session.leave().then(() => room.focus()));
    on("call-form", "submit", () => this.#call(people));
    this.draw();
  }

  draw(): void {
    const { room } = this.session;
    byId("enter-form").hidden = room !== null;
    byId("in-room").hidden = room === null;
    byId("call-form").hidden = room === null;
    byId("call-hint").hidden = room !== null;
    setText(byId("room-name"), room ?? "");
  }

  async #enter(room: string): Promise<void> {
    if (room !== "" && (await this.session.enter(room))) byId("people").focus();
  }

  #call(people: HTMLInputElement): void {
    const { room } = this.session;
    const users = namesIn(people.value);
    if (room === null || users.length === 0) return people.focus();
    const seconds = byId<HTMLInputElement>("seconds").valueAsNumber;
    const timeout = Number.isFinite(seconds) ? seconds : 30;
    const extensionInfo = byId<HTMLInputElement>("text").value;
    void this.session.tap((tabs) => tabs.call(room, users, { timeout, extensionInfo }));
  }
}
