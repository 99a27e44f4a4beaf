//! Makes the JavaScript glue of a WebAssembly module: what `wasm-bindgen --target web` does, whose own
//! program does not install everywhere.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use wasm_bindgen_cli_support::Bindgen;

/// Makes the JavaScript glue of a WebAssembly module.
#[derive(Parser)]
struct Args {
    /// The module that the compiler made.
    module: PathBuf,
    /// Where `NAME.js`, `NAME.d.ts` and `NAME_bg.wasm` are written.
    #[arg(long)]
    folder: PathBuf,
    /// How they are called.
    #[arg(long)]
    name: String,
}

fn main() -> Result<()> {
    let Args { module, folder, name } = Args::parse();
    let mut glue = Bindgen::new();
    glue.input_path(module).out_name(&name).web(true)?.typescript(true);
    // By itself the glue finds the module beside it, in a form that bundlers know.
    glue.omit_default_module_path(false);
    glue.remove_name_section(true).remove_producers_section(true);
    glue.generate(folder)
}
