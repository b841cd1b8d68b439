//! From what was called on applications and routers to routes with everything that runs before them.
//!
//! ```js
//! app.use(session())                       // layer 1: every path
//! app.use('/admin', requireAdmin, admin)   // layer 2: /admin; then the router's own layers and routes, below /admin
//! app.get('/health', ok)                   // a route: layer 1, then ok
//! ```

use super::super::EXPRESS;
use super::{METHODS, inline, role, split};
use crate::frameworks::path;
use crate::interpret::Interpreter;
use crate::interpret::framework::{Closeness, Near, Route, Step, StepKind};
use crate::interpret::object::{Condition, Convention, Event, Kind, Site};
use crate::interpret::state::State;
use crate::interpret::value::{ObjectId, Value};
use std::rc::Rc;

/// Something that a request may pass through, in order.
struct Layer {
    /// Where the router that holds it is mounted.
    prefix: String,
    /// `None`: every path below the prefix.
    pattern: Option<path::Pattern>,
    /// `None`: middleware, any method. A route's own method otherwise.
    method: Option<String>,
    functions: Vec<Value>,
    site: Site,
    conditions: Vec<Condition>,
    /// `router.param('id', fn)`: only routes of that router with such a parameter.
    param: Option<(ObjectId, String)>,
    router: ObjectId,
    routers: Rc<[u32]>,
    /// Mounts around it whose path is more than a prefix, with the prefix before each.
    within: Rc<[(String, path::Pattern)]>,
}

struct Walk<'i, 'a> {
    interpreter: &'i mut Interpreter<'a>,
    state: &'i State,
    layers: Vec<Layer>,
    mounting: Vec<ObjectId>,
    /// The mounts that are being walked, by number, and how many there were.
    routers: Vec<u32>,
    mounts: u32,
    within: Vec<(String, path::Pattern)>,
}

pub(super) fn routes(interpreter: &mut Interpreter, state: &State) -> Vec<Route> {
    let objects: Vec<ObjectId> =
        interpreter.framework_objects.clone().into_iter().filter(|id| !role(interpreter, state, *id).is_empty()).collect();
    let mounted = mounted_objects(interpreter, state, &objects);
    let mut out = Vec::new();
    for root in objects {
        if mounted.contains(&root) {
            continue;
        }
        let mut walk =
            Walk { interpreter, state, layers: Vec::new(), mounting: Vec::new(), routers: Vec::new(), mounts: 0, within: Vec::new() };
        walk.object(root, "", &[]);
        let layers = std::mem::take(&mut walk.layers);
        out.extend(routes_of(interpreter, state, &layers));
    }
    out
}

/// Applications and routers that another one uses.
fn mounted_objects(interpreter: &Interpreter, state: &State, objects: &[ObjectId]) -> Vec<ObjectId> {
    let mut out = Vec::new();
    for object in objects {
        for event in interpreter.calls_of(state, *object) {
            let (_, functions) = split(interpreter, state, &event.args);
            out.extend(
                functions
                    .into_iter()
                    .flat_map(|f| interpreter.values.alternatives(f))
                    .filter_map(|f| router_of(interpreter, state, f))
                    .filter(|id| id != object),
            );
        }
    }
    out
}

/// The router that a value is, or that an object of the project's own wraps (`{ router }` is not one; an instance of a subclass is not seen).
pub(super) fn router_of(interpreter: &Interpreter, state: &State, value: Value) -> Option<ObjectId> {
    let id = value.as_object()?;
    match &interpreter.object(state, id).kind {
        Kind::Framework(f) if f.framework == EXPRESS && f.role != "route" => Some(id),
        _ => None,
    }
}

