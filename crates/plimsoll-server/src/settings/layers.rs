//! The file, then the environment, then the flags: the later word holds, and every mistake in any of
//! them is told at once.

use std::fmt;
use std::net::SocketAddr;

use super::{SETTINGS, Setting, Settings, defaults, file};

/// Where settings come from.
pub struct Layers<'a> {
    /// The configuration file.
    pub file: Option<TomlFile>,
    /// What the environment says of a variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// What the command line says: names of settings and values.
    pub flags: Vec<(&'static str, String)>,
}

/// A configuration file that was read.
pub struct TomlFile {
    /// Its name, for messages.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// Something wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, variable or flag.
    pub place: String,
    /// The line of the file.
    pub line: Option<usize>,
    /// What is wrong, as a sentence.
    pub what: String,
}

impl Fault {
    pub(super) fn at_line(path: &str, line: usize, what: String) -> Fault {
        Fault { place: path.to_owned(), line: Some(line), what }
    }

    fn of(place: impl Into<String>, what: impl Into<String>) -> Fault {
        Fault { place: place.into(), line: None, what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.place, self.what),
            None => write!(f, "{}: {}", self.place, self.what),
        }
    }
}

/// Who has said what a setting is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody.
    Default,
    /// A line of the file.
    File(usize),
    /// The environment.
    Environment,
    /// The command line.
    Flag,
}

/// Settings, and what is to be said of them.
#[derive(Clone, Debug)]
pub struct Configured {
    /// The values.
    pub settings: Settings,
    /// Who said each, in the order of the table.
    pub origins: Vec<Origin>,
    /// What is allowed and may be a mistake.
    pub warnings: Vec<String>,
}

/// Reads all layers; all that is wrong otherwise.
pub fn read(layers: &Layers<'_>) -> Result<Configured, Vec<Fault>> {
    let mut settings = defaults();
    let mut origins = vec![Origin::Default; SETTINGS.len()];
    let mut faults = Vec::new();
    let mut put = |setting: &'static Setting, text: &str, origin: Origin, fault: Fault| match (setting.set)(
        &mut settings,
        text,
    ) {
        Ok(()) => {
            let index = SETTINGS.iter().position(|it| std::ptr::eq(it, setting));
            if let Some(slot) = index.and_then(|it| origins.get_mut(it)) {
                *slot = origin;
            }
            None
        }
        Err(why) => Some(Fault { what: described(setting, text, &why), ..fault }),
    };
    if let Some(file) = &layers.file {
        let (said, wrong) = file::read(&file.path, &file.text);
        faults.extend(wrong);
        for it in said {
            let fault = Fault::at_line(&file.path, it.line, String::new());
            faults.extend(put(it.setting, &it.text, Origin::File(it.line), fault));
        }
    }
    for setting in SETTINGS {
        if let Some(text) = (layers.environment)(&setting.variable()) {
            faults.extend(put(setting, &text, Origin::Environment, Fault::of(setting.variable(), "")));
        }
    }
    for (name, text) in &layers.flags {
        if let Some(setting) = Setting::named(name) {
            let flag = format!("--{}", setting.flag());
            faults.extend(put(setting, text, Origin::Flag, Fault::of(flag, "")));
        }
    }
    faults.extend(contradictions(&settings));
    if !faults.is_empty() {
        return Err(faults);
    }
    let warnings = warnings(&settings);
    Ok(Configured { settings, origins, warnings })
}

fn described(setting: &Setting, text: &str, why: &str) -> String {
    if setting.secret {
        return format!("`{}` {why}", setting.name);
    }
    let short: String = text.chars().take(80).map(|it| if it.is_control() { '?' } else { it }).collect();
    format!("`{}`: `{short}` {why}", setting.name)
}

/// What cannot hold together.
fn contradictions(settings: &Settings) -> Vec<Fault> {
    let mut faults = Vec::new();
    match (&settings.tls_certificate, &settings.tls_key) {
        (Some(_), None) => faults.push(Fault::of("tls_certificate", "needs `tls_key`, too")),
        (None, Some(_)) => faults.push(Fault::of("tls_key", "needs `tls_certificate`, too")),
        _ => (),
    }
    if let Some(url) = &settings.external_url
        && !is_url(url)
    {
        faults.push(Fault::of(
            "external_url",
            format!("`{url}` is no address; write `https://registry.example`, without a path"),
        ));
    }
    if settings.oidc_issuer.is_some()
        && (settings.oidc_client_id.is_none() || settings.external_url.is_none())
    {
        faults.push(Fault::of("oidc_issuer", "needs `oidc_client_id` and `external_url`, too"));
    }
    if settings.oidc_issuer.is_none() && settings.oidc_client_id.is_some() {
        faults.push(Fault::of("oidc_client_id", "needs `oidc_issuer`, too"));
    }
    if settings.oidc_client_secret.is_some() && settings.oidc_client_secret_file.is_some() {
        let what = "stands beside `oidc_client_secret_file`; one of them will do";
        faults.push(Fault::of("oidc_client_secret", what));
    }
    if settings.admin_password.is_some() && settings.admin_password_file.is_some() {
        faults.push(Fault::of("admin_password", "stands beside `admin_password_file`; one of them will do"));
    }
    faults
}

/// It ends up in headers, in quotation marks.
fn is_url(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    host.map(|it| it.trim_end_matches('/')).is_some_and(|it| !it.is_empty() && it.bytes().all(legal))
}

fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if is_exposed(settings.listen) && settings.tls_certificate.is_none() {
        warnings.push(format!(
            "listening on {} without TLS: passwords and tokens can be read on the way. Set `tls_certificate` \
             and `tls_key`, or listen on 127.0.0.1 behind a proxy that speaks TLS",
            settings.listen
        ));
    }
    if settings.collect_after.seconds() < 3_600 {
        warnings.push(format!(
            "`collect_after` is {}s: a push that takes longer may lose what it has sent",
            settings.collect_after.seconds()
        ));
    }
    warnings
}

fn is_exposed(listen: SocketAddr) -> bool {
    !listen.ip().to_canonical().is_loopback()
}
