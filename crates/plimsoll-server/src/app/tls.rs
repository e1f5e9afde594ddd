//! TLS by files, which are read anew when they change: whoever renews certificates need not restart.
//!
//! A pair that does not fit, half replaced say, is not used; the one before is, and that is logged.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{StartError, Stopping};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// A certificate and its key in two files.
pub(super) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    now: RwLock<(Stamp, Arc<ServerConfig>)>,
}

/// By which a changed file is recognised.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads both files.
    pub(super) fn open(certificate: &Path, key: &Path) -> Result<Tls, StartError> {
        let stamp = stamp(certificate, key);
        let config = load(certificate, key).map_err(StartError::Tls)?;
        let now = RwLock::new((stamp, config));
        Ok(Tls { certificate: certificate.to_path_buf(), key: key.to_path_buf(), now })
    }

    /// What takes the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&now.1))
    }

    /// Reads the files anew whenever they change, until the server ends.
    pub(super) async fn watch(&self, mut stopping: Stopping) {
        let mut refused = None;
        while stopping.sleep(LOOK).await {
            let found = stamp(&self.certificate, &self.key);
            let known = self.now.read().unwrap_or_else(PoisonError::into_inner).0;
            if found == known || refused == Some(found) {
                continue;
            }
            match load(&self.certificate, &self.key) {
                Ok(config) => {
                    *self.now.write().unwrap_or_else(PoisonError::into_inner) = (found, config);
                    tracing::info!("the certificate was read anew");
                }
                Err(why) => {
                    tracing::warn!("{why}; the certificate before stays in use");
                    refused = Some(found);
                }
            }
        }
    }
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.modified().ok()?, found.len()))
    })
}

fn load(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let cannot = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(certificate).map_err(|it| cannot(certificate, &it))?.collect();
    let chain = chain.map_err(|it| cannot(certificate, &it))?;
    if chain.is_empty() {
        return Err(cannot(certificate, &"there is no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|it| cannot(key, &it))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|it| it.to_string())?;
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|it| cannot(certificate, &it))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
