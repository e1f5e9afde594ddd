-- What an issuer's groups grant is told apart from what somebody granted by hand: the next sign-in
-- takes back the one and never the other.
ALTER TABLE grants ADD COLUMN origin TEXT COLLATE "C";
