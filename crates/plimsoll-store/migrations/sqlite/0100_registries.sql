-- Registries of others, and the namespaces whose images lie in one of them.

CREATE TABLE registries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    username TEXT,
    password TEXT,
    insecure INTEGER NOT NULL,
    kind TEXT,
    checked_at INTEGER,
    problem TEXT,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- `repositories` and `tags` are JSON arrays of globs.
CREATE TABLE namespace_sources (
    namespace_id INTEGER PRIMARY KEY REFERENCES namespaces (id) ON DELETE CASCADE,
    registry_id INTEGER NOT NULL REFERENCES registries (id),
    repositories TEXT NOT NULL,
    tags TEXT NOT NULL,
    every_minutes INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    synced_at INTEGER,
    problem TEXT,
    repositories_seen INTEGER NOT NULL DEFAULT 0,
    images_seen INTEGER NOT NULL DEFAULT 0,
    is_cut INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX namespace_sources_by_registry ON namespace_sources (registry_id);
CREATE INDEX namespace_sources_due ON namespace_sources (next_at);

-- Of an image whose blobs lie in another registry: how large they are, as its manifest says.
ALTER TABLE artifacts ADD COLUMN elsewhere_bytes INTEGER NOT NULL DEFAULT 0;
