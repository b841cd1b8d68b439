//! The WebAssembly interface: the only module that knows `wasm-bindgen`.

use crate::analysis::Analysis;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// As JSON: the host's parser makes objects of it faster than calls from here would, one per property.
fn to_js(value: &impl Serialize) -> JsValue {
    serde_json::to_string(value).ok().and_then(|json| js_sys::JSON::parse(&json).ok()).unwrap_or(JsValue::UNDEFINED)
}

fn from_js(value: &JsValue) -> Result<serde_json::Value, JsError> {
    let json = js_sys::JSON::stringify(value).ok().and_then(|json| json.as_string());
    let json = json.ok_or_else(|| JsError::new("the configuration must be what JSON can hold"))?;
    serde_json::from_str(&json).map_err(|e| JsError::new(&e.to_string()))
}

/// The version of the engine: part of every cache key.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// What the rules say of themselves: `{ name, summary, cwe: string[], owasp, controls: string[] }[]`.
#[wasm_bindgen]
pub fn rules() -> JsValue {
    to_js(&crate::rules::ALL)
}

/// Lowers one file to serialised IR. Empty: the scan found no sign of a server in it.
#[wasm_bindgen]
pub fn lower(path: &str, bytes: &[u8], scan: bool) -> Vec<u8> {
    crate::analysis::lower(path, bytes, scan).unwrap_or_default()
}

/// One analysis of one project; see [`crate::analysis::Analysis`].
#[wasm_bindgen]
pub struct Engine(Analysis);

#[wasm_bindgen]
impl Engine {
    /// Throws an `Error` whose message names the key of the configuration that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(config: JsValue) -> Result<Engine, JsError> {
        let config = if config.is_undefined() || config.is_null() { None } else { Some(from_js(&config)?) };
        Analysis::new(config).map(Engine).map_err(|e| JsError::new(&e))
    }

    #[wasm_bindgen(js_name = setFiles)]
    pub fn set_files(&mut self, files: Vec<String>) {
        self.0.set_files(files);
    }

    /// `{ manifests: string[], scan: string[], files: string[] }`; all empty: nothing more is wanted.
    pub fn wants(&mut self) -> JsValue {
        to_js(&self.0.wants())
    }

    #[wasm_bindgen(js_name = giveText)]
    pub fn give_text(&mut self, path: &str, bytes: &[u8]) {
        self.0.give_text(path, bytes);
    }

    #[wasm_bindgen(js_name = giveIr)]
    pub fn give_ir(&mut self, path: &str, ir: &[u8]) {
        self.0.give_ir(path, (!ir.is_empty()).then_some(ir));
    }

    /// These files' contents are not what they were: ask `wants` again.
    pub fn changed(&mut self, paths: Vec<String>) {
        self.0.changed(paths.iter().map(String::as_str));
    }

    pub fn missing(&mut self, path: &str, why: &str) {
        self.0.missing(path, why);
    }

    /// `{ inventory, findings }`: see `src/report/mod.rs`.
    pub fn report(&mut self) -> JsValue {
        to_js(self.0.report())
    }
}
