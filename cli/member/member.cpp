#include "cli/member/member.h"

#include <thread>

#include "cli/files.h"
#include "cli/member/proposal_file.h"
#include "cli/node/control.h"
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

constexpr auto kLook = std::chrono::milliseconds(300);

// The statements as the node holds them, checked from the anchor.
Result<std::pair<proof::Statements, std::vector<Bytes>>> statements_at(const Control& control) {
  LM_ASSIGN(auto anchor, read_anchor(control.anchor()));
  LM_ASSIGN(auto held, proof::Statements::from_roots(anchor));
  LM_ASSIGN(auto bytes, control.call("GET", "/control/v1/membership", nullptr));
  LM_ASSIGN(auto list, node::decode_list(bytes));
  for (const auto& s : list) LM_TRY(held.append(s));
  return std::pair{std::move(held), std::move(list)};
}

Result<OpenProposal> propose(const ProposeArguments& a) {
  if (a.change.empty()) return fail(Errc::kUsage, "nothing is to change: see --help");
  LM_ASSIGN(auto control, Control::open(a.profile));
  LM_ASSIGN(auto at, statements_at(control));
  LM_ASSIGN(auto next, changed(at.first.newest(), a.change));
  Proposal p;
  p.chain = at.first.chain();
  p.statements = at.second;
  p.draft = proof::draft_of(next);
  LM_ASSIGN(auto checked, proof::read_draft(p.draft, at.first));
  LM_TRY(save_proposal(a.out, p, false));
  return OpenProposal{std::move(p), std::move(at.first), std::move(checked)};
}

Exit shown(const Result<OpenProposal>& open, Output& out) {
  if (!open) return out.error(open.error());
  show_proposal(*open, out);
  return out.json ? out.value(proposal_json(*open)) : Exit::kDone;
}

Result<OpenProposal> sign_here(const SignArguments& a, Output& out) {
  if (a.anchor.empty()) return fail(Errc::kUsage, "--signing-key needs --anchor");
  LM_ASSIGN(const Bytes anchor, read_file(a.anchor, limits::kAnchor));
  LM_ASSIGN(auto open, open_proposal(a.file, anchor));
  LM_ASSIGN(auto placed, placed_of(open));
  LM_ASSIGN(const Scalar scalar, read_key_file(a.signing_key));
  LM_ASSIGN(auto signer, signer_openssl(scalar.view()));
  if (const Member* m = open.held.newest().find(signer->kid());
      signer->kid() != key_id(open.held.root_key_of(open.next.epoch)) &&
      (m == nullptr || !m->has(Role::kSupervising))) {
    return fail(Errc::kStatementSigner, a.signing_key + " is neither the root key of epoch " +
                                            std::to_string(open.next.epoch) +
                                            " nor a supervising member's");
  }
  show_proposal(open, out);
  if (!a.yes && out.declined("sign it?")) return fail(Errc::kDenied, "not signed");
  LM_ASSIGN(auto sealed, seal_statement_signature(placed.payload, *signer, &open.held.chain()));
  placed.signatures[signer->kid()] = sealed.bytes;
  Bytes object = proof::encode_partly_signed(placed);
  LM_TRY(proof::read_partly_signed(object, open.held));
  open.file.placed = {std::move(object)};
  LM_TRY(save_proposal(a.file, open.file, true));
  return open;
}

Result<OpenProposal> approve(const SignArguments& a, Output& out) {
  LM_ASSIGN(auto control, Control::open(a.profile));
  LM_ASSIGN(auto open, open_proposal(a.file, control.anchor()));
  show_proposal(open, out);
  if (!a.withdraw && !a.yes && out.declined("approve it?"))
    return fail(Errc::kDenied, "not approved");
  const char* path = a.withdraw ? "/control/v1/withdrawals" : "/control/v1/approvals";
  LM_TRY(control.send("POST", path, open.file.draft));
  return open;
}

Result<OpenProposal> hold(const HoldArguments& a) {
  LM_ASSIGN(auto control, Control::open(a.profile));
  LM_ASSIGN(auto open, open_proposal(a.file, control.anchor()));
  const std::string change = to_hex(proof::change_of(open.next));
  LM_TRY(control.post("/control/v1/holds", {{"change", change}, {"seconds", a.seconds}}));
  for (std::uint64_t ms = 0; ms <= a.wait_s * 1000; ms += kLook.count()) {
    LM_ASSIGN(auto status, control.get("/control/v1/statements"));
    const auto& place = status["place"];
    const auto root = fixed_from_hex<Digest>(place.is_object() ? text_of(place, "root") : "");
    if (root) {
      proof::PartlySigned placed;
      placed.payload = proof::placed_payload(open.next, number_of(place, "first"), *root);
      open.file.placed = {proof::encode_partly_signed(placed)};
      LM_TRY(save_proposal(a.file, open.file, true));
      return open;
    }
    std::this_thread::sleep_for(kLook);
  }
  return fail(Errc::kNotReady,
              "the order does not stand still: lotmark member status shows who orders and whether "
              "the newest blocks are final; asking again is harmless");
}

