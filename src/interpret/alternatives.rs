//! The alternatives of a value: what a union holds, or the value itself.
//!
//! ```js
//! const list = query.all ? everything : own   // two alternatives, each looked at by itself
//! ```

use super::value::Value;
use std::ops::Deref;
use std::rc::Rc;

/// Nearly every value has one alternative: that takes no memory of its own.
pub enum Alternatives {
    One([Value; 1]),
    Several(Rc<[Value]>),
}

impl Deref for Alternatives {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        match self {
            Self::One(value) => value,
            Self::Several(values) => values,
        }
    }
}

impl IntoIterator for Alternatives {
    type Item = Value;
    type IntoIter = Each;

    fn into_iter(self) -> Each {
        Each { all: self, at: 0 }
    }
}

/// One alternative after the other.
pub struct Each {
    all: Alternatives,
    at: usize,
}

impl Iterator for Each {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        self.at += 1;
        self.all.get(self.at - 1).copied()
    }
}
