//! The wish that the server ends, as everybody who works long hears of it.

use tokio::sync::watch;

/// Whoever may wish it.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<bool>);

/// Whoever must heed it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

impl Default for Shutdown {
    fn default() -> Shutdown {
        Shutdown(watch::Sender::new(false))
    }
}

impl Shutdown {
    /// Wishes it; twice is as once.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Something to wait with.
    pub fn stopping(&self) -> Stopping {
        Stopping(self.0.subscribe())
    }
}

impl Stopping {
    /// Whether it was wished.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is wished.
    pub async fn requested(&mut self) {
        // If nobody is left who could wish it, the server is ending.
        let _ = self.0.wait_for(|requested| *requested).await;
    }

    /// Waits for a while; says whether to go on.
    pub async fn sleep(&mut self, period: std::time::Duration) -> bool {
        tokio::time::timeout(period, self.requested()).await.is_err()
    }
}
