#include "core/base/hex.h"
#include "ledger-node/chain/public/body_checks.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

// Enrolments of statement 0: vouched for by the root's signature over it.
void enrol_first(const proof::Statements& statements, std::map<KeyId, Enrolled>& out) {
  const KeyId root = key_id(statements.root_key());
  for (const auto& e : statements.held().front().body.enrolments) {
    const KeyId kid = key_id(e.public_key);
    out[kid] = {e.public_key, kid, e.kind, e.name, e.organisation, root, 0};
  }
}

}  // namespace

PublicChain::PublicChain(store::Database db, proof::Statements statements, Bytes anchor)
    : db_(std::move(db)),
      statements_(std::move(statements)),
      anchor_(std::move(anchor)),
      tip_(statements_.genesis()) {}

Result<PublicChain> PublicChain::open(const std::filesystem::path& file, ByteView anchor,
                                      bool read_only) {
  LM_ASSIGN(auto parsed, read_anchor(anchor));
  LM_ASSIGN(auto statements,
            proof::Statements::from_genesis(parsed.genesis.bytes, parsed.root_key));
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = read_only, .mode = 0644}));
  if (!read_only) LM_TRY(db.migrate({kChainSchema}));
  PublicChain chain(std::move(db), std::move(statements), to_bytes(anchor));
  enrol_first(chain.statements_, chain.enrolled_);
  if (!read_only) LM_TRY(chain.store_block(chain.statements_.genesis()));
  LM_TRY(chain.load());
  if (chain.size() == 0) return fail(Errc::kNotReady, file.string() + " holds no chain yet");
  return chain;
}

// Takes in what is stored from size() on, following every link; what does not follow is named.
Status PublicChain::load() {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT number, id, bytes FROM block WHERE number >= ? ORDER BY number"));
  q.bind(1, size());
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    const std::uint64_t number = q.u64(0);
    const auto damaged = [&](std::string_view why) {
      return fail(Errc::kCorrupt,
                  "stored block " + std::to_string(number) + " " + std::string(why));
    };
    LM_ASSIGN(auto id, q.fixed<Digest>(1));
    auto block =
        number == 0 ? open_genesis(q.blob(2)) : lotmark::open<Block>(q.blob(2), chain_id());
    if (!block) return damaged(name(block.code()));
    if (block->id != id || block->body.number != number || number != size())
      return damaged("is not the one that was stored");
    if (number == 0 ? id != chain_id() : block->body.prev != tip_.id)
      return damaged("does not follow its parent");
    LM_TRY(take_in(*block));
  }
  return count_votes(0);
}

Status PublicChain::refresh() { return load(); }

Status PublicChain::answers() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT number FROM block ORDER BY number DESC LIMIT 1"));
  LM_ASSIGN(bool row, q.step());
  if (row && q.u64(0) + 1 >= size()) return {};
  return fail(Errc::kCorrupt, "chain.db has lost blocks");
}

Status PublicChain::take_in(const Signed<Block>& block) {
  const Block& b = block.body;
  tree_.append(merkle::leaf_hash(block.id.view()));
  tip_ = block;
  if (b.number > 0) term_signer_.try_emplace(b.term, block.kid);
  if (b.kind != BlockKind::kPeriod) return {};
  const auto& body = std::get<PeriodBody>(b.body);
  last_period_ = body.number;
  has_period_ = true;
  last_period_time_ = b.time;
  for (const auto& o : body.enrolments) {
    LM_ASSIGN(auto e, lotmark::open<Enrolment>(o.bytes, chain_id()));
    const KeyId kid = key_id(e.body.public_key);
    enrolled_[kid] = {e.body.public_key,   kid,   e.body.kind, e.body.name,
                      e.body.organisation, e.kid, b.number};
  }
  for (const auto& o : body.heads) {
    LM_ASSIGN(auto h, lotmark::open<Head>(o.bytes, chain_id()));
    heads_[{h.kid, h.body.log}] = {h.body.size, h.body.root, h.body.time, b.number};
  }
  return {};
}

const Enrolled* PublicChain::enrolled(const KeyId& kid) const {
  const auto it = enrolled_.find(kid);
  return it == enrolled_.end() ? nullptr : &it->second;
}

const Enrolled* PublicChain::enrolled_name(std::string_view organisation,
                                           std::string_view name) const {
  for (const auto& [kid, e] : enrolled_) {
    if (e.organisation == organisation && e.name == name) return &e;
  }
  return nullptr;
}

std::optional<LoggedHead> PublicChain::logged_head(const KeyId& kid, LogKind log) const {
  const auto it = heads_.find({kid, log});
  return it == heads_.end() ? std::nullopt : std::optional(it->second);
}

Result<Bytes> PublicChain::block(std::uint64_t number) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT bytes FROM block WHERE number = ?"));
  LM_ASSIGN(bool row, q.bind(1, number).step());
  if (!row) return fail(Errc::kNotFound, "no block " + std::to_string(number));
  return to_bytes(q.blob(0));
}

Result<std::vector<Bytes>> PublicChain::blocks(std::uint64_t from, std::size_t max_bytes) const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT bytes FROM block WHERE number >= ? ORDER BY number LIMIT 1000"));
  q.bind(1, from);
  std::vector<Bytes> out;
  std::size_t total = 0;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    total += q.blob(0).size();
    if (!out.empty() && total > max_bytes) break;
    out.push_back(to_bytes(q.blob(0)));
  }
  return out;
}

}  // namespace lotmark::chain
