#include "ledger-node/taint/public_taint.h"

#include "core/wire/limits.h"

namespace lotmark::taint {

namespace {

constexpr std::size_t kPage = 500;

// Without the key's vote the newest checkpoint would be none.
bool votes_rest_on(const chain::PublicChain& chain, const KeyId& key) {
  const auto& c = chain.checkpoint();
  const Membership* m = c ? chain.statements().of_epoch(c->epoch) : nullptr;
  if (m == nullptr) return false;
  std::uint64_t others = 0;
  bool voted = false;
  for (const auto& v : c->votes) {
    if (v.kid == key) voted = true;
    else ++others;
  }
  return voted && others < m->quorum;
}

Result<std::optional<Disclosure>> disclosure_of(const chain::PublicChain& chain,
                                                std::uint64_t block) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT disclosure FROM disclosure WHERE block = ?"));
  LM_ASSIGN(bool row, q.bind(1, block).step());
  if (!row) return std::optional<Disclosure>();
  LM_ASSIGN(auto d, decode<Disclosure>(q.blob(0)));
  return std::optional(std::move(d));
}

void look_at(const Claim& c, const chain::PublicChain& chain, const Suspicion& s,
             std::set<std::string>& why) {
  if (c.device == s.key) {
    const bool earlier = c.end < s.time;
    why.insert("device of " + c.step + " " + c.channel + std::string(earlier ? kDatesItself : ""));
  }
  const chain::Enrolled* device = chain.enrolled(c.device);
  if (c.enroller == s.key && device != nullptr && device->from_block >= s.block)
    why.insert("enroller of " + c.step + " " + c.channel);
}

Status look_at(const Disclosure& d, const chain::PublicChain& chain, const Suspicion& s,
               std::set<std::string>& why) {
  if (d.record.author == s.key)
    why.insert("author" + std::string(d.record.time < s.time ? kDatesItself : ""));
  for (const auto& disclosed : d.segments) {
    LM_ASSIGN(auto segment, decode<Segment>(disclosed.segment));
    if (segment.name != "claim") continue;
    LM_ASSIGN(auto claim, decode<Claim>(segment.content));
    look_at(claim, chain, s, why);
  }
  return {};
}

Status look_at(const chain::PublicChain& chain, const chain::LotEntry& e, const Suspicion& s,
               bool by_votes, std::set<std::string>& why) {
  LM_ASSIGN(const Bytes bytes, chain.block(e.block));
  LM_ASSIGN(auto block, open<Block>(bytes, chain.chain_id()));
  LM_ASSIGN(auto release,
            open<Release>(std::get<ObjectBytes>(block.body.body).bytes, chain.chain_id()));
  LM_ASSIGN(auto application, open<Application>(release.body.application.bytes, chain.chain_id()));
  if (application.kid == s.key) why.insert("application");
  if (release.kid == s.key) why.insert("release");
  if (block.kid == s.key) why.insert("block");
  if (by_votes && e.final) why.insert("votes");
  LM_ASSIGN(const auto disclosure, disclosure_of(chain, e.block));
  return disclosure ? look_at(*disclosure, chain, s, why) : Status();
}

}  // namespace

Result<Suspicion> suspect(const chain::PublicChain& chain, const KeyId& key, std::uint64_t block) {
  Suspicion s{key, block, static_cast<std::uint64_t>(limits::kIntMax)};
  // Where its body was cut, the time of the one that stands before: no later, so that nothing is missed.
  LM_ASSIGN(auto q,
            chain.database().prepare("SELECT time FROM block WHERE number = ?1 OR (number < "
                                     "?1 AND ?1 < ?2) ORDER BY number DESC LIMIT 1"));
  LM_ASSIGN(bool row, q.bind(1, block).bind(2, chain.dropped_end()).step());
  if (row) s.time = q.u64(0);
  return s;
}

Status find_public(const chain::PublicChain& chain, const Suspicion& s, TaintedLots& lots) {
  const bool by_votes = votes_rest_on(chain, s.key);
  std::uint64_t after = s.block == 0 ? 0 : s.block - 1;
  while (true) {
    LM_ASSIGN(const auto page, chain.lots(after, kPage));
    for (const auto& e : page) {
      after = e.block;
      std::set<std::string> why;
      const Status looked = look_at(chain, e, s, by_votes, why);
      if (!looked && looked.code() != Errc::kNotFound) return looked;  // a body that was cut
      if (why.empty()) continue;
      TaintedLot& lot = lots[{e.gtin.text, e.lot.text}];
      lot.gtin = e.gtin;
      lot.lot = e.lot;
      lot.block = e.block;
      lot.product = e.product;
      lot.enterprise = e.enterprise;
      lot.why.merge(why);
    }
    if (page.size() < kPage) return {};
  }
}

// Heads are few and logged often: the newest before the block is near it.
Result<std::uint64_t> logged_before(const chain::PublicChain& chain, const KeyId& keeper,
                                    LogKind log, std::uint64_t block) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT bytes FROM block WHERE kind = ? AND number < "
                                             "? ORDER BY number DESC"));
  q.bind(1, static_cast<int>(BlockKind::kPeriod)).bind(2, block);
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return std::uint64_t{0};
    LM_ASSIGN(auto period, open<Block>(q.blob(0), chain.chain_id()));
    for (const auto& o : std::get<PeriodBody>(period.body.body).heads) {
      LM_ASSIGN(auto head, open<Head>(o.bytes, chain.chain_id()));
      if (head.kid == keeper && head.body.log == log) return head.body.size;
    }
  }
}

}  // namespace lotmark::taint
