#include "core/base/hex.h"
#include "core/proof/evidence.h"
#include "core/proof/result_parts.h"

namespace lotmark::proof {

namespace {

using nlohmann::json;

struct NotProved {
  std::string_view code;
  std::string_view words;
};

// The table of docs/format/evidence.md, in its order.
constexpr NotProved kNotProved[] = {
    {"holder",
     "It shows what the key signed, not who held it: a stolen key signs the same, and revocations "
     "are not looked for."},
    {"intent",
     "Whether it was meant is not shown: a program restored from an old copy, or run twice, signs "
     "the same."},
    {"which", "Which of the two is the true one is not shown."},
    {"still-member",
     "Whether the signer is a member today is not shown: statements after those in the file are "
     "not seen."},
    {"enrolment-place",
     "That the enrolment stands on the chain is not shown, only that the member named signed it."},
    {"promise-why",
     "Why it was not kept is not shown: the object is not in the file and may have become one that "
     "the rules refuse."},
    {"promise-later", "Whether the object came on the chain later is not shown."},
    {"removed-quorum",
     "Keys of a removed quorum can still vote, in their epoch, for a reader without the newer "
     "statement: pin a newer one."},
    {"nothing", "Nothing was proved, for or against."},
};

json culprit_json(const Culprit& by) {
  json device;
  if (by.device) {
    device = {{"name", by.device->name}, {"enroller", to_hex(by.device->enroller)}};
  }
  return {{"kid", to_hex(by.kid)},
          {"organisation", by.organisation},
          {"role", by.role},
          {"device", std::move(device)}};
}

}  // namespace

std::vector<std::string_view> not_proved(const EvidenceResult& r) {
  if (!r.proven) return {"nothing"};
  std::vector<std::string_view> codes = {"holder", "intent"};
  const bool fork = *r.kind != EvidenceKind::kPromiseUnmet && *r.kind != EvidenceKind::kTurnFork;
  if (fork) codes.push_back("which");
  codes.push_back("still-member");
  if (r.proven->by.device && r.proven->by.device->in_file) codes.push_back("enrolment-place");
  if (*r.kind == EvidenceKind::kPromiseUnmet) {
    for (auto c : {"promise-why", "promise-later", "removed-quorum"}) codes.push_back(c);
  }
  return codes;
}

std::string_view evidence_not_proved_words(std::string_view code) {
  for (const auto& n : kNotProved) {
    if (n.code == code) return n.words;
  }
  return {};
}

json to_json(const EvidenceResult& r) {
  json j;
  j["outcome"] = std::string(name(r.outcome));
  j["kind"] = r.kind ? json(std::string(name(*r.kind))) : json();
  j["chain"] = r.chain ? json(to_hex(*r.chain)) : json();
  j["check"] = r.failed ? json(std::string(name(*r.failed))) : json();
  j["error"] = r.failed ? json(std::string(name(r.error))) : json();
  j["why"] = r.why;
  j["by"] = r.proven ? culprit_json(r.proven->by) : json();
  j["objects"] = json::array();
  if (r.proven) {
    for (const auto& id : r.proven->objects) j["objects"].push_back(to_hex(id));
  }
  j["said"] = r.proven ? r.proven->said : std::string();
  j["not_proved"] = codes_json(not_proved(r));
  return j;
}

}  // namespace lotmark::proof
