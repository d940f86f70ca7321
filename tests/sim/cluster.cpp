#include "tests/sim/cluster.h"

#include <fmt/format.h>

#include <fstream>

namespace lotmark::sim {

namespace {

constexpr std::uint64_t kStepsMost = 2'000'000;  // a run has some thousands

test::ConsortiumOptions consortium_options(const ClusterOptions& o) {
  test::ConsortiumOptions c;
  c.period_s = o.period_s;
  c.supervisors = o.nodes;
  c.later = o.later;
  c.quorum = o.quorum;
  if (!o.cut_every) return c;
  c.retention = 0;
  c.kept_retention = 1;
  c.window_ms = c.first_slot_ms = 1000;
  c.spacing_ms = c.lateness_ms = 500;
  c.begin =
      *from_iso("2026-01-05T23:59:30Z");  // half a minute before what expires on that day may go
  return c;
}

node::Reply unavailable(const char* why) {
  node::Reply r;
  r.status = 503;
  r.error = fail(Errc::kUnavailable, why);
  return r;
}

}  // namespace

Cluster::Cluster(const ClusterOptions& o, const std::filesystem::path& folder)
    : options(o),
      consortium((seed_process(o.seed), consortium_options(o))),
      timeline(consortium.options.begin),
      journal(timeline),
      draw(o.seed),
      witness(consortium, journal),
      network(
          timeline, journal, draw.fork(),
          [this](const KeyId& to, const node::Call& call) { return serve(to, call); },
          [this](const KeyId& kid) { return name_of(kid); }),
      engine(timeline, draw.fork()) {
  rules_ = consortium.statement;
  make_nodes(folder);
}

Cluster::~Cluster() = default;

void Cluster::make_nodes(const std::filesystem::path& folder) {
  const auto anchor = folder / "anchor.cbor";
  std::ofstream(anchor, std::ios::binary)
      .write(reinterpret_cast<const char*>(consortium.anchor.data()),
             static_cast<std::streamsize>(consortium.anchor.size()));
  nodes_.resize(options.nodes);
  for (std::size_t i = 0; i < options.nodes; ++i) {
    SimNode& n = nodes_[i];
    const auto& party = consortium.supervisors[i];
    n.index = i;
    n.name = party.name;
    n.config.name = party.name;
    n.config.organisation = party.organisation;
    n.config.follow = true;
    n.config.anchor = anchor;
    n.config.data_dir = folder / party.name;
    n.config.poll_ms = options.poll_ms;
    if (options.cut_every)
      n.config.cut_every_s = static_cast<std::uint64_t>(options.cut_every->count() / 1000);
    if (options.ordering == Ordering::kLocal)
      n.config.primary = consortium.supervisors[options.primary].kid();
    else n.config.ordering = "jetstream";
    n.disk = std::make_unique<Disk>(n.config.data_dir, draw.next());
  }
}

SimNode* Cluster::find(std::string_view name) {
  for (auto& n : nodes_) {
    if (n.name == name) return &n;
  }
  return nullptr;
}

SimNode* Cluster::find(const KeyId& kid) {
  for (auto& n : nodes_) {
    if (this->kid(n) == kid) return &n;
  }
  return nullptr;
}

std::string Cluster::name_of(const KeyId& kid) const {
  for (const auto& p : consortium.supervisors) {
    if (p.kid() == kid) return p.name;
  }
  for (const auto* p : {&consortium.east, &consortium.west, &consortium.enterprise}) {
    if (p->kid() == kid) return p->name;
  }
  return "a stranger";
}

Time Cluster::clock_of(const SimNode& n) const {
  const Millis gone = timeline.now() - consortium.options.begin;
  return timeline.now() + n.offset + gone * n.drift_ppm / 1'000'000;
}

void Cluster::start(SimNode& n) {
  LM_ASSERT(!n.up());
  if (!n.disk->has_power()) n.disk->power_on();
  auto signer = signer_openssl(test::party_scalar(test::Consortium::supervisor_scalar(n.index)));
  LM_ASSERT(signer);
  journal.running(n.name);
  auto order = options.ordering == Ordering::kEngine ? engine.connect(n.name) : nullptr;
  auto core = node::NodeCore::open(n.config, *std::move(signer), clock_of(n), std::move(order));
  ++n.process;
  if (!core) {
    if (!n.disk->has_power()) return collapse(n, "loses power while it starts");
    journal.say(n.name + " cannot start: " + core.error().message());
    if (core.error().code != Errc::kDiskFull) {
      journal.violation(n.name + " cannot be opened again: " + core.error().message());
    }
    return;
  }
  n.core = *std::move(core);
  if (!survived(n)) return;
  journal.say(n.name + " starts");
  timeline.after(options.tick, [this, &n, process = n.process] { tick(n, process); });
}

void Cluster::stop(SimNode& n) {
  if (!n.up()) return;
  journal.say(n.name + " is stopped");
  n.core.reset();
  ++n.process;
  n.lines.clear();
}

void Cluster::collapse(SimNode& n, std::string_view how) {
  journal.say(fmt::format("{} {}", n.name, how));
  n.disk->cut_power();
  n.core.reset();
  ++n.process;
  n.lines.clear();
}

void Cluster::crash(SimNode& n) {
  if (n.up()) collapse(n, "crashes");
}

void Cluster::wipe(SimNode& n) {
  LM_ASSERT(!n.up());
  journal.say(n.name + " loses its disk");
  n.disk->wipe();
  std::error_code none;
  std::filesystem::remove_all(n.config.data_dir, none);  // archive files are not in databases
  n.forgot = true;
  ++n.wipes;
  witness.wiped(n.name);
}

void Cluster::snapshot(SimNode& n) {
  journal.say("a snapshot is taken of " + n.name);
  n.snapshot = n.disk->image();
}

void Cluster::rewind(SimNode& n) {
  LM_ASSERT(!n.up() && n.snapshot);
  journal.say(n.name + " goes back to its snapshot");
  n.disk->restore(*n.snapshot);
  witness.wiped(n.name);
}

bool Cluster::supervises(const SimNode& n) const {
  const Member* m = rules_.find(kid(n));
  return m != nullptr && m->has(Role::kSupervising);
}

void Cluster::note_rules(const chain::PublicChain& chain) {
  const Membership& newest = chain.statements().newest();
  if (newest.epoch > rules_.epoch && chain.is_final(newest.first)) rules_ = newest;
}

bool Cluster::may_lose_disk(const SimNode& n) const {
  const bool another =
      std::ranges::any_of(nodes_, [this](const auto& o) { return o.forgot && supervises(o); });
  return supervises(n) && !another && (witness.highest_term() > 0 || witness.final_size() > 1);
}

void Cluster::fall(SimNode& n, std::string_view how) {
  collapse(n, how);
  if (std::exchange(n.wipe_at_fall, false) && may_lose_disk(n)) wipe(n);
}

Cluster::Sprung Cluster::spring(SimNode& n, Moment moment) {
  if (!n.trap || n.trap->moment != moment) return Sprung::kNo;
  const bool before = n.trap->before;
  n.wipe_at_fall = n.trap->wipe;
  n.trap.reset();
  if (before) fall(n, "loses power right before that");
  return before ? Sprung::kBefore : Sprung::kAfter;
}

bool Cluster::survived(SimNode& n) {
  if (!n.disk->has_power()) {
    collapse(n, "loses power at a write");
    return false;
  }
  witness.look(n.name, n.core->chain());
  note_rules(n.core->chain());
  witness.look(n.name, n.core->evidence());
  if (n.forgot) {
    const auto standing = n.core->chain().standing();
    n.forgot = !standing || !*standing;
  }
  return true;
}

void Cluster::tick(SimNode& n, std::uint64_t process) {
  if (n.process != process) return;
  journal.running(n.name);
  auto calls = n.core->tick(clock_of(n));
  if (!survived(n)) return;
  for (auto& c : calls) {
    push(n, std::move(c));
    if (n.process != process) return;
  }
  if (n.core->must_reopen()) {  // as the program does
    stop(n);
    return start(n);
  }
  timeline.after(options.tick, [this, &n, process] { tick(n, process); });
}

void Cluster::push(SimNode& n, node::Outgoing call) {
  auto& line = n.lines[call.to];
  if (timeline.now() < line.not_before) {
    n.core->complete(call, unavailable("it did not answer a moment ago"));
    (void)survived(n);
    return;
  }
  const KeyId peer = call.to;
  line.waiting.push_back(std::move(call));
  next(n, peer);
}

void Cluster::next(SimNode& n, const KeyId& peer) {
  auto& line = n.lines[peer];
  if (line.busy || line.waiting.empty()) return;
  auto out = std::make_shared<node::Outgoing>(std::move(line.waiting.front()));
  line.waiting.pop_front();
  const auto done = [this, &n, process = n.process, out](const node::Reply& reply) {
    if (n.process != process) return;
    auto& l = n.lines[out->to];
    l.busy = false;
    if (reply.status != 0) l.backoff.succeeded();
    else l.not_before = timeline.now() + l.backoff.failed();
    journal.running(n.name);
    n.core->complete(*out, reply);
    if (survived(n)) next(n, out->to);
  };
  if (timeline.now() < line.not_before) {
    line.busy = true;
    timeline.after(Millis{0}, [done] { done(unavailable("it did not answer a moment ago")); });
    return;
  }
  node::Call call{out->method, out->path, out->body, {}};
  auto token = n.core->authorize(peer, call, clock_of(n));
  LM_ASSERT(token);
  call.authorization = *std::move(token);
  overhear(call, {});
  line.busy = true;
  const bool vote = call.method == "POST" && call.path == "/peer/v1/votes";
  const Sprung sprung = vote ? spring(n, Moment::kVote) : Sprung::kNo;
  if (sprung == Sprung::kBefore) return;
  network.send(kid(n), peer, std::move(call), done);
  if (sprung == Sprung::kAfter) fall(n, "loses power right after that");
}

// Nothing is served by a node whose power went while it served: nobody hears of it.
std::optional<node::Reply> Cluster::serve(const KeyId& to, const node::Call& call) {
  SimNode* n = find(to);
  if (n == nullptr || !n->up()) return std::nullopt;
  const bool release = call.path == "/peer/v1/releases";
  if (release && n->trap && n->trap->before && spring(*n, Moment::kPromise) != Sprung::kNo)
    return std::nullopt;
  journal.running(n->name);
  auto reply = n->core->peer(call, clock_of(*n));
  if (!survived(*n)) return std::nullopt;
  overhear(call, reply);
  Sprung sprung = Sprung::kNo;
  if (release && reply.ok()) sprung = spring(*n, Moment::kPromise);
  const bool blocks = call.path.starts_with("/peer/v1/blocks") && reply.body.size() > 1;
  if (blocks && reply.ok()) sprung = spring(*n, Moment::kBlock);
  if (sprung == Sprung::kBefore) return std::nullopt;
  if (sprung == Sprung::kAfter) fall(*n, "loses power right after that");
  return reply;
}

std::optional<node::Reply> Cluster::operate(SimNode& n, const node::Call& call) {
  journal.running(n.name);
  auto reply = n.core->control(call, clock_of(n));
  if (!survived(n)) return std::nullopt;
  return reply;
}

void Cluster::overhear(const node::Call& call, const node::Reply& reply) {
  if (call.method == "POST" && call.path == "/peer/v1/votes" && reply.body.empty()) {
    if (auto votes = node::decode_list(call.body)) {
      for (const auto& v : *votes) witness.vote(v);
    }
  }
  if (call.method != "GET" || !reply.ok() || reply.body.size() <= 1) return;
  const bool blocks = call.path.starts_with("/peer/v1/blocks");
  if (!blocks && !call.path.starts_with("/peer/v1/votes")) return;
  auto list = node::decode_list(reply.body);
  if (!list) return;
  for (const auto& o : *list) blocks ? witness.block(o) : witness.vote(o);
}

void Cluster::delegate(SimNode& n) {
  journal.say("an operator delegates to " + n.name);
  delegate_to_ = n.index;
  if (options.ordering == Ordering::kLocal) return ask_operator(++asked_);
  std::vector<std::string> kept;
  for (const auto& other : nodes_) {
    if (&other == &n || engine.is_cut(other.name)) continue;
    kept.push_back(other.name);
    engine.cut(other.name);
  }
  timeline.after(Millis{10'000}, [this, kept] {
    for (const auto& name : kept) engine.mend(name);
  });
}

void Cluster::ask_operator(std::uint64_t asked) {
  if (!delegate_to_ || asked != asked_) return;
  if (!supervises(nodes_[*delegate_to_])) {  // not any more: to another one
    const auto stays =
        std::ranges::find_if(nodes_, [this](const auto& n) { return supervises(n); });
    delegate_to_ = stays->index;
  }
  SimNode& n = nodes_[*delegate_to_];
  if (n.up()) {
    const auto& chain = n.core->chain();
    const KeyId* holder = chain.holder();
    if (holder != nullptr && *holder == kid(n) && chain.term() >= delegated_term_) {
      delegate_to_.reset();
      return;
    }
    const auto standing = chain.standing();
    std::uint64_t term = std::max(delegated_term_, chain.term());
    if (standing && *standing) term = std::max(term, (*standing)->term);
    delegated_term_ = term + 1;
    const auto& signer = *consortium.supervisors[n.index].signer;
    auto object = seal(Delegation{delegated_term_, kid(n), 0, 0}, signer, consortium.chain);
    LM_ASSERT(object);
    (void)control(n, "/control/v1/delegations", std::move(object->bytes));
    if (!survived(n)) journal.say("the delegation is not taken");
  }
  timeline.after(Millis{3000}, [this, asked] { ask_operator(asked); });
}

node::Reply Cluster::control(SimNode& n, const std::string& path, Bytes body) {
  node::Call call{"POST", path, std::move(body), {}};
  const auto& signer = *consortium.supervisors[n.index].signer;
  auto token = node::make_authorization(signer, consortium.chain, kid(n), call, clock_of(n));
  LM_ASSERT(token);
  call.authorization = *std::move(token);
  journal.running(n.name);
  return n.core->control(call, clock_of(n));
}

void Cluster::ask_cut(SimNode& n) {
  if (!n.up()) return;
  journal.say("an operator asks " + n.name + " for a cut");
  (void)control(n, "/control/v1/cuts", {});
  (void)survived(n);
}

bool Cluster::run(Millis by) {
  const Time until = timeline.now() + by;
  while (!journal.broken() && timeline.step(until)) {
    if (timeline.steps() > kStepsMost) journal.violation("events beget events without an end");
  }
  return !journal.broken();
}

}  // namespace lotmark::sim
