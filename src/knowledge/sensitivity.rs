//! How sensitive data is, judged by the names of models, tables and fields (R0: severity by what an endpoint touches).

/// What kind of data a name stands for, from least to most sensitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitivity {
    /// A catalogue, translations: looks public.
    Public,
    /// Nothing in particular.
    Plain,
    /// Data of users.
    User,
    /// Payment data, credentials, secrets, sensitive personal data.
    Critical,
}

const CRITICAL: &[&str] = &[
    "payment",
    "card",
    "creditcard",
    "bank",
    "iban",
    "invoice",
    "billing",
    "transaction",
    "wallet",
    "payout",
    "credential",
    "password",
    "secret",
    "apikey",
    "privatekey",
    "ssn",
    "passport",
    "medical",
    "health record",
    "salary",
    "tax",
    "totp",
    "otpsecret",
    "accesstoken",
    "refreshtoken",
];

const USER: &[&str] = &[
    "user",
    "account",
    "profile",
    "member",
    "customer",
    "person",
    "people",
    "employee",
    "patient",
    "student",
    "contact",
    "address",
    "email",
    "phone",
    "order",
    "message",
    "chat",
    "conversation",
    "note",
    "document",
    "file",
    "session",
    "subscription",
    "team",
    "organization",
    "organisation",
    "workspace",
    "tenant",
    "viewer",
    "visitor",
    "feedback",
    "role",
    "permission",
    "token",
    "audit",
    "log",
    "request",
    "comment",
    "basket",
    "cart",
    "security",
];

const PUBLIC: &[&str] = &[
    "product",
    "catalog",
    "catalogue",
    "category",
    "categories",
    "language",
    "translation",
    "country",
    "countries",
    "region",
    "currency",
    "post",
    "article",
    "blog",
    "page",
    "tag",
    "delivery",
    "captcha",
    "brand",
    "review",
    "rating",
    "quantity",
    "faq",
    "news",
    "event",
    "movie",
    "tv",
    "genre",
    "plan",
    "feature",
    "setting public",
    "securityquestion",
];

/// How sensitive the data behind a model's, table's or field's name is.
pub fn of(name: &str) -> Sensitivity {
    let words = super::names::words(name);
    let joined = words.concat();
    let is = |word: &str, list: &[&str]| list.contains(&word) || list.contains(&singular(word));
    let has = |list: &[&str]| is(&joined, list) || words.iter().any(|word| is(word, list));
    if has(&["securityquestion"]) || words.last().is_some_and(|w| w == "public") {
        Sensitivity::Public
    } else if has(CRITICAL) {
        Sensitivity::Critical
    } else if has(USER) {
        Sensitivity::User
    } else if has(PUBLIC) {
        Sensitivity::Public
    } else {
        Sensitivity::Plain
    }
}

pub fn singular(word: &str) -> &str {
    match word {
        "address" | "status" | "news" | "access" => word,
        _ => word.strip_suffix('s').unwrap_or(word),
    }
}
