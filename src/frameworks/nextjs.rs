//! Next.js.
use crate::interpret::{Framework, Interpreter};
use crate::interpret::framework::Route;
use crate::interpret::state::State;
pub struct Nextjs;
impl Framework for Nextjs {
    fn name(&self) -> &'static str { "next" }
    fn packages(&self) -> &'static [&'static str] { &[] }
    fn routes(&self, _: &mut Interpreter, _: &mut State) -> Vec<Route> { Vec::new() }
}
