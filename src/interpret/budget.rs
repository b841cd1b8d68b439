//! Limits: every loop and every call spends, so that each execution ends.
//!
//! ```js
//! function visit(node) { return visit({ ...node, next: node }) }   // ends here, though not in Node
//! ```

use super::{Interpreter, Mode};

/// Limits of one execution; running out yields values that are not known.
pub struct Budget;

impl Budget {
    /// Evaluation steps for all of a server's start-up.
    pub const STARTUP: u64 = 20_000_000;
    /// Evaluation steps for one handler.
    pub const REQUEST: u64 = 400_000;
    /// Nested calls of the project's functions. Each costs native stack: see `rust-tests/robustness.rs`.
    pub const DEPTH: u32 = 28;
    /// Nested expressions and statements, those of the callers and of the importing modules included. V8 gives a thread about 1 MB of
    /// native stack, and code that its baseline compiler made takes the most: see `js-tests/bad-input.test.mjs`.
    pub const LEVELS: u32 = 250;
}

impl Interpreter<'_> {
    /// Spends one step; false when the budget is used up.
    pub(super) fn spend(&mut self) -> bool {
        self.steps += 1;
        self.steps <= self.limit
    }

    /// Enters an expression or a statement, to be left by `levels -= 1`; false where it stands too deep.
    pub(super) fn descend(&mut self) -> bool {
        if self.levels >= Budget::LEVELS {
            if self.mode != Mode::Startup {
                self.steps = self.limit;
            }
            return false;
        }
        self.levels += 1;
        true
    }

    pub fn out_of_budget(&self) -> bool {
        self.steps > self.limit
    }

    /// Starts a fresh budget for one request.
    pub fn begin_request(&mut self, mode: Mode) {
        if self.mode == Mode::Startup {
            self.started = self.heap_size() as u32;
        }
        self.mode = mode;
        self.steps = 0;
        self.limit = Budget::REQUEST;
        self.indifferent = 0;
        self.depth = 0;
        self.forks = 0;
        self.captured.clear();
        self.forget_calls();
        self.visits.clear();
        self.passing_only = false;
        self.taken.clear();
        self.detached = None;
        self.stack.clear();
    }

    /// A fresh budget for the next function of the same request.
    pub fn begin_step(&mut self) {
        self.saw_variable = false;
        self.steps = 0;
        self.forget_calls();
    }
}
