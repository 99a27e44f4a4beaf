/** The sample backend of `roomcall-server try`. An app has a backend of its own here, which knows who its users are. */

/** How long a request may take, in milliseconds: a page that is loaded anew waits for one before it shows a call. */
const WITHIN = 5_000;

/** A request that the backend refused, in its own words, or that did not reach it. */
export class BackendError extends Error {
  /** For people, who are told this where there is no connection. */
  override toString(): string {
    return this.message;
  }
}

export class Backend {
  constructor(
    private readonly user: string,
    private readonly device: string,
  ) {}

  /** The address of the socket, with a token that is valid now. */
  async socketURL(): Promise<string> {
    const { user, device } = this;
    const response = await post("try/token", { user, device });
    const { token } = (await response.json()) as { token: string };
    const url = new URL("v1/socket", document.baseURI);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("token", token);
    return url.href;
  }

  /** The device is in a room, in a session: one visit. */
  async enter(roomID: string, session: string): Promise<void> {
    await this.#room(roomID, "enter", session, false);
  }

  /** The session is over. With `isLast` the page closes meanwhile. */
  async leave(roomID: string, session: string, isLast = false): Promise<void> {
    await this.#room(roomID, "leave", session, isLast);
  }

  async #room(roomID: string, verb: string, session: string, keepalive: boolean): Promise<void> {
    const { user, device } = this;
    await post(`try/rooms/${encodeURIComponent(roomID)}/${verb}`, { user, device, session }, keepalive);
  }

  /** Where the pushes for this device come from. */
  get pushURL(): string {
    const path = `try/push/${encodeURIComponent(this.user)}/${encodeURIComponent(this.device)}`;
    return new URL(path, document.baseURI).href;
  }
}

async function post(path: string, body: object, keepalive = false): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body), keepalive, signal: AbortSignal.timeout(WITHIN) };
  const response = await fetch(new URL(path, document.baseURI), request).catch(() => {
    throw new BackendError("the server cannot be reached");
  });
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({}))) as { error?: string };
  throw new BackendError(error ?? `the server answered ${response.status}`);
}
