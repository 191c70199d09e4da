-- Columns of readings move into packs (see packs.ts), rollups from rows into blocks (see rollup-block.ts); 002-blocks.ts
-- moves what is there.
ALTER TABLE chunk RENAME TO chunk_rows;
DROP INDEX chunk_time;

CREATE TABLE pack (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

CREATE TABLE chunk (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  pack_id INTEGER NOT NULL,
  times_at INTEGER NOT NULL,
  times_length INTEGER NOT NULL,
  data_at INTEGER NOT NULL,
  data_length INTEGER NOT NULL,
  UNIQUE (series_id, start_ms)
) STRICT;
CREATE INDEX chunk_pack ON chunk (pack_id);

ALTER TABLE rollup_minute RENAME TO rollup_minute_rows;
ALTER TABLE rollup_quarter RENAME TO rollup_quarter_rows;
ALTER TABLE rollup_day RENAME TO rollup_day_rows;

CREATE TABLE rollup_minute (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (series_id, start_ms)
) STRICT;

CREATE TABLE rollup_quarter (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (series_id, start_ms)
) STRICT;

CREATE TABLE rollup_day (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (series_id, start_ms)
) STRICT;

-- Chunks whose bytes are damaged, out of the way of the others.
CREATE TABLE damaged_chunk (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  data BLOB NOT NULL,
  times BLOB,
  reason TEXT NOT NULL
) STRICT;

-- Readings taken while the hub did not know the time.
CREATE TABLE held (id INTEGER PRIMARY KEY, is_own_time INTEGER NOT NULL, data BLOB NOT NULL) STRICT;

-- Readings before it were deleted to make room; their rollups stay.
ALTER TABLE series ADD COLUMN raw_from_ms INTEGER;
