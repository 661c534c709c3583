//! Runs file and processor work off the async threads.

use crate::{Error, ErrorKind, Result};

/// Runs `work` on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) => {
            Err(Error::new(ErrorKind::Storage, "a worker thread failed").because(failed))
        }
    }
}
