//! `@fastify/autoload`: folders of plugins.
//!
//! ```text
//! routes/autohooks.ts          hooks of /, with `cascadeHooks` of everything below as well
//! routes/users/index.ts        /users; other files beside an index are left out
//! routes/users/_id/notes.ts    /users/:id, with `routeParams`
//! ```
//!
//! Written after `@fastify/autoload` 6.5, `lib/find-plugins.js` and `index.js`.

use super::{is_function, option, register, text};
use crate::interpret::Interpreter;
use crate::interpret::object::{Kind, Object, Site};
use crate::interpret::state::State;
use crate::interpret::value::{ModuleId, ObjectId, Value};
use crate::knowledge::regex::Regex;
use crate::source;

/// Extensions that are loaded.
const SCRIPTS: [&str; 6] = ["ts", "js", "cjs", "mjs", "cts", "mts"];
/// How deep folders are followed.
const MAX_DEPTH: u32 = 24;

struct Options {
    dir: String,
    index: Option<Regex>,
    ignore: Filter,
    ignore_path: Filter,
    match_path: Filter,
    auto_hooks: bool,
    cascade: bool,
    overwrite: bool,
    folder_prefix: bool,
    route_params: bool,
    encapsulate: bool,
    append_prefix: bool,
    max_depth: u32,
    /// What each plugin is given.
    given: Value,
}

enum Filter {
    None,
    Contains(String),
    Regex(Regex),
}

impl Filter {
    fn fits(&self, path: &str) -> Option<bool> {
        match self {
            Self::None => None,
            Self::Contains(part) => Some(path.contains(part.as_str())),
            Self::Regex(regex) => Some(regex.is_match(path)),
        }
    }
}

/// One folder: the hooks that cover it, and its plugins.
struct Node {
    hooks: Vec<String>,
    plugins: Vec<String>,
    prefix: String,
}

/// A plugin's file, loaded.
struct Loaded {
    plugin: Value,
    options: Value,
    name: String,
    needs: Vec<String>,
    site: Site,
}

pub(super) fn run(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, options: Value, site: Site) {
    let Some(options) = read(interpreter, state, options, site) else {
        interpreter.set_field(state, instance, "<unseen>", Value::Bool(true));
        interpreter.blind_spot(site, "plugins are loaded from a folder that is only known at run time");
        return;
    };
    interpreter.loaders.push(format!("{}/", options.dir));
    let mut nodes = Vec::new();
    walk(interpreter, &options, &options.dir, "", 0, &[], &mut nodes);
    for node in nodes {
        plug(interpreter, state, instance, &options, &node);
    }
}

fn read(interpreter: &mut Interpreter, state: &mut State, options: Value, site: Site) -> Option<Options> {
    let dir = option(interpreter, state, options, "dir", site);
    let dir = text(interpreter, dir)?;
    let mut flag = |name: &str, default: bool| match option(interpreter, state, options, name, site) {
        Value::Bool(b) => b,
        Value::Undefined => default,
        _ => true,
    };
    let (auto_hooks, cascade, overwrite) = (flag("autoHooks", false), flag("cascadeHooks", false), flag("overwriteHooks", false));
    let (route_params, encapsulate, append_prefix) =
        (flag("routeParams", false), flag("encapsulate", true), flag("appendAutoPrefix", false));
    let folder_prefix = flag("dirNameRoutePrefix", true);
    let index = match filter(interpreter, state, options, "indexPattern", site) {
        Filter::Regex(regex) => Some(regex),
        _ => None,
    };
    let max_depth = match option(interpreter, state, options, "maxDepth", site) {
        Value::Number(bits) => f64::from_bits(bits).clamp(0.0, f64::from(MAX_DEPTH)) as u32,
        _ => MAX_DEPTH,
    };
    Some(Options {
        dir: dir.trim_matches('/').to_owned(),
        index,
        ignore: filter(interpreter, state, options, "ignorePattern", site),
        ignore_path: filter(interpreter, state, options, "ignoreFilter", site),
        match_path: filter(interpreter, state, options, "matchFilter", site),
        auto_hooks,
        cascade,
        overwrite,
        folder_prefix,
        route_params,
        encapsulate,
        append_prefix,
        max_depth,
        given: option(interpreter, state, options, "options", site),
    })
}

