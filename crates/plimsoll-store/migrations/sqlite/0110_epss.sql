-- How probable attacks were said to be, day by day, of the vulnerabilities that images here have.

CREATE TABLE epss_scores (
    vulnerability TEXT NOT NULL,
    day INTEGER NOT NULL,
    score_millionths INTEGER NOT NULL,
    PRIMARY KEY (vulnerability, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX epss_scores_by_day ON epss_scores (day);
