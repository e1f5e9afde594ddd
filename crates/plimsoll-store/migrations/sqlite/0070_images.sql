-- An index stands in lists as its images do together, and an image is as large as its blobs.

-- All of it repeats what other tables say, as the columns of 0050 do.
ALTER TABLE artifacts ADD COLUMN is_index INTEGER NOT NULL DEFAULT 0;
ALTER TABLE artifacts ADD COLUMN image_size_bytes INTEGER NOT NULL DEFAULT 0;

-- What nobody rated weighs something, too.
UPDATE artifacts SET
    is_index = CASE WHEN media_type IN ('application/vnd.oci.image.index.v1+json',
        'application/vnd.docker.distribution.manifest.list.v2+json') THEN 1 ELSE 0 END,
    image_size_bytes = COALESCE((SELECT CAST(SUM(b.size_bytes) AS INTEGER) FROM blobs AS b WHERE b.digest IN (
        SELECT l.digest FROM artifact_blobs AS l WHERE l.artifact_id = artifacts.id)), 0),
    rank = COALESCE((SELECT CASE WHEN x.critical > 9999 THEN 9999 ELSE x.critical END * 100000000000000
            + CASE WHEN x.high > 9999 THEN 9999 ELSE x.high END * 10000000000
            + CASE WHEN x.medium > 9999 THEN 9999 ELSE x.medium END * 1000000
            + CASE WHEN x.low > 9999 THEN 9999 ELSE x.low END * 100
            + CASE WHEN x.other > 99 THEN 99 ELSE x.other END
        FROM results AS x WHERE x.artifact_id = artifacts.id), -1);

UPDATE artifacts SET state = n.state, rank = n.rank, has_fix = n.has_fix, scanned_at = n.scanned_at,
    image_size_bytes = n.image_size_bytes
FROM (SELECT x.id AS id,
        CASE WHEN x.scanning > 0 OR (x.queued > 0 AND x.complete > 0) THEN 'scanning'
            WHEN x.queued > 0 THEN 'queued' WHEN x.complete > 0 THEN 'complete'
            WHEN x.failed > 0 THEN 'failed' WHEN x.stopped > 0 THEN 'stopped'
            WHEN x.not_scanned > 0 THEN 'not_scanned' ELSE 'not_supported' END AS state,
        CASE WHEN x.results = 0 THEN -1
            ELSE CASE WHEN x.critical > 9999 THEN 9999 ELSE x.critical END * 100000000000000
                + CASE WHEN x.high > 9999 THEN 9999 ELSE x.high END * 10000000000
                + CASE WHEN x.medium > 9999 THEN 9999 ELSE x.medium END * 1000000
                + CASE WHEN x.low > 9999 THEN 9999 ELSE x.low END * 100
                + CASE WHEN x.other > 99 THEN 99 ELSE x.other END END AS rank,
        CASE WHEN x.fixable > 0 THEN 1 ELSE 0 END AS has_fix, x.scanned_at AS scanned_at,
        x.image_size_bytes AS image_size_bytes
    FROM (WITH RECURSIVE inside(root, id) AS (
            SELECT a.id, a.id FROM artifacts AS a WHERE a.is_index = 1
            UNION SELECT i.root, a.id FROM inside AS i
                JOIN artifacts AS p ON p.id = i.id AND p.is_index = 1
                JOIN artifact_children AS c ON c.parent_id = p.id
                JOIN artifacts AS a ON a.repository_id = p.repository_id AND a.digest = c.digest)
        SELECT i.root AS id, COUNT(CASE WHEN a.state = 'scanning' THEN 1 END) AS scanning,
            COUNT(CASE WHEN a.state = 'queued' THEN 1 END) AS queued,
            COUNT(CASE WHEN a.state = 'complete' THEN 1 END) AS complete,
            COUNT(CASE WHEN a.state = 'failed' THEN 1 END) AS failed,
            COUNT(CASE WHEN a.state = 'stopped' THEN 1 END) AS stopped,
            COUNT(CASE WHEN a.state = 'not_scanned' THEN 1 END) AS not_scanned,
            COUNT(x.artifact_id) AS results,
            CAST(COALESCE(SUM(x.critical), 0) AS INTEGER) AS critical,
            CAST(COALESCE(SUM(x.high), 0) AS INTEGER) AS high,
            CAST(COALESCE(SUM(x.medium), 0) AS INTEGER) AS medium,
            CAST(COALESCE(SUM(x.low), 0) AS INTEGER) AS low,
            CAST(COALESCE(SUM(x.other), 0) AS INTEGER) AS other,
            CAST(COALESCE(SUM(x.fixable), 0) AS INTEGER) AS fixable,
            MIN(x.scanned_at) AS scanned_at,
            CAST(COALESCE(SUM(a.image_size_bytes), 0) AS INTEGER) AS image_size_bytes
        FROM inside AS i LEFT JOIN artifacts AS a ON a.id = i.id AND a.is_index = 0
        LEFT JOIN results AS x ON x.artifact_id = a.id GROUP BY i.root) AS x) AS n
WHERE artifacts.id = n.id;

-- Beginning as before, and with all that a filter may ask for.
DROP INDEX artifacts_by_namespace;
CREATE INDEX artifacts_by_namespace ON artifacts (namespace_id, id, repository_id, state, verdict, rank,
    has_fix, has_tag, is_referrer, is_index, scanned_at, pulled_at);
