/** A device over a WebSocket, for browsers: one tab, or several tabs as one device. */
export { Client, type ClientOptions, type InitialState } from "./client.js";
export { Tabs, type TabsOptions } from "./tabs.js";
export {
  Device,
  type AppInput,
  type CallOptions,
  type DeviceEvent,
  type EventOf,
  type StopReason,
} from "./device.js";
export { Screen, type ShownCall } from "./screen.js";
export { PendingList, type ListedCall } from "./pending-list.js";
export { afterClose, closeCodes, type AfterClose } from "./close-codes.js";
export { stateKey, type StateStorage } from "./saved-state.js";
export { platform, type Environment, type Socket } from "./environment.js";
export type { Channel, Locks } from "./tab-messages.js";
