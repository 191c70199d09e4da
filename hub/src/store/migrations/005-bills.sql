-- A bill whose cycle is over, as it was made. The dates are local; the end is the first date after the cycle.
CREATE TABLE bill (
  cycle_start TEXT NOT NULL,
  cycle_end TEXT NOT NULL,
  made_ms INTEGER NOT NULL,
  total_satang INTEGER NOT NULL, -- hundredths of the currency
  bill TEXT NOT NULL, -- JSON: the bill as it is shown
  made_from TEXT NOT NULL, -- JSON: plan, prices and measurements
  PRIMARY KEY (cycle_start, cycle_end)
) STRICT, WITHOUT ROWID;

-- What the utility's own bill of a cycle says.
CREATE TABLE paper_bill (
  cycle_start TEXT NOT NULL,
  cycle_end TEXT NOT NULL,
  total_satang INTEGER NOT NULL,
  kwh TEXT, -- a decimal; null when it was not given
  noted_ms INTEGER NOT NULL,
  PRIMARY KEY (cycle_start, cycle_end)
) STRICT, WITHOUT ROWID;
