//! authlint finds the endpoints of a JavaScript or TypeScript server that an anonymous caller can reach.

pub mod analysis;
pub mod ir;
pub mod lower;
pub mod report;
pub mod source;
#[cfg(target_arch = "wasm32")]
mod wasm;
