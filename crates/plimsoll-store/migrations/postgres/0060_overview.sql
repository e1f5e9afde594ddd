-- What overviews are read from, so that they cost the same however many artifacts there are.

-- Until when the distribution in it gets updates; 0 where they have ended and nobody knows when.
ALTER TABLE results ADD COLUMN support_ends BIGINT;

-- What is in a namespace, counted: the newest row holds, and one of each day stays. The counts of
-- severities are of vulnerabilities, each once for each artifact; those called worst_ are of artifacts
-- by the worst that is in them.
CREATE TABLE totals (
    namespace_id BIGINT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    repositories BIGINT NOT NULL,
    artifacts BIGINT NOT NULL,
    not_scanned BIGINT NOT NULL,
    not_supported BIGINT NOT NULL,
    queued BIGINT NOT NULL,
    scanning BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    stopped BIGINT NOT NULL,
    complete BIGINT NOT NULL,
    incomplete BIGINT NOT NULL,
    end_of_life BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    warned BIGINT NOT NULL,
    critical BIGINT NOT NULL,
    high BIGINT NOT NULL,
    medium BIGINT NOT NULL,
    low BIGINT NOT NULL,
    other BIGINT NOT NULL,
    fixable BIGINT NOT NULL,
    worst_critical BIGINT NOT NULL,
    worst_high BIGINT NOT NULL,
    worst_medium BIGINT NOT NULL,
    worst_low BIGINT NOT NULL,
    worst_other BIGINT NOT NULL,
    PRIMARY KEY (namespace_id, day)
);

CREATE INDEX totals_by_day ON totals (day);

-- Refused pulls, those of one day by one account and of one image in one row. No account is an empty
-- one, so that it is the same for all who have none.
CREATE TABLE refused_pulls (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace_id BIGINT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    repository TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    UNIQUE (namespace_id, day, account, repository, digest)
);

CREATE INDEX refused_pulls_by_namespace ON refused_pulls (namespace_id, id);
CREATE INDEX refused_pulls_by_day ON refused_pulls (day);

CREATE INDEX events_by_time ON events (at, id);
CREATE INDEX scans_by_outcome ON scans (outcome, id);
