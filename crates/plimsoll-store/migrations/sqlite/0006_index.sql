-- Which image has which package, what is found of each, and what became of it.

-- A package with all that judging it depends on; the same one may be in any number of images.
CREATE TABLE units (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    purl TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX units_by_name ON units (name, id);

-- Going along an index in one direction only, it is no reference: whoever deletes an inventory deletes
-- its rows, which the inventory itself names.
CREATE TABLE inventory_units (
    unit_id INTEGER NOT NULL REFERENCES units (id),
    inventory_id INTEGER NOT NULL,
    PRIMARY KEY (unit_id, inventory_id)
) STRICT, WITHOUT ROWID;

-- severity: 0 unknown to 5 critical. seen_at: when it was first known here.
CREATE TABLE unit_findings (
    unit_id INTEGER NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    vulnerability TEXT NOT NULL,
    severity INTEGER NOT NULL,
    class TEXT NOT NULL,
    counts INTEGER NOT NULL,
    fixable INTEGER NOT NULL,
    fixed_version TEXT,
    fix_seen_at INTEGER,
    exploited INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, vulnerability)
) STRICT, WITHOUT ROWID;

CREATE INDEX unit_findings_by_vulnerability ON unit_findings (vulnerability, unit_id);

-- Every database by which everything was judged; the newest holds for all results.
CREATE TABLE judgements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    snapshot_digest TEXT NOT NULL,
    matcher_digest TEXT NOT NULL,
    judged_at INTEGER NOT NULL
) STRICT;

-- What a new database changed. The images are those that have the unit.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    unit_id INTEGER NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    vulnerability TEXT NOT NULL,
    severity_before INTEGER,
    severity_after INTEGER,
    fixable INTEGER NOT NULL,
    judgement_id INTEGER NOT NULL REFERENCES judgements (id),
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX events_by_unit ON events (unit_id, id);