impl Walk<'_, '_> {
    fn object(&mut self, object: ObjectId, prefix: &str, conditions: &[Condition]) {
        if self.mounting.contains(&object) || self.mounting.len() > 16 || self.layers.len() > 20_000 {
            return;
        }
        self.mounting.push(object);
        self.mounts += 1;
        self.routers.push(self.mounts);
        let start = self.layers.len();
        for event in self.interpreter.calls_of(self.state, object) {
            let method = self.interpreter.values.text(event.method).to_owned();
            let mut all_conditions = conditions.to_vec();
            all_conditions.extend(event.conditions.iter().filter(|c| !conditions.contains(c)));
            match method.as_str() {
                "use" | "mount" => self.middleware(object, prefix, &event, all_conditions),
                "param" => self.param(object, prefix, &event, all_conditions, start),
                _ if METHODS.contains(&method.as_str()) => {
                    let method = match method.as_str() {
                        "all" => "ALL".to_owned(),
                        "del" => "DELETE".to_owned(),
                        other => other.to_ascii_uppercase(),
                    };
                    let (mut patterns, functions) = split(self.interpreter, self.state, &event.args);
                    if patterns.is_empty() {
                        patterns.push(path::Pattern::Unknown);
                    }
                    for pattern in patterns {
                        self.layers.push(Layer {
                            prefix: prefix.to_owned(),
                            pattern: Some(pattern),
                            method: Some(method.clone()),
                            functions: functions.clone(),
                            site: event.site,
                            conditions: all_conditions.clone(),
                            param: None,
                            router: object,
                            routers: self.routers.as_slice().into(),
                            within: self.within.as_slice().into(),
                        });
                    }
                }
                _ => {}
            }
        }
        self.mounting.pop();
        self.routers.pop();
    }

    fn middleware(&mut self, object: ObjectId, prefix: &str, event: &Event, conditions: Vec<Condition>) {
        let (patterns, functions) = split(self.interpreter, self.state, &event.args);
        let patterns: Vec<Option<path::Pattern>> = if patterns.is_empty() { vec![None] } else { patterns.into_iter().map(Some).collect() };
        for pattern in patterns {
            for function in &functions {
                // Of several, one is there: `const guard = process.env.PASSWORD ? basicAuth(…) : (req, res, next) => next()`.
                let mut one_of = Vec::new();
                for alternative in self.interpreter.values.alternatives(*function) {
                    if let Some(router) = router_of(self.interpreter, self.state, alternative) {
                        let below = match &pattern {
                            None => prefix.to_owned(),
                            Some(path::Pattern::Text(text)) => path::join(prefix, text),
                            Some(path::Pattern::Regex(..)) => path::join(prefix, "*"),
                            Some(path::Pattern::Unknown) => path::join(prefix, ":unknown"),
                        };
                        let outer = pattern.clone().filter(|p| !matches!(p, path::Pattern::Text(_)));
                        let depth = self.within.len();
                        self.within.extend(outer.map(|p| (prefix.to_owned(), p)));
                        self.object(router, &below, &conditions);
                        self.within.truncate(depth);
                        continue;
                    }
                    if matches!(alternative, Value::Undefined | Value::Null | Value::Bool(_)) {
                        continue;
                    }
                    if let (Value::External(id), Some(_)) = (alternative, &pattern) {
                        let name = self.interpreter.values.external_name(id).to_owned();
                        let last = crate::knowledge::names::last_word(&name);
                        if let Some(specifier) = name.strip_prefix('?')
                            && !crate::knowledge::names::is_guard(last)
                        {
                            self.interpreter
                                .blind_spot(event.site, format!("what is mounted here, from `{specifier}`, is not part of the project"));
                        }
                    }
                    one_of.push(alternative);
                }
                if !one_of.is_empty() {
                    let unseen = one_of.iter().copied().find(|f| matches!(f, Value::Opaque(_)));
                    self.layers.push(Layer {
                        prefix: prefix.to_owned(),
                        pattern: pattern.clone(),
                        method: None,
                        functions: vec![unseen.unwrap_or_else(|| self.interpreter.values.join_all(one_of))],
                        site: event.site,
                        conditions: conditions.clone(),
                        param: None,
                        router: object,
                        routers: self.routers.as_slice().into(),
                        within: self.within.as_slice().into(),
                    });
                }
            }
        }
    }

