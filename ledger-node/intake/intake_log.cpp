#include "ledger-node/intake/intake_log.h"

#include "core/base/log.h"
#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/intake/intake_state.h"

namespace lotmark::node {

static constexpr std::size_t kContradictions = 64;  // until somebody looks at them

Status IntakeLog::State::load() {
  LM_ASSIGN(logs, store.load_lives(damage));
  LM_ASSIGN(auto loaded, store.load());
  for (const auto& id : loaded.ids) tree.append(merkle::leaf_hash(id.view()));
  index.grow();
  time = loaded.time;
  span_max = loaded.span_max;
  if (!loaded.damage.empty()) damage = loaded.damage;
  if (damage.empty()) {
    LM_ASSIGN(damage, store.cut_off(tree.size()));
  }
  return damage.empty() ? look_at_newest() : Status();
}

// Of a bundle whose readings give its roots, or of a gap; nothing of anything else.
static std::optional<Digest> body_id(WireReader& wires, ByteView wire, const Digest& chain) {
  if (const auto bundle = wires.open_bundle(wire, chain)) {
    if (wires.check_readings(bundle->body) != Errc::kOk) return std::nullopt;
    return bundle->id;
  }
  const auto gap = lotmark::open<Gap>(wire, chain);
  return gap ? std::optional(gap->id) : std::nullopt;
}

Status IntakeLog::State::look_at_newest() {
  constexpr std::uint64_t kNewest = 1000;
  const std::uint64_t size = tree.size();
  for (std::uint64_t at = size - std::min(size, kNewest); at < size; ++at) {
    auto wire = store.wire(at);
    if (!wire && wire.code() != Errc::kCorrupt) return wire.error();
    const auto id = wire ? body_id(wires, *wire, chain) : std::nullopt;
    if (id && merkle::leaf_hash(id->view()) == tree.leaf(at)) continue;
    LM_ASSIGN(const LifeNumber life, store.life_of(at));
    if (life == 0 || life > logs.size()) continue;
    newest_damage.push_back({"intake row " + std::to_string(at) + ": " +
                                 (wire ? "its body is not the one it had" : "its body is missing"),
                             logs.at(life).device});
  }
  return {};
}

Status IntakeLog::State::commit() {
  if (!group.answers.empty()) {
    LM_TRY(store.write(group.entries, logs, group.contradictions, group.time));
    logs.keep();
    time = group.time;
    for (auto& c : group.contradictions) {
      if (contradictions.size() < kContradictions)
        contradictions.emplace_back(std::move(c.first), to_bytes(c.second));
      contradicted = true;
    }
  }
  for (const auto& [error, count] : group.refused) refused[error] += count;
  again += group.again;
  accepted += group.entries.size();
  bytes += group.bytes;
  span_max = std::max(span_max, group.span_max);
  return {};
}

void IntakeLog::State::undo() {
  const std::uint64_t size = tree.size() - group.entries.size();
  index.shrink(size);
  tree.truncate(size);
  logs.undo();
}

Result<std::vector<Publication>> IntakeLog::State::answers() {
  std::vector<Publication> out;
  const Digest root = tree.root();
  for (auto& [device, answer] : group.answers) {
    const auto& life = logs.at(answer.life);
    Ack ack{device,  life.life, life.seq,
            life.id, time,      tree.size(),
            root,    newest,    std::move(answer.refused)};
    LM_ASSIGN(auto sealed, seal(ack, signer, chain));
    out.push_back({devices.at(device).ack_topic, std::move(sealed.bytes)});
  }
  return out;
}

IntakeLog::IntakeLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
IntakeLog::~IntakeLog() = default;

Result<std::unique_ptr<IntakeLog>> IntakeLog::open(const std::filesystem::path& private_db,
                                                   const Signer& signer, Digest chain,
                                                   const IntakeConfig& config) {
  if (config.bundle_s == 0) return fail(Errc::kConfig, "bundle_s must be at least 1");
  LM_ASSIGN(auto store, IntakeStore::open(private_db, false));
  LM_ASSIGN(auto reader, IntakeStore::open(private_db, true));
  auto state = std::make_unique<State>(std::move(store), std::move(reader), signer, chain, config);
  LM_TRY(state->load());
  return std::unique_ptr<IntakeLog>(new IntakeLog(std::move(state)));
}

void IntakeLog::update(const std::map<KeyId, chain::Enrolled>& enrolled,
                       std::optional<Checkpoint> checkpoint, const std::set<KeyId>& revoked) {
  std::lock_guard lock(state_->mutex);
  state_->newest = checkpoint;
  auto& devices = state_->devices;
  std::erase_if(devices, [&](const auto& d) { return !enrolled.contains(d.first); });
  for (const auto& [kid, e] : enrolled) {
    if (e.kind != EnrolmentKind::kDevice || e.organisation != state_->config.organisation) {
      devices.erase(kid);
      continue;
    }
    const std::string bundle = bus::to_string({e.organisation, e.name, "bundle"});
    auto at = devices.find(kid);
    if (at != devices.end() && at->second.bundle_topic == bundle && at->second.key == e.key) {
      at->second.revoked = revoked.contains(kid);
      continue;
    }
    devices.erase(kid);
    auto verifier = Verifier::from(e.key);
    if (!verifier) continue;
    devices.emplace(kid, Known{e.key, *std::move(verifier), bundle,
                               bus::to_string({e.organisation, e.name, "ack"}), e.predecessor,
                               revoked.contains(kid)});
  }
}

Result<std::vector<Publication>> IntakeLog::take(const std::vector<bus::Message>& group, Time now) {
  State& s = *state_;
  std::lock_guard lock(s.mutex);
  if (!s.damage.empty()) return fail(Errc::kCorrupt, s.damage);
  s.group = {};
  s.group.time =
      std::max(s.time, static_cast<std::uint64_t>(std::max<std::int64_t>(to_ms(now), 0)));
  ++s.groups;
  Status done;
  for (auto m = group.begin(); done && m != group.end(); ++m) done = s.judge(*m);
  if (done) done = s.commit();
  if (done) return s.answers();
  s.undo();
  s.refused[done.code()] += group.size();
  log::error("intake.group_refused",
             {{"messages", group.size()}, {"error", done.error().message()}});
  return done.error();
}

std::vector<IntakeLog::WirePair> IntakeLog::take_contradictions() {
  if (!state_->contradicted) return {};
  std::lock_guard lock(state_->mutex);
  state_->contradicted = false;
  return std::exchange(state_->contradictions, {});
}

std::uint64_t IntakeLog::size() const {
  std::lock_guard lock(state_->mutex);
  return state_->tree.size();
}

Checkpoint IntakeLog::checkpoint() const {
  std::lock_guard lock(state_->mutex);
  return {state_->tree.size(), state_->tree.root()};
}

Digest IntakeLog::root_at(std::uint64_t size) const {
  std::lock_guard lock(state_->mutex);
  return state_->tree.root_at(size);
}

Head IntakeLog::head(std::uint64_t prior, Time now, std::uint64_t at_most) const {
  std::lock_guard lock(state_->mutex);
  auto& time = state_->time;  // the head's time never falls either
  time = std::max(time, static_cast<std::uint64_t>(std::max<std::int64_t>(to_ms(now), 0)));
  const std::uint64_t size = std::min(state_->tree.size(), std::max(prior, at_most));
  return chain::make_head(LogKind::kIntake, state_->tree, size, std::min(prior, size),
                          from_ms(static_cast<std::int64_t>(time)));
}

merkle::Path IntakeLog::path(std::uint64_t index, std::uint64_t size) const {
  std::lock_guard lock(state_->mutex);
  return merkle::inclusion_path(state_->tree, index, size);
}

Result<std::optional<IntakeLog::Stored>> IntakeLog::find(const Digest& id) const {
  std::optional<std::uint64_t> at;
  {
    std::lock_guard lock(state_->mutex);
    at = state_->index.find(merkle::leaf_hash(id.view()));
  }
  if (!at) return std::optional<Stored>();
  std::lock_guard lock(state_->read_mutex);
  LM_ASSIGN(auto wire, state_->reader.wire(*at));
  return std::optional(Stored{*at, id, std::move(wire)});
}

Result<std::vector<IntakeLog::Stored>> IntakeLog::meeting(const KeyId& device, std::uint64_t from,
                                                          std::uint64_t to) const {
  std::uint64_t span = 0;
  {
    std::lock_guard lock(state_->mutex);
    span = state_->span_max;
  }
  std::lock_guard lock(state_->read_mutex);
  LM_ASSIGN(auto found, state_->reader.meeting(device, from > span ? from - span : 0, from, to));
  std::vector<Stored> out;
  out.reserve(found.size());
  for (auto& f : found) out.push_back({f.index, f.id, std::move(f.wire)});
  return out;
}

const std::string& IntakeLog::damage() const { return state_->damage; }
const std::vector<IntakeLog::DamagedRow>& IntakeLog::newest_damage() const {
  return state_->newest_damage;
}

std::vector<std::pair<std::string, double>> IntakeLog::metrics() const {
  std::lock_guard lock(state_->mutex);
  const State& s = *state_;
  std::vector<std::pair<std::string, double>> out = {
      {"lotmark_intake_size", static_cast<double>(s.tree.size())},
      {"lotmark_intake_accepted_total", static_cast<double>(s.accepted)},
      {"lotmark_intake_again_total", static_cast<double>(s.again)},
      {"lotmark_intake_groups_total", static_cast<double>(s.groups)},
      {"lotmark_intake_bytes_total", static_cast<double>(s.bytes)}};
  for (const auto& [error, count] : s.refused) {
    out.emplace_back("lotmark_intake_refused_total{error=\"" + std::string(name(error)) + "\"}",
                     static_cast<double>(count));
  }
  return out;
}

}  // namespace lotmark::node