Result<nlohmann::json> submit(const SubmitArguments& a) {
  LM_ASSIGN(auto control, Control::open(a.profile));
  LM_ASSIGN(auto open, open_proposal(a.file, control.anchor()));
  LM_ASSIGN(auto placed, placed_of(open));
  if (!placed.by_root) return fail(Errc::kStatementSigner, "the root key has not signed it");
  LM_TRY(control.send("POST", "/control/v1/statements", open.file.placed.front()));
  for (std::uint64_t ms = 0;; ms += kLook.count()) {
    const auto status = control.get("/control/v1/status");  // a node that restarts is silent
    const bool reached = status && number_of(*status, "epoch") >= open.next.epoch;
    if (reached && number_of(*status, "final_size") > placed.body.first)
      return nlohmann::json{{"epoch", open.next.epoch}, {"block", placed.body.first}};
    if (status && number_of(*status, "size") > placed.body.first && !reached) {
      return fail(Errc::kStatementFirst,
                  "another block took its place: lotmark member hold asks for a new one; members' "
                  "approvals stand, the root key signs again");
    }
    if (ms >= a.wait_s * 1000) {
      return fail(Errc::kNotReady,
                  "it is not on the chain yet: too few nodes that approved it answer; lotmark "
                  "member status shows how many signed, and it can be sent again");
    }
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace

Exit run_member_propose(const ProposeArguments& a, Output& out) { return shown(propose(a), out); }

Exit run_member_show(const ShowProposalArguments& a, Output& out) {
  const auto anchor = read_file(a.anchor, limits::kAnchor);
  if (!anchor) return out.error(anchor.error());
  return shown(open_proposal(a.file, *anchor), out);
}

Exit run_member_sign(const SignArguments& a, Output& out) {
  const auto done = a.signing_key.empty() ? approve(a, out) : sign_here(a, out);
  if (!done) return out.error(done.error());
  if (out.json) return out.value(proposal_json(*done));
  out.line(!a.signing_key.empty() ? "signed, in " + a.file
           : a.withdraw           ? "withdrawn"
                                  : "approved: this member's node signs it at its place");
  return Exit::kDone;
}

Exit run_member_hold(const HoldArguments& a, Output& out) {
  const auto done = hold(a);
  if (!done) return out.error(done.error());
  if (out.json) return out.value(proposal_json(*done));
  const auto placed = placed_of(*done);
  if (!placed) return out.error(placed.error());
  out.line("the order stands still before block " + std::to_string(placed->body.first) + " for " +
           std::to_string(a.seconds) + " s: now the root key signs " + a.file);
  return Exit::kDone;
}

Exit run_member_submit(const SubmitArguments& a, Output& out) {
  const auto done = submit(a);
  if (!done) return out.error(done.error());
  if (out.json) return out.value(*done);
  out.line("epoch " + std::to_string(number_of(*done, "epoch")) + " is in force from block " +
           std::to_string(number_of(*done, "block")) + " on, and final");
  return Exit::kDone;
}

Exit run_member_status(const ProfileChoice& profile, Output& out) {
  const auto control = Control::open(profile);
  if (!control) return out.error(control.error());
  const auto status = control->get("/control/v1/statements");
  if (!status) return out.error(status.error());
  if (out.json) return out.value(*status);
  const auto& s = *status;
  out.line("epoch " + std::to_string(number_of(s, "epoch")) + " from block " +
           std::to_string(number_of(s, "first")) + " on, quorum " +
           std::to_string(number_of(s, "quorum")));
  Table members{{"member", "roles", "kid"}, {}};
  for (const auto& m : s.value("members", nlohmann::json::array())) {
    std::string roles;
    for (const auto& r : m.value("roles", std::vector<std::string>{})) roles += r + " ";
    members.rows.push_back({{text_of(m, "organisation"), roles, text_of(m, "kid")}});
  }
  out.table(members);
  for (const auto& p : s.value("proposals", nlohmann::json::array())) {
    std::string by;
    for (const auto& o : p.value("approved_by", std::vector<std::string>{})) by += " " + o;
    out.line("proposed " + text_of(p, "change") + ", approved by" + (by.empty() ? " nobody" : by));
  }
  if (s["hold"].is_object())
    out.line("the order is held until " + text_of(s["hold"], "until"), Paint::kWarn);
  if (s["place"].is_object())
    out.line("it stands still before block " + std::to_string(number_of(s["place"], "first")));
  if (s["statement"].is_object()) {
    out.line("statement for block " + std::to_string(number_of(s["statement"], "first")) +
             ": signed by " + std::to_string(number_of(s["statement"], "members")) + " members");
  }
  return Exit::kDone;
}

}  // namespace lotmark::cli