fn filter(interpreter: &mut Interpreter, state: &mut State, options: Value, name: &str, site: Site) -> Filter {
    match option(interpreter, state, options, name, site) {
        Value::Str(atom) => {
            let text = interpreter.values.text(atom);
            // A string for `ignorePattern` is the source of an expression.
            match (name, Regex::new(text, "")) {
                ("ignorePattern", Some(regex)) => Filter::Regex(regex),
                _ => Filter::Contains(text.to_owned()),
            }
        }
        Value::Object(id) => match &interpreter.object(state, id).kind {
            Kind::Regex { source, flags } => {
                Regex::new(interpreter.values.text(*source), interpreter.values.text(*flags)).map_or(Filter::None, Filter::Regex)
            }
            _ => Filter::None,
        },
        _ => Filter::None,
    }
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn is_script(name: &str) -> bool {
    SCRIPTS.contains(&source::extension(name)) && !source::is_test_or_generated(name) && source::is_source(name)
}

/// `autohooks.ts`, `_autohooks.js`, `.auto_hooks.mjs`.
fn is_hooks(name: &str) -> bool {
    let bare = stem(name).to_ascii_lowercase();
    is_script(name) && matches!(bare.trim_start_matches(['_', '.']), "autohooks" | "auto_hooks")
}

fn walk(interpreter: &Interpreter, options: &Options, dir: &str, prefix: &str, depth: u32, hooks: &[String], out: &mut Vec<Node>) {
    let join = |name: &str| if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") };
    let Some(names) = interpreter.project.list(dir) else { return };
    let (files, folders): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| interpreter.project.contains(&join(name)));
    let mut node = Node { hooks: Vec::new(), plugins: Vec::new(), prefix: prefix.to_owned() };
    if options.auto_hooks {
        node.hooks = hooks.to_vec();
        if let Some(file) = files.iter().find(|name| is_hooks(name)) {
            if options.overwrite {
                node.hooks.clear();
            }
            node.hooks.push(join(file));
        }
    }
    let is_index = |name: &str| match &options.index {
        Some(regex) => regex.is_match(name),
        None => stem(name).eq_ignore_ascii_case("index") && is_script(name),
    };
    let relative = |path: &str| path.strip_prefix(&options.dir).unwrap_or(path).trim_start_matches('/').to_owned();
    let ignored = |path: &str| options.ignore.fits(&relative(path)) == Some(true);
    let wanted = |path: &str| {
        let path = format!("/{}", relative(path));
        options.match_path.fits(&path) != Some(false) && options.ignore_path.fits(&path) != Some(true)
    };
    if let Some(index) = files.iter().find(|name| is_index(name)) {
        node.plugins.extend(Some(join(index)).filter(|p| wanted(p)));
    } else {
        let plugins = files.iter().filter(|name| is_script(name) && !is_hooks(name)).map(|name| join(name));
        node.plugins.extend(plugins.filter(|path| !ignored(path) && wanted(path)));
    }
    let below = if options.auto_hooks && options.cascade { node.hooks.clone() } else { Vec::new() };
    out.push(node);
    if depth >= options.max_depth {
        return;
    }
    for folder in folders {
        let path = join(&folder);
        if ignored(&path) || folder == "node_modules" {
            continue;
        }
        let prefix = match (options.folder_prefix, prefix) {
            (false, prefix) => prefix.to_owned(),
            (true, prefix) => format!("{prefix}/{folder}"),
        };
        walk(interpreter, options, &path, &prefix, depth + 1, &below, out);
    }
}

/// The value of a module, once it is there: files that were not read yet are asked for.
fn content(interpreter: &mut Interpreter, state: &mut State, path: &str) -> Option<(ModuleId, Value)> {
    let Some(module) = interpreter.load(state, path) else {
        if !interpreter.project.failed(path) {
            interpreter.demanded.insert(path.to_owned());
        }
        return None;
    };
    interpreter.evaluate_module(state, module);
    Some((module, interpreter.namespace(state, module)))
}

fn plug(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, options: &Options, node: &Node) {
    let mut loaded: Vec<Option<Loaded>> = Vec::new();
    for path in &node.plugins {
        loaded.push(load(interpreter, state, options, path, &node.prefix));
    }
    let mut scope = instance;
    let mut hooks = Vec::new();
    for path in &node.hooks {
        if let Some((module, content)) = content(interpreter, state, path) {
            let hook = register::unwrapped(interpreter, state, content, 4);
            let site = interpreter.function_site(state, hook).unwrap_or(Site::file(module));
            hooks.push((register::lift(interpreter, state, hook, Value::Undefined), site));
        }
    }
    if let Some((_, site)) = hooks.first() {
        scope = register::child(interpreter, state, instance, Value::Undefined, *site);
    }
    for (hook, site) in hooks {
        register::enqueue(interpreter, state, scope, "register", &[hook, options.given], site);
    }
    // Those that others need come first.
    for i in 0..loaded.len() {
        enqueue(interpreter, state, scope, &mut loaded, i, 0);
    }
}

