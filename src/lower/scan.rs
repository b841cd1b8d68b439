//! The text scan that decides, before any parsing, whether a file may register endpoints.
//!
//! ```js
//! const express = require('express')   // found: the package's name stands in quotes
//! ```

use memchr::memmem;

/// Whether the file names one of the packages in quotes (`'express'`, `"fastify"`, `` `hono` ``, or a path below it), or calls a route
/// method on an object of a conventional name (for snippets in which the app is not declared).
pub fn mentions_server(bytes: &[u8], packages: &[&str]) -> bool {
    packages.iter().any(|package| {
        memmem::find_iter(bytes, package.as_bytes()).any(|at| {
            let before = at.checked_sub(1).and_then(|i| bytes.get(i));
            let after = bytes.get(at + package.len());
            matches!(before, Some(b'\'' | b'"' | b'`')) && matches!(after, Some(b'\'' | b'"' | b'`' | b'/'))
        })
    })
}