    /// `router.param` works for all of the router's own routes, wherever it stands.
    fn param(&mut self, object: ObjectId, prefix: &str, event: &Event, conditions: Vec<Condition>, start: usize) {
        let Some(name) = event.args.first().and_then(|n| self.interpreter.values.as_text(*n)).map(str::to_owned) else { return };
        let Some(function) = event.args.get(1).copied() else { return };
        self.layers.insert(
            start,
            Layer {
                prefix: prefix.to_owned(),
                pattern: None,
                method: None,
                functions: vec![function],
                site: event.site,
                conditions,
                param: Some((object, name)),
                router: object,
                routers: self.routers.as_slice().into(),
                within: self.within.as_slice().into(),
            },
        );
    }
}

/// Whether a request for the route passes through the layer, if it comes before.
fn applies(layer: &Layer, route: &Layer, full: &str) -> bool {
    if let Some((router, name)) = &layer.param {
        // A parameter of the path under which the router is mounted is not the router's.
        let Some(path::Pattern::Text(own)) = &route.pattern else { return false };
        return *router == route.router
            && own.split(['/', '{', '-', '.']).any(|s| {
                s.strip_prefix(':')
                    .is_some_and(|s| s.starts_with(name.as_str()) && s[name.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric()))
            });
    }
    if layer.within.iter().any(|outer| !route.within.contains(outer) && !path::covers(&outer.1, &outer.0, full, false)) {
        return false;
    }
    if let Some(method) = &layer.method {
        let wanted = route.method.as_deref().unwrap_or("ALL");
        if method != "ALL" && method != wanted && !(wanted == "HEAD" && method == "GET") {
            return false;
        }
    }
    match &layer.pattern {
        None => path::covers(&path::Pattern::Text(String::new()), &layer.prefix, full, false),
        Some(pattern) => path::covers(pattern, &layer.prefix, full, layer.method.is_some()),
    }
}

fn full_path(layer: &Layer) -> (String, Option<String>) {
    match &layer.pattern {
        Some(path::Pattern::Text(text)) => (path::join(&layer.prefix, text), None),
        Some(path::Pattern::Regex(source, _)) => (path::join(&layer.prefix, &format!("/{}", readable_regex(source))), None),
        Some(path::Pattern::Unknown) => (path::join(&layer.prefix, ":unknown"), Some("its path is only known at run time".to_owned())),
        None => (path::join(&layer.prefix, ""), None),
    }
}

/// A layer whose path does not lead to the route, how far it is from that, and in which words; without its function.
fn misses(layer: &Layer, route: &Layer, full: &str) -> Near {
    let (path, blind) = full_path(layer);
    let closeness = if path::begins_like(full, &path) {
        Closeness::Overlapping
    } else if layer.router == route.router || layer.site.module == route.site.module {
        Closeness::Neighbour
    } else {
        Closeness::Unrelated
    };
    let printed = path::printed(&path);
    let why = blind.unwrap_or_else(|| format!("it covers `{printed}` only"));
    Near { covers: Some(printed), ..Near::new(Value::Undefined, layer.site, StepKind::Middleware, closeness, why) }
}

/// How many segments are taken off the path before a layer's functions see it.
fn mounted_segments(layer: &Layer) -> usize {
    let own = match (&layer.pattern, &layer.method) {
        (Some(path::Pattern::Text(text)), None) => text.split('/').filter(|s| !s.is_empty()).count(),
        _ => 0,
    };
    layer.prefix.split('/').filter(|s| !s.is_empty()).count() + own
}

/// A regular expression's plain beginning, then `*`.
fn readable_regex(source: &str) -> String {
    let body = source.trim_start_matches('^').trim_start_matches("\\/").trim_start_matches('/');
    let mut out = String::new();
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('/' | '.' | '-' | '_')) => out.push(c),
                _ => break,
            },
            '$' if chars.peek().is_none() => return out,
            c if c.is_alphanumeric() || matches!(c, '/' | '-' | '_') => out.push(c),
            _ => break,
        }
    }
    format!("{out}*")
}

