//! authlint finds the endpoints of a JavaScript or TypeScript server that an anonymous caller can reach.
//!
//! A tour, in the order of the pipeline; each module may use only those before it:
//! [`source`], [`config`], [`knowledge`] → [`ir`] → [`lower`], [`interpret`] → [`frameworks`] → [`endpoints`] → [`rules`] → [`report`] → [`analysis`].

pub mod source;
pub mod report;
pub mod config;
pub mod knowledge;
pub mod ir;
pub mod lower;
pub mod interpret;
pub mod frameworks;
pub mod endpoints;
pub mod rules;
mod render;
mod startup;
pub mod analysis;
#[cfg(target_arch = "wasm32")]
mod wasm;
