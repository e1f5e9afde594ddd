-- What the gate judges by, beside reports.

-- What policies ask of a report, in a short form. It is written before its report, so it refers to
-- none.
CREATE TABLE report_summaries (
    report_digest TEXT COLLATE "C" PRIMARY KEY,
    content BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- When each vulnerability was first seen in a repository, as JSON; grace runs from there, and a
-- new build of an image does not begin it anew.
CREATE TABLE first_seen (
    repository_id BIGINT PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
    content TEXT COLLATE "C" NOT NULL
);

-- Why less came of a verdict than of its reasons, and from when on it may be another one.
ALTER TABLE verdicts ADD COLUMN lowered TEXT COLLATE "C";
ALTER TABLE verdicts ADD COLUMN holds_until BIGINT;

-- A glob of files; and when it last matched a finding.
ALTER TABLE exceptions ADD COLUMN paths TEXT COLLATE "C";
ALTER TABLE exceptions ADD COLUMN matched_at BIGINT;

CREATE INDEX pulls_by_day ON pulls (day);
