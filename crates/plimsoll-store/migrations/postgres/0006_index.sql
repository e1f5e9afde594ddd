-- Which image has which package, what is found of each, and what became of it.

-- A package with all that judging it depends on; the same one may be in any number of images.
CREATE TABLE units (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    purl TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX units_by_name ON units (name, id);

-- Going along an index in one direction only, it is no reference: whoever deletes an inventory deletes
-- its rows, which the inventory itself names.
CREATE TABLE inventory_units (
    unit_id BIGINT NOT NULL REFERENCES units (id),
    inventory_id BIGINT NOT NULL,
    PRIMARY KEY (unit_id, inventory_id)
);

-- severity: 0 unknown to 5 critical. seen_at: when it was first known here.
CREATE TABLE unit_findings (
    unit_id BIGINT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    vulnerability TEXT COLLATE "C" NOT NULL,
    severity BIGINT NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    counts BIGINT NOT NULL,
    fixable BIGINT NOT NULL,
    fixed_version TEXT COLLATE "C",
    fix_seen_at BIGINT,
    exploited BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, vulnerability)
);

CREATE INDEX unit_findings_by_vulnerability ON unit_findings (vulnerability, unit_id);

-- Every database by which everything was judged; the newest holds for all results.
CREATE TABLE judgements (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    snapshot_digest TEXT COLLATE "C" NOT NULL,
    matcher_digest TEXT COLLATE "C" NOT NULL,
    judged_at BIGINT NOT NULL
);

-- What a new database changed. The images are those that have the unit.
CREATE TABLE events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    vulnerability TEXT COLLATE "C" NOT NULL,
    severity_before BIGINT,
    severity_after BIGINT,
    fixable BIGINT NOT NULL,
    judgement_id BIGINT NOT NULL REFERENCES judgements (id),
    at BIGINT NOT NULL
);

CREATE INDEX events_by_unit ON events (unit_id, id);
