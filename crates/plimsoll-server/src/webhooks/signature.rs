//! The signature of a delivery, in the manner of Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>):
//! HMAC-SHA-256 over id, time and body, so that neither can be changed and an old one not sent again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use plimsoll_core::Timestamp;
use plimsoll_store::WebhookSecret;
use sha2::Sha256;

/// The specification asks for 24 to 64.
const SECRET_BYTES: usize = 32;

/// A secret at random.
pub fn new_secret() -> Result<WebhookSecret, getrandom::Error> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(WebhookSecret::new(&bytes))
}

/// A secret as its owner is shown it, once.
pub fn secret_text(secret: &WebhookSecret) -> String {
    format!("whsec_{}", STANDARD.encode(secret.bytes()))
}

/// The value of `webhook-signature`.
pub(super) fn signature(secret: &WebhookSecret, id: &str, at: Timestamp, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).expect("HMAC takes keys of any length");
    let signed = mac.chain_update(format!("{id}.{}.", at.0)).chain_update(body);
    format!("v1,{}", STANDARD.encode(signed.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_signed_as_the_specification_says() {
        // The example of the specification's reference libraries.
        let bytes = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let secret = WebhookSecret::new(&bytes);
        let body = r#"{"test": 2432232314}"#;
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", Timestamp(1_614_265_330), body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_another_one_each_time() {
        let (one, other) = (new_secret().unwrap(), new_secret().unwrap());
        assert_ne!(one, other);
        assert!(secret_text(&one).starts_with("whsec_") && secret_text(&one).len() == 50);
    }
}
