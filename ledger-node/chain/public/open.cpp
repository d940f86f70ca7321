#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/chain/public/schema.h"
#include "ledger-node/chain/public/usages.h"

namespace lotmark::chain {

namespace {

// At the start the newest blocks are read again; the whole chain is checked on a schedule.
constexpr std::uint64_t kLinksAtStart = 1000;

}  // namespace

PublicChain::PublicChain(store::Database db, proof::Statements statements, Bytes anchor)
    : db_(std::move(db)),
      statements_(std::move(statements)),
      anchor_(std::move(anchor)),
      tip_(statements_.genesis()) {}

Result<PublicChain> PublicChain::open(const std::filesystem::path& file, ByteView anchor,
                                      bool read_only) {
  LM_ASSIGN(auto parsed, read_anchor(anchor));
  LM_ASSIGN(auto statements, proof::Statements::from_roots(parsed));
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = read_only, .mode = 0644}));
  if (!read_only) LM_TRY(migrate_chain(db));
  PublicChain chain(std::move(db), std::move(statements), to_bytes(anchor));
  if (!read_only) LM_TRY(chain.store_block(chain.statements_.genesis()));
  LM_TRY(chain.load_state());
  if (!read_only) {
    LM_TRY(chain.derive_rest());
    LM_TRY(list_due_serials(chain));
  }
  if (chain.size() == 0) return fail(Errc::kNotReady, file.string() + " holds no chain yet");
  LM_TRY(chain.verify_links(chain.size() - std::min(chain.size(), kLinksAtStart)));
  return chain;
}

Status PublicChain::refresh() {
  const std::uint64_t before = size();
  LM_TRY(db_.exec("BEGIN"));  // one moment of the writer's
  const auto more = load_more();
  Status done = !more ? Status(more.error()) : *more ? count_votes(0) : load_state();
  if (done && size() > before) done = verify_links(before);
  Status ended = db_.exec("COMMIT");
  if (!ended)
    (void)db_.exec("ROLLBACK");  // after a page that could not be read: else it stays open for good
  return done ? ended : done;
}

Status PublicChain::verify_links(std::uint64_t from) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT number, id, bytes FROM block WHERE number >= ? AND "
                                "number < ? ORDER BY number"));
  q.bind(1, from).bind(2, size());
  for (std::uint64_t number = from; number < size(); ++number) {
    LM_ASSIGN(bool row, q.step());
    const std::uint64_t found = row ? q.u64(0) : size();
    // What is gone by a cut leaves its leaf alone.
    if (found != number && std::min(found, size()) > std::max(dropped_end_, number)) {
      return fail(Errc::kCorrupt,
                  "stored block " + std::to_string(std::max(dropped_end_, number)) + " is missing");
    }
    number = found;
    if (!row) break;
    LM_TRY(verify_link(number, q.blob(1), q.blob(2)));
  }
  return {};
}

Status PublicChain::verify_link(std::uint64_t number, ByteView id, ByteView bytes) const {
  const auto damaged = [&](std::string_view why) {
    return fail(Errc::kCorrupt, "stored block " + std::to_string(number) + " " + std::string(why));
  };
  auto block = number == 0 ? open_genesis(bytes) : lotmark::open<Block>(bytes, chain_id());
  if (!block) return damaged(name(block.code()));
  LM_ASSIGN(bool placed, has_id(number, block->id));
  if (!std::ranges::equal(block->id.view(), id) || block->body.number != number || !placed)
    return damaged("is not the one that was stored");
  if (number == 0) return block->id == chain_id() ? Status() : damaged("is not the genesis");
  LM_ASSIGN(bool follows, has_id(number - 1, *block->body.prev));
  return follows ? Status() : damaged("does not follow its parent");
}

Status PublicChain::answers() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT number FROM block ORDER BY number DESC LIMIT 1"));
  LM_ASSIGN(bool row, q.step());
  if ((row && q.u64(0) + 1 >= size()) || dropped_end_ >= size()) return {};
  return fail(Errc::kCorrupt, "chain.db has lost blocks");
}

const Enrolled* PublicChain::enrolled(const KeyId& kid) const {
  const auto it = enrolled_.find(kid);
  return it == enrolled_.end() ? nullptr : &it->second;
}

const Enrolled* PublicChain::enrolled_name(std::string_view organisation,
                                           std::string_view name) const {
  const Enrolled* newest = nullptr;
  for (const auto& [kid, e] : enrolled_) {
    if (e.organisation != organisation || e.name != name) continue;
    if (newest == nullptr || e.from_block > newest->from_block) newest = &e;
  }
  return newest;
}

std::optional<LoggedHead> PublicChain::logged_head(const KeyId& kid, LogKind log) const {
  const auto it = heads_.find({kid, log});
  return it == heads_.end() ? std::nullopt : std::optional(it->second);
}

Error PublicChain::no_block(std::uint64_t number) const {
  const bool cut = number > 0 && number < dropped_end_;
  return fail(cut ? Errc::kBodyCut : Errc::kNotFound,
              (cut ? "the body was cut of block " : "no block ") + std::to_string(number));
}

Result<Bytes> PublicChain::block(std::uint64_t number) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT bytes FROM block WHERE number = ?"));
  LM_ASSIGN(bool row, q.bind(1, number).step());
  if (!row) return no_block(number);
  return to_bytes(q.blob(0));
}

Result<Digest> PublicChain::id_of(std::uint64_t number) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT id FROM block WHERE number = ?"));
  LM_ASSIGN(bool row, q.bind(1, number).step());
  if (!row) return no_block(number);
  return q.fixed<Digest>(0);
}

Result<bool> PublicChain::has_id(std::uint64_t number, const Digest& id) const {
  LM_ASSIGN(auto leaf, tree_->leaf(number));
  return leaf == merkle::leaf_hash(id.view());
}

Result<merkle::MemoryTree> PublicChain::tree_of(std::uint64_t size) const {
  if (size > this->size())
    return fail(Errc::kNotFound, "no tree of " + std::to_string(size) + " blocks");
  merkle::MemoryTree tree;
  for (std::uint64_t n = 0; n < size; ++n) {
    LM_ASSIGN(auto leaf, tree_->leaf(n));
    tree.append(leaf);
  }
  return tree;
}

Result<std::optional<std::uint64_t>> PublicChain::first_after(std::uint64_t ms) const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT time FROM block WHERE number >= ? ORDER BY number LIMIT 1"));
  std::uint64_t low = 0;
  std::uint64_t high = size();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    LM_ASSIGN(bool row, q.bind(1, middle).step());
    if (!row) return fail(Errc::kCorrupt, "block " + std::to_string(middle) + " is missing");
    if (q.u64(0) > ms) high = middle;
    else low = middle + 1;
    q.reset();
  }
  return low < size() ? std::optional(low) : std::nullopt;
}

Onlooker& PublicChain::onlooker() const {
  static Onlooker nobody;
  return onlooker_ != nullptr ? *onlooker_ : nobody;
}

Result<std::vector<Bytes>> PublicChain::blocks(std::uint64_t from, std::size_t max_bytes) const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT number, bytes FROM block WHERE number >= ? ORDER BY number LIMIT "
                        "1000"));
  q.bind(1, from);
  std::vector<Bytes> out;
  std::size_t total = 0;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row || q.u64(0) != from + out.size()) break;
    total += q.blob(1).size();
    if (!out.empty() && total > max_bytes) break;
    out.push_back(to_bytes(q.blob(1)));
  }
  if (out.empty() && from < size()) return no_block(from);
  return out;
}

}  // namespace lotmark::chain
