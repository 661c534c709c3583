//! Runs file and processor work off the async threads.

use tokio::sync::oneshot;

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

/// Runs `work` on a thread of its own. Whatever waits for other work must not sit in the pool of
/// blocking threads: enough of it would keep the work it waits for from ever starting.
pub(crate) fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<oneshot::Receiver<T>> {
    let (send, receive) = oneshot::channel();
    let run = move || {
        // Whoever asked may have given up.
        let _ = send.send(work());
    };
    match std::thread::Builder::new()
        .name("qestore".to_owned())
        .spawn(run)
    {
        Ok(_) => Ok(receive),
        Err(failed) => Err(Error::io("no thread can be had", failed)),
    }
}
