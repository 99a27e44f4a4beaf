/** Loads the package from beside the playground, or from where a test has it. */

import { engineOf, type Engine, type Package } from "./engine.js";

/** The engine, once both WebAssembly modules are there. */
export async function loadEngine(folder: URL): Promise<Engine> {
  const at = (file: string): Promise<any> => import(new URL(`dist/${file}.js`, folder).href);
  const [handset, switchboard, codec] = await Promise.all([at("handset"), at("switchboard"), at("codec")]);
  await Promise.all([handset.load(), switchboard.load()]);
  const { Handset } = handset;
  const { Switchboard } = switchboard;
  return engineOf({ Handset, Switchboard, encode: codec.encode, decode: codec.decode } as Package);
}
