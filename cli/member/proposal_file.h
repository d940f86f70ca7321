// A proposal file as it goes from hand to hand, opened against the anchor.
#pragma once

#include "cli/output.h"
#include "core/proof/proposal.h"

namespace lotmark::cli {

struct OpenProposal {
  Proposal file;
  proof::Statements held;  // the statements in it, each checked
  Membership next;         // its draft
};

// The statements that lead from the anchor to the one in force must verify, and the draft must be able to follow them.
Result<OpenProposal> open_proposal(const std::string& file, ByteView anchor);
Status save_proposal(const std::string& file, const Proposal& proposal, bool replace);

// The file's statement as far as it is signed; not-ready if it has no place yet.
Result<proof::PartlySigned> placed_of(const OpenProposal& open);

// For people: the change, and what differs. For programs: value().
void show_proposal(const OpenProposal& open, Output& out);
nlohmann::json proposal_json(const OpenProposal& open);

}  // namespace lotmark::cli
