// One message: what a node accepts (docs/format/device.md), step by step, into the group.
#include "core/base/log.h"
#include "core/wire/limits.h"
#include "ledger-node/intake/intake_state.h"

namespace lotmark::node {

namespace {

constexpr std::uint8_t kSignedObject = 0xd2;  // tag 18: a gap; a bundle wire is an array

}  // namespace

// Steps 17 and 18: the key is enrolled as a device, the topic is its own, and it signed.
Errc IntakeLog::State::may_sign(const Claimed& o, const Signature& signature,
                                const bus::Message& m) {
  seq = o.seq;
  auto at = devices.find(o.device);
  if (at == devices.end() || at->second.bundle_topic != m.topic) return Errc::kDeviceUnknown;
  if (!at->second.verifier.verify(o.id, signature)) return refuse(o, Errc::kCoseSignature);
  return at->second.revoked ? refuse(o, Errc::kKeyRevoked) : Errc::kOk;
}

// An object may be refused before its place was looked for; a device with a broken outbox still hears of it.
Errc IntakeLog::State::refuse(const Claimed& o, Errc error) {
  auto at = group.answers.find(o.device);
  if (at == group.answers.end()) {
    auto open = logs.open_life(o.device);
    if (!open || logs.at(*open).life != o.life) return error;
    at = group.answers.try_emplace(o.device, Answer{*open, {}}).first;
  }
  auto& list = at->second.refused;
  const auto same = [&](const AckRefusal& r) {
    return r.seq == o.seq && r.error == static_cast<std::uint64_t>(error);
  };
  if (list.size() < limits::kAckRefusals && std::ranges::none_of(list, same)) {
    list.push_back({o.seq, static_cast<std::uint64_t>(error)});
  }
  return error;
}

// Another key under its name goes on with its log: whoever found the old one begins no new life with it.
bool IntakeLog::State::taken_over(const KeyId& device) const {
  return std::ranges::any_of(devices, [&](const auto& d) {
    return d.first != device && logs.open_life(d.first) &&
           std::ranges::count(predecessors(d.first), device) > 0;
  });
}

// Steps 2 to 8; from here on the device gets an answer.
Result<Placed> IntakeLog::State::find_place(const Claimed& o, const bus::Message& m) {
  const bool first = !logs.open_life(o.device);
  if (first && taken_over(o.device)) return Placed{Placed::kRefused, Errc::kLifeClosed, 0, 0, {}};
  LM_ASSIGN(auto placed, place(o, logs, *this, group.time));
  if (first &&
      logs.open_life(o.device)) {  // a new key's first life ends that of the key it replaces
    for (const KeyId& before : predecessors(o.device)) logs.close(before, group.time);
  }
  if (placed.life != 0) {
    Answer& answer = group.answers[o.device];
    if (answer.life != placed.life) answer = {placed.life, {}};
  }
  if (placed.kind == Placed::kAgain) ++group.again;
  if (placed.kind == Placed::kRefused) refuse(o, placed.error);
  if (placed.against) {
    group.contradictions.push_back({o.device, o.id, std::move(*placed.against), m.payload});
  }
  return placed;
}

Errc IntakeLog::State::check_window(const Bundle& b) const {
  const std::uint64_t w = 1000 * config.bundle_s;
  return b.from / w == b.to / w ? Errc::kOk : Errc::kBundleCrossesWindow;
}

void IntakeLog::State::append(const Claimed& o, const Placed& placed, Entry e,
                              const std::optional<Digest>& end) {
  e.index = tree.size();
  e.id = o.id;
  e.life = placed.life;
  e.seq = placed.seq;
  e.last = o.last;
  e.gap = o.gap;
  logs.advance(placed.life, o.last, end);
  tree.append(merkle::leaf_hash(o.id.view()));
  index.grow();
  group.bytes += e.wire.size();
  group.span_max = std::max(group.span_max, e.to - e.from);
  group.entries.push_back(e);
}

Result<Judged> IntakeLog::State::judge_bundle(const bus::Message& m) {
  auto bundle = wires.open_bundle(m.payload, chain);
  if (!bundle) return Judged{bundle.code()};
  const Bundle& b = bundle->body;
  const Claimed o{bundle->kid, b.life, b.seq, b.seq, b.prev, bundle->id, false};
  if (Errc e = may_sign(o, bundle->signature, m); e != Errc::kOk) return Judged{e};
  LM_ASSIGN(auto placed, find_place(o, m));
  if (placed.kind != Placed::kNext) return Judged{placed.error};
  if (Errc e = check_window(b); e != Errc::kOk) return Judged{refuse(o, e)};
  if (Errc e = wires.check_readings(b); e != Errc::kOk) return Judged{refuse(o, e)};
  Entry entry;
  entry.from = b.from;
  entry.to = b.to;
  entry.wire = m.payload;
  append(o, placed, entry, o.id);
  return Judged{};
}

// The ack in the device's hand must be this node's own, and cover what it calls lost.
Errc IntakeLog::State::check_receiver_lost(const Gap& gap) const {
  if (!gap.ack) return Errc::kOk;
  auto ack = lotmark::open<Ack>(gap.ack->bytes, chain);
  if (!ack) return ack.code();
  if (ack->kid != signer.kid()) return Errc::kCoseKid;
  if (!verify_once(signer.public_key(), ack->id, ack->signature)) return Errc::kCoseSignature;
  const bool covers =
      ack->body.device == gap.device && ack->body.life == gap.life && ack->body.through >= gap.last;
  return covers ? Errc::kOk : Errc::kFieldRange;
}

Result<Judged> IntakeLog::State::judge_gap(const bus::Message& m) {
  auto gap = lotmark::open<Gap>(m.payload, chain);
  if (!gap) return Judged{gap.code()};
  const Gap& g = gap->body;
  const Claimed o{gap->kid, g.life, g.seq, g.last, g.prev, gap->id, true};
  if (Errc e = may_sign(o, gap->signature, m); e != Errc::kOk) return Judged{e};
  if (Errc e = check_receiver_lost(g); e != Errc::kOk) return Judged{refuse(o, e)};
  LM_ASSIGN(auto placed, find_place(o, m));
  if (placed.kind != Placed::kNext) return Judged{placed.error};
  Entry entry;
  entry.wire = m.payload;
  append(o, placed, entry, g.lost);
  return Judged{};
}

Status IntakeLog::State::judge(const bus::Message& m) {
  seq.reset();
  const bool object = !m.payload.empty() && m.payload[0] == kSignedObject;
  LM_ASSIGN(const Judged judged, object ? judge_gap(m) : judge_bundle(m));
  const Errc error = judged.error;
  if (error == Errc::kOk) return {};
  ++group.refused[error];
  const auto topic = bus::parse_topic(m.topic);
  log::warn("intake.refused", {{"device", topic ? topic->device : "unknown"},
                               {"seq", seq ? std::to_string(*seq) : "unknown"},
                               {"error", name(error)}});
  return {};
}

// ---- what the rules ask --------------------------------------------------------------------------

Result<bool> IntakeLog::State::holds(const KeyId& device, const Digest& id) {
  auto at = index.find(merkle::leaf_hash(id.view()));
  if (!at) return false;
  const std::uint64_t stored = tree.size() - group.entries.size();
  LifeNumber life = 0;
  if (*at >= stored) {
    life = group.entries[*at - stored].life;
  } else {
    LM_ASSIGN(life, store.life_of(*at));
  }
  const KeyId& owner = logs.at(life).device;
  return owner == device || std::ranges::count(predecessors(device), owner) > 0;
}

std::vector<KeyId> IntakeLog::State::predecessors(const KeyId& device) const {
  std::vector<KeyId> out;
  auto at = devices.find(device);
  while (at != devices.end() && at->second.predecessor && out.size() < devices.size()) {
    out.push_back(*at->second.predecessor);
    at = devices.find(out.back());
  }
  return out;
}

Held IntakeLog::State::to_held(std::uint64_t last, bool gap, const Digest& id, Bytes wire) const {
  Held held{last, id, std::move(wire)};
  if (gap) {
    auto opened = lotmark::open<Gap>(held.wire, chain);
    held.end = opened ? opened->body.lost : std::nullopt;
  }
  return held;
}

Result<std::optional<Held>> IntakeLog::State::covering(LifeNumber life, std::uint64_t seq) {
  for (auto e = group.entries.rbegin(); e != group.entries.rend(); ++e) {
    if (e->life == life && e->seq <= seq && seq <= e->last) {
      return std::optional(to_held(e->last, e->gap, e->id, to_bytes(e->wire)));
    }
  }
  LM_ASSIGN(auto row, store.covering(life, seq));
  if (!row) return std::optional<Held>();
  return std::optional(to_held(row->last, row->gap, row->id, std::move(row->wire)));
}

}  // namespace lotmark::node