fn enqueue(interpreter: &mut Interpreter, state: &mut State, scope: ObjectId, loaded: &mut [Option<Loaded>], i: usize, depth: u32) {
    let Some(plugin) = loaded[i].take() else { return };
    if depth < 32 {
        for need in &plugin.needs {
            if let Some(at) = loaded.iter().position(|l| l.as_ref().is_some_and(|l| l.name == *need)) {
                enqueue(interpreter, state, scope, loaded, at, depth + 1);
            }
        }
    }
    register::enqueue(interpreter, state, scope, "register", &[plugin.plugin, plugin.options], plugin.site);
}

/// A property of the plugin or else of its module.
fn export(interpreter: &mut Interpreter, state: &mut State, plugin: Value, content: Value, name: &str, site: Site) -> Value {
    for place in [plugin, content] {
        let value = option(interpreter, state, place, name, site);
        if value != Value::Undefined {
            return value;
        }
    }
    Value::Undefined
}

fn load(interpreter: &mut Interpreter, state: &mut State, options: &Options, path: &str, folder_prefix: &str) -> Option<Loaded> {
    let (module, content) = content(interpreter, state, path)?;
    let plugin = register::unwrapped(interpreter, state, content, 4);
    let site = interpreter.function_site(state, plugin).unwrap_or(Site::file(module));
    if export(interpreter, state, plugin, content, "autoload", site) == Value::Bool(false) {
        return None;
    }
    let given = interpreter.allocate(state, Object::new(Kind::Plain));
    let automatic = export(interpreter, state, plugin, content, "autoConfig", site);
    if is_function(interpreter, state, automatic) {
        interpreter.set_field(state, given, "<automatic>", automatic);
    } else {
        interpreter.copy_properties(state, given, automatic);
    }
    interpreter.copy_properties(state, given, options.given);
    if let Some(prefix) =
        prefix(interpreter, state, options, (plugin, content), folder_prefix, interpreter.field(state, given, "prefix"), site)
    {
        let prefix = interpreter.values.string(&prefix);
        interpreter.set_field(state, given, "prefix", prefix);
    }
    if let Value::Object(id) = plugin
        && !is_function(interpreter, state, plugin)
    {
        // A module that exports a route.
        interpreter.field(state, id, "method")?;
    }
    if !options.encapsulate {
        register::lift(interpreter, state, plugin, Value::Undefined);
    }
    let (name, needs) = register::meta(interpreter, state, plugin, site);
    Some(Loaded { plugin, options: Value::Object(given), name: name.unwrap_or_else(|| path.to_owned()), needs, site })
}

/// The prefix of a plugin: the one given for all, then its own or that of its folder.
fn prefix(
    interpreter: &mut Interpreter,
    state: &mut State,
    options: &Options,
    (plugin, content): (Value, Value),
    folder_prefix: &str,
    given: Option<Value>,
    site: Site,
) -> Option<String> {
    let params = |prefix: String| if options.route_params { with_params(&prefix) } else { prefix };
    let instead = export(interpreter, state, plugin, content, "prefixOverride", site);
    if let Some(instead) = text(interpreter, instead) {
        return Some(params(instead));
    }
    let own = export(interpreter, state, plugin, content, "autoPrefix", site);
    let below = match text(interpreter, own) {
        Some(own) if options.append_prefix && !folder_prefix.is_empty() => format!("{folder_prefix}/{own}"),
        Some(own) => own,
        None => folder_prefix.to_owned(),
    };
    let given = match given {
        None | Some(Value::Undefined | Value::Null) => String::new(),
        Some(given) => text(interpreter, given).unwrap_or_else(|| "/:unknown".to_owned()),
    };
    let given = given.strip_suffix('/').unwrap_or(&given);
    let whole = format!("{given}{}", single_slashes(&below));
    (!whole.is_empty()).then(|| params(whole))
}

fn single_slashes(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out
}

/// `/teams/_team` → `/teams/:team`; with `__` anywhere, only those count.
fn with_params(prefix: &str) -> String {
    if prefix.contains("__") { prefix.replace("__", ":") } else { prefix.replace("/_", "/:") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn folders_become_parameters() {
        assert_eq!(super::with_params("/teams/_team/notes"), "/teams/:team/notes");
        assert_eq!(super::with_params("/__from-__to"), "/:from-:to");
        assert_eq!(super::single_slashes("//a///b/"), "/a/b/");
    }

    #[test]
    fn hooks_by_their_name() {
        for name in ["autohooks.ts", "_autohooks.js", ".auto_hooks.mjs", "autoHooks.cts"] {
            assert!(super::is_hooks(name), "{name}");
        }
        for name in ["autohooks.json", "myautohooks.ts", "hooks.ts"] {
            assert!(!super::is_hooks(name), "{name}");
        }
    }
}
