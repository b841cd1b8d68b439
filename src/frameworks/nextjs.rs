//! Next.js 12 to 16: `pages/api`, the App Router's route files, `middleware.ts` and `proxy.ts`, and next-connect.
//!
//! ```js
//! // pages/api/users/[id].js: every method of /api/users/:id
//! export default withUser(async (req, res) => res.json(await db.user.findUnique({ where: { id: req.query.id } })))
//! // app/api/orders/route.ts: GET /api/orders
//! export const GET = auth(async (request) => Response.json(await db.order.findMany()))
//! // proxy.ts, beside app/: in front of every path that its matcher covers
//! export const config = { matcher: '/api/:path*' }
//! ```
//!
//! There is no registration and no order: a file's path is its address. What matchers cover was found by running Next's own.

mod connect;
mod files;
mod proxy;

use crate::interpret::Interpreter;
use crate::interpret::framework::{Framework, Route, Step, StepKind};
use crate::interpret::native::Native;
use crate::interpret::object::{Carrier, Convention, Http, Kind, Object, Site};
use crate::interpret::state::{Outcomes, State};
use crate::interpret::value::{External, ModuleId, ObjectId, Taint, Value};
use crate::knowledge::names::is_credential_field;
use crate::knowledge::{self};
use files::{Address, Router};

pub(super) struct Nextjs;

/// The exports of a route file that are endpoints.
const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"];

impl Framework for Nextjs {
    /// None: its endpoints are found by their paths, and most files that name the package are pages.
    fn packages(&self) -> &'static [&'static str] {
        &[]
    }

    fn is_entry(&self, path: &str) -> bool {
        files::address(path, |_| false).is_some() || files::is_proxy(path)
    }

    fn construct(&self, interpreter: &mut Interpreter, state: &mut State, name: &str, _args: &[Value], site: Site) -> Option<Value> {
        connect::construct(interpreter, state, name, site)
    }

    fn call(
        &self,
        interpreter: &mut Interpreter,
        state: State,
        object: ObjectId,
        method: &str,
        args: &[Value],
        site: Site,
    ) -> Option<Outcomes> {
        connect::call(interpreter, state, object, method, args, site)
    }

    fn routes(&self, interpreter: &mut Interpreter, state: &mut State) -> Vec<Route> {
        let project = std::rc::Rc::clone(&interpreter.project);
        let is_root = |folder: &str| {
            ["package.json", "next.config.js", "next.config.mjs", "next.config.ts"]
                .iter()
                .any(|name| project.contains(&files::join(folder, name)))
        };
        let paths: Vec<(&str, Address)> = project.paths().filter_map(|path| Some((path, files::address(path, is_root)?))).collect();
        let mut proxies = proxy::Proxies::default();
        let mut out = Vec::new();
        for (path, address) in &paths {
            if crate::source::is_test_or_generated(path) || project.depends_on(path, "next") == Some(false) {
                continue;
            }
            let Some(module) = interpreter.load(state, path) else { continue };
            interpreter.evaluate_module(state, module);
            let (exports, convention, kind) = match address.router {
                Router::Pages => (["default"].as_slice(), Convention::Express, StepKind::Handler),
                Router::App => (METHODS.as_slice(), Convention::Fetch, StepKind::Returning),
            };
            for name in exports {
                let Some((function, site)) = endpoint(interpreter, state, module, name) else { continue };
                let (mut steps, near) = proxies.before(interpreter, state, address, &paths);
                if address.router == Router::Pages && address.path.contains(':') {
                    steps.insert(0, parameters(interpreter, state, &address.path, site));
                }
                steps.push(Step::new(function, site, kind));
                out.push(Route {
                    framework: "nextjs",
                    method: if address.router == Router::Pages { "ALL".into() } else { (*name).to_owned() },
                    path: address.path.clone(),
                    site,
                    is_layer: false,
                    convention,
                    steps,
                    near,
                    conditions: Vec::new(),
                    dispatches: address.router == Router::Pages,
                    exempt: exemption(interpreter, function),
                    blind: None,
                    taken: Vec::new(),
                    respell: None,
                });
            }
        }
        out
    }
}

/// A hidden step that puts the parameters of the path where `pages/api` has them: in the query, and they are there.
fn parameters(interpreter: &mut Interpreter, state: &mut State, path: &str, site: Site) -> Step {
    let query = interpreter.allocate(state, Object::new(Kind::Http(Http::Carrier(Carrier::Query))));
    for name in path.split('/').filter_map(|segment| segment.strip_prefix(':')) {
        let credential = if is_credential_field(name) { Taint::CREDENTIAL } else { Taint::NONE };
        interpreter.set_field(state, query, name, Value::truthy(Taint::REQUEST.union(credential)));
    }
    let (request, all) = (interpreter.allocate(state, Object::new(Kind::Plain)), interpreter.allocate(state, Object::new(Kind::Plain)));
    interpreter.set_field(state, request, "query", Value::Object(query));
    interpreter.set_field(state, all, "request", Value::Object(request));
    Step::new(interpreter.values.native(Native::Prepare(all)), site, StepKind::Prepare)
}

/// An export that may serve requests, and where it stands in its file.
fn endpoint(interpreter: &mut Interpreter, state: &mut State, module: ModuleId, name: &str) -> Option<(Value, Site)> {
    let atom = interpreter.values.atom(name);
    let value = interpreter.export(state, module, atom)?;
    let serves = match value {
        Value::Object(id) => matches!(interpreter.object(state, id).kind, Kind::Function(_) | Kind::Framework(_)),
        Value::Native(_) | Value::External(_) | Value::Opaque(_) | Value::Union(_) => true,
        _ => false,
    };
    if !serves {
        return None;
    }
    let own = interpreter.function_site(state, value).filter(|site| site.module == module);
    Some((value, own.or_else(|| interpreter.export_site(module, name)).unwrap_or(Site::file(module))))
}

/// A library's own handler, such as the one that logs people in.
fn exemption(interpreter: &Interpreter, function: Value) -> Option<&'static str> {
    let Value::External(id) = function else { return None };
    let name = match interpreter.values.external_of(id) {
        External::Package(_) => return None,
        _ => interpreter.values.external_name(id),
    };
    match knowledge::find(name)?.kind {
        knowledge::Kind::Answer(exempt) => exempt,
        _ => None,
    }
}
