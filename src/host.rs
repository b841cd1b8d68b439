//! What the JavaScript engine around the module does for it, because it has that anyway.
//!
//! ```js
//! new RegExp('^/api/(?!public)', 'i')   // the project's expressions, by the engine that will run them in production too
//! ```

use js_sys::JsString;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The class itself, and not `js_sys::RegExp`: the constructor of that one does not catch a `SyntaxError`.
    #[wasm_bindgen(js_name = RegExp, extends = js_sys::RegExp)]
    type HostRegExp;

    #[wasm_bindgen(constructor, js_class = "RegExp", catch)]
    fn new(source: &str, flags: &str) -> Result<HostRegExp, JsValue>;
}

/// A compiled ECMAScript expression.
pub struct RegExp {
    first: HostRegExp,
    source: String,
    flags: String,
}

impl RegExp {
    /// `None`: not valid. `g`, `y` and `d` are not looked at: they make an expression stateful, or describe its result.
    pub fn new(source: &str, flags: &str) -> Option<Self> {
        let flags: String = ['i', 'm', 's', 'u', 'v'].iter().filter(|flag| flags.contains(**flag)).collect();
        let first = HostRegExp::new(source, &flags).ok()?;
        Some(Self { first, source: source.to_owned(), flags })
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.first.test(text)
    }

    /// Where the first match ends, if it begins at the start.
    pub fn prefix_len(&self, text: &str) -> Option<usize> {
        if JsString::from(text).search(&self.first) != 0 {
            return None;
        }
        let matched = String::from(self.first.exec(text)?.get(0));
        // Half of a surrogate pair is no prefix of a Rust string.
        text.starts_with(&matched).then_some(matched.len())
    }

    pub fn replace(&self, text: &str, to: &str) -> String {
        JsString::from(text).replace_by_pattern(&self.first, to).into()
    }

    pub fn replace_all(&self, text: &str, to: &str) -> String {
        match HostRegExp::new(&self.source, &format!("{}g", self.flags)) {
            Ok(all) => JsString::from(text).replace_by_pattern(&all, to).into(),
            Err(_) => self.replace(text, to),
        }
    }
}