fn routes_of(interpreter: &Interpreter, state: &State, layers: &[Layer]) -> Vec<Route> {
    let mut out = Vec::new();
    for (i, layer) in layers.iter().enumerate() {
        if layer.param.is_some() || layer.functions.is_empty() {
            continue;
        }
        let (full, blind) = full_path(layer);
        // Middleware is a route only where it answers; the endpoints layer tells. Only what stands at a path of its own is a candidate.
        if layer.method.is_none() && (layer.pattern.is_none() || matches!(layer.pattern, Some(path::Pattern::Unknown))) {
            continue;
        }
        let mut steps = Vec::new();
        // `router.param` functions run when the route is found: after all middleware.
        let mut params = Vec::new();
        let mut near = Vec::new();
        for (j, other) in layers.iter().enumerate() {
            if j == i {
                continue;
            }
            // What the same `use` call lists before comes before.
            let covers = applies(other, layer, &full);
            if j < i && covers {
                let conditions: Vec<Condition> = other.conditions.iter().filter(|c| !layer.conditions.contains(c)).copied().collect();
                let conditional = !conditions.is_empty();
                if other.conditions.iter().any(|c| layer.conditions.contains(&Condition { taken: !c.taken, ..*c })) {
                    continue;
                }
                let mounted = mounted_segments(other);
                let (list, kind) = match (&other.param, &other.method) {
                    (Some(_), _) => (&mut params, StepKind::Parameter),
                    (None, Some(_)) => (&mut steps, StepKind::Handler),
                    (None, None) => (&mut steps, StepKind::Middleware),
                };
                list.extend(inline::functions(interpreter, state, &other.functions, &other.routers, j).into_iter().map(
                    |(function, routers)| Step {
                        conditional,
                        conditions: conditions.clone(),
                        mounted,
                        routers,
                        ..Step::new(function, other.site, kind)
                    },
                ));
            } else if other.method.as_deref().is_none_or(|m| m == "ALL") && other.param.is_none() {
                let missed = if j > i && covers {
                    let why = "it is registered after this route".to_owned();
                    Near::new(Value::Undefined, other.site, StepKind::Middleware, Closeness::Misplaced, why)
                } else if j < i {
                    misses(other, layer, &full)
                } else {
                    continue;
                };
                near.extend(other.functions.iter().map(|function| Near { function: *function, ..missed.clone() }));
            }
        }
        let functions = inline::functions(interpreter, state, &layer.functions, &layer.routers, i);
        let Some(last) = functions.len().checked_sub(1) else { continue };
        let mounted = mounted_segments(layer);
        steps.append(&mut params);
        steps.extend(functions.into_iter().enumerate().map(|(n, (function, routers))| {
            let kind = if n == last { StepKind::Handler } else { StepKind::Middleware };
            Step { mounted, routers, ..Step::new(function, layer.site, kind) }
        }));
        out.push(Route {
            framework: "express",
            method: layer.method.clone().unwrap_or_else(|| "ALL".into()),
            path: path::printed(&full),
            site: layer.site,
            is_layer: layer.method.is_none(),
            convention: Convention::Express,
            steps,
            near,
            conditions: layer.conditions.clone(),
            dispatches: false,
            exempt: None,
            blind,
            respell: (!interpreter.exact_paths).then_some(path::capitals as fn(&str) -> String),
            taken: taken(interpreter, state, layer, &full, &layers[..i]),
        });
    }
    out
}

/// Paths that the route's pattern matches and that never get to it: a route before it has them, and its handler takes no `next`.
fn taken(interpreter: &Interpreter, state: &State, route: &Layer, full: &str, before: &[Layer]) -> Vec<String> {
    if !full.contains(':') {
        return Vec::new();
    }
    let same_method = |other: &Layer| other.method.as_deref().is_some_and(|m| m == "ALL" || Some(m) == route.method.as_deref());
    let ends = |other: &Layer| other.functions.last().is_some_and(|f| interpreter.arity(state, *f).is_some_and(|n| n < 3));
    before
        .iter()
        .filter(|other| same_method(other) && other.conditions.is_empty() && ends(other))
        .map(|other| full_path(other).0)
        .filter(|path| !path.contains([':', '*', '(', '{']) && path::covers(&path::Pattern::Text(full.to_owned()), "", path, true))
        .collect()
}
