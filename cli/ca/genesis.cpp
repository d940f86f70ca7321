#include "cli/ca/genesis.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/proof/statements.h"

namespace lotmark::cli {

namespace {

Member make_member(const MemberPlan& plan, const PublicKey& key) {
  Member m;
  m.kid = key_id(key);
  m.public_key = key;
  m.roles = plan.roles;
  m.organisation = plan.organisation;
  m.area = plan.area;
  m.prefixes = plan.prefixes;
  m.products = plan.reviews;
  return m;
}

Enrolment make_enrolment(const EnrolledPlan& plan, const PublicKey& key) {
  Enrolment e;
  e.public_key = key;
  e.kind = plan.kind;
  e.name = plan.name;
  e.organisation = plan.organisation;
  e.site = plan.site;
  e.channels = plan.channels;
  return e;
}

}  // namespace

std::string grouped_fingerprint(const Digest& chain) {
  const std::string hex = to_hex(chain);
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += 8) {
    if (i > 0) text += ' ';
    text += hex.substr(i, 8);
  }
  return text;
}

LineFile make_line(const LinePlan& line, const PublicKeys& keys) {
  LineFile file;
  file.name = line.name;
  for (const auto& step : line.steps) {
    LineStep s;
    s.label = step.label;
    for (const auto& device : step.devices) s.devices.push_back(key_id(keys.find(device)->second));
    s.channels = step.channels;
    s.limits = step.limits;
    s.author = key_id(keys.find(step.author)->second);
    s.interval = step.interval_ms;
    file.steps.push_back(std::move(s));
  }
  return file;
}

Membership make_membership(const ConsortiumPlan& plan, const PublicKeys& keys) {
  Membership m;
  m.quorum = plan.quorum;
  for (const auto& x : plan.members) m.members.push_back(make_member(x, keys.find(x.name)->second));
  std::sort(m.members.begin(), m.members.end(),
            [](const auto& a, const auto& b) { return a.kid < b.kid; });
  for (const auto& x : plan.programmes) {
    m.programmes.push_back(x.body);
    for (const auto& name : x.lines) {
      m.programmes.back().lines.push_back(sha256(encode(make_line(*plan.line(name), keys))));
    }
  }
  std::sort(m.programmes.begin(), m.programmes.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  for (const auto& x : plan.enrolled) {
    if (!x.invite) m.enrolments.push_back(make_enrolment(x, keys.find(x.name)->second));
  }
  return m;
}

Result<Bytes> make_anchor(const Membership& membership, const Signer& root, Time now) {
  StatementObject statement;
  statement.payload = encode(membership);
  LM_ASSIGN(auto signature, seal_statement_signature(statement.payload, root, nullptr));
  statement.signatures.push_back({std::move(signature.bytes)});

  Block genesis;
  genesis.kind = BlockKind::kMembership;
  genesis.time = static_cast<std::uint64_t>(to_ms(now));
  genesis.body = ObjectBytes{encode(statement)};
  LM_ASSIGN(auto block, seal_payload("block", encode(genesis), root, nullptr));

  Anchor anchor;
  anchor.genesis = {std::move(block.bytes)};
  anchor.root_key = root.public_key();
  LM_TRY(proof::Statements::from_anchor(anchor));
  return encode(anchor);
}

}  // namespace lotmark::cli
