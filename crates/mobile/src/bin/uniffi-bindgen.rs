//! Writes the sources of the three languages: `cargo run -p roomcall-mobile --features bindgen --bin uniffi-bindgen`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
