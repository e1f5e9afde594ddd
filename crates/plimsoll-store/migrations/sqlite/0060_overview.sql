-- What overviews are read from, so that they cost the same however many artifacts there are.

-- Until when the distribution in it gets updates; 0 where they have ended and nobody knows when.
ALTER TABLE results ADD COLUMN support_ends INTEGER;

-- What is in a namespace, counted: the newest row holds, and one of each day stays. The counts of
-- severities are of vulnerabilities, each once for each artifact; those called worst_ are of artifacts
-- by the worst that is in them.
CREATE TABLE totals (
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    counted_at INTEGER NOT NULL,
    repositories INTEGER NOT NULL,
    artifacts INTEGER NOT NULL,
    not_scanned INTEGER NOT NULL,
    not_supported INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    scanning INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    stopped INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    incomplete INTEGER NOT NULL,
    end_of_life INTEGER NOT NULL,
    denied INTEGER NOT NULL,
    warned INTEGER NOT NULL,
    critical INTEGER NOT NULL,
    high INTEGER NOT NULL,
    medium INTEGER NOT NULL,
    low INTEGER NOT NULL,
    other INTEGER NOT NULL,
    fixable INTEGER NOT NULL,
    worst_critical INTEGER NOT NULL,
    worst_high INTEGER NOT NULL,
    worst_medium INTEGER NOT NULL,
    worst_low INTEGER NOT NULL,
    worst_other INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, day)
) STRICT;

CREATE INDEX totals_by_day ON totals (day);

-- Refused pulls, those of one day by one account and of one image in one row. No account is an empty
-- one, so that it is the same for all who have none.
CREATE TABLE refused_pulls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    account TEXT NOT NULL,
    repository TEXT NOT NULL,
    digest TEXT NOT NULL,
    why TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    UNIQUE (namespace_id, day, account, repository, digest)
) STRICT;

CREATE INDEX refused_pulls_by_namespace ON refused_pulls (namespace_id, id);
CREATE INDEX refused_pulls_by_day ON refused_pulls (day);

CREATE INDEX events_by_time ON events (at, id);
CREATE INDEX scans_by_outcome ON scans (outcome, id);
