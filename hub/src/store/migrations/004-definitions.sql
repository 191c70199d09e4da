-- What messages said about other topics, such as Home Assistant's discovery; devices need not say it again.
CREATE TABLE definition (
  dialect TEXT NOT NULL,
  source TEXT NOT NULL,
  list TEXT NOT NULL, -- JSON
  PRIMARY KEY (dialect, source)
) STRICT, WITHOUT ROWID;
