// The intake log's tables in private.db (ledger-node/chain/private/schema.cpp), with statements prepared once.
// One thread at a time.
#pragma once

#include <filesystem>

#include "core/store/database.h"
#include "ledger-node/intake/log_rules.h"

namespace lotmark::node {

// A row of the log. `wire` is the caller's.
struct Entry {
  std::uint64_t index = 0;
  Digest id;
  LifeNumber life = 0;
  std::uint64_t seq = 0;
  std::uint64_t last = 0;
  bool gap = false;
  std::uint64_t from = 0;  // ms UTC
  std::uint64_t to = 0;
  ByteView wire;
};

// Two objects of one signer that contradict each other.
struct Contradiction {
  KeyId signer;
  Digest other;  // id of `second`
  Bytes first;
  ByteView second;
};

class IntakeStore {
 public:
  static Result<IntakeStore> open(const std::filesystem::path& private_db, bool read_only);

  // What open() of the log reads.
  // `damage` says which row is missing, if one is; what follows it is not read.
  Result<DeviceLogs> load_lives(std::string& damage);
  struct Loaded {
    std::vector<Digest> ids;     // in the order of the log
    std::uint64_t span_max = 0;  // longest from..to of a bundle, ms
    std::uint64_t time = 0;      // newest an ack told
    std::string damage;          // which row is missing, if one is; what follows it is not read
  };
  Result<Loaded> load();
  // Which newest rows are missing, as lives and bodies beyond the log's end tell; empty: none.
  Result<std::string> cut_off(std::uint64_t size);

  // One group, in one transaction. Of the contradictions those are kept that are new, up to the bound.
  Status write(const std::vector<Entry>& entries, const DeviceLogs& logs,
               const std::vector<Contradiction>& contradictions, std::uint64_t time);

  Result<LifeNumber> life_of(std::uint64_t index);
  struct Covering {
    std::uint64_t last = 0;
    bool gap = false;
    Digest id;
    Bytes wire;
  };
  Result<std::optional<Covering>> covering(LifeNumber life, std::uint64_t seq);
  Result<Bytes> wire(std::uint64_t index);
  struct Found {
    std::uint64_t index = 0;
    Digest id;
    Bytes wire;
  };
  // Bundles of all lives of a device with t_from in [least, to) and t_to >= from, by index.
  Result<std::vector<Found>> meeting(const KeyId& device, std::uint64_t least, std::uint64_t from,
                                     std::uint64_t to);

 private:
  explicit IntakeStore(store::Database db) : db_(std::move(db)) {}
  Status prepare(bool read_only);
  Status insert(const Entry& e, std::uint64_t time);
  Status put_life(LifeNumber n, const DeviceLogs::Life& life);
  Status put_evidence(const Contradiction& c, std::uint64_t time);

  store::Database db_;
  std::optional<store::Query> insert_, insert_wire_, put_life_, put_clock_, put_evidence_;
  std::optional<store::Query> life_of_, covering_, wire_, meeting_;
};

}  // namespace lotmark::node
