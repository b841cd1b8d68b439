//! The text scan that decides, before any parsing, whether a file may register endpoints.
//!
//! ```js
//! const express = require('express')   // found: the package's name stands in quotes
//! ```

use memchr::memmem;

/// Whether the file names one of the packages in quotes (`'express'`, `"fastify"`, `` `hono` ``, or a path below it), or calls a route
/// method on an object of a conventional name (for snippets in which the app is not declared).
pub fn mentions_server(bytes: &[u8], packages: &[&str]) -> bool {
    mentions_package(bytes, packages) || SNIPPET_CALLS.iter().any(|call| memmem::find(bytes, call).is_some())
}

/// Route methods on objects of conventional names.
const SNIPPET_CALLS: &[&[u8]] = &[
    b"app.get('/",
    b"app.post('/",
    b"app.put('/",
    b"app.delete('/",
    b"app.patch('/",
    b"app.use('/",
    b"app.get(\"/",
    b"app.post(\"/",
    b"app.put(\"/",
    b"app.delete(\"/",
    b"router.get('/",
    b"router.post('/",
    b"router.put('/",
    b"router.delete('/",
    b"router.patch('/",
    b"router.get(\"/",
    b"router.post(\"/",
    b"fastify.get(",
    b"fastify.post(",
    b"fastify.put(",
    b"fastify.delete(",
    b"fastify.route(",
    b"fastify.register(",
];

fn mentions_package(bytes: &[u8], packages: &[&str]) -> bool {
    packages.iter().any(|package| {
        memmem::find_iter(bytes, package.as_bytes()).any(|at| {
            let before = at.checked_sub(1).and_then(|i| bytes.get(i));
            let after = bytes.get(at + package.len());
            matches!(before, Some(b'\'' | b'"' | b'`')) && matches!(after, Some(b'\'' | b'"' | b'`' | b'/'))
        })
    })
}
