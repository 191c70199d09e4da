CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE meter (
  id TEXT PRIMARY KEY,
  dialect TEXT NOT NULL,
  home_id TEXT NOT NULL,
  native_id TEXT NOT NULL,
  aliases TEXT NOT NULL, -- JSON array
  name TEXT NOT NULL,
  is_named_by_user INTEGER NOT NULL,
  model TEXT,
  firmware TEXT,
  mac TEXT,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  signal_dbm REAL,
  uptime_s REAL,
  rejected_count INTEGER NOT NULL,
  last_rejection TEXT -- JSON object
) STRICT;

CREATE TABLE channel (
  id TEXT PRIMARY KEY,
  meter_id TEXT NOT NULL REFERENCES meter (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  is_named_by_user INTEGER NOT NULL,
  role TEXT NOT NULL,
  is_role_by_user INTEGER NOT NULL,
  relay INTEGER,
  UNIQUE (meter_id, key)
) STRICT;

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  quantity TEXT NOT NULL,
  phase TEXT,
  direction TEXT,
  period TEXT,
  kind TEXT NOT NULL,
  import_until_ms INTEGER,
  export_until_ms INTEGER
) STRICT;
CREATE INDEX series_channel ON series (channel_id);

-- Readings that are not in chunks yet, a record a commit.
CREATE TABLE journal (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

-- Times of one or more chunks: series measured together share them.
CREATE TABLE time_column (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

CREATE TABLE chunk (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  time_id INTEGER NOT NULL REFERENCES time_column (id),
  data BLOB NOT NULL,
  UNIQUE (series_id, start_ms)
) STRICT;
CREATE INDEX chunk_time ON chunk (time_id);

CREATE TABLE rollup_minute (
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  sum REAL NOT NULL,
  min REAL,
  max REAL,
  import_wh REAL NOT NULL,
  export_wh REAL NOT NULL,
  estimated_wh REAL NOT NULL,
  PRIMARY KEY (series_id, start_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_quarter (
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  sum REAL NOT NULL,
  min REAL,
  max REAL,
  import_wh REAL NOT NULL,
  export_wh REAL NOT NULL,
  estimated_wh REAL NOT NULL,
  PRIMARY KEY (series_id, start_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day (
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  sum REAL NOT NULL,
  min REAL,
  max REAL,
  import_wh REAL NOT NULL,
  export_wh REAL NOT NULL,
  estimated_wh REAL NOT NULL,
  PRIMARY KEY (series_id, start_ms)
) STRICT, WITHOUT ROWID;
