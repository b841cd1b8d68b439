//! Libraries that take uploads and ask a function of the project first.
//!
//! ```js
//! await handleUpload({ body, request, onBeforeGenerateToken: async () => { … throw … } })   // @vercel/blob/client
//! const server = new Server({ datastore, async onIncomingRequest(req) { … throw … } })     // @tus/server
//! export default (req, res) => server.handle(req, res)
//! ```

use super::library::LibraryCall;
use super::state::{AnswerKind, Flow, Outcomes, State};
use super::value::{External, ExternalId, Taint, Value};
use super::{EffectKind, Interpreter, Mode};
use crate::knowledge::upload::{Upload, upload};

/// What is kept of an upload.
pub(super) const UPLOAD: &str = "upload";

impl Interpreter<'_> {
    /// A call that hands a request to such a library.
    pub(super) fn call_upload(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let LibraryCall { site, id, name, args, .. } = *call;
        let Upload { asks, with_exchange, tells, answers } = *upload(name)?;
        let options = match self.values.external_of(id).clone() {
            External::Member(base, _) => match self.values.external_of(base) {
                External::New(_, made_with) | External::Call(_, made_with) => made_with.first().copied(),
                _ => None,
            },
            _ => None,
        };
        let options = options.or_else(|| args.first().copied())?.as_object()?;
        let own = std::mem::take(state);
        let mut outcomes = Self::done(own, Value::Undefined);
        for callback in asks {
            let Some(function) = outcomes.first().and_then(|(state, _)| self.field(state, options, callback)) else { continue };
            let mut given = if with_exchange { args.to_vec() } else { Vec::new() };
            // What begins with POST has no identifier yet.
            given.push(if with_exchange && self.is_post(&outcomes, args) { Value::Undefined } else { Value::opaque(Taint::REQUEST) });
            given.push(Value::opaque(Taint::REQUEST));
            outcomes = self.each(outcomes, |this, state, _| {
                let called = this.call(state, site, function, Value::Object(options), given.clone());
                this.each(called, |this, state, value| this.wait_for(state, value))
            });
        }
        outcomes = self.each(outcomes, |this, mut state, _| {
            this.effect(&mut state, EffectKind::FileWrite, UPLOAD);
            if answers {
                Self::record(&mut state, AnswerKind::Success, false);
            }
            Self::done(state, Value::truthy(Taint::NONE))
        });
        // What is told afterwards comes from the service, signed: an anonymous caller cannot make it happen.
        if self.mode == Mode::Anyone {
            for callback in tells {
                let Some(function) = outcomes.first().and_then(|(state, _)| self.field(state, options, callback)) else { continue };
                outcomes = self.each(outcomes, |this, state, value| {
                    let called = this.call(state, site, function, Value::Object(options), vec![Value::opaque(Taint::REQUEST); 3]);
                    this.each(called, |_, state, _| Self::done(state, value))
                });
            }
        }
        // A rejection that the library answers with by itself.
        if answers {
            outcomes = outcomes
                .into_iter()
                .map(|(mut state, flow)| {
                    if matches!(flow, Flow::Throw(_)) {
                        Self::record(&mut state, AnswerKind::Rejection, true);
                        return (state, Flow::Value(Value::Undefined));
                    }
                    (state, flow)
                })
                .collect();
        }
        Some(self.as_promises(outcomes))
    }

    /// `multer({ dest: 'uploads/' }).single('file')`: a middleware that keeps what it is sent, before the handler is asked.
    pub(super) fn keeps_files(&self, state: &State, mut id: ExternalId) -> bool {
        if !self.values.external_name(id).starts_with("multer()") {
            return false;
        }
        for _ in 0..8 {
            match self.values.external_of(id) {
                External::Call(base, args) if self.values.external_name(*base) == "multer" => {
                    let Some(Value::Object(options)) = args.first().copied() else { return false };
                    let option = |name: &str| self.field(state, options, name);
                    let in_memory = |v: Value| matches!(v, Value::External(e) if self.values.external_name(e) == "multer.memoryStorage()");
                    return option("dest").is_some() || option("storage").is_some_and(|storage| !in_memory(storage));
                }
                External::Call(base, _) | External::Member(base, _) => id = *base,
                _ => return false,
            }
        }
        false
    }

    fn is_post(&self, outcomes: &Outcomes, args: &[Value]) -> bool {
        let (Some((state, _)), Some(Value::Object(request))) = (outcomes.first(), args.first()) else { return false };
        let method = self.object(state, *request).slots.get(&self.names.method.0).copied();
        method.is_some_and(|m| self.values.as_text(m) == Some("POST"))
    }
}
