// Who holds the archive files of cuts: the primary and the supervising member next to it by kid. A holder writes the
// file before it drops bodies, other supervisory nodes keep bodies until both holders say that they have it. Whoever
// becomes a holder fetches what it lacks. Files are never removed: a third copy is an operator's to remove.
#pragma once

#include <set>

#include "ledger-node/archive/archive_fetch.h"
#include "ledger-node/archive/archive_writer.h"
#include "ledger-node/cut/cut_engine.h"

namespace lotmark::node {

// The holders as the chain says now, the primary first; fewer than two in a consortium of one.
std::vector<KeyId> archive_holders(const chain::PublicChain& chain);

class ArchiveKeeper final : public Engine, public BodyKeeper {
 public:
  // `chain` must outlive it. A file is written `at_once` blocks a call of may_drop().
  ArchiveKeeper(chain::PublicChain& chain, ArchiveFolder folder, const KeyId& self,
                std::uint64_t at_once = 256);

  bool may_drop(const chain::CutEntry& cut, Time now) override;

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

  const ArchiveFolder& folder() const { return folder_; }

 private:
  bool supervises() const;
  bool holds() const;
  // A slice, from this node's own bodies; true once the file is whole.
  Result<bool> write(const chain::CutEntry& cut);
  Reply serve(const Route& route) const;
  Reply list_json() const;
  // The oldest final cut whose file a holder lacks and whose bodies it dropped.
  Result<std::optional<chain::CutEntry>> missing() const;
  void ask_holders(std::vector<Outgoing>& out);
  void fetch_missing(std::vector<Outgoing>& out);

  struct Line {
    bool busy = false;
    Time due{};
    std::map<BlockRange, std::uint64_t> has;  // as it said last
    std::set<BlockRange> told_wrongly;        // of lots of these
  };
  chain::PublicChain& chain_;
  ArchiveFolder folder_;
  KeyId self_;
  std::uint64_t at_once_;
  std::optional<ArchiveWriter> writing_;
  std::map<KeyId, Line> lines_;
  std::shared_ptr<ArchiveFetch> fetch_;
  std::optional<BlockRange> waiting_;  // bodies that wait for the holders
  Time now_{};
  Time write_due_{};
  Time look_due_{};
  Time asks_until_{};
  std::uint64_t written_ = 0;
  std::uint64_t fetched_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace lotmark::node
