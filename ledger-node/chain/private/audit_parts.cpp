// What all parts of an audit use.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

void add_fault(AuditReport& report, AuditFault f) {
  if (report.faults.size() < AuditReport::kFaultsMax) {
    report.faults.push_back(std::move(f));
  } else {
    ++report.more;
  }
}

const Member* member_of(const PublicChain& chain, const KeyId& kid) {
  const auto& held = chain.statements().held();
  for (auto s = held.rbegin(); s != held.rend(); ++s) {
    if (const Member* m = s->body.find(kid)) return m;
  }
  return nullptr;
}

const PublicKey* key_of(const PublicChain& chain, const KeyId& kid) {
  if (const auto* e = chain.enrolled(kid)) return &e->key;
  if (const auto* m = member_of(chain, kid)) return &m->public_key;
  return nullptr;
}

void AuditRun::remark(AuditFault f) {
  if (report.remarks.size() < AuditReport::kFaultsMax) report.remarks.push_back(std::move(f));
}

void AuditRun::fault(AuditFault f) { add_fault(report, std::move(f)); }

void AuditRun::fault(std::string_view table, std::optional<std::uint64_t> row, Errc error,
                     std::string text, std::optional<std::uint64_t> block) {
  fault({std::string(table), row, {}, {}, block, error, std::move(text), {}});
}

Result<std::uint64_t> AuditRun::count(std::string_view table) const {
  LM_ASSIGN(auto q, db.prepare("SELECT count(*) FROM " + std::string(table)));
  LM_TRY(q.step());
  return q.u64(0);
}

bool AuditRun::whole() const {
  if (scope.all()) return true;
  const Member* m = self();
  return scope.lot.empty() && m != nullptr && m->has(Role::kKeeping) &&
         m->organisation == scope.enterprise;
}

bool AuditRun::sole_keeper() const {
  for (const auto& statement : chain.statements().held()) {
    for (const auto& m : statement.body.members) {
      if (m.has(Role::kKeeping) && !own(m.kid)) return false;
    }
  }
  return true;
}

WireFinder AuditRun::wires() const {
  return [this](const Digest& id) -> Result<Bytes> {
    const auto at = bundle(id);
    if (!at) return fail(Errc::kNotFound, "bundle " + short_hex(id) + " is not in the intake log");
    LM_ASSIGN(auto q, db.prepare("SELECT wire FROM intake_wire WHERE idx = ?"));
    LM_ASSIGN(bool row, q.bind(1, *at).step());
    if (!row) return fail(Errc::kNotFound, "bundle " + short_hex(id) + " has lost its body");
    return to_bytes(q.blob(0));
  };
}

std::optional<Released> AuditRun::open(const std::optional<SeenLot>& seen) const {
  if (!seen) return std::nullopt;
  auto application = lotmark::open<Application>(seen->application, id());
  if (!application) return std::nullopt;
  return Released{*seen, *std::move(application)};
}

// ---- heads -----------------------------------------------------------------------------------

namespace {
constexpr std::size_t kHeadsAtOnce = 1000;
}

HeadCheck::HeadCheck(AuditRun& run, std::string_view table, LogKind log)
    : run_(run), table_(table), log_(log) {}

Status HeadCheck::restore(std::string_view state) {
  const Error damaged =
      fail(Errc::kCorrupt, "the state of " + std::string(table_) + " cannot be read");
  const auto j = nlohmann::json::parse(state, nullptr, false);
  if (!j.is_object() || !j.contains("nodes") || !j["nodes"].is_array()) return damaged;
  std::vector<Digest> nodes;
  for (const auto& n : j["nodes"]) {
    const auto node = n.is_string() ? fixed_from_hex<Digest>(n.get<std::string>()) : std::nullopt;
    if (!node) return damaged;
    nodes.push_back(*node);
  }
  auto tree = merkle::CompactRange::from(j.value("size", std::uint64_t{0}), std::move(nodes));
  if (!tree) return damaged;
  tree_ = *std::move(tree);
  last_.size = j.value("last_size", std::uint64_t{0});
  last_.block = j.value("last_block", std::uint64_t{0});
  good_ = j.value("good", std::uint64_t{0});
  whole_ = j.value("whole", false);
  differs_ = j.value("differs", true);
  return {};
}

std::string HeadCheck::state() const {
  nlohmann::json nodes = nlohmann::json::array();
  for (const auto& n : tree_.nodes()) nodes.push_back(to_hex(n));
  return nlohmann::json{{"size", tree_.size()},    {"nodes", std::move(nodes)},
                        {"last_size", last_.size}, {"last_block", last_.block},
                        {"good", good_},           {"whole", whole_},
                        {"differs", differs_}}
      .dump();
}

void HeadCheck::append(const Digest& leaf) {
  if (!whole_) return;
  if (tree_.size() == 0) compare();
  tree_.append(leaf);
  compare();
}

// All heads of the size the tree has now. Once one differs, all later ones differ with it.
void HeadCheck::compare() {
  while (!run_.keys.empty() && !differs_) {
    if (at_ == next_.size()) {
      next_ = run_.book.heads(run_.keys, log_, last_.size, kHeadsAtOnce, last_.block);
      at_ = 0;
      if (next_.empty()) {
        SeenHead end;
        end.size = UINT64_MAX;
        next_.push_back(end);
      }
    }
    const SeenHead& h = next_[at_];
    if (h.size != tree_.size()) return;
    if (tree_.root() == h.root) {
      good_ = h.size;
    } else {
      differs_ = true;
      run_.fault(table_, {}, Errc::kTreePath,
                 fmt::format("rows {} to {} are not the ones the chain logged", good_, h.size - 1),
                 h.block);
    }
    last_ = h;
    ++at_;
  }
}

void HeadCheck::finish() {
  if (run_.keys.empty()) return;
  if (tree_.size() == 0) compare();
  run_.report.heads += run_.book.head_count(run_.keys, log_);
  const auto longest = run_.book.longest_head(run_.keys, log_);
  if (longest && longest->size > tree_.size()) {
    run_.fault(table_, {}, Errc::kTreePath,
               fmt::format("holds {} rows, the chain logged {}", tree_.size(), longest->size),
               longest->block);
  }
}

}  // namespace lotmark::chain
