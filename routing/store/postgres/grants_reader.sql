-- A reader asks and writes nothing: for reports, monitoring and `verify`.
REVOKE ALL ON ALL TABLES IN SCHEMA routing FROM {reader};
GRANT USAGE ON SCHEMA routing TO {reader};
GRANT SELECT ON ALL TABLES IN SCHEMA routing TO {reader};
GRANT EXECUTE ON FUNCTION clock(), settled() TO {reader};
