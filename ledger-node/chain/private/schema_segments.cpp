// Migrations of sealed segments and of serials.
#include "ledger-node/chain/private/migrations.h"

namespace lotmark::chain {

// Sealed segments (docs/format/sealed.md): whom each one's content key is wrapped for. Outside the commitment.
constinit const std::string_view migration::kSealed = R"sql(
CREATE INDEX record_commitment ON record(commitment);
CREATE TABLE segment_key(
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  commitment BLOB NOT NULL, segment INTEGER NOT NULL,
  reader BLOB NOT NULL,            -- kid of the reader's encryption key
  recipient BLOB NOT NULL,         -- COSE_recipient
  made INTEGER NOT NULL, until INTEGER,  -- ms UTC; null: no end
  UNIQUE(commitment, segment, reader));
CREATE TRIGGER moved_segment_key AFTER INSERT ON segment_key BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(17, NEW.n, 0); END;
CREATE TRIGGER moved_segment_key_on AFTER UPDATE ON segment_key BEGIN
  DELETE FROM moved WHERE tab = 17 AND k1 = NEW.n AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(17, NEW.n, 0); END;
CREATE TRIGGER moved_segment_key_gone AFTER DELETE ON segment_key BEGIN
  DELETE FROM moved WHERE tab = 17 AND k1 = OLD.n AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(17, OLD.n, 0); END;
)sql";

// Serials of a lot's units (docs/format/receipt.md, item proof), in pages of 4,096 entries: each a whole subtree of the
// items tree.
constinit const std::string_view migration::kSerials = R"sql(
CREATE TABLE lot_items(
  start BLOB PRIMARY KEY, salt BLOB NOT NULL, count INTEGER NOT NULL, root BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE lot_serials(
  n INTEGER PRIMARY KEY AUTOINCREMENT, start BLOB NOT NULL, page INTEGER NOT NULL,
  first BLOB NOT NULL,             -- the salted hash of the page's first entry
  root BLOB NOT NULL,              -- of the page's entries
  entries BLOB NOT NULL,           -- cbor list of serial entries
  UNIQUE(start, page));
CREATE TRIGGER moved_lot_items AFTER INSERT ON lot_items BEGIN
  DELETE FROM moved WHERE tab = 18 AND k1 = NEW.start AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(18, NEW.start, 0); END;
CREATE TRIGGER moved_lot_items_gone AFTER DELETE ON lot_items BEGIN
  DELETE FROM moved WHERE tab = 18 AND k1 = OLD.start AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(18, OLD.start, 0); END;
CREATE TRIGGER moved_lot_serials AFTER INSERT ON lot_serials BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(19, NEW.n, 0); END;
CREATE TRIGGER moved_lot_serials_gone AFTER DELETE ON lot_serials BEGIN
  DELETE FROM moved WHERE tab = 19 AND k1 = OLD.n AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(19, OLD.n, 0); END;
)sql";

// A lot's serials on their way in (lot_serials.h): entries as they were sent, by the first byte of their salted hash, so
// that they are sorted a part at a time. A standby does not copy them: what was not sealed is sent again.
constinit const std::string_view migration::kSerialsSent = R"sql(
CREATE TABLE serials_sent(
  start BLOB PRIMARY KEY, salt BLOB NOT NULL,
  withdrawn INTEGER NOT NULL DEFAULT 0  -- 1: all of the lot's serials are going
) WITHOUT ROWID;
CREATE TABLE serials_sent_page(
  start BLOB NOT NULL, page INTEGER NOT NULL,
  total INTEGER NOT NULL,          -- serials up to the end of this page
  through BLOB NOT NULL,           -- sent_through: names all serials up to there, in their order
  PRIMARY KEY(start, page)) WITHOUT ROWID;
CREATE TABLE serials_sent_part(
  start BLOB NOT NULL, part INTEGER NOT NULL, page INTEGER NOT NULL,
  entries BLOB NOT NULL,           -- cbor list of serial entries
  PRIMARY KEY(start, part, page)) WITHOUT ROWID;
-- The page a serial stands on, and the roots of all pages, are found without reading entries.
CREATE INDEX lot_serials_first ON lot_serials(start, first, page, root);
)sql";

// Readers' shares are counted without reading recipients. The other is of files that had segment_key before it came to
// kSealed: keys of no record are found by it.
constinit const std::string_view migration::kSegmentShares = R"sql(
CREATE INDEX segment_key_reader ON segment_key(reader, made, until);
CREATE INDEX IF NOT EXISTS record_commitment ON record(commitment);
)sql";

}  // namespace lotmark::chain
