-- What was found in images: inventories by digest, scans, results, verdicts.

-- form: what made it. units: the ids of its packages, see 0006_index.sql.
CREATE TABLE inventories (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest TEXT COLLATE "C" NOT NULL UNIQUE,
    content BYTEA NOT NULL,
    form TEXT COLLATE "C" NOT NULL,
    units BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- No outcome: it is where its job is.
CREATE TABLE scans (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artifact_id BIGINT NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    job_id BIGINT,
    outcome TEXT COLLATE "C",
    log TEXT COLLATE "C",
    asked_by TEXT COLLATE "C" NOT NULL,
    asked_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX scans_by_artifact ON scans (artifact_id, id);
CREATE INDEX scans_by_job ON scans (job_id);

-- The newest result of an artifact; it stays while the next scan runs. snapshot_digest is that of the
-- scan; what is found is kept in step with the newest judgement. report_digest stands for the report,
-- which is made when somebody asks: it is another one when something else is found.
CREATE TABLE results (
    artifact_id BIGINT PRIMARY KEY REFERENCES artifacts (id) ON DELETE CASCADE,
    scan_id BIGINT NOT NULL,
    inventory_id BIGINT NOT NULL REFERENCES inventories (id),
    snapshot_digest TEXT COLLATE "C",
    report_digest TEXT COLLATE "C" NOT NULL,
    critical BIGINT NOT NULL,
    high BIGINT NOT NULL,
    medium BIGINT NOT NULL,
    low BIGINT NOT NULL,
    other BIGINT NOT NULL,
    fixable BIGINT NOT NULL,
    incomplete BIGINT NOT NULL,
    scanned_at BIGINT NOT NULL
);

CREATE INDEX results_by_inventory ON results (inventory_id, artifact_id);
CREATE INDEX results_by_report ON results (report_digest);

-- Every change of a verdict; the newest is the one that holds.
CREATE TABLE verdicts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artifact_id BIGINT NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    answer TEXT COLLATE "C" NOT NULL,
    reasons TEXT COLLATE "C" NOT NULL,
    policy_digest TEXT COLLATE "C" NOT NULL,
    report_digest TEXT COLLATE "C",
    decided_at BIGINT NOT NULL
);

CREATE INDEX verdicts_by_artifact ON verdicts (artifact_id, id);
