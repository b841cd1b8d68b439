//! authlint finds the endpoints of a JavaScript or TypeScript server that an anonymous caller can reach.

pub mod analysis;
pub mod report;
#[cfg(target_arch = "wasm32")]
mod wasm;
