//! Binding values to patterns.
//!
//! ```js
//! const { error, user: { id } = {}, ...rest } = await authenticate(req)
//! ```

use super::object::{Kind, Object, Site};
use super::state::{Flow, Outcomes, State, gather};
use super::value::Value;
use super::{Cx, Interpreter};
use crate::ir::Pattern;

impl Interpreter<'_> {
    pub(super) fn bind(&mut self, mut state: State, cx: &Cx, pattern: &Pattern, value: Value) -> Outcomes {
        match pattern {
            Pattern::Nothing => Self::done(state, value),
            Pattern::Symbol(symbol) => {
                if let Some(scope) = self.scope_of(&state, cx, *symbol) {
                    self.object_mut(&mut state, scope).slots.insert(symbol.0, value);
                }
                Self::done(state, value)
            }
            Pattern::Global(name) => {
                let name = self.atom_in(cx, *name);
                self.globals.insert(name, value);
                Self::done(state, value)
            }
            Pattern::Member(target) => {
                let ir = std::rc::Rc::clone(&cx.ir);
                match ir.expr(*target) {
                    crate::ir::Expr::Member { object, name, .. } => {
                        let name = self.atom_in(cx, *name);
                        let objects = self.evaluate(state, cx, *object);
                        self.each(objects, |this, mut state, object| {
                            this.set(&mut state, object, name, value);
                            Self::done(state, value)
                        })
                    }
                    crate::ir::Expr::Index { object, index, .. } => {
                        let index = *index;
                        let objects = self.evaluate(state, cx, *object);
                        self.each(objects, |this, state, object| {
                            let keys = this.evaluate(state, cx, index);
                            this.each(keys, |this, mut state, key| {
                                this.set_index(&mut state, object, key, value);
                                Self::done(state, value)
                            })
                        })
                    }
                    _ => Self::done(state, value),
                }
            }
            Pattern::Default(inner, default) => {
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(value) {
                    let missing = matches!(alternative, Value::Undefined | Value::Anonymous(super::value::Plain::Undefined, _));
                    if missing {
                        let defaults = self.evaluate(state.clone(), cx, *default);
                        gather(&mut out, self.each(defaults, |this, state, value| this.bind(state, cx, inner, value)));
                    } else {
                        gather(&mut out, self.bind(state.clone(), cx, inner, alternative));
                    }
                }
                self.settle(out)
            }
            Pattern::Object { props, rest } => {
                let site = Site::file(cx.module);
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(value) {
                    let mut outcomes = Self::done(state.clone(), alternative);
                    for (key, inner) in props {
                        outcomes = self.each(outcomes, |this, state, object| {
                            this.with_key(state, cx, *key, |this, state, key| {
                                let values = this.get_index(state, site, object, key);
                                this.each(values, |this, state, value| {
                                    let bound = this.bind(state, cx, inner, value);
                                    this.each(bound, |_, state, _| Self::done(state, object))
                                })
                            })
                        });
                    }
                    if let Some(rest) = rest {
                        outcomes = self.each(outcomes, |this, mut state, object| {
                            let copy = this.allocate(&mut state, Object::new(Kind::Plain));
                            this.copy_properties(&mut state, copy, object);
                            let taken: Vec<u32> = props
                                .iter()
                                .filter_map(|(key, _)| match key {
                                    crate::ir::Key::Static(name) => Some(this.atom_in(cx, *name).0),
                                    crate::ir::Key::Computed(_) => None,
                                })
                                .collect();
                            this.object_mut(&mut state, copy).slots.retain(|slot, _| !taken.contains(slot));
                            this.bind(state, cx, rest, Value::Object(copy))
                        });
                    }
                    gather(&mut out, outcomes);
                }
                self.settle(out)
            }
            Pattern::Array { items, rest } => {
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(value) {
                    let (known, open) = self.items_of(&state, alternative);
                    let missing = match alternative {
                        Value::Anonymous(_, cause) => Value::Anonymous(super::value::Plain::Undefined, cause),
                        Value::Object(id) => match self.object(&state, id).kind {
                            Kind::Missing(cause) => Value::Anonymous(super::value::Plain::Undefined, cause),
                            _ if open => Value::opaque(self.taint_of(alternative)),
                            _ => Value::Undefined,
                        },
                        _ if open => Value::opaque(self.taint_of(alternative)),
                        _ => Value::Undefined,
                    };
                    let mut states = vec![state.clone()];
                    for (i, inner) in items.iter().enumerate() {
                        let Some(inner) = inner else { continue };
                        let item = known.get(i).copied().unwrap_or(missing);
                        let mut next = Vec::new();
                        for state in states {
                            for (state, flow) in self.bind(state, cx, inner, item) {
                                match flow {
                                    Flow::Value(_) => next.push(state),
                                    other => out.push((state, other)),
                                }
                            }
                        }
                        states = next;
                    }
                    for mut state in states {
                        if let Some(rest) = rest {
                            let items = known.get(items.len()..).unwrap_or_default().to_vec();
                            let list = self.allocate(&mut state, Object::new(Kind::Array { items, open }));
                            gather(&mut out, self.bind(state, cx, rest, Value::Object(list)));
                        } else {
                            out.push((state, Flow::Value(alternative)));
                        }
                    }
                }
                self.settle(out)
            }
        }
    }
}
