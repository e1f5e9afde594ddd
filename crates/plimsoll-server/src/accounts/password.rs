//! Hashing and comparing passwords: Argon2id (RFC 9106), in few threads, and not twice for the client
//! that sends the same one with each of fifty requests.
//!
//! A hash is kept as a PHC string: <https://github.com/P-H-C/phc-string-format>.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::{OnceCell, Semaphore};

use super::AccountError;
use super::secrets::{mac, random, same_bytes};

/// OWASP's password storage cheat sheet, the first choice for Argon2id with little memory: 19 MiB, two
/// passes, one lane. <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What a hash in the database may ask for at most: it may have been written by a later version.
const MEMORY_KIB_MAX: u32 = 256 * 1024;
const PASSES_MAX: u32 = 16;

const HASH_BYTES: usize = 32;

/// Each takes 19 MiB and a core for some ten milliseconds.
const AT_A_TIME: usize = 2;

/// More than these do not wait; a second's work.
const WAITING_MAX: usize = 64;

/// How long an answer is kept. It dies with the password, since the stored hash is part of its key.
const KNOWN_FOR: Duration = Duration::from_secs(300);

const KNOWN_MAX: usize = 4096;

/// Longer ones are not hashed at all.
pub(super) const PASSWORD_BYTES_MAX: usize = 1024;

/// Compares passwords.
pub(super) struct Passwords {
    key: [u8; 32],
    threads: Arc<Semaphore>,
    waiting: Semaphore,
    known: Mutex<HashMap<[u8; 32], Known>>,
}

struct Known {
    answer: Arc<OnceCell<bool>>,
    since: Instant,
}

impl Passwords {
    pub(super) fn new() -> Passwords {
        Passwords {
            // Without randomness nothing else starts either; nothing is kept then.
            key: random().unwrap_or_default(),
            threads: Arc::new(Semaphore::new(AT_A_TIME)),
            waiting: Semaphore::new(WAITING_MAX),
            known: Mutex::default(),
        }
    }

    /// Makes a hash.
    pub(super) async fn hash(&self, password: &str) -> Result<String, AccountError> {
        let (salt, password) = (random::<16>()?, password.to_owned());
        let parameters = (MEMORY_KIB, PASSES, LANES);
        let hash = self.work(move || argon2id(&password, &salt, parameters)).await?;
        let hash = hash.ok_or(AccountError::System("hash a password"))?;
        let encode = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
        Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}", encode(&salt), encode(&hash)))
    }

    /// Whether a password fits the hash of an account; of one that is not there, none, after the same work.
    /// `before` is asked where there is work to be done, and may refuse it.
    pub(super) async fn fits(
        &self,
        (name, stored): (&str, Option<&str>),
        password: &str,
        before: impl FnOnce() -> Result<(), AccountError>,
    ) -> Result<bool, AccountError> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Ok(false);
        }
        // By the name, too: else whoever tries one password with many names would learn by the time it
        // takes which of them are nobody's, since all of those have the same hash, none.
        let answer = self.known(mac(&self.key, &[name, stored.unwrap_or_default(), password]));
        // Of several requests with the same password one does the work and the others wait for it.
        let work = || async {
            before()?;
            let parts = stored.and_then(Parts::parse);
            let is_somebody = parts.is_some();
            let parts = parts.unwrap_or_else(Parts::nobodys);
            let password = password.to_owned();
            let fits = self.work(move || parts.fit(&password)).await?;
            Ok::<_, AccountError>(fits && is_somebody)
        };
        answer.get_or_try_init(work).await.copied()
    }

    fn known(&self, key: [u8; 32]) -> Arc<OnceCell<bool>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.retain(|_, it| it.since.elapsed() < KNOWN_FOR);
        }
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        let fresh = || Known { answer: Arc::default(), since: Instant::now() };
        let entry = known.entry(key).or_insert_with(fresh);
        if entry.since.elapsed() >= KNOWN_FOR {
            *entry = fresh();
        }
        Arc::clone(&entry.answer)
    }

    /// Does something expensive where nobody waits for it, if not too many wait already.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| AccountError::Busy)?;
        let permit = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| AccountError::Busy)?;
        let working = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        working.await.map_err(|_| AccountError::System("hash a password"))
    }
}

