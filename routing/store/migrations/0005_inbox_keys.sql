-- What an input is kept and concluded by, found by its number.

-- SQLite looks for the inputs that wait for a row of `raw` or `outcome` whenever one is written, since their keys are
-- checked at the commit: without these it reads the whole inbox for each.
CREATE INDEX inbox_concluded ON inbox (concluded);
CREATE INDEX inbox_kept ON inbox (kept);
