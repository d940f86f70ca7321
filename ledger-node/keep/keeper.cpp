#include "ledger-node/keep/keeper.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/disclosures.h"
#include "ledger-node/chain/public/rebuild.h"

namespace lotmark::node {

namespace {

constexpr Millis kSlice{50};  // ticks may come far faster where there is work
constexpr Millis kSave{10000};
constexpr Millis kSaveAgain{1000};  // while the disk takes nothing
constexpr Millis kAskAgain{30000};  // after all were asked
constexpr std::size_t kAnswerMax = 1024 * 1024;

bool is_asked(const FoundFault& f) {
  return f.state == FaultState::kOpen &&
         (f.wants == chain::Mended::kAskBlock || f.wants == chain::Mended::kAskVotes ||
          f.wants == chain::Mended::kAskDisclosure);
}

std::string path_for(const FoundFault& f) {
  const std::uint64_t block = f.fault.block.value_or(0);
  switch (f.wants) {
    case chain::Mended::kAskVotes: return "/peer/v1/votes?at=" + std::to_string(block + 1);
    case chain::Mended::kAskDisclosure: return "/peer/v1/disclosures?from=" + std::to_string(block);
    default: return "/peer/v1/blocks?from=" + std::to_string(block);
  }
}

std::string_view name(FaultState state) {
  constexpr std::string_view kNames[] = {"open", "mended", "lost"};
  return kNames[static_cast<std::size_t>(state)];
}

nlohmann::json time_or_null(Time t) {
  return t == Time{} ? nlohmann::json() : nlohmann::json(to_iso(t));
}

}  // namespace

Result<std::unique_ptr<Keeper>> Keeper::open(chain::PublicChain& chain, KeyId self,
                                             KeeperOptions options, std::function<void()> forgot) {
  LM_ASSIGN(auto round, Round::open(chain));
  return std::unique_ptr<Keeper>(
      new Keeper(chain, self, std::move(options), std::move(round), std::move(forgot)));
}

// What others lack: votes on one size, and disclosures.
std::optional<Reply> Keeper::peer(const Route& route, const Call& call, const Member& /*from*/,
                                  Time /*now*/) {
  if (call.method != "GET") return std::nullopt;
  const auto list = [](const Result<std::vector<Bytes>>& l) {
    return l ? reply_cbor(encode_list(*l)) : reply_error(l.error());
  };
  if (route.parts[2] == "votes" && route.number("at"))
    return list(chain::votes_at(chain_, *route.number("at")));
  if (route.parts[2] != "disclosures") return std::nullopt;
  return list(chain::disclosures_from(chain_, route.number("from").value_or(0), kAnswerMax));
}

std::optional<Reply> Keeper::control(const Route& route, const Call& call,
                                     const chain::Enrolled& /*from*/, Time now) {
  if (route.parts.size() != 3) return std::nullopt;
  if (call.method == "GET" && route.parts[2] == "check") return reply_json(to_json());
  if (call.method != "POST" || route.parts[2] != "checks") return std::nullopt;
  asked_for_ = true;
  about_ = nullptr;
  asking_ = false;
  begun_ = true;
  round_.begin(now);
  return reply_json(to_json());
}

std::vector<Outgoing> Keeper::tick(Time now) {
  now_ = now;
  go_on(now);
  write_probe(now);
  std::vector<Outgoing> out;
  if (auto call = ask(now)) out.push_back(std::move(*call));
  return out;
}

void Keeper::go_on(Time now) {
  const bool scheduled = options_.every > Millis{0};
  const bool due = scheduled && (!begun_ || now >= round_.ended() + options_.every);
  if (!round_.running() && due && round_.open_faults() == 0) {
    about_ = nullptr;
    round_.begin(now);
  }
  if (!round_.running() || (!scheduled && !asked_for_) || now < slice_due_) return;
  slice_due_ = now + kSlice;
  begun_ = true;
  const Status done = round_.step(asked_for_ ? options_.rows_asked : options_.rows, now);
  if (!round_.running()) asked_for_ = false;
  if (!done) log::error("keep.round_failed", {{"error", done.error().message()}});
  if (round_.take_forgotten()) forgot_();
  if (!round_.wants_rebuild() || rebuild_asked_) return;
  rebuild_asked_ = true;
  const Status asked = chain::ask_for_rebuild(options_.file);
  log::error("keep.rebuild_at_start",
             {{"file", options_.file.string()}, {"error", asked ? "" : asked.error().message()}});
}

// Where a round is, now and then: on a full disk it is what fails first, and what shows that there is room again.
void Keeper::write_probe(Time now) {
  if (options_.every == Millis{0} || now < save_due_) return;
  const Status saved = round_.save();
  save_due_ = now + (saved ? kSave : kSaveAgain);
  if (saved && disk_) log::info("keep.disk_writes_again", {{"file", options_.file.string()}});
  if (!saved && !disk_) log::error("keep.disk_failed", {{"error", saved.error().message()}});
  disk_ = saved ? std::nullopt : std::optional(saved.error());
}

Status Keeper::healthy() const {
  if (const auto& failed = chain_.write_failure()) return *failed;
  if (disk_) return *disk_;
  if (const auto open = round_.open_faults(); open > 0)
    return fail(Errc::kCorrupt, std::to_string(open) + " faults of chain.db are open");
  return {};
}

std::optional<KeyId> Keeper::next_source(const FoundFault& f) const {
  for (const auto& m : chain_.statements().newest().members) {
    if (m.has(Role::kSupervising) && m.kid != self_ && !f.asked.contains(m.kid)) return m.kid;
  }
  return std::nullopt;
}

std::optional<Outgoing> Keeper::ask(Time now) {
  if (asking_ || now < ask_due_) return std::nullopt;
  bool waiting = false;
  for (auto& f : round_.faults()) {
    if (!is_asked(f)) continue;
    waiting = true;
    const auto source = next_source(f);
    if (!source) continue;
    f.asked.insert(*source);
    asking_ = true;
    about_ = &f;
    return Outgoing{*source, "GET", path_for(f), {}, [this, from = *source](const Reply& reply) {
                      answered(reply, from);
                    }};
  }
  if (!waiting) return std::nullopt;
  for (auto& f : round_.faults()) f.asked.clear();
  ask_due_ = now + kAskAgain;
  return std::nullopt;
}

void Keeper::answered(const Reply& reply, const KeyId& from) {
  asking_ = false;
  FoundFault* f = std::exchange(about_, nullptr);
  if (f == nullptr || f->state != FaultState::kOpen) return;  // of a round that is over
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list) {
    log::debug("keep.not_answered", {{"member", short_hex(from)}, {"what", f->fault.text()}});
    return;
  }
  if (f->wants == chain::Mended::kAskBlock) {
    if (!list->empty()) round_.put_block(*f, list->front());
  } else if (f->wants == chain::Mended::kAskVotes) {
    take_votes(*f, *list);
  } else {
    for (const auto& d : *list) (void)chain::take_disclosure(chain_, d, now_);
    const bool there = chain_.has_disclosure(*f->fault.block);
    if (there || !next_source(*f)) round_.settle(*f, !there);
  }
}

