//! The frameworks: one file each, one line here; `path` is what those with patterns in their routes share.

mod express;
mod fastify;
mod nextjs;
mod path;

use crate::interpret::Framework;

/// All frameworks, in the order in which they are asked.
pub const ALL: &[&dyn Framework] = &[&express::Express, &fastify::Fastify, &nextjs::Nextjs];

/// Index of Express in [`ALL`], and so on: what a framework's own objects carry.
pub(crate) const EXPRESS: usize = 0;
pub(crate) const FASTIFY: usize = 1;
pub(crate) const NEXTJS: usize = 2;
