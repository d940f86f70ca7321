#include "tests/unit/chain/whole_chain.h"

#include "core/wire/complaint.h"
#include "core/wire/cut.h"
#include "core/wire/usage.h"
#include "ledger-node/chain/public/memory_sum.h"
#include "tests/must.h"

namespace lotmark::chain {

namespace {

using test::must;

// The release record of a lot with one public note, and the application over its transactions.
struct Disclosed {
  Bytes application;
  WholeChain::Told told;
};

Disclosed disclosed_lot(const test::Consortium& c, const std::string& lot,
                        std::optional<Digest> supersedes) {
  Segment s;
  s.name = "note";
  s.audience = Audience::kPublic;
  s.media = "text/plain";
  s.content = to_bytes(as_bytes("packed in tens"));
  const std::vector<Bytes> segments{encode(s)};
  Disclosed out;
  Disclosure& d = out.told.disclosure;
  d.record.kind = RecordKind::kRelease;
  d.record.author = c.enterprise.kid();
  d.record.segments = 1;
  d.segments = {{0, segments[0], {}}};
  const Digest start{{7}};
  const Digest made = commitment(c.chain, start, d.record, segments_root(segments));
  merkle::MemoryTree transactions;
  for (std::uint64_t i = 0; i < c.programme.count; ++i) {
    const Digest other{{static_cast<std::uint8_t>(i)}};
    transactions.append_entry(other.view());
  }
  const auto tx = must(seal(Transaction{made, start, 1}, *c.enterprise.signer, c.chain));
  transactions.append_entry(tx.id.view());
  d.transaction.bytes = tx.bytes;
  d.path = transactions.inclusion(c.programme.count);
  Application a = c.application(lot);
  a.start = start;
  a.opening = Digest{{2}};
  a.tx_root = transactions.root();
  a.supersedes = supersedes;
  out.application = must(seal(a, *c.enterprise.signer, c.chain)).bytes;
  return out;
}

}  // namespace

WholeChain::WholeChain(std::uint64_t size) {
  test::BlockMaker maker(c);
  blocks.push_back(c.genesis);
  test::BlockMaker other = maker;
  taken_back_.push_back(other.period_block());
  past_votes_ = other.votes(1);
  taken_back_.push_back(other.lot_block(disclosed_lot(c, "GONE", {}).application));
  past_votes_.push_back(other.votes(1).front());
  while (blocks.size() < size) {
    const std::uint64_t n = blocks.size();
    c.clock.advance(Millis{1000});
    if (n == 1 || n % 37 == 0) add(maker, maker.term_block(n % 3));
    else if (n % 41 == 0) add(maker, maker.membership_block());
    else if (n % 10 == 3 || n % 50 == 4) add(maker, lot(maker, n));
    else if (n % 10 == 6)
      add(maker, maker.refusal_block(Digest{{static_cast<std::uint8_t>(n), 9}}));
    else if (n % 33 == 9) add(maker, revocation(maker, n));
    else if (n % 33 == 17) add(maker, recall(maker, n));
    else add(maker, period(maker, n));
  }
}

void WholeChain::add(test::BlockMaker& maker, Bytes block) {
  blocks.push_back(std::move(block));
  if (blocks.size() + 3 > 100 && blocks.size() % 2 == 0) return;  // not each has votes
  votes[maker.size()] = maker.votes(maker.size() % 10 == 0 ? 3 : 2);
}

// Each fiftieth replaces the lot block before it.
Bytes WholeChain::lot(test::BlockMaker& maker, std::uint64_t n) {
  const bool replaces = n % 50 == 4;
  const std::string name = "L-" + std::to_string(replaces ? n - 1 : n);
  auto made = disclosed_lot(
      c, name,
      replaces ? std::optional(must(open<Block>(blocks[n - 1], c.chain)).id) : std::nullopt);
  if (n % 20 == 3) disclosures[n] = std::move(made.told);
  return maker.lot_block(made.application, "CN-2026-0001",
                         replaces ? std::optional<std::string>("a typing error") : std::nullopt);
}

Bytes WholeChain::period(test::BlockMaker& maker, std::uint64_t n) {
  std::vector<Bytes> heads;
  std::vector<Bytes> enrolments;
  if (n % 10 == 5) {
    intake_.append_entry(ByteView(blocks.back()).first(8));
    heads.push_back(maker.head(c.enterprise, LogKind::kIntake, intake_, logged_));
    logged_ = intake_.size();
  }
  if (n % 40 == 8) {
    const auto party = test::make_party("fridge-" + std::to_string(n), "yunhe",
                                        static_cast<std::uint8_t>(100 + n));
    Enrolment e{party.key(), EnrolmentKind::kOperator, party.name, "yunhe", "plant 2", {}, {}};
    enrolments.push_back(must(seal(e, *c.enterprise.signer, c.chain)).bytes);
  }
  return maker.period_block(std::move(heads), std::move(enrolments), events(n));
}

// A complaint, a ruling on it, and two in one block that settle it: one of them by who ruled otherwise before. Two reports of
// use of a lot.
std::vector<Bytes> WholeChain::events(std::uint64_t n) {
  if (n % 20 == 10) {
    const Complaint x{
        c.east.kid(), {Digest{{9}}}, ComplaintKind::kForgery, "readings repeat", {}, n};
    Bytes made = must(seal(x, *c.qa.signer, c.chain)).bytes;
    complained_ = must(id_of(made));
    return {std::move(made)};
  }
  if (n % 20 == 14) {
    const auto report = [&](UsageKind kind, std::vector<std::string> serials) {
      const Usage u{test::Consortium::gtin(),
                    {"L-" + std::to_string(n - 1)},
                    kind,
                    std::move(serials),
                    40,
                    n};
      return must(seal(u, *c.west.signer, c.chain)).bytes;
    };
    return {report(UsageKind::kSold, {"S1", "S2"}), report(UsageKind::kUsed, {"S1"})};
  }
  if (!complained_ || (n % 20 != 11 && n % 20 != 12)) return {};
  const auto ruling = [&](std::size_t by, RulingOutcome outcome) {
    Ruling r{*complained_, outcome, {}, 0, 0, "shown by " + std::to_string(by), n};
    if (outcome == RulingOutcome::kUpheld) {
      r.penalties = {PenaltyKind::kWarning, PenaltyKind::kPoints};
      r.points = 30;
      r.reward = 10;
    }
    return must(seal(r, *c.supervisors[by].signer, c.chain)).bytes;
  };
  if (n % 20 == 11) return {ruling(0, RulingOutcome::kDismissed)};
  std::vector<Bytes> settling = {ruling(0, RulingOutcome::kUpheld),
                                 ruling(1, RulingOutcome::kUpheld)};
  complained_.reset();
  return settling;
}

Bytes WholeChain::revocation(test::BlockMaker& maker, std::uint64_t n) const {
  Revocation r{c.room.kid(), n, RevokedReason::kLost, "fell into the vat"};
  return maker.block(BlockKind::kRevocation,
                     ObjectBytes{must(seal(r, *c.supervisors[0].signer, c.chain)).bytes});
}

Bytes WholeChain::recall(test::BlockMaker& maker, std::uint64_t n) const {
  Recall r{test::Consortium::gtin(), {}, n % 2 == 0, "glass in it", n};
  if (n % 2 == 0) r.lot = LotNumber{"L-3"};
  return maker.block(BlockKind::kRecall,
                     ObjectBytes{must(seal(r, *c.supervisors[1].signer, c.chain)).bytes});
}

PublicChain WholeChain::make(const std::filesystem::path& file) const {
  auto chain = must(PublicChain::open(file, c.anchor));
  const Time now = c.clock.now();
  for (const auto& b : taken_back_) must(chain.append(b, now));
  for (const auto& v : past_votes_) must(chain.add_vote(v));
  must(chain.adopt({blocks.begin() + 1, blocks.begin() + 2}, now));
  for (std::size_t n = 1; n < blocks.size(); ++n) {
    const Status taken = chain.append(blocks[n], now);
    if (!taken) std::fprintf(stderr, "block %zu: %s\n", n, taken.error().message().c_str());
    LM_ASSERT(taken);
    const auto at = votes.find(n + 1);
    if (at == votes.end()) continue;
    for (const auto& v : at->second) must(chain.add_vote(v));
  }
  for (const auto& [number, told] : disclosures)
    must(chain.add_disclosure(number, told.disclosure, told.samples, now));
  remember(chain);
  return chain;
}

// The second supervisor held the term that block 1 opened.
void WholeChain::remember(PublicChain& chain) const {
  for (std::uint64_t n = 1; n < 4 && n < blocks.size(); ++n) {
    const auto block = must(open<Block>(blocks[n], c.chain));
    must(chain.reserve(block.body.term, n, encode(block.body)));
    must(chain.store_signed(block.body.term, n, blocks[n]));
  }
  auto unsigned_one = must(open<Block>(blocks[3], c.chain)).body;
  unsigned_one.term = 90;
  must(chain.reserve(90, 3, encode(unsigned_one)));
  must(chain.store_own_vote(votes.rbegin()->second.front()));
  const auto turn =
      must(seal(Turn{91, {}, c.supervisors[1].kid()}, *c.supervisors[2].signer, c.chain));
  must(chain.store_standing({91, c.supervisors[1].kid(), turn.bytes}));
  const Digest claim{{8}};
  const auto flag = must(seal(Promise{claim, kFlagDeadline}, *c.supervisors[2].signer, c.chain));
  must(chain.store_flag(claim, 20, flag.bytes));
  for (const std::string_view name : {"evidence.db", "private.db"}) {
    auto note = must(chain.database().prepare("INSERT INTO store(name, sum) VALUES(?, ?)"));
    must(note.bind(1, name).bind(2, memory_sum("store", 0, 0, as_bytes(name), {})).run());
  }
}

}  // namespace lotmark::chain
