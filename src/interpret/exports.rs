//! What frameworks ask about a module's exports beyond their values: where they stand, and how they are written.
//!
//! ```js
//! export const GET = withUser(list)               // stands here, whatever `withUser` makes of it
//! export const config = { matcher: '/api/:path*' } // written out: what a build tool can read without running anything
//! ```

use super::Interpreter;
use super::object::{Node, Site};
use super::value::ModuleId;
use crate::ir::{Export, Expr, ExprId, ModuleIr, Pattern, Stmt, SymbolId};

impl Interpreter<'_> {
    /// Where a module's own export is declared.
    pub fn export_site(&self, id: ModuleId, name: &str) -> Option<Site> {
        let ir = &self.modules.get(id.0 as usize)?.ir;
        let symbol = exported(ir, name)?;
        let body = ir.functions.first()?;
        let node = match body.hoisted.iter().find(|(s, _)| *s == symbol) {
            Some((_, function)) => Node::Function(*function),
            None => Node::Expr(initialiser(ir, symbol)?),
        };
        Some(Site { module: id, node })
    }

    /// Whether a module's export is a literal, all through.
    pub fn is_literal_export(&self, id: ModuleId, name: &str) -> bool {
        let Some(module) = self.modules.get(id.0 as usize) else { return false };
        exported(&module.ir, name).and_then(|s| initialiser(&module.ir, s)).is_some_and(|e| is_literal(&module.ir, e, 8))
    }
}

fn exported(ir: &ModuleIr, wanted: &str) -> Option<SymbolId> {
    ir.exports.iter().find_map(|export| match export {
        Export::Local { name, symbol } if ir.str(*name) == wanted => Some(*symbol),
        Export::Default { symbol } if wanted == "default" => Some(*symbol),
        _ => None,
    })
}

/// What a variable of the module is declared with, destructured or not.
fn initialiser(ir: &ModuleIr, symbol: SymbolId) -> Option<ExprId> {
    ir.functions.first()?.body.iter().find_map(|statement| match statement {
        Stmt::Let { pattern, init: Some(init) } if declares(pattern, symbol) => Some(*init),
        _ => None,
    })
}

fn declares(pattern: &Pattern, symbol: SymbolId) -> bool {
    match pattern {
        Pattern::Symbol(s) => *s == symbol,
        Pattern::Object { props, rest } => {
            props.iter().any(|(_, p)| declares(p, symbol)) || rest.as_deref().is_some_and(|p| declares(p, symbol))
        }
        Pattern::Array { items, rest } => {
            items.iter().flatten().any(|p| declares(p, symbol)) || rest.as_deref().is_some_and(|p| declares(p, symbol))
        }
        Pattern::Default(inner, _) => declares(inner, symbol),
        Pattern::Member(_) | Pattern::Global(_) | Pattern::Nothing => false,
    }
}

fn is_literal(ir: &ModuleIr, id: ExprId, depth: u32) -> bool {
    match ir.expr(id) {
        Expr::Undefined | Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::Str(_) | Expr::Regex(..) => true,
        Expr::Template(parts) => parts.iter().all(|p| matches!(ir.expr(*p), Expr::Str(_))),
        Expr::Array(items) => depth > 0 && items.iter().all(|i| is_literal(ir, *i, depth - 1)),
        Expr::Object(properties) => depth > 0 && properties.iter().all(|p| p.key.is_some() && is_literal(ir, p.value, depth - 1)),
        _ => false,
    }
}
