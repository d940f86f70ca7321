// The reviewer's role: logs what it is sent, recomputes every record of a lot down to the devices' signatures,
// and refuses by itself or lets a person approve. docs/format/public.md (findings).
#pragma once

#include "core/sealed/keys.h"
#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/peer/engine.h"
#include "ledger-node/review/calibration.h"

namespace lotmark::node {

struct ReviewerConfig {
  std::string organisation;
  std::function<std::optional<KeyId>()> primary;  // who orders now: where releases go
  std::vector<std::filesystem::path> lines;       // line files of the programmes it reviews
  std::uint64_t intake_wait_s = 60;  // how long it waits for a period block to log the evidence
  std::uint64_t fetch_wait_s =
      86400;  // how long an enterprise may be out of reach, or what it seals stay closed here, before that is a finding
  std::uint64_t open_lots = 1000;   // of one enterprise: opened here and not applied for
  std::uint64_t opening_days = 90;  // after its last slot an opening takes no more
  std::uint64_t second_every =
      20;  // one released lot in so many is drawn for a second review; 0: none
  std::map<std::string, review::CalibrationRule> calibration;  // by channel
  // Opens what enterprises seal for this reviewer. Null: a lot with something sealed waits for one, and is refused.
  std::shared_ptr<const sealed::OpeningKey> opening_key = nullptr;
};

class Reviewer final : public Engine {
 public:
  static Result<std::unique_ptr<Reviewer>> open(const store::Database& private_db,
                                                const Signer& signer, chain::PublicChain& chain,
                                                chain::ReceivedLog& received,
                                                const ReviewerConfig& config);

  std::optional<Reply> peer(const Route&, const Call&, const Member&, Time) override;
  std::optional<Reply> control(const Route&, const Call&, const chain::Enrolled&, Time) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;
  ~Reviewer() override;

 private:
  struct State;
  explicit Reviewer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lotmark::node
