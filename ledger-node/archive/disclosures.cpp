#include "ledger-node/archive/disclosures.h"

#include "core/proof/verdict.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"

namespace lotmark::node {

Status write_disclosures(const chain::PublicChain& chain, std::uint64_t first, std::uint64_t last,
                         const std::function<Status(ByteView)>& sink) {
  LM_ASSIGN(auto q, chain.database().prepare(
                        "SELECT block, disclosure, samples FROM disclosure WHERE block >= ? AND "
                        "block <= ? ORDER BY block"));
  q.bind(1, first).bind(2, last);
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return {};
    LM_ASSIGN(const auto entry, chain::encode_disclosure(q.u64(0), q.blob(1), q.blob(2)));
    LM_TRY(sink(cbor_bytes([&](CborWriter& w) { w.bytes(entry); })));
  }
}

Result<std::optional<chain::ToldOf>> next_disclosure(ItemFile& file) {
  LM_ASSIGN(const auto bytes, file.bstr(limits::kBlock));
  if (!bytes) return std::optional<chain::ToldOf>();
  LM_ASSIGN(auto entry, chain::read_disclosure(*bytes));
  return std::optional(std::move(entry));
}

Status DisclosureWalk::open(const std::filesystem::path& file) {
  std::error_code none;
  if (file.empty() || !std::filesystem::exists(file, none)) return {};
  LM_ASSIGN(auto opened, ItemFile::open(file));
  file_.emplace(std::move(opened));
  return step();
}

Result<std::optional<chain::ToldOf>> DisclosureWalk::of(std::uint64_t block) {
  while (next_ && next_->block < block) LM_TRY(step());
  return next_ && next_->block == block ? next_ : std::nullopt;
}

Status DisclosureWalk::step() {
  LM_ASSIGN(next_, next_disclosure(*file_));
  return {};
}

Status check_disclosure(const chain::PublicChain& chain, const Signed<Block>& block,
                        const chain::ToldOf& told) {
  Receipt r;
  LM_ASSIGN(r.block.bytes, with_votes(block.bytes, {}));
  r.disclosures.push_back(told.disclosure);
  r.samples = told.samples;
  const auto result = proof::verify_receipt_by(chain.statements(), encode(r), Time{});
  for (std::size_t i = 0; i < result.checks.size(); ++i) {
    const auto& c = result.checks[i];
    // Without votes there is no quorum; what is past its limits was told all the same.
    if (c.ok != false || c.error == Errc::kOk ||
        static_cast<proof::CheckName>(i) == proof::CheckName::kQuorum)
      continue;
    return fail(c.error, "the disclosure of block " + std::to_string(block.body.number) +
                             " does not fit it: " + c.why);
  }
  return {};
}

}  // namespace lotmark::node
