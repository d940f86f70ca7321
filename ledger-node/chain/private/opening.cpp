#include "ledger-node/chain/private/opening.h"

#include <fmt/format.h>

#include <fstream>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/wire/limits.h"

namespace lotmark::chain {

namespace {

constexpr std::uint64_t kLeadMaxMs =
    2000;  // so that the opening is with its reviewers before the first slot

Result<Bytes> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail(Errc::kConfig, "cannot read line file " + file.string());
  return bytes;
}

bool lists(const std::vector<std::string>& list, const std::string& what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

Result<LineFiles> read_line_files(const std::vector<std::filesystem::path>& files) {
  LineFiles out;
  for (const auto& file : files) {
    LM_ASSIGN(auto bytes, read_file(file));
    auto line = read_line_file(bytes);
    if (!line)
      return fail(Errc::kConfig, "line file " + file.string() + ": " + line.error().message());
    out.emplace(sha256(bytes), *std::move(line));
  }
  return out;
}

Result<const Programme*> OpeningRules::programme(const OpeningRequest& r, Opening& out) const {
  const Programme* p = chain_.statements().newest().programme(r.programme);
  if (p == nullptr) return fail(Errc::kProgrammeUnknown, "no programme " + r.programme);
  out.programme = p->id;
  out.gtin = r.gtin;
  out.gtin.text.insert(0, 14 - std::min<std::size_t>(14, r.gtin.text.size()), '0');
  if (!valid(out.gtin))
    return fail(Errc::kGtin, r.gtin.text + " is no GTIN, or its check digit is wrong");
  if (!valid(r.lot)) return fail(Errc::kLot, "a lot is 1 to 20 characters of GS1's set 82");
  out.lot = r.lot;
  if (!lists(p->products, out.gtin.text)) {
    return fail(Errc::kProgrammeUnknown,
                "programme " + p->id + " does not list GTIN " + out.gtin.text);
  }
  for (const auto& [hash, line] : lines_) {
    if (line.name == r.line || to_hex(hash) == r.line) out.line = hash;
  }
  if (!lines_.contains(out.line))
    return fail(Errc::kNotFound, "no line file " + r.line + " in the configuration");
  if (std::find(p->lines.begin(), p->lines.end(), out.line) == p->lines.end()) {
    return fail(Errc::kProgrammeUnknown,
                "programme " + p->id + " does not allow line file " + r.line);
  }
  const Member* self = chain_.member(signer_.kid());
  if (self == nullptr || !self->has(Role::kKeeping))
    return fail(Errc::kApplicationSigner, "this node keeps nothing");
  for (const auto& prefix : self->prefixes) {
    if (covers(prefix, out.gtin)) return p;
  }
  return fail(Errc::kGtinPrefix, "no GTIN prefix of " + organisation_ + " covers " + out.gtin.text);
}

Status OpeningRules::reviewers(const OpeningRequest& r, Opening& out) const {
  if (r.reviewers.empty() || r.reviewers.size() > limits::kReviewers) return Errc::kReviewersCount;
  for (const auto& name : r.reviewers) {
    const Member* found = nullptr;
    for (const auto& m : chain_.statements().newest().members) {
      const bool named = m.organisation == name || to_hex(m.kid) == name;
      if (named && m.has(Role::kReviewing)) found = &m;
    }
    if (found == nullptr) return fail(Errc::kReleaseSigner, "no reviewing member " + name);
    if (!lists(found->products, r.programme)) {
      return fail(Errc::kReleaseSigner, name + " does not review programme " + r.programme);
    }
    if (std::find(out.reviewers.begin(), out.reviewers.end(), found->kid) != out.reviewers.end()) {
      return fail(Errc::kListDuplicate, "reviewer " + name + " is named twice");
    }
    out.reviewers.push_back(found->kid);
  }
  return {};
}

Result<bool> OpeningRules::used(const Digest& start) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM batch WHERE start = ?"));
  LM_ASSIGN(bool row, q.bind(1, start).step());
  return row;
}

Result<ReceivedLog::Entry> OpeningRules::newest_start(const std::string& device) const {
  std::optional<ReceivedLog::Entry> newest;
  for (const auto& [kid, e] : chain_.all_enrolled()) {
    if (e.kind != EnrolmentKind::kStart || e.organisation != organisation_) continue;
    if (!device.empty() && e.name != device) continue;
    LM_ASSIGN(auto entry, received_.newest(kid, "start"));
    if (entry && (!newest || entry->index > newest->index)) newest = std::move(entry);
  }
  if (!newest) {
    return fail(
        Errc::kNotFound,
        "no start signal of " + (device.empty() ? "any start device" : device) + " has arrived");
  }
  return *std::move(newest);
}

Result<ReceivedLog::Entry> OpeningRules::start(const OpeningRequest& r) const {
  if (r.start.starts_with("latest")) {
    return newest_start(r.start.starts_with("latest:") ? r.start.substr(7) : r.device);
  }
  const auto id = fixed_from_hex<Digest>(r.start);
  if (!id) return fail(Errc::kUsage, "start is an id in hex, or latest:DEVICE");
  LM_ASSIGN(auto entry, received_.find(*id));
  if (!entry || entry->type != "start")
    return fail(Errc::kNotFound, "no start signal " + r.start + " has arrived");
  return *std::move(entry);
}

Status OpeningRules::check_start(const ReceivedLog::Entry& e, const Programme& p, Opening& out,
                                 Time now) const {
  LM_ASSIGN(auto start, open<Start>(e.object, chain_.chain_id()));
  const Enrolled* device = chain_.enrolled(start.kid);
  if (device == nullptr || device->kind != EnrolmentKind::kStart ||
      device->organisation != organisation_) {
    return fail(Errc::kDeviceUnknown,
                "the start signal's device is not enrolled for " + organisation_);
  }
  if (!start.verified_by(device->key)) return Errc::kCoseSignature;
  LM_ASSIGN(bool spent, used(start.id));
  if (spent)
    return fail(Errc::kStartUsed,
                "start signal " + short_hex(start.id) + " was used for another lot");
  const std::uint64_t age = unix_ms(now) > e.at ? unix_ms(now) - e.at : 0;
  if (age > p.window) {
    return fail(Errc::kStartUsed,
                fmt::format("start signal {} arrived {} s ago; the programme allows {} s",
                            short_hex(start.id), age / 1000, p.window / 1000));
  }
  const std::uint64_t first = e.at + p.slots[0];
  const std::uint64_t lead = std::min(kLeadMaxMs, p.slots[0] / 4);
  if (unix_ms(now) + lead > first) {
    return fail(Errc::kOpeningCount,
                fmt::format("too late: the first transaction of this start signal is due at {}",
                            to_iso(from_ms(static_cast<std::int64_t>(first)))));
  }
  out.start = start.id;
  for (std::uint64_t i = 0; i < p.count; ++i) out.slots.push_back(first + i * p.slots[1]);
  return {};
}

Result<Batch> OpeningRules::make(const OpeningRequest& r, Time now) const {
  Opening o;
  LM_ASSIGN(const Programme* p, programme(r, o));
  LM_TRY(reviewers(r, o));
  LM_ASSIGN(auto entry, start(r));
  LM_TRY(check_start(entry, *p, o, now));
  for (const auto& step : lines_.at(o.line).steps) {
    for (const auto& kid : step.devices) {
      if (chain_.enrolled(kid) == nullptr) {
        return fail(Errc::kDeviceUnknown,
                    "device " + to_hex(kid) + " of step " + step.label + " is not enrolled");
      }
    }
  }
  if (lines_.at(o.line).steps.size() > p->count) {
    return fail(Errc::kOpeningCount, "the line has more steps than the programme has transactions");
  }
  LM_ASSIGN(auto known, chain_.find_lot(o.gtin, *o.lot));
  if (known)
    return fail(Errc::kConflict, "lot " + o.lot->text + " is on the chain already, block " +
                                     std::to_string(known->block));
  LM_ASSIGN(auto sealed, seal(o, signer_, chain_.chain_id()));
  Batch b;
  LM_ASSIGN(b.opening, open<Opening>(sealed.bytes, chain_.chain_id()));
  b.made = unix_ms(now);
  b.hash = o.start;
  return b;
}

}  // namespace lotmark::chain
