-- How probable attacks were said to be, day by day, of the vulnerabilities that images here have.

CREATE TABLE epss_scores (
    vulnerability TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    score_millionths BIGINT NOT NULL,
    PRIMARY KEY (vulnerability, day)
);

CREATE INDEX epss_scores_by_day ON epss_scores (day);
