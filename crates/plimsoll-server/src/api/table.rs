//! Every route of the interface: one row each, gathered from the resources.
//!
//! Nothing is served that has no row here.

use super::resources::{
    account, artifacts, audit, database, documents, engines, events, exceptions, findings, grants, histories,
    images, instance, instance_webhooks, namespaces, overview, plans, policies, pull_check, refused_pulls,
    registries, reports, repositories, robots, scan_lists, scans, search, tags, tokens, users, verdicts,
    vulnerabilities, webhooks,
};
use super::route::Route;

/// The rows, in the order of the manual, with the headings that they stand under.
pub(super) static TABLE: &[(&str, &str, &[Route])] = &[
    ("Documents", "This document, for programs and for people.", documents::ROUTES),
    ("Instance", "What runs here.", instance::ROUTES),
    ("Account", "Who calls, and their session.", account::ROUTES),
    ("Tokens", "What programs sign in with in the name of whoever made them.", tokens::ROUTES),
    (
        "Overview",
        "How things stand: counts, the worst, what is new, and how it was before.",
        overview::ROUTES,
    ),
    ("Namespaces", "What owns repositories, settings, members and a policy.", namespaces::ROUTES),
    ("Engines", "What judges the images of a namespace.", engines::ROUTES),
    ("Repositories", "Names inside of a namespace.", repositories::ROUTES),
    ("Artifacts", "Manifests and indexes, by tag or digest.", artifacts::ROUTES),
    ("Tags", "Names for artifacts, and where they have pointed.", tags::ROUTES),
    ("Scans", "Having artifacts scanned, and how far that is.", scans::ROUTES),
    ("Scan lists", "Scans over all artifacts: the queue, what failed, how fast it goes.", scan_lists::ROUTES),
    ("Findings", "What is wrong with an artifact, and what to do.", findings::ROUTES),
    ("Fix plans", "What to change, and what would be found then.", plans::ROUTES),
    ("History", "What happened to an artifact, and how two of them differ.", histories::ROUTES),
    ("Images", "What is in an artifact: packages and layers.", images::ROUTES),
    ("Reports", "All of it in the form that another program reads.", reports::ROUTES),
    ("Verdicts", "Whether an artifact may be pulled, and why.", verdicts::ROUTES),
    ("Pull check", "Why somebody cannot pull, and what to do.", pull_check::ROUTES),
    ("Refused pulls", "Who was refused what, when and why.", refused_pulls::ROUTES),
    ("Policies", "What a namespace asks of its artifacts.", policies::ROUTES),
    ("Exceptions", "What a policy overlooks for a while.", exceptions::ROUTES),
    ("Vulnerabilities", "What the database knows, and whom it concerns.", vulnerabilities::ROUTES),
    ("Search", "Repositories and artifacts of all namespaces that one may read.", search::ROUTES),
    ("Events", "What happens, while it happens.", events::ROUTES),
    ("Webhooks", "Telling other programs what happens.", webhooks::ROUTES),
    (
        "Instance webhooks",
        "Telling other programs what happens in every namespace.",
        instance_webhooks::ROUTES,
    ),
    (
        "Registries of others",
        "Registries whose images are listed, scanned and judged here, and copied nowhere.",
        registries::ROUTES,
    ),
    ("Users", "People.", users::ROUTES),
    ("Robots", "Programs of a namespace.", robots::ROUTES),
    ("Grants", "Who may do what where.", grants::ROUTES),
    ("Audit log", "Who did what.", audit::ROUTES),
    ("Database", "The vulnerability database of this instance.", database::ROUTES),
];

/// Each row.
pub(super) fn routes() -> impl Iterator<Item = &'static Route> {
    TABLE.iter().flat_map(|it| it.2)
}
