// The source's side of standbys: gives them rows, and knows what each has on its disk. What binds the organisation
// or lets a device forget - heads, transactions, applications, acks - leaves only when every standby holds it
// (docs/adr/0019). A standby's next question is its word that the answer before is on its disk.
#pragma once

#include <atomic>

#include "ledger-node/intake/intake_log.h"
#include "ledger-node/peer/engine.h"
#include "ledger-node/standby/copy_page.h"

namespace lotmark::node {

struct StandbyKey {
  std::string name;
  PublicKey key;
  KeyId kid;
};

class Copies final : public Engine {
 public:
  static constexpr std::uint64_t kAll = ~std::uint64_t{0};

  // `db` and `intake` outlive it. Without standbys everything is held.
  Copies(const store::Database& db, const IntakeLog& intake, const std::vector<StandbyKey>& keys);

  // The standby of that key, as what calls of a peer are judged by; null if it is none.
  const Member* find(const KeyId& kid) const;
  // Up to where every standby holds rows, and objects of the intake log. Any thread.
  std::uint64_t rows_held() const { return rows_; }
  std::uint64_t objects_held() const { return objects_; }
  // One has not asked for 5 s, or not yet. Any thread.
  bool silent() const { return silent_; }
  // The newest place in `moved`; kAll if that cannot be read.
  std::uint64_t top() const;

  std::optional<Reply> peer(const Route&, const Call&, const Member&, Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  struct Standby {
    Member member;
    std::uint64_t rows = 0;
    std::uint64_t objects = 0;
    std::optional<Time> heard;
    bool silent = true;
  };
  void see_silent();
  void take_word(Standby& s, std::uint64_t rows, std::uint64_t objects, Time now);

  const store::Database& db_;
  const IntakeLog& intake_;
  std::vector<Standby> standbys_;
  std::atomic<std::uint64_t> rows_;
  std::atomic<std::uint64_t> objects_;
  std::atomic<bool> silent_;
};

}  // namespace lotmark::node