// Votes below the checkpoint are let go in time by everybody: that nobody has one is no fault any more.
void Keeper::take_votes(FoundFault& f, const std::vector<Bytes>& votes) {
  bool any = false;
  for (const auto& v : votes) any = chain_.add_vote(v, now_) || any;
  if (any || !next_source(f)) round_.settle(f, !any);
}

std::string Keeper::to_json() const {
  nlohmann::json j = {{"running", round_.running()},
                      {"part", std::string(chain::name(round_.place().part))},
                      {"at", round_.place().at},
                      {"size", round_.size()},
                      {"begun", time_or_null(round_.begun())},
                      {"ended", time_or_null(round_.ended())},
                      {"open", round_.open_faults()},
                      {"rebuild_at_start", rebuild_asked_}};
  j["faults"] = nlohmann::json::array();
  for (const auto& f : round_.faults()) {
    j["faults"].push_back(
        {{"table", f.fault.table},
         {"row", f.fault.row},
         {"column", f.fault.column},
         {"block", f.fault.block ? nlohmann::json(*f.fault.block) : nlohmann::json()},
         {"what", f.fault.what},
         {"state", std::string(name(f.state))}});
  }
  return j.dump();
}

std::vector<std::pair<std::string, double>> Keeper::metrics() const {
  return {{"lotmark_check_faults_total", static_cast<double>(round_.found())},
          {"lotmark_check_mended_total", static_cast<double>(round_.mended())},
          {"lotmark_check_open_faults", static_cast<double>(round_.open_faults())},
          {"lotmark_check_running", round_.running() ? 1 : 0},
          {"lotmark_check_ended_seconds", static_cast<double>(to_ms(round_.ended())) / 1000},
          {"lotmark_disk_failing", disk_ || chain_.write_failure() ? 1 : 0}};
}

}  // namespace lotmark::node
