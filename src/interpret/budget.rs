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
    pub const STARTUP: u64 = 6_000_000;
    /// Evaluation steps for one function of a request.
    pub const REQUEST: u64 = 400_000;
    /// Evaluation steps for all endpoints together: some seconds, whatever the project is.
    pub const ENDPOINTS: u64 = 30_000_000;
    /// What an endpoint may use however much others have used: enough for a simple handler.
    pub const ENDPOINT: u64 = 8_000;
    /// Steps for learning whether one function that covers other routes turns anonymous callers away.
    pub const ASIDE: u64 = 100_000;
    /// How many times an even share of what is left one endpoint may use.
    const SHARES: u64 = 8;
    /// Nested calls of the project's functions. Each costs native stack: see `rust-tests/robustness.rs`.
    pub const DEPTH: u32 = 28;
    /// Nested expressions and statements, those of the callers and of the importing modules included. V8 gives a thread about 1 MB of
    /// native stack, and code that its baseline compiler made takes the most: see `js-tests/bad-input.test.mjs`.
    pub const LEVELS: u32 = 250;
}

/// What is left for the endpoints that are still to be run.
pub struct Purse {
    left: u64,
    endpoints: u64,
}

impl Purse {
    pub const fn new(endpoints: usize) -> Self {
        Self { left: Budget::ENDPOINTS, endpoints: endpoints as u64 }
    }

    /// What the next endpoint may use.
    pub fn allowance(&self) -> u64 {
        let share = Budget::SHARES * self.left / self.endpoints.max(Budget::SHARES);
        share.max(Budget::ENDPOINT)
    }

    /// Takes what it has used.
    pub const fn take(&mut self, cost: u64) {
        self.left = self.left.saturating_sub(cost);
        self.endpoints = self.endpoints.saturating_sub(1);
    }
}

/// The account of one endpoint.
pub(super) struct Account {
    /// What it may still use, as of when the interpreter last began to count.
    left: u64,
    /// What is kept for later.
    held_back: u64,
    spent: u64,
    /// Its allowance was not enough.
    short: bool,
}

impl Default for Account {
    fn default() -> Self {
        Self { left: u64::MAX, held_back: 0, spent: 0, short: false }
    }
}

impl Interpreter<'_> {
    /// Spends one step; false when the budget is used up.
    pub(super) fn spend(&mut self) -> bool {
        self.steps += 1;
        !self.out_of_budget()
    }

    /// Enters an expression or a statement, to be left by `levels -= 1`; false where it stands too deep.
    pub(super) fn descend(&mut self) -> bool {
        if self.levels >= Budget::LEVELS {
            if self.mode != Mode::Startup {
                // What does not concern the caller uses up its part; elsewhere the account is not to be charged for what was not done.
                if self.indifferent > 0 { self.steps = self.limit } else { self.limit = self.limit.min(self.steps) }
            }
            return false;
        }
        self.levels += 1;
        true
    }

    pub fn out_of_budget(&self) -> bool {
        self.steps > self.limit || self.steps > self.account.left
    }

    /// Starts the account of one endpoint.
    pub fn begin_endpoint(&mut self, allowance: u64) {
        self.steps = 0;
        self.account = Account { left: allowance, ..Account::default() };
    }

    /// What the endpoint has cost, and whether its allowance was not enough.
    pub fn end_endpoint(&mut self) -> (u64, bool) {
        self.pay();
        (self.account.spent, self.account.short)
    }

    /// Keeps half of what is left to the endpoint for later.
    pub fn hold_back(&mut self) {
        self.pay();
        self.account.held_back = self.account.left / 2;
        self.account.left -= self.account.held_back;
    }

    /// Gives it back; true where the other half was not enough.
    pub fn give_back(&mut self) -> bool {
        self.pay();
        self.account.left += std::mem::take(&mut self.account.held_back);
        self.account.short
    }

    fn pay(&mut self) {
        self.account.short |= self.steps > self.account.left;
        self.account.spent += self.steps;
        self.account.left = self.account.left.saturating_sub(self.steps);
        self.steps = 0;
    }

    /// Starts a fresh budget for one request.
    pub fn begin_request(&mut self, mode: Mode) {
        if self.mode == Mode::Startup {
            self.started = self.heap_size() as u32;
        }
        self.mode = mode;
        self.pay();
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
        self.pay();
        self.limit = Budget::REQUEST;
        self.forget_calls();
    }
}
