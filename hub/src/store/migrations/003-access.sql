-- Secrets of the hub (keys of tokens, authorities, channels), each sealed with the master key.
CREATE TABLE secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

CREATE TABLE person (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL, -- argon2id, PHC string
  language TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_seen_ms INTEGER
) STRICT;

CREATE TABLE membership (
  person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  home_id TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (person_id, home_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  generation INTEGER NOT NULL, -- counts the refresh tokens: whoever uses an older one has stolen it, or was stolen from
  rotated_ms INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  device TEXT NOT NULL,
  address TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_person ON session (person_id);

CREATE TABLE api_token (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL, -- SHA-256
  scopes TEXT NOT NULL, -- JSON array
  created_ms INTEGER NOT NULL,
  last_used_ms INTEGER,
  expires_ms INTEGER
) STRICT;

CREATE TABLE invitation (
  id TEXT PRIMARY KEY,
  code_hash BLOB NOT NULL UNIQUE, -- SHA-256
  role TEXT NOT NULL,
  created_by TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL, -- device or program
  dialect TEXT,
  client_id TEXT UNIQUE, -- null until the first client uses the credential, and for programs
  username TEXT,
  password_hash BLOB, -- SHA-256 of a random password, null for a device known by its client id alone
  created_ms INTEGER NOT NULL,
  last_seen_ms INTEGER,
  unused_until_ms INTEGER -- a credential that nobody has used by then is gone
) STRICT;

CREATE TABLE device_topic (
  place TEXT PRIMARY KEY,
  device_id TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE device_certificate (
  serial TEXT PRIMARY KEY,
  device_id TEXT NOT NULL, -- stays when the device is removed: its certificate must stay revoked
  expires_ms INTEGER NOT NULL,
  revoked_ms INTEGER
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  actor_id TEXT, -- a person's, whatever their name is by now
  action TEXT NOT NULL,
  target TEXT,
  address TEXT,
  detail TEXT,
  hash BLOB NOT NULL -- of the entry before and this one
) STRICT;

ALTER TABLE meter ADD COLUMN device_id TEXT; -- the device that speaks for it
