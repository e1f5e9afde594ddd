-- Which engine judges the images of a namespace; the server has the table of those there are.

ALTER TABLE namespaces ADD COLUMN engine TEXT NOT NULL DEFAULT 'plimsoll';
