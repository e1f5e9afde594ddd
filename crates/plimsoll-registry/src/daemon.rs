//! Images that the Docker daemon of this machine holds, as the archive it exports.
//!
//! Asks the daemon for nothing but that export; never starts or changes anything there.

use plimsoll_core::{Limits, Reference};

use crate::error::path_text;
use crate::{Error, ErrorKind, Location, Opened, Options, archive, remote};

/// Has the daemon export an image, and opens the archive.
pub(crate) fn open(
    reference: &Reference,
    options: &Options,
    limits: &Limits,
    location: &Location,
) -> Result<Opened, Error> {
    let socket = path_text(&options.daemon_socket);
    let name = format!("image {reference} of the Docker daemon at `{socket}`");
    let client = reqwest::blocking::Client::builder()
        .unix_socket(options.daemon_socket.as_path())
        .connect_timeout(options.patience.connect)
        // A daemon assembles the archive before it sends the first byte.
        .timeout(options.patience.idle.saturating_mul(5))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Error::new(ErrorKind::Unreachable, format!("{name}: {}", remote::causes(&error))))?;
    let response =
        client.get("http://localhost/images/get").query(&[("names", reference.to_string())]).send().map_err(
            |error| {
                let hint = "is the daemon running, and may this user speak to it?";
                let why = remote::causes(&error);
                Error::new(
                    ErrorKind::Unreachable,
                    format!("the Docker daemon does not answer at `{socket}` ({hint}): {why}"),
                )
            },
        )?;
    let status = response.status();
    if !status.is_success() {
        let kind = if status.as_u16() == 404 { ErrorKind::NotFound } else { ErrorKind::Unreachable };
        let message = remote::error_message(response, str::to_owned);
        return Err(Error::new(kind, format!("{name}: it answered {}{message}", status.as_u16())));
    }
    let file = archive::spool(Box::new(response), &name, options.spool_directory.as_deref(), limits)?;
    archive::open_docker(file, name, options, limits, location)
}
