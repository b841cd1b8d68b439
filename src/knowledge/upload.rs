//! Libraries that take uploads and ask the project's functions on the way.
//!
//! ```js
//! handleUpload({ body, request, onBeforeGenerateToken: async () => { if (!(await session())) throw new Error() } })
//! ```

/// How a library that takes uploads uses the functions it is given.
#[derive(Debug, Clone, Copy)]
pub struct Upload {
    /// Asked first: an exception ends the request.
    pub asks: &'static [&'static str],
    /// They get the request and the answer.
    pub with_exchange: bool,
    /// Told afterwards.
    pub tells: &'static [&'static str],
    /// It answers by itself.
    pub answers: bool,
}

const BLOB: Upload = Upload { asks: &["onBeforeGenerateToken"], with_exchange: false, tells: &["onUploadCompleted"], answers: false };
const TUS: Upload = Upload {
    asks: &["onIncomingRequest", "onUploadCreate"],
    with_exchange: true,
    tells: &["namingFunction", "onUploadFinish", "onResponseError"],
    answers: true,
};

/// The calls that hand a request to such a library.
pub fn upload(canonical: &str) -> Option<&'static Upload> {
    match canonical {
        "@vercel/blob/client.handleUpload" => Some(&BLOB),
        "new @tus/server.Server.handle" | "new @tus/server.Server.handleWeb" | "new tus-node-server.Server.handle" => Some(&TUS),
        _ => None,
    }
}
