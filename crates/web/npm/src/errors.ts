/** Any error of this package. */
export class RoomcallError extends Error {
  override name = "RoomcallError";
}

/** The WebAssembly module was used before it was loaded. */
export class NotLoadedError extends RoomcallError {
  override name = "NotLoadedError";
  constructor() {
    super("the WebAssembly module is not loaded: await load() before the first use");
  }
}

/** A value has a kind that its type does not have. */
export class UnknownKindError extends RoomcallError {
  override name = "UnknownKindError";
}

/** The library refuses an input, a setting or a line: the message says what is wrong with it (J-02). */
export class InvalidInputError extends RoomcallError {
  override name = "InvalidInputError";
}

/**
 * What was saved cannot be restored: the message says why. Trying again does not help. Sign the device in
 * again under a new device id (D-25).
 */
export class SavedStateError extends RoomcallError {
  override name = "SavedStateError";
}

/** Runs a function of the library, and makes an error of a class of ours from one of its own. */
export function guard<T>(ErrorClass: new (message: string) => RoomcallError, run: () => T): T {
  try {
    return run();
  } catch (error) {
    // A trap is a bug of the library, and stays what it is.
    if (!(error instanceof Error) || error instanceof WebAssembly.RuntimeError) throw error;
    throw new ErrorClass(error.message);
  }
}
