//! A backend that fails when it is told to: errors, lost answers, resets, short and slow reads,
//! lying reads, a full storage. The same seed gives the same faults.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::stream::BoxStream;

use super::random::Random;
use crate::backend::{Backend, Capabilities, PutMode, ReadRange, Reading, Upload};
use crate::{Error, ErrorKind, Result};

/// What a fault can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`Backend::put`].
    Put,
    /// [`Backend::upload`].
    Upload,
    /// [`Upload::write`].
    Write,
    /// [`Upload::finish`].
    Finish,
    /// [`Upload::abort`].
    Abort,
    /// [`Backend::read`].
    Read,
    /// [`Backend::list`].
    List,
    /// [`Backend::delete`].
    Delete,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing is done, and the call fails with an error of this kind.
    Refuse(ErrorKind),
    /// The call is carried out, then fails with kind *unavailable*: its answer was lost.
    AnswerLost,
    /// The body of a read fails with kind *unavailable* after so many bytes; a list after so many
    /// keys.
    Reset {
        /// Bytes or keys that still come.
        after: u64,
    },
    /// The body of a read ends after so many bytes, without any error.
    ShortRead {
        /// Bytes that still come.
        after: u64,
    },
    /// One bit somewhere in the body of a read is the wrong way round.
    FlippedBit,
    /// The call, and each part of a body that is read, takes so much longer.
    Slow(Duration),
    /// The storage takes this many more bytes, then is full.
    Full {
        /// Bytes that still fit.
        after: u64,
    },
}

/// When a fault strikes, counted over the calls of its operation.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum When {
    /// Every time.
    Always,
    /// The next so many times.
    Times(u64),
    /// After so many calls that go well, every time.
    After(u64),
    /// With this probability, 0 to 1.
    Probability(f64),
}

#[derive(Debug)]
struct Rule {
    operation: Operation,
    fault: Fault,
    when: When,
    calls: u64,
    /// For [`Fault::Full`]: bytes taken so far.
    taken: u64,
}

#[derive(Debug)]
struct Plan {
    rules: Mutex<Vec<Rule>>,
    random: Random,
    struck: AtomicU64,
}

/// Any backend, failing on purpose.
///
/// ```
/// use qestore::ErrorKind;
/// use qestore::backend::ObjectStoreBackend;
/// use qestore::testkit::{Fault, FaultyBackend, Operation, When};
///
/// let backend = FaultyBackend::new(ObjectStoreBackend::memory(), 1);
/// backend.inject(Operation::Put, Fault::Refuse(ErrorKind::Unavailable), When::Times(2));
/// backend.inject(Operation::Read, Fault::FlippedBit, When::Probability(0.01));
/// ```
#[derive(Debug, Clone)]
pub struct FaultyBackend {
    inner: Arc<dyn Backend>,
    plan: Arc<Plan>,
}

impl FaultyBackend {
    /// Wraps `inner`; without [`FaultyBackend::inject`] it behaves as that does.
    pub fn new(inner: impl Backend + 'static, seed: u64) -> Self {
        Self {
            inner: Arc::new(inner),
            plan: Arc::new(Plan {
                rules: Mutex::new(Vec::new()),
                random: Random::new(seed),
                struck: AtomicU64::new(0),
            }),
        }
    }

    /// Adds a fault. Of several that could strike one call, the first one added does.
    pub fn inject(&self, operation: Operation, fault: Fault, when: When) {
        self.plan.rules().push(Rule {
            operation,
            fault,
            when,
            calls: 0,
            taken: 0,
        });
    }

    /// Takes all faults away.
    pub fn heal(&self) {
        self.plan.rules().clear();
    }

    /// How many faults have struck so far: a test that injects some should see some.
    #[must_use]
    pub fn struck(&self) -> u64 {
        self.plan.struck.load(Ordering::Relaxed)
    }
}

impl Plan {
    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that strikes this call, which brings `bytes`.
    fn strike(&self, operation: Operation, bytes: u64) -> Option<Fault> {
        let mut rules = self.rules();
        let of_operation = rules.iter_mut().filter(|rule| rule.operation == operation);
        for rule in of_operation {
            rule.calls += 1;
            let due = match rule.when {
                When::Always => true,
                When::Times(times) => rule.calls <= times,
                When::After(calls) => rule.calls > calls,
                When::Probability(probability) => self.random.happens(probability),
            };
            if !due {
                continue;
            }
            if let Fault::Full { after } = rule.fault
                && rule.taken + bytes <= after
            {
                rule.taken += bytes;
                continue;
            }
            self.struck.fetch_add(1, Ordering::Relaxed);
            return Some(rule.fault);
        }
        None
    }

    /// Carries out one call under the fault that strikes it, if any.
    async fn under<T: Send>(
        &self,
        operation: Operation,
        bytes: u64,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        match self.strike(operation, bytes) {
            Some(Fault::Refuse(kind)) => Err(injected(kind)),
            Some(Fault::Full { .. }) => Err(injected(ErrorKind::StorageFull)),
            Some(Fault::AnswerLost) => {
                call.await?;
                Err(injected(ErrorKind::Unavailable))
            }
            Some(Fault::Slow(time)) => {
                tokio::time::sleep(time).await;
                call.await
            }
            Some(Fault::Reset { .. } | Fault::ShortRead { .. } | Fault::FlippedBit) | None => {
                call.await
            }
        }
    }
}

