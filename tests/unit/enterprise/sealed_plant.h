// A plant whose segments are sealed: for itself, for both reviewers and for a partner.
#pragma once

#include "core/base/hex.h"
#include "ledger-node/chain/private/batch_store.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {

// A key for opening, fixed by its number.
std::shared_ptr<const sealed::OpeningKey> opening_key(std::uint8_t number);

struct SealedPlant {
  SealedPlant();

  std::shared_ptr<const sealed::OpeningKey> own = opening_key(101);
  std::shared_ptr<const sealed::OpeningKey> east = opening_key(102);
  std::shared_ptr<const sealed::OpeningKey> west = opening_key(103);
  std::shared_ptr<const sealed::OpeningKey> partner =
      opening_key(104);  // reads what is for partners
  Plant plant;

  chain::SealingRules rules() const;
  // A whole lot with a note for each audience in its first step.
  void run();
  // Rows of the lot's chain as they are stored, and steps that wait.
  std::vector<chain::RecordRow> records();
  std::vector<chain::Draft> waiting();
  std::vector<chain::SegmentKey> keys_of(const Digest& commitment, const KeyId& reader);
  Digest start();

  static constexpr const char* kSecret = "MARKER-OF-THE-REGULATOR";
  static constexpr const char* kPartners = "MARKER-OF-PARTNERS";
  static constexpr const char* kPublic = "MARKER-OF-EVERYBODY";
  static nlohmann::json notes();
};

}  // namespace lotmark::test
