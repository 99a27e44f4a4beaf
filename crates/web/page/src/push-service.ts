/** The page's side of the stub of a push service, which is the worker `sw.js`. */
import type { PushData } from "roomcall";

/** A push that came, and when, in milliseconds since 1970. */
export interface Push {
  kind: "push";
  url: string;
  data: PushData;
  receivedAt: number;
}

/** A worker lives some minutes only, in milliseconds. */
const ASK_AGAIN = 60_000;

export class PushService {
  #asking: ReturnType<typeof setInterval> | undefined;

  private constructor(
    private readonly registration: ServiceWorkerRegistration,
    private readonly url: string,
  ) {}

  /** Registers the worker; null where there is none: they need HTTPS or localhost. */
  static async at(url: string, onPush: (push: Push) => void): Promise<PushService | null> {
    const { serviceWorker } = navigator;
    if (!serviceWorker) return null;
    try {
      await serviceWorker.register(new URL("sw.js", document.baseURI));
      const service = new PushService(await serviceWorker.ready, url);
      serviceWorker.addEventListener("message", ({ data }: MessageEvent<Push>) => {
        if (data.kind === "push" && data.url === url) onPush(data);
      });
      serviceWorker.startMessages();
      return service;
    } catch {
      return null;
    }
  }

  /** From now on pushes come. */
  watch(): void {
    clearInterval(this.#asking);
    this.#post("watch");
    this.#asking = setInterval(() => this.#post("watch"), ASK_AGAIN);
  }

  /** None come any more. */
  stop(): void {
    clearInterval(this.#asking);
    this.#post("stop");
  }

  /** The call is not on the screen any more. */
  async closeNotification(attempt: number): Promise<void> {
    const tag = `${this.url}#${attempt}`;
    for (const shown of await this.registration.getNotifications({ tag })) shown.close();
  }

  #post(kind: "watch" | "stop"): void {
    this.registration.active?.postMessage({ kind, url: this.url, page: location.href });
  }
}
