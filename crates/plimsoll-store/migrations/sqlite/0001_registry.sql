-- The registry: namespaces, repositories, blobs, manifests, tags, uploads.
-- Times are seconds since 1970 (UTC), digests are texts, sizes are bytes.

CREATE TABLE namespaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    public INTEGER NOT NULL,
    auto_scan INTEGER NOT NULL,
    policy TEXT,
    refusal TEXT NOT NULL,
    quota_bytes INTEGER,
    used_bytes INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE repositories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (namespace_id, name)
) STRICT;

-- storage_key is where the bytes lie; it is never used twice, so that deleting the file of a blob
-- that is gone cannot hit the same blob pushed again.
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    storage_key TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) STRICT;

-- Files to be deleted, so that a crash between the row and the file leaks nothing.
CREATE TABLE doomed_files (
    storage_key TEXT PRIMARY KEY,
    doomed_at INTEGER NOT NULL
) STRICT;

-- Which repository has which blob, and so who may pull and mount it.
CREATE TABLE repository_blobs (
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    digest TEXT NOT NULL REFERENCES blobs (digest),
    used_at INTEGER NOT NULL,
    PRIMARY KEY (repository_id, digest)
) STRICT;

CREATE INDEX repository_blobs_by_digest ON repository_blobs (digest);

CREATE TABLE manifests (
    digest TEXT PRIMARY KEY,
    content BLOB NOT NULL,
    used_at INTEGER NOT NULL
) STRICT;

-- A manifest in a repository.
CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    digest TEXT NOT NULL REFERENCES manifests (digest),
    media_type TEXT NOT NULL,
    artifact_type TEXT,
    size_bytes INTEGER NOT NULL,
    subject_digest TEXT,
    config_digest TEXT,
    annotations TEXT NOT NULL,
    pushed_at INTEGER NOT NULL,
    pulled_at INTEGER,
    UNIQUE (repository_id, digest)
) STRICT;

CREATE INDEX artifacts_by_digest ON artifacts (digest);
CREATE INDEX artifacts_by_subject ON artifacts (repository_id, subject_digest);

CREATE TABLE artifact_blobs (
    artifact_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    repository_id INTEGER NOT NULL,
    digest TEXT NOT NULL REFERENCES blobs (digest),
    PRIMARY KEY (artifact_id, position),
    FOREIGN KEY (repository_id, digest) REFERENCES repository_blobs (repository_id, digest)
) STRICT;

CREATE INDEX artifact_blobs_by_digest ON artifact_blobs (digest, repository_id);

-- The images of an index. A child may be deleted before its parent, so it is no reference.
CREATE TABLE artifact_children (
    parent_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    digest TEXT NOT NULL,
    platform TEXT,
    PRIMARY KEY (parent_id, position)
) STRICT;

CREATE INDEX artifact_children_by_digest ON artifact_children (digest);

CREATE TABLE tags (
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    name TEXT NOT NULL,
    artifact_id INTEGER NOT NULL REFERENCES artifacts (id),
    moved_at INTEGER NOT NULL,
    PRIMARY KEY (repository_id, name)
) STRICT;

CREATE INDEX tags_by_artifact ON tags (artifact_id);

-- Where a tag has pointed; no digest says that it was deleted.
CREATE TABLE tag_moves (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest TEXT,
    actor TEXT NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT;

CREATE INDEX tag_moves_by_name ON tag_moves (repository_id, name, id);

-- Pulls by day, for previews of a policy.
CREATE TABLE pulls (
    artifact_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (artifact_id, day)
) STRICT;

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    storage_key TEXT NOT NULL UNIQUE,
    offset_bytes INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    touched_at INTEGER NOT NULL
) STRICT;

CREATE INDEX uploads_by_age ON uploads (touched_at);
CREATE INDEX uploads_by_repository ON uploads (repository_id);
