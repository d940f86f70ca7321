// Serials of a lot's units on their way into private.db, until an application names their root (docs/format/receipt.md,
// "Item proof"; docs/operate/peer.md, serials). They come in pages, each known again when it is sent twice; sealed, they
// stand in lot_serials in the order of the items tree, and their count and root in lot_items. Memory is flat however
// many there are: a part of 1/256 is sorted at a time. Rows in, rows out: whether a lot still takes serials is the
// engine's to say.
#pragma once

#include "core/store/database.h"
#include "ledger-node/chain/private/item_proofs.h"

namespace lotmark::chain {

enum class SerialsState : std::uint8_t {
  kNone,         // nobody said that there are any, or somebody said that there are none
  kSending,      // announced, or some came
  kSealing,      // being put in order
  kSealed,       // count and root are there
  kWithdrawing,  // being taken away
  kWithdrawn,    // taken away; whether others come is not said
};
std::string_view name(SerialsState s);

struct SerialsStanding {
  SerialsState state = SerialsState::kNone;
  std::uint64_t pages = 0;       // that came
  std::uint64_t sent = 0;        // serials in them
  std::uint64_t placed = 0;      // serials in their final order; while sealing
  Digest through;                // sent_through of the last page that came; zeros before the first
  std::optional<ItemsOf> items;  // once sealed

  // Whether an application made now would name what was meant: not while some are announced, on their way or taken back.
  bool settled() const { return state == SerialsState::kNone || state == SerialsState::kSealed; }
};

// H(before || H(serials, each followed by a line feed)): says which serials were sent, page by page. `before` of the
// first page: zeros.
Digest sent_through(const Digest& before, const std::vector<std::string>& serials);

class LotSerials {
 public:
  static constexpr std::uint64_t kSentMax = 4096;  // serials of one page that is sent

  // `db` (private.db) must outlive this.
  explicit LotSerials(const store::Database& db) : db_(&db) {}

  Result<SerialsStanding> standing(const Digest& start) const;
  // Serials are to come: the lot is not settled until they are sealed, or declare_none. Of sealed ones nothing changes.
  // conflict while they are being withdrawn.
  Result<SerialsStanding> announce(const Digest& start) const;
  // The lot has none. conflict where any came and are not withdrawn.
  Result<SerialsStanding> declare_none(const Digest& start) const;
  // Page `page` of 1 to kSentMax serials. One that came before is answered alike if it is the same. field-range names a
  // serial that is none; conflict: not the next page, another than came before, or the lot takes no more; too-large
  // above 10,000,000 in all. Nothing is kept of a page that is refused.
  Result<SerialsStanding> take(const Digest& start, std::uint64_t page,
                               const std::vector<std::string>& serials) const;
  // One portion of putting them in order, at least a page; to be called until the state is sealed, also after a
  // restart. conflict unless exactly `count` serials came and `through` names them; list-duplicate names a serial that
  // came twice, after which they can only be withdrawn.
  Result<SerialsStanding> seal(const Digest& start, std::uint64_t count,
                               const Digest& through) const;
  // One portion of taking all serials of a lot away; to be called until the state is withdrawn (none: there were none).
  Result<SerialsStanding> withdraw(const Digest& start) const;

 private:
  const store::Database* db_;
};

}  // namespace lotmark::chain
