// Votes, those on blocks that were taken back, and what enterprises disclosed.
#include "core/crypto/sha256.h"
#include "core/proof/verdict.h"
#include "ledger-node/chain/public/check.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

enum VoteColumn : std::size_t { kSize, kTerm, kKid, kRoot, kBytes };
const std::vector<std::string_view> kVoteKey = {"size", "term", "kid"};

// The rows behind `last`, in the order of their key.
Result<std::vector<Cells>> rows_behind(const Rows& rows, std::string_view table,
                                       std::string_view columns, std::string_view key,
                                       const Cells& last, std::uint64_t limit) {
  std::string where;
  if (!last.empty()) {
    where = " WHERE (" + std::string(key) + ") > (?";
    for (std::size_t i = 1; i < last.size(); ++i) where += ", ?";
    where += ")";
  }
  return rows.read("SELECT " + std::string(columns) + " FROM " + std::string(table) + where +
                       " ORDER BY " + std::string(key) + " LIMIT " + std::to_string(limit),
                   last, limit);
}

}  // namespace

void ChainCheck::check_vote(const Cells& row, bool past, Faults& faults) const {
  const auto bad = [&](std::string_view column, std::string what) {
    std::optional<std::uint64_t> block;
    if (row[kSize].type == 'i' && row[kSize].number > 0)
      block = static_cast<std::uint64_t>(row[kSize].number) - 1;
    faults.push_back({past ? "past_vote" : "vote",
                      past ? shown({"size", "term", "kid", "root"}, row) : shown(kVoteKey, row),
                      std::string(column), block, std::move(what), Remedy::kVote,
                      past ? Cells{row[kSize], row[kTerm], row[kKid], row[kRoot]}
                           : Cells{row[kSize], row[kTerm], row[kKid]}});
  };
  const auto vote = read_vote(row[kBytes].bytes, statements_.chain(), false);
  if (row[kBytes].type != 'b' || !vote)
    return bad("bytes", vote ? "is no blob" : vote.error().message());
  const VoteClaims& c = vote->claims;
  const Cells said = {Cell::of(c.size), Cell::of(c.term), Cell::of(vote->kid)};
  bool same = true;
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (row[i] == said[i]) continue;
    same = false;
    bad(kVoteKey[i], "is " + row[i].shown() + ", the vote says " + said[i].shown());
  }
  if (!same) return;
  const Membership* judge = statements_.of_size(c.size);
  const Member* m = judge != nullptr ? judge->find(vote->kid) : nullptr;
  if (!past && (m == nullptr || judge->epoch != c.epoch || !m->has(Role::kSupervising)))
    return bad("bytes", "is by nobody who votes in its epoch");
  // Its epoch may have been taken back with the statement, and the voter's key with it.
  const auto key = past ? key_of(vote->kid) : std::optional(m->public_key);
  if (!key) return;
  const auto root = Digest::from(row[kRoot].bytes);
  const auto ours = past || tree_damaged_ ? std::nullopt : root_at(c.size);
  const auto signs = [&](const std::optional<Digest>& r) {
    return r && verified(*key, vote->id(*r), vote->signature);
  };
  if (row[kRoot].type != 'b' || !signs(root))
    return bad(signs(ours) ? "root" : "bytes", "is not what the signature is over");
  if (!past && c.size > size_) return bad("size", "is above the chain's");
  if (!ours || *root == *ours) return;
  // It was counted on a tree that was another then, and its signature is good: what is spoilt is the tree.
  const bool named = !faults.empty() && faults.back().remedy == Remedy::kTree;
  if (named) return;
  faults.push_back({"tree_edge",
                    "",
                    "",
                    std::nullopt,
                    "gives another root of " + std::to_string(c.size) + " leaves than votes",
                    Remedy::kTree,
                    {}});
}

Status ChainCheck::check_votes(std::uint64_t rows, Faults& faults) {
  LM_ASSIGN(auto found, rows_behind(rows_, "vote", "size, term, kid, root, bytes",
                                    "size, term, kid", place_.last, rows));
  for (const auto& row : found) check_vote(row, false, faults);
  if (found.size() < rows) next_part();
  else place_.last = {found.back()[kSize], found.back()[kTerm], found.back()[kKid]};
  return {};
}

Status ChainCheck::check_past_votes(std::uint64_t rows, Faults& faults) {
  LM_ASSIGN(auto found, rows_behind(rows_, "past_vote", "size, term, kid, root, bytes",
                                    "size, term, kid, root", place_.last, rows));
  for (const auto& row : found) check_vote(row, true, faults);
  if (found.size() < rows) next_part();
  else place_.last = {found.back().begin(), found.back().begin() + kBytes};
  return {};
}

void ChainCheck::check_disclosure(const Cells& row, Faults& faults) const {
  const auto bad = [&](std::string_view column, std::string what) {
    const bool numbered = row[0].type == 'i' && row[0].number >= 0;
    faults.push_back(
        {"disclosure",
         shown({"block"}, row),
         std::string(column),
         numbered ? std::optional(static_cast<std::uint64_t>(row[0].number)) : std::nullopt,
         std::move(what),
         Remedy::kDisclosure,
         {row[0]}});
  };
  const auto told = decode<Disclosure>(row[1].bytes);
  if (row[1].type != 'b' || !told) return bad("disclosure", "cannot be read");
  const auto shown_samples = decode<Receipt>(row[2].bytes);
  if (row[2].type != 'b' || !shown_samples || encode(*shown_samples) != row[2].bytes)
    return bad("samples", "cannot be read");
  if (!shown_samples->block.bytes.empty() || !shown_samples->statements.empty() ||
      !shown_samples->disclosures.empty() || shown_samples->magic != Receipt{}.magic)
    return bad("samples", "holds more than samples");
  const auto number = static_cast<std::uint64_t>(row[0].number);
  const auto read = read_block(number);
  if (number >= size_ || !read || !*read || !(*read)->block ||
      (*read)->block->body.kind != BlockKind::kLot)
    return bad("block", "is no lot block");
  Receipt r;
  const Bytes& bytes = (*read)->block->bytes;
  const auto block = with_votes(bytes, {});
  if (!block) return bad("block", block.error().message());
  r.block.bytes = *block;
  r.disclosures = {*told};
  r.samples = shown_samples->samples;
  const Bytes receipt = encode(r);
  Bytes claim = receipt;
  const Digest& judged_by = statements_.held().back().identity;
  claim.insert(claim.end(), judged_by.bytes.begin(), judged_by.bytes.end());
  std::string why;
  const bool fits = proven(sha256(claim), [&] {
    const auto result = proof::verify_receipt_by(statements_, receipt, Time{});
    if (result.verdict != VerdictKind::kTampered && result.verdict != VerdictKind::kUnknown)
      return true;
    for (const auto& c : result.checks) {
      if (c.ok == false) why += (why.empty() ? "" : "; ") + std::string(lotmark::name(c.error));
    }
    return why.empty();
  });
  if (!fits) bad("", "does not fit its block: " + why);
}

Status ChainCheck::check_disclosures(std::uint64_t rows, Faults& faults) {
  LM_ASSIGN(auto found, rows_behind(rows_, "disclosure", "block, disclosure, samples", "block",
                                    place_.last, rows));
  for (const auto& row : found) check_disclosure(row, faults);
  if (found.size() < rows) next_part();
  else place_.last = {found.back()[0]};
  return {};
}

}  // namespace lotmark::chain
