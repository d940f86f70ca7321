#include "core/proof/verdict.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

namespace {

constexpr std::string_view kColumns =
    "SELECT block, gtin, lot, product, expires, enterprise, application, time, "
    "EXISTS(SELECT 1 FROM lot AS newer WHERE newer.gtin = lot.gtin AND newer.lot = lot.lot AND "
    "newer.block > lot.block) FROM lot ";

Result<LotEntry> read_lot(const store::Query& q, const PublicChain& chain) {
  LotEntry e;
  e.block = q.u64(0);
  e.gtin = {q.text(1)};
  e.lot = {q.text(2)};
  e.product = q.text(3);
  e.expires = q.u64(4);
  e.enterprise = q.text(5);
  LM_ASSIGN(e.application, q.fixed<Digest>(6));
  e.time = q.u64(7);
  e.superseded = q.integer(8) != 0;
  e.final = chain.is_final(e.block);
  return e;
}

// The parts of a receipt that a database keeps: encoded one by one.
Bytes encode_samples(const std::vector<Sample>& samples) {
  Receipt r;
  r.samples = samples;
  return encode(r);
}

}  // namespace

Result<std::optional<LotEntry>> PublicChain::find_lot(const Gtin& gtin,
                                                      const LotNumber& lot) const {
  LM_ASSIGN(auto q, db_.prepare(std::string(kColumns) +
                                "WHERE gtin = ? AND lot = ? ORDER BY block DESC LIMIT 1"));
  LM_ASSIGN(bool row, q.bind(1, gtin.text).bind(2, lot.text).step());
  if (!row) return std::optional<LotEntry>();
  LM_ASSIGN(auto entry, read_lot(q, *this));
  return std::optional(std::move(entry));
}

Result<std::vector<LotEntry>> PublicChain::lots(std::uint64_t after, std::size_t limit) const {
  LM_ASSIGN(auto q, db_.prepare(std::string(kColumns) + "WHERE block > ? ORDER BY block LIMIT ?"));
  q.bind(1, after).bind(2, static_cast<std::uint64_t>(limit));
  std::vector<LotEntry> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    LM_ASSIGN(auto entry, read_lot(q, *this));
    out.push_back(std::move(entry));
  }
  return out;
}

Result<std::optional<std::uint64_t>> PublicChain::block_of(const Digest& inner) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT block FROM once_again WHERE id = ?1 UNION ALL "
                                "SELECT block FROM once WHERE id = ?1"));
  LM_ASSIGN(bool row, q.bind(1, inner).step());
  return row ? std::optional(q.u64(0)) : std::nullopt;
}

Status PublicChain::add_disclosure(std::uint64_t number, const Disclosure& disclosure,
                                   const std::vector<Sample>& samples, Time now) {
  LM_ASSIGN(auto receipt, build_receipt(number, {disclosure}, samples));
  const auto result = proof::verify_receipt_by(statements_, receipt, now);
  if (result.verdict == VerdictKind::kTampered || result.verdict == VerdictKind::kUnknown) {
    for (const auto& c : result.checks) {
      if (c.ok == false) return fail(c.error, "the disclosure does not fit its block: " + c.why);
    }
  }
  const Bytes told = encode(disclosure);
  const Bytes shown = encode_samples(samples);
  LM_ASSIGN(auto held, db_.prepare("SELECT disclosure, samples FROM disclosure WHERE block = ?"));
  LM_ASSIGN(bool row, held.bind(1, number).step());
  if (row) {
    const bool same =
        std::ranges::equal(held.blob(0), told) && std::ranges::equal(held.blob(1), shown);
    if (same) return {};
    return fail(Errc::kConflict, "block " + std::to_string(number) + " has another disclosure");
  }
  LM_ASSIGN(auto q,
            db_.prepare("INSERT INTO disclosure(block, disclosure, samples) VALUES(?, ?, ?)"));
  return noted(q.bind(1, number).bind(2, told).bind(3, shown).run());
}

bool PublicChain::has_disclosure(std::uint64_t number) const {
  auto q = db_.prepare("SELECT 1 FROM disclosure WHERE block = ?");
  if (!q) return false;
  auto row = q->bind(1, number).step();
  return row && *row;
}

Result<Bytes> PublicChain::receipt(std::uint64_t number) const {
  std::vector<Disclosure> disclosures;
  std::vector<Sample> samples;
  LM_ASSIGN(auto q, db_.prepare("SELECT disclosure, samples FROM disclosure WHERE block = ?"));
  LM_ASSIGN(bool row, q.bind(1, number).step());
  if (row) {
    LM_ASSIGN(auto d, decode<Disclosure>(q.blob(0)));
    disclosures.push_back(std::move(d));
    LM_ASSIGN(auto r, decode<Receipt>(q.blob(1)));
    samples = std::move(r.samples);
  }
  q.reset();
  return build_receipt(number, disclosures, samples);
}

Result<ShownBlock> PublicChain::shown_block(std::uint64_t number) const {
  ShownBlock out;
  out.chain = chain_id();
  LM_ASSIGN(const auto bytes, block(number));
  LM_ASSIGN(const auto votes, votes_on(number));
  LM_ASSIGN(out.block.bytes, with_votes(bytes, votes));
  const auto& held = statements_.held();
  std::uint64_t last = held.back().body.epoch;
  if (is_final(number)) {
    LM_ASSIGN(auto shown, shown_checkpoint(number));
    last = shown->epoch;
  }
  for (std::size_t e = 1; e <= last; ++e) out.statements.push_back(held[e].object);
  return out;
}

Result<Bytes> PublicChain::build_receipt(std::uint64_t number,
                                         const std::vector<Disclosure>& disclosures,
                                         const std::vector<Sample>& samples) const {
  LM_ASSIGN(auto bytes, block(number));
  LM_ASSIGN(auto opened,
            number == 0 ? open_genesis(bytes) : lotmark::open<Block>(bytes, chain_id()));
  if (opened.body.kind != BlockKind::kLot)
    return fail(Errc::kBlockKind, "only a lot block has a receipt");
  LM_ASSIGN(auto shown, shown_block(number));
  Receipt r;
  r.block = std::move(shown.block);
  r.statements = std::move(shown.statements);
  r.disclosures = disclosures;
  r.samples = samples;
  return encode(r);
}

}  // namespace lotmark::chain
