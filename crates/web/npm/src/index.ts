/** The handset of roomcall: what the screen of one device shows, and what it sends. */
export { Handset, load, type OnScreen, type RuledEffect } from "./handset.js";
export { frame, readEvent, readOutput, type Send } from "./frame.js";
export { pushEvent, type PushData } from "./push.js";
export type { CompiledModule, ModuleSource } from "./module.js";
export {
  InvalidInputError,
  NotLoadedError,
  RoomcallError,
  SavedStateError,
  UnknownKindError,
} from "./errors.js";
export type * from "./types.js";
export { shapes } from "./types.js";