/// What a PHC string says.
struct Parts {
    parameters: (u32, u32, u32),
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Parts {
    fn parse(text: &str) -> Option<Parts> {
        let mut fields = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let (parameters, salt, hash) = (fields.next()?, fields.next()?, fields.next()?);
        if fields.next().is_some() {
            return None;
        }
        let mut numbers = parameters.split(',');
        let mut number = |name: &str, max: u32| {
            let number: u32 = numbers.next()?.strip_prefix(name)?.parse().ok()?;
            (number <= max).then_some(number)
        };
        let parameters = (number("m=", MEMORY_KIB_MAX)?, number("t=", PASSES_MAX)?, number("p=", 16)?);
        let decode = |text: &str| STANDARD_NO_PAD.decode(text).ok();
        Some(Parts { parameters, salt: decode(salt)?, hash: decode(hash)? })
    }

    /// Of somebody who is not there: takes the same time as anybody's.
    fn nobodys() -> Parts {
        let parameters = (MEMORY_KIB, PASSES, LANES);
        Parts { parameters, salt: vec![0; 16], hash: vec![0; HASH_BYTES] }
    }

    fn fit(&self, password: &str) -> bool {
        argon2id(password, &self.salt, self.parameters).is_some_and(|it| same_bytes(&it, &self.hash))
    }
}

fn argon2id(
    password: &str,
    salt: &[u8],
    (memory_kib, passes, lanes): (u32, u32, u32),
) -> Option<[u8; HASH_BYTES]> {
    let parameters = Params::new(memory_kib, passes, lanes, Some(HASH_BYTES)).ok()?;
    let mut memory = vec![Block::default(); parameters.block_count()];
    let mut hash = [0; HASH_BYTES];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut hash, &mut memory).ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with the reference implementation of Argon2 in Python (argon2-cffi), password `password`.
    const REFERENCE: &str = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$";

    fn passes() -> Result<(), AccountError> {
        Ok(())
    }

    #[tokio::test]
    async fn a_password_fits_its_hash_and_no_other_does() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse").await.unwrap());
        let there = ("anna", Some(hash.as_str()));
        assert!(passwords.fits(there, "correct horse", passes).await.unwrap());
        assert!(!passwords.fits(there, "correct horsf", passes).await.unwrap());
        assert!(!passwords.fits(("anna", None), "correct horse", passes).await.unwrap());
        assert!(!passwords.fits(("anna", None), "", passes).await.unwrap());
        assert!(!passwords.fits(there, &"x".repeat(5_000), passes).await.unwrap());
    }

    #[tokio::test]
    async fn what_is_known_is_not_hashed_again_and_asks_for_no_leave() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse").await.unwrap();
        let refuse = || Err(AccountError::Busy);
        let anna = ("anna", Some(hash.as_str()));
        assert!(passwords.fits(anna, "correct horse", refuse).await.is_err());
        assert!(passwords.fits(anna, "correct horse", passes).await.unwrap());
        assert!(passwords.fits(anna, "correct horse", refuse).await.unwrap());
        let other = passwords.hash("another one").await.unwrap();
        assert!(passwords.fits(("anna", Some(&other)), "correct horse", refuse).await.is_err());
    }

    #[tokio::test]
    async fn nobodies_are_not_told_from_somebody_by_what_is_known_of_another_name() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(!passwords.fits(("nobody", None), "a guess", passes).await.unwrap());
        // The same guess with other names is work each time, whether there is such an account or not.
        for stored in [None, Some(hash.as_str())] {
            let asked = std::cell::Cell::new(false);
            let before = || {
                asked.set(true);
                Ok(())
            };
            assert!(!passwords.fits(("other", stored), "a guess", before).await.unwrap());
            assert!(asked.get());
        }
    }

    #[test]
    fn what_is_no_hash_of_ours_fits_nothing() {
        let no_hash = format!("{REFERENCE}AAAA$x");
        for bad in ["", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1$a$b", &no_hash] {
            assert!(Parts::parse(bad).is_none(), "{bad}");
        }
        let huge = "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$AAAA";
        assert!(Parts::parse(huge).is_none());
        let short = Parts::parse(&format!("{REFERENCE}AAAA")).unwrap();
        assert!(!short.fit("password"));
    }
}
