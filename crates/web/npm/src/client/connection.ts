import type { Environment, Socket } from "./environment.js";

/** How long connecting may take, in milliseconds; and before it, how long it may take to make the address. */
export const CONNECT_WITHIN = 10_000;
/**
 * How long nothing may be heard after a request was sent, in milliseconds. A network that vanishes closes no
 * socket, and the handset repeats an unanswered request every two seconds.
 */
const ANSWER_WITHIN = 15_000;

/** What a connection tells. */
export interface Listener {
  /** It is there. */
  open(): void;
  /** A text message came. */
  message(text: string): void;
  /** It is over, which is told once: the close code, or null if it broke, and the reason. */
  gone(code: number | null, reason: string): void;
}

/** One connection, from its beginning to its end. */
export class Connection {
  readonly #socket: Socket;
  #isOpen = false;
  #isGone = false;
  /** Ends the timer that runs while something is awaited. */
  #stopWaiting: (() => void) | undefined;

  constructor(
    url: string,
    private readonly environment: Environment,
    private readonly listener: Listener,
  ) {
    this.#socket = environment.connect(url);
    this.#wait(CONNECT_WITHIN, "the server did not accept the connection in time");
    this.#socket.onopen = () => {
      if (this.#isGone) return;
      this.#stopWaiting?.();
      this.#stopWaiting = undefined;
      this.#isOpen = true;
      listener.open();
    };
    this.#socket.onmessage = ({ data }) => {
      if (this.#isOpen) this.#stopWaiting?.();
      this.#stopWaiting = undefined;
      // What a connection says late is welcome; only its end is not (docs/device-authors.md).
      if (typeof data === "string") listener.message(data);
    };
    this.#socket.onclose = ({ code, reason }) => this.#gone(code, reason);
  }

  /** Sends a text. Without a connection nothing is sent: the handset repeats it. */
  send(text: string, isAnswered: boolean): void {
    if (!this.#isOpen || this.#isGone) return;
    this.#socket.send(text);
    if (isAnswered && !this.#stopWaiting) this.#wait(ANSWER_WITHIN, "the server does not answer");
  }

  /** Ends it. Nothing more is told but messages that are on their way. */
  close(): void {
    this.#isGone = true;
    this.#stopWaiting?.();
    this.#socket.close();
  }

  #wait(milliseconds: number, why: string): void {
    this.#stopWaiting = this.environment.after(milliseconds, () => {
      this.#gone(null, why);
      this.#socket.close();
    });
  }

  #gone(code: number | null, reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#stopWaiting?.();
    this.listener.gone(code, reason);
  }
}
