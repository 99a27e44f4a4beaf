/** What a client needs of the place where it runs. Tests bring their own. */

/** The part of a `WebSocket` that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** Sockets, clocks, timers and chance. */
export interface Environment {
  /** Opens a socket. */
  connect(url: string): Socket;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Milliseconds since 1970, by the wall clock. */
  wallClock(): number;
  /** Calls back once, after that many milliseconds; returns what ends it. */
  after(milliseconds: number, callback: () => void): () => void;
  /** A number from 0 to below 1. */
  random(): number;
  /** Calls back when it may pay to connect at once; returns what ends it. */
  onWakeUp(callback: () => void): () => void;
}

/** That of browsers, and of Node from release 22. */
export const platform: Environment = {
  connect: (url) => new WebSocket(url) as Socket,
  now: () => performance.now(),
  wallClock: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  onWakeUp(callback) {
    // The network is back, or the person looks at the page again.
    if (typeof window === "undefined") return () => undefined;
    const onVisible = (): void => {
      if (document.visibilityState === "visible") callback();
    };
    window.addEventListener("online", callback);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      window.removeEventListener("online", callback);
      document.removeEventListener("visibilitychange", onVisible);
    };
  },
};
