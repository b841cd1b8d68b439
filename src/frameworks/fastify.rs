//! Fastify.
use crate::interpret::{Framework, Interpreter};
use crate::interpret::framework::Route;
use crate::interpret::state::State;
pub struct Fastify;
impl Framework for Fastify {
    fn name(&self) -> &'static str { "fastify" }
    fn packages(&self) -> &'static [&'static str] { &["fastify", "fastify-plugin"] }
    fn routes(&self, _: &mut Interpreter, _: &mut State) -> Vec<Route> { Vec::new() }
}
