#include "ledger-node/review/evidence.h"

#include <fmt/format.h>

#include "core/base/hex.h"

namespace lotmark::review {

namespace {

constexpr std::uint8_t kTag18 = 0xd2;  // a gap object is tagged, a bundle wire is an array

}  // namespace

std::string EvidenceBook::device_name(const KeyId& kid) const {
  const auto it = in_.enrolled->find(kid);
  return it != in_.enrolled->end() ? it->second.name : "device " + short_hex(kid);
}

const OpenedEvidence* EvidenceBook::open(const Digest& id) {
  auto [it, fresh] = opened_.try_emplace(id);
  if (fresh) {
    const auto fetched = in_.bundles.find(id);
    if (fetched == in_.bundles.end()) {
      list_.add(FindingCode::kUnreadable, "bundle " + short_hex(id) + " could not be fetched", id);
    } else {
      it->second = read(id, fetched->second);
    }
  }
  return it->second ? &*it->second : nullptr;
}

std::optional<OpenedEvidence> EvidenceBook::read(const Digest& id, const FetchedBundle& fetched) {
  const Bytes& wire = fetched.file.wire;
  const bool gap = !wire.empty() && wire[0] == kTag18;
  std::optional<OpenedEvidence> out;
  if (gap) {
    out = read_gap(id, wire);
  } else {
    auto bundle = reader_.open_bundle(wire, in_.chain);
    if (!bundle || bundle->id != id) {
      const std::string why = bundle ? "is another one" : bundle.error().message();
      list_.add(FindingCode::kUnreadable, "bundle " + short_hex(id) + ": " + why, id);
      return std::nullopt;
    }
    check_signature(bundle->kid, id, bundle->signature);
    out.emplace();
    out->bundle = *std::move(bundle);
    const Errc error = reader_.check_readings(out->bundle->body);
    if (error == Errc::kOk) {
      out->salt = reader_.salt();
      out->readings = reader_.readings(out->bundle->body);
      out->readings_hold = true;
    } else {
      const bool roots = error == Errc::kRootMismatch || error == Errc::kAnnotation;
      list_.add(roots ? FindingCode::kRootMismatch : FindingCode::kUnreadable,
                "readings of bundle " + short_hex(id) + ": " + std::string(name(error)), id);
    }
    if (out->bundle->body.clock != ClockState::kSynchronised) {
      ++clocks_[{out->bundle->body.device, out->bundle->body.clock}];
    }
  }
  if (out) check_logged(id, fetched);
  if (out) check_suspected(out->device(), id, fetched.file.index);
  return out;
}

std::optional<OpenedEvidence> EvidenceBook::read_gap(const Digest& id, ByteView object) {
  auto gap = lotmark::open<Gap>(object, in_.chain);
  if (!gap || gap->id != id) {
    const std::string why = gap ? "is another one" : gap.error().message();
    list_.add(FindingCode::kUnreadable, "gap " + short_hex(id) + ": " + why, id);
    return std::nullopt;
  }
  check_signature(gap->kid, id, gap->signature);
  OpenedEvidence out;
  out.gap = *std::move(gap);
  return out;
}

void EvidenceBook::check_signature(const KeyId& kid, const Digest& id, const Signature& signature) {
  const auto device = in_.enrolled->find(kid);
  if (device == in_.enrolled->end() || device->second.kind != EnrolmentKind::kDevice) {
    list_.add(FindingCode::kSignatureBad,
              "bundle " + short_hex(id) + ": its device " + short_hex(kid) + " is not enrolled",
              id);
    return;
  }
  auto it = verifiers_.find(kid);
  if (it == verifiers_.end()) {
    auto made = Verifier::from(device->second.key);
    if (!made) {
      return list_.add(FindingCode::kSignatureBad, "key of " + device_name(kid) + " is no key", id);
    }
    it = verifiers_.emplace(kid, *std::move(made)).first;
  }
  if (!it->second.verify(id, signature)) {
    list_.add(FindingCode::kSignatureBad,
              "bundle " + short_hex(id) + " is not signed by " + device_name(kid), id);
  }
}

// What a period block logged before the key was suspected existed then; anything later may be the thief's.
void EvidenceBook::check_suspected(const KeyId& kid, const Digest& id, std::uint64_t index) {
  const auto suspected = in_.suspected.find(kid);
  if (suspected == in_.suspected.end() || index < suspected->second.logged) return;
  list_.add(FindingCode::kSignatureBad,
            fmt::format("bundle {} is of {}, whose key is revoked since block {}", short_hex(id),
                        device_name(kid), suspected->second.block),
            id);
}

void EvidenceBook::check_logged(const Digest& id, const FetchedBundle& fetched) {
  const auto& [file, head] = fetched;
  if (file.index < head.size) {
    const auto root =
        merkle::fold_inclusion(merkle::leaf_hash(id.view()), file.index, head.size, file.path);
    if (root && *root == head.root) return;
  }
  list_.add(FindingCode::kIntakeNotLogged,
            fmt::format("bundle {} is not under the intake head of {} entries that the chain holds",
                        short_hex(id), head.size),
            id);
}

void EvidenceBook::remark_clocks() {
  for (const auto& [what, count] : clocks_) {
    list_.add(FindingCode::kClockNotSynchronised,
              fmt::format("{}: clock {} in {} {}", device_name(what.first), name(what.second),
                          count, count == 1 ? "bundle" : "bundles"));
  }
  clocks_.clear();
}

}  // namespace lotmark::review
