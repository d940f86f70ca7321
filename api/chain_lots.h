// A LotSource, ChainPlaces and ChainUses on a node's chain.db, opened read-only while the node writes it. A thread of its own
// looks for what the node has added.
#pragma once

#include <filesystem>
#include <memory>

#include "api/chain_places.h"
#include "api/lot_source.h"
#include "api/unit/chain_uses.h"
#include "core/base/clock.h"

namespace lotmark::api {

class ChainLots final : public LotSource, public ChainPlaces, public ChainUses {
 public:
  // anchor errors; not-ready if the file holds no chain yet; corrupt if its blocks do not follow
  // from the anchor.
  static Result<std::unique_ptr<ChainLots>> open(const std::filesystem::path& chain_db,
                                                 Bytes anchor, Millis refresh_every);
  ~ChainLots() override;

  Result<std::optional<Lot>> find(const Gtin& gtin, const LotNumber& lot) override;
  Result<Bytes> receipt(const Lot& lot) override;
  Result<std::optional<ArchivedLot>> archived(const Gtin& gtin, const LotNumber& lot) override;
  Result<std::vector<Lot>> lots(std::uint64_t after, std::size_t limit) override;
  Result<std::optional<CheckpointInfo>> checkpoint() override;
  std::uint64_t version() const override;
  const Bytes& anchor() const override;
  Status health() override;
  Result<std::optional<Place>> place_of(const Digest& id) override;
  bool is_final(std::uint64_t block) override;
  Result<std::vector<UnitMark>> uses_of(const UnitKey& unit) override;
  Result<ShownBlock> shown_block(std::uint64_t block) override;
  const Digest& chain_id() const;
  // GS1 company prefixes of all members of the newest statement.
  std::vector<std::string> prefixes() const;

 private:
  struct Impl;
  explicit ChainLots(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lotmark::api
