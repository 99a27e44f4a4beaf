/**
 * A stub of a push service: it waits at the server for what a backend would hand to Apple's or Google's. A real app
 * subscribes with `PushManager` and has only the part that shows and delivers. Browsers stop a worker after some
 * minutes, so a page that sleeps says "watch" again now and then.
 */
const worker = self as unknown as ServiceWorkerGlobalScope;

/** What a page asks for. */
interface Ask {
  kind: "watch" | "stop";
  /** Where the pushes of a device come from: one of these at a time for each address. */
  url: string;
  /** The page, to be opened by a click on a notification. */
  page: string;
}

interface Watch {
  /** The tabs of the device. */
  tabs: Set<string>;
  page: string;
  end: AbortController;
  waiting: Promise<void>;
}

/** How long to wait after an error, in milliseconds. */
const PAUSE = 2_000;
const watches = new Map<string, Watch>();

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  const { kind, url, page } = event.data as Ask;
  if (kind === "stop") {
    watches.get(url)?.end.abort();
    watches.delete(url);
    return;
  }
  let watch = watches.get(url);
  if (!watch) {
    watch = { tabs: new Set(), page, end: new AbortController(), waiting: Promise.resolve() };
    watches.set(url, watch);
    watch.waiting = listen(url, watch);
  }
  if (event.source && "id" in event.source) watch.tabs.add(event.source.id);
  event.waitUntil(watch.waiting);
});

/** Waits for pushes, one after the other, until it is stopped. */
async function listen(url: string, { end: { signal }, ...watch }: Watch): Promise<void> {
  let after: string | undefined;
  while (!signal.aborted) {
    try {
      const address = after === undefined ? url : `${url}?after=${encodeURIComponent(after)}`;
      const response = await fetch(address, { signal, cache: "no-store" });
      if (response.status === 200) {
        const { id, data } = (await response.json()) as { id: string; data: Record<string, string> };
        after = id;
        await deliver(url, data, watch.tabs, watch.page);
      } else if (response.status !== 204) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    } catch {
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

/** Shows a notification, where the person allows it, and wakes one of the tabs. */
async function deliver(url: string, data: Record<string, string>, tabs: Set<string>, page: string): Promise<void> {
  const receivedAt = Date.now();
  if (Notification.permission === "granted") await notify(url, data, page);
  const clients = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = [...tabs].map((tab) => clients.find(({ id }) => id === tab));
  // One is enough: tabs of a device share its handset.
  open.find((it) => it !== undefined)?.postMessage({ kind: "push", url, data, receivedAt });
}

async function notify(url: string, data: Record<string, string>, page: string): Promise<void> {
  const tag = `${url}#${data["attempt"]}`;
  if (data["event"] === "ring") {
    const title = `${data["caller"]} calls you`;
    const text = data["extensionInfo"] ? `: ${data["extensionInfo"]}` : "";
    await worker.registration.showNotification(title, { tag, body: `Into ${data["roomID"]}${text}`, data: { page } });
    return;
  }
  for (const shown of await worker.registration.getNotifications({ tag })) shown.close();
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { page } = event.notification.data as { page: string };
  const open = async (): Promise<void> => {
    const clients = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    const client = clients.find((it) => it.url === page);
    await (client ? client.focus() : worker.clients.openWindow(page));
  };
  event.waitUntil(open());
});