fn injected(kind: ErrorKind) -> Error {
    Error::new(kind, "the storage failed").because("a fault was injected")
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Backend for FaultyBackend {
    fn describe(&self) -> String {
        format!("{} with faults", self.inner.describe())
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn put(&self, key: &str, parts: Vec<Bytes>, mode: PutMode) -> Result<()> {
        let bytes = parts.iter().map(|part| part.len() as u64).sum();
        let put = self.inner.put(key, parts, mode);
        self.plan.under(Operation::Put, bytes, put).await
    }

    async fn upload(&self, provisional_key: &str) -> Result<Box<dyn Upload>> {
        let upload = self.inner.upload(provisional_key);
        let upload = self.plan.under(Operation::Upload, 0, upload).await?;
        Ok(Box::new(FaultyUpload {
            inner: upload,
            plan: Arc::clone(&self.plan),
        }))
    }

    async fn read(&self, key: &str, range: ReadRange) -> Result<Reading> {
        let fault = self.plan.strike(Operation::Read, 0);
        match fault {
            Some(Fault::Refuse(kind)) => return Err(injected(kind)),
            Some(Fault::AnswerLost | Fault::Full { .. }) => {
                return Err(injected(ErrorKind::Unavailable));
            }
            Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        let reading = self.inner.read(key, range).await?;
        let bytes = match fault {
            Some(Fault::Reset { after }) => first(after, reading.bytes)
                .chain(failure(ErrorKind::Unavailable))
                .boxed(),
            Some(Fault::ShortRead { after }) => first(after, reading.bytes),
            Some(Fault::FlippedBit) => flip(reading.bytes, self.plan.random.next()),
            Some(Fault::Slow(time)) => slow(reading.bytes, time),
            _ => reading.bytes,
        };
        Ok(Reading { bytes, ..reading })
    }

    fn list(&self, prefix: &str, after: Option<&str>) -> BoxStream<'static, Result<String>> {
        let keys = self.inner.list(prefix, after);
        match self.plan.strike(Operation::List, 0) {
            None | Some(Fault::FlippedBit | Fault::ShortRead { .. } | Fault::Full { .. }) => keys,
            Some(Fault::Refuse(kind)) => failing_after(0, keys, kind),
            Some(Fault::AnswerLost) => failing_after(0, keys, ErrorKind::Unavailable),
            Some(Fault::Reset { after }) => failing_after(after, keys, ErrorKind::Unavailable),
            Some(Fault::Slow(time)) => slow(keys, time),
        }
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        let delete = self.inner.delete(keys);
        self.plan.under(Operation::Delete, 0, delete).await
    }
}

struct FaultyUpload {
    inner: Box<dyn Upload>,
    plan: Arc<Plan>,
}

impl fmt::Debug for FaultyUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyUpload").finish_non_exhaustive()
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Upload for FaultyUpload {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let len = bytes.len() as u64;
        let write = self.inner.write(bytes);
        self.plan.under(Operation::Write, len, write).await
    }

    async fn finish(self: Box<Self>, key: &str) -> Result<()> {
        let finish = self.inner.finish(key);
        self.plan.under(Operation::Finish, 0, finish).await
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        let abort = self.inner.abort();
        self.plan.under(Operation::Abort, 0, abort).await
    }
}

type Body<T> = BoxStream<'static, Result<T>>;

fn failing_after(items: u64, stream: Body<String>, kind: ErrorKind) -> Body<String> {
    let items = usize::try_from(items).unwrap_or(usize::MAX);
    stream.take(items).chain(failure(kind)).boxed()
}

fn failure<T: Send + 'static>(kind: ErrorKind) -> Body<T> {
    futures::stream::once(futures::future::ready(Err(injected(kind)))).boxed()
}

fn slow<T: Send + 'static>(stream: Body<T>, time: Duration) -> Body<T> {
    let slow = stream.then(move |item| async move {
        tokio::time::sleep(time).await;
        item
    });
    slow.boxed()
}

/// The first `left` bytes of a body.
fn first(left: u64, body: Body<Bytes>) -> Body<Bytes> {
    let kept = body.scan(left, |left, part| {
        let kept = match part {
            Ok(_) if *left == 0 => None,
            Ok(part) => {
                let most = part.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= most as u64;
                Some(Ok(part.slice(..most)))
            }
            Err(error) => Some(Err(error)),
        };
        futures::future::ready(kept)
    });
    kept.boxed()
}

/// Turns one bit round in the first part of a body: there may be no other.
fn flip(body: Body<Bytes>, chance: u64) -> Body<Bytes> {
    let flipped = body.enumerate().map(move |(nth, part)| {
        let part = part?;
        if nth > 0 || part.is_empty() {
            return Ok(part);
        }
        let mut bytes = BytesMut::from(part);
        let at = (chance >> 3) as usize % bytes.len();
        bytes[at] ^= 1 << (chance & 7);
        Ok(bytes.freeze())
    });
    flipped.boxed()
}
