//! Where a value that is not known comes from.
//!
//! ```js
//! req.headers.authorization                        // the caller chose it, and presents it as a credential
//! const open = process.env.AUTH !== 'required'     // a setting, and the contrary of one: it holds where nobody has set it
//! ```

/// Where a value that is not known comes from; a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Taint(pub u16);

impl Taint {
    pub const NONE: Self = Self(0);
    /// The caller chose it.
    pub const REQUEST: Self = Self(1);
    /// The caller presents it as a credential; an anonymous caller has no valid one.
    pub const CREDENTIAL: Self = Self(2);
    /// The server's own secret: an environment variable, a key.
    pub const SECRET: Self = Self(4);
    /// From a data store.
    pub const STORED: Self = Self(8);
    /// An error object.
    pub const ERROR: Self = Self(16);
    /// A verified identity (only when the caller is assumed to be authenticated).
    pub const IDENTITY: Self = Self(32);
    /// Computed from a credential by code that cannot be seen: it may be a verified identity.
    pub const UNSEEN: Self = Self(64);
    /// The request's method.
    pub const METHOD: Self = Self(128);
    /// The request's own path or URL.
    pub const URL: Self = Self(256);
    /// A part of a credential that is not secret, such as its scheme.
    pub const SCHEME: Self = Self(512);
    /// What another server answered when it was shown what the caller presents as a credential.
    pub const ANSWER: Self = Self(1024);
    /// Looked up by it, or made of it by other code: not what the caller sent, as it was sent or left out.
    pub const DERIVED: Self = Self(2048);
    /// The server's own configuration, which is no secret: what a file of settings says.
    pub const SETTING: Self = Self(4096);
    /// The contrary of a setting: it holds where nobody has set anything.
    pub const CONTRARY: Self = Self(8192);
    /// There, though it may be empty: `header ?? ''`, `header.slice(7)`.
    pub const DEFAULTED: Self = Self(16384);

    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether this is a setting, or its contrary, and nothing else.
    pub fn is_setting(self) -> bool {
        matches!(self.without(Self::CONTRARY), Self::SECRET | Self::SETTING)
    }

    /// Of the negation of what has this: `!process.env.AUTH`, `process.env.AUTH !== 'on'`.
    pub fn negated(self) -> Self {
        if self.is_setting() { Self(self.0 ^ Self::CONTRARY.0) } else { self }
    }

    /// Of an element of this, such as what follows the scheme; it may not be there.
    pub const fn element(self) -> Self {
        self.without(Self::SCHEME).without(Self::DEFAULTED)
    }

    /// Of what is looked up by a value that comes from this, or made of it by other code.
    pub const fn derived(self) -> Self {
        if self.has(Self::REQUEST) { self.union(Self::DERIVED) } else { self }
    }

    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
