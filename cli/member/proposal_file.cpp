#include "cli/member/proposal_file.h"

#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "cli/member/change.h"
#include "core/base/hex.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

Result<OpenProposal> open_proposal(const std::string& file, ByteView anchor_bytes) {
  LM_ASSIGN(auto bytes, read_file(file, limits::kAnchor));
  LM_ASSIGN(auto proposal, read_proposal(bytes));
  LM_ASSIGN(auto anchor, read_anchor(anchor_bytes));
  LM_ASSIGN(auto held, proof::Statements::from_roots(anchor));
  if (proposal.chain != held.chain())
    return fail(Errc::kCoseChain, file + " is of another consortium than the anchor");
  for (const auto& s : proposal.statements) LM_TRY(held.append(s));
  LM_ASSIGN(auto next, proof::read_draft(proposal.draft, held));
  return OpenProposal{std::move(proposal), std::move(held), std::move(next)};
}

Status save_proposal(const std::string& file, const Proposal& proposal, bool replace) {
  return write_file(file, encode(proposal), replace);
}

Result<proof::PartlySigned> placed_of(const OpenProposal& open) {
  if (open.file.placed.empty())
    return fail(Errc::kNotReady, "it has no place yet: lotmark member hold asks for one");
  LM_ASSIGN(auto placed, proof::read_partly_signed(open.file.placed.front(), open.held));
  if (proof::change_of(placed.body) == proof::change_of(open.next)) return placed;
  return fail(Errc::kConflict, "the placed statement is not the draft's");
}

nlohmann::json proposal_json(const OpenProposal& open) {
  nlohmann::json j{{"change", to_hex(proof::change_of(open.next))},
                   {"epoch", open.next.epoch},
                   {"differences", differences(open.held.newest(), open.next)}};
  const auto placed = placed_of(open);
  j["place"] = placed ? nlohmann::json(placed->body.first) : nlohmann::json();
  j["by_root"] = placed && placed->by_root;
  j["members"] = placed ? placed->members : 0;
  return j;
}

void show_proposal(const OpenProposal& open, Output& out) {
  if (out.json) return;
  out.line("change " + to_hex(proof::change_of(open.next)));
  out.line("epoch " + std::to_string(open.next.epoch) + " after " +
           std::to_string(open.held.newest().epoch));
  const auto lines = differences(open.held.newest(), open.next);
  for (const auto& line : lines) {
    out.line(line, line[0] == '+' ? Paint::kGood : line[0] == '-' ? Paint::kBad : Paint::kWarn);
  }
  if (lines.empty()) out.line("nothing differs");
  const auto placed = placed_of(open);
  if (!placed) return;
  out.line("placed at block " + std::to_string(placed->body.first) + ", signed by " +
           (placed->by_root ? "the root key and " : "") + std::to_string(placed->members) +
           " members");
}

}  // namespace lotmark::cli
