/** Loading a WebAssembly module, once, in a browser and in Node. */
import { NotLoadedError } from "./errors.js";

/** Where a module comes from: an address, a response, its bytes, or one that is compiled. */
export type ModuleSource =
  | string
  | URL
  | Request
  | Response
  | PromiseLike<Response>
  | ArrayBuffer
  | ArrayBufferView
  | CompiledModule;

/** A `WebAssembly.Module`: without fields, as browsers' types have it, and Node's types have none. */
export interface CompiledModule {}

/** The initializer that wasm-bindgen makes. */
type Init = (options?: { module_or_path: ModuleSource }) => Promise<unknown>;

/** What Node has and browsers do not. */
interface NodeProcess {
  getBuiltinModule?(name: "node:fs"): { readFileSync(path: URL): Uint8Array<ArrayBuffer> };
}

/** A module of the folder `wasm`. */
export class Module {
  #loading: Promise<void> | undefined;
  #isLoaded = false;

  constructor(
    private readonly init: Init,
    private readonly file: string,
  ) {}

  /** Loads it, from beside this file if nothing else is said. A second time it does nothing. */
  load(source: ModuleSource | undefined = this.#inNode()): Promise<void> {
    this.#loading ??= this.#load(source);
    return this.#loading;
  }

  async #load(source: ModuleSource | undefined): Promise<void> {
    try {
      // wasm-bindgen's own default is what bundlers understand.
      await (source === undefined ? this.init() : this.init({ module_or_path: source }));
      this.#isLoaded = true;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  /** The bytes, in Node, whose `fetch` opens no files. */
  #inNode(): ModuleSource | undefined {
    if (this.#loading) return undefined;
    const { process } = globalThis as { process?: NodeProcess };
    const fs = process?.getBuiltinModule?.("node:fs");
    const here = import.meta.url;
    return fs?.readFileSync(new URL(`../wasm/${this.file}`, here));
  }

  /** Throws if it is not loaded. */
  check(): void {
    if (!this.#isLoaded) throw new NotLoadedError();
  }
}
