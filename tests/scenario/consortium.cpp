#include "tests/scenario/consortium.h"

#include <algorithm>

#include "core/crypto/sha256.h"
#include "tests/must.h"

namespace lotmark::test {

namespace {

Member member(const Party& p, Role role) {
  Member m;
  m.kid = p.kid();
  m.public_key = p.key();
  m.roles = {role};
  m.organisation = p.organisation;
  m.area = "310000";
  if (role == Role::kKeeping) m.prefixes = {"690123"};
  if (role == Role::kReviewing) m.products = {"vaccines"};
  return m;
}

Enrolment enrolment(const Party& p, EnrolmentKind kind,
                    std::vector<EnrolledChannel> channels = {}) {
  return {p.key(), kind, p.name, p.organisation, "plant 1", std::move(channels), {}};
}

EnrolledChannel quantity(std::string name, std::string unit, std::int64_t exp) {
  return {std::move(name), ChannelKind::kQuantity, std::move(unit), {exp}, {}};
}

}  // namespace

std::array<std::uint8_t, 32> party_scalar(std::uint8_t scalar) {
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(0x11);
  bytes[31] = scalar;
  return bytes;
}

Party make_party(std::string name, std::string organisation, std::uint8_t scalar) {
  return {std::move(name), std::move(organisation), must(signer_openssl(party_scalar(scalar)))};
}

Consortium::Consortium(const ConsortiumOptions& o) : options(o), clock(o.begin) {
  for (std::size_t i = 0; i < o.supervisors; ++i) {
    const std::string name = "prov-" + std::to_string(i + 1);
    supervisors.push_back(make_party(name, name, supervisor_scalar(i)));
  }
  make_line();
  make_programme();
  make_genesis();
}

Member Consortium::supervisor(std::size_t i) const {
  return member(supervisors[i], Role::kSupervising);
}

std::uint8_t Consortium::supervisor_scalar(std::size_t i) {
  return static_cast<std::uint8_t>(i < 3 ? 5 + i : 100 + i);  // 8 to 15 and 99 are others'
}

void Consortium::make_line() {
  line.name = "filling line 1";
  const Limits cold{200, 800, 61000};
  line.steps = {{"filling", {fridge.kid()}, {"t"}, cold, qa.kid(), 60000},
                {"storage", {room.kid()}, {"h"}, {100, 600, 61000}, qa.kid(), 60000},
                {"packing", {fridge.kid(), room.kid()}, {"t"}, cold, packer.kid(), 60000}};
  line_bytes = encode(line);
  line_hash = sha256(line_bytes);
}

void Consortium::make_programme() {
  programme.id = "vaccines";
  programme.products = {gtin().text};
  programme.limits = {{"t", "Cel", {-2}, 200, 800, 61000}};
  programme.count = options.count;
  programme.slots = {options.first_slot_ms, options.spacing_ms};
  programme.lateness = options.lateness_ms;
  programme.window = options.window_ms;
  programme.period_s = options.period_s;
  programme.retention = options.retention;
  programme.lines = {line_hash};
}

void Consortium::make_genesis() {
  auto& s = statement;
  s.members = {member(enterprise, Role::kKeeping), member(east, Role::kReviewing),
               member(west, Role::kReviewing)};
  for (std::size_t i = 0; i + options.later < supervisors.size(); ++i)
    s.members.push_back(supervisor(i));
  std::sort(s.members.begin(), s.members.end(),
            [](const Member& a, const Member& b) { return a.kid < b.kid; });
  for (auto& m : s.members) {
    if (options.agency && m.kid == west.kid()) m.roles.push_back(Role::kAgency);
  }
  s.quorum = options.quorum;
  s.programmes = {programme};
  if (options.kept_retention) {
    Programme kept = programme;
    kept.id = "kept";
    kept.retention = *options.kept_retention;
    s.programmes.insert(s.programmes.begin(), kept);
    for (auto& m : s.members) {
      if (m.has(Role::kReviewing)) m.products = {"kept", "vaccines"};
    }
  }
  s.enrolments = {
      enrolment(starter, EnrolmentKind::kStart),
      enrolment(fridge, EnrolmentKind::kDevice, {quantity("t", "Cel", -2)}),
      enrolment(room, EnrolmentKind::kDevice, {quantity("t", "Cel", -2), quantity("h", "%RH", -1)}),
      enrolment(qa, EnrolmentKind::kOperator),
      enrolment(packer, EnrolmentKind::kOperator),
      enrolment(examiner, EnrolmentKind::kOperator),
      enrolment(examiner_west, EnrolmentKind::kOperator),
      enrolment(regulator, EnrolmentKind::kOperator)};
  StatementObject object;
  object.payload = encode(s);
  object.signatures = {
      {must(seal_statement_signature(object.payload, *root.signer, nullptr)).bytes}};
  Block b;
  b.kind = BlockKind::kMembership;
  b.time = static_cast<std::uint64_t>(to_ms(options.begin));
  b.body = ObjectBytes{encode(object)};
  const auto sealed = must(seal_payload("block", encode(b), *root.signer, nullptr));
  genesis = sealed.bytes;
  chain = sealed.id;
  Anchor a;
  a.genesis = {genesis};
  a.root_key = root.key();
  anchor = encode(a);
}

Application Consortium::application(std::string lot) const {
  Application a;
  a.programme = programme.id;
  a.gtin = gtin();
  a.product = "Vaccine A";
  a.lot = {std::move(lot)};
  a.expires = {20281231};
  a.tx_count = programme.count + 1;  // the release record
  return a;
}

Sealed Consortium::start_signal() {
  Start s;
  s.device = starter.kid();
  s.machine = "filler 1";
  s.boot = ++starts_;
  s.nonce.bytes[0] = static_cast<std::uint8_t>(starts_);
  return must(seal(s, *starter.signer, chain));
}

Bytes Consortium::arrival(const Party& by, const Digest& object, Time at,
                          std::uint64_t index) const {
  return must(
             seal(Arrival{object, static_cast<std::uint64_t>(to_ms(at)), index}, *by.signer, chain))
      .bytes;
}

}  // namespace lotmark::test
