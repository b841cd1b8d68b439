//! The text scan that decides, before any parsing, whether a file may register endpoints.
//!
//! ```js
//! const express = require('express')   // found: the package's name stands in quotes
//! ```

use memchr::{memchr3_iter, memmem, memrchr};
use std::sync::OnceLock;

/// Whether the file names one of the packages in quotes (`'express'`, `"fastify"`, `` `hono` ``, or a path below it), or calls a route
/// method on an object of a conventional name (for snippets in which the app is not declared).
pub fn mentions_server(bytes: &[u8], packages: &[&str]) -> bool {
    memchr3_iter(b'\'', b'"', b'`', bytes).any(|at| {
        let (before, after) = (&bytes[..at], &bytes[at + 1..]);
        match after.first() {
            Some(b'/') => calls_route_method(before),
            Some(_) => packages.iter().any(|package| {
                after.starts_with(package.as_bytes()) && matches!(after.get(package.len()), Some(b'\'' | b'"' | b'`' | b'/'))
            }),
            None => false,
        }
    }) || registers_on_fastify(bytes)
}

/// `app.get(`, `router.use(`, before a path in quotes.
fn calls_route_method(before: &[u8]) -> bool {
    let Some(call) = before.strip_suffix(b"(") else { return false };
    let Some(dot) = memrchr(b'.', &call[call.len().saturating_sub(LONGEST_METHOD + 1)..]) else { return false };
    let dot = call.len().saturating_sub(LONGEST_METHOD + 1) + dot;
    METHODS.contains(&&call[dot + 1..]) && (call[..dot].ends_with(b"app") || call[..dot].ends_with(b"router"))
}

/// `fastify.get(`, `fastify.register(`: what follows need not be a path.
fn registers_on_fastify(bytes: &[u8]) -> bool {
    static FASTIFY: OnceLock<memmem::Finder<'static>> = OnceLock::new();
    let name = FASTIFY.get_or_init(|| memmem::Finder::new("fastify."));
    name.find_iter(bytes).any(|at| {
        let rest = &bytes[at + "fastify.".len()..];
        let end = rest.iter().take(LONGEST_METHOD + 1).position(|b| *b == b'(');
        end.is_some_and(|end| METHODS.contains(&&rest[..end]) || &rest[..end] == b"route" || &rest[..end] == b"register")
    })
}

const METHODS: [&[u8]; 6] = [b"get", b"post", b"put", b"delete", b"patch", b"use"];
const LONGEST_METHOD: usize = "register".len();
