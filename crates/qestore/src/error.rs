//! The one public error: a kind to act on, the operation, what it concerned, and its cause.

use std::error::Error as StdError;
use std::fmt;

/// What every fallible call of this library returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] is; decides what a caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such artifact, member, object or store.
    NotFound,
    /// Something of that name is there already.
    AlreadyExists,
    /// The request fits several artifacts; the message lists them.
    Ambiguous,
    /// A name, an option or a configuration value is not allowed.
    InvalidInput,
    /// The content is over the configured size limit, or a limit of the format.
    TooLarge,
    /// A pin or a hold keeps it.
    Protected,
    /// The storage refuses access.
    PermissionDenied,
    /// The disk or the quota is full.
    StorageFull,
    /// Made by a newer version, or not possible on this backend or platform.
    Unsupported,
    /// Stored bytes are not what was stored.
    Corrupt,
    /// A passing fault (time-out, reset, overload): the same call may work later.
    Unavailable,
    /// Any other failure of the storage or the operating system.
    Storage,
}

impl ErrorKind {
    /// The kind as a stable kebab-case word, for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::AlreadyExists => "already-exists",
            Self::Ambiguous => "ambiguous",
            Self::InvalidInput => "invalid-input",
            Self::TooLarge => "too-large",
            Self::Protected => "protected",
            Self::PermissionDenied => "permission-denied",
            Self::StorageFull => "storage-full",
            Self::Unsupported => "unsupported",
            Self::Corrupt => "corrupt",
            Self::Unavailable => "unavailable",
            Self::Storage => "storage",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure, with its [kind](ErrorKind), the operation, what it concerned, and its cause.
///
/// `Display` gives one line without the cause; [`StdError::source`] gives the cause, so that
/// reporters that walk the chain print each part once.
pub struct Error {
    // Boxed so that `Result<T>` stays small on the happy path.
    parts: Box<Parts>,
}

struct Parts {
    kind: ErrorKind,
    message: String,
    operation: Option<&'static str>,
    subject: Option<String>,
    help: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A new error of `kind`; `message` says what was wrong, without repeating the subject.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            parts: Box::new(Parts {
                kind,
                message: message.into(),
                operation: None,
                subject: None,
                help: None,
                source: None,
            }),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// An error from the operating system, its kind taken from the I/O error.
    pub fn io(message: impl Into<String>, source: std::io::Error) -> Self {
        Self::new(io_kind(&source), message).because(source)
    }

    /// Sets what was being done, as a verb in the infinitive: `store`, `retrieve`. The first
    /// (innermost) operation named stays.
    #[must_use]
    pub fn during(mut self, operation: &'static str) -> Self {
        self.parts.operation.get_or_insert(operation);
        self
    }

    /// Sets what the error concerns: an artifact, a path, a key. The first one named stays.
    #[must_use]
    pub fn concerning(mut self, subject: impl Into<String>) -> Self {
        if self.parts.subject.is_none() {
            self.parts.subject = Some(subject.into());
        }
        self
    }

    /// Names what the error concerns in the caller's words; a key or path named earlier stays
    /// readable in the message.
    #[must_use]
    pub(crate) fn on_behalf_of(mut self, subject: impl Into<String>) -> Self {
        if let Some(inner) = self.parts.subject.replace(subject.into()) {
            self.parts.message = format!("{} ({inner})", self.parts.message);
        }
        self
    }

    /// Sets what the reader can do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.parts.help = Some(help.into());
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.parts.source = Some(source.into());
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.parts.kind
    }

    /// What was wrong, without operation, subject and cause.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.parts.message
    }

    /// What was being done, if known.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.parts.operation
    }

    /// What the error concerns, if known: an artifact, a path, a key.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.parts.subject.as_deref()
    }

    /// What the reader can do about it, if there is something to say.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.parts.help.as_deref()
    }

    /// Whether the same call may succeed when it is made again later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.parts.kind == ErrorKind::Unavailable
    }
}

fn io_kind(error: &std::io::Error) -> ErrorKind {
    use std::io::ErrorKind as Io;
    match error.kind() {
        Io::NotFound => ErrorKind::NotFound,
        Io::AlreadyExists => ErrorKind::AlreadyExists,
        Io::PermissionDenied | Io::ReadOnlyFilesystem => ErrorKind::PermissionDenied,
        Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => ErrorKind::StorageFull,
        Io::TimedOut | Io::ConnectionReset | Io::ConnectionAborted | Io::Interrupted => {
            ErrorKind::Unavailable
        }
        Io::Unsupported => ErrorKind::Unsupported,
        _ => ErrorKind::Storage,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &self.parts;
        if let Some(operation) = parts.operation {
            write!(f, "cannot {operation}")?;
            if let Some(subject) = &parts.subject {
                write!(f, " {subject}")?;
            }
            f.write_str(": ")?;
        } else if let Some(subject) = &parts.subject {
            write!(f, "{subject}: ")?;
        }
        f.write_str(&parts.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.parts.kind)
            .field("operation", &self.parts.operation)
            .field("subject", &self.parts.subject)
            .field("message", &self.parts.message)
            .field("help", &self.parts.help)
            .field("source", &self.parts.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.parts
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
