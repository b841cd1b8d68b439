//! authlint finds the endpoints of a JavaScript or TypeScript server that an anonymous caller can reach.
//!
//! A tour, in the order of the pipeline; each module may use only those before it:
//! [`source`], [`config`], [`knowledge`] → [`ir`] → [`lower`], [`interpret`] → [`frameworks`] → [`endpoints`] → [`rules`] → [`analysis`].
//! [`report`] is plain data, and open to all. `docs/ARCHITECTURE.md` follows one endpoint through them.

pub mod analysis;
pub mod config;
pub mod endpoints;
pub mod frameworks;
#[cfg(target_arch = "wasm32")]
mod host;
pub mod interpret;
pub mod ir;
pub mod knowledge;
pub mod lower;
#[cfg(any(test, target_arch = "wasm32"))]
mod memory;
pub mod report;
pub mod rules;
pub mod sorted;
pub mod source;
#[cfg(target_arch = "wasm32")]
mod wasm;
