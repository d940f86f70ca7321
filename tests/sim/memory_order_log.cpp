#include "tests/sim/memory_order_log.h"

namespace lotmark::sim {

using node::Answered;
using node::EntrySeen;
using node::LeaseSeen;
using node::LogFound;
using node::LogLost;

namespace {
constexpr std::size_t kPollMost = 256;
constexpr Millis kHang{1200};
constexpr Millis kReconnect{3500};
}  // namespace

// A node's end of it.
class MemoryOrderLog final : public node::OrderLog {
 public:
  MemoryOrderLog(MemoryEngine& engine, std::string node, std::shared_ptr<MemoryEngine::Link> link)
      : engine_(engine), node_(std::move(node)), link_(std::move(link)) {}
  ~MemoryOrderLog() override { ++link_->session; }

  std::vector<node::OrderEvent> poll() override {
    std::vector<node::OrderEvent> out;
    while (!link_->due.empty() && out.size() < kPollMost) {
      out.push_back(std::move(link_->due.front()));
      link_->due.pop_front();
    }
    return out;
  }
  void append(std::uint64_t request, std::uint64_t last, ByteView block) override {
    engine_.send(node_, link_, request,
                 [&e = engine_, node = node_, link = link_, last, bytes = to_bytes(block)] {
                   if (e.takes == MemoryEngine::Takes::kHangsOnEntries) e.hang(node, link);
                   if (e.takes != MemoryEngine::Takes::kAll)
                     return Result<std::uint64_t>(Errc::kUnavailable);
                   if (last != e.last()) return Result<std::uint64_t>(Errc::kConflict);
                   e.entries_.push_back(bytes);
                   e.tell_all(EntrySeen{e.last(), bytes});
                   return Result<std::uint64_t>(e.last());
                 });
  }
  void put_lease(std::uint64_t request, std::uint64_t revision, const node::Lease& lease) override {
    engine_.send(node_, link_, request, [&e = engine_, revision, lease] {
      if (e.takes == MemoryEngine::Takes::kNothing)
        return Result<std::uint64_t>(Errc::kUnavailable);
      if (revision != e.revision_) return Result<std::uint64_t>(Errc::kConflict);
      e.lease_ = lease;
      e.revision_ = ++e.revisions_;
      e.tell_all(LeaseSeen{lease, e.revision_});
      return Result<std::uint64_t>(e.revision_);
    });
  }

 private:
  MemoryEngine& engine_;
  std::string node_;
  std::shared_ptr<MemoryEngine::Link> link_;
};

std::unique_ptr<node::OrderLog> MemoryEngine::connect(const std::string& node) {
  auto link = std::make_shared<Link>();
  links_[node] = link;
  if (!cut_.contains(node)) greet(link);
  return std::make_unique<MemoryOrderLog>(*this, node, std::move(link));
}

void MemoryEngine::send(const std::string& node, const std::shared_ptr<Link>& link,
                        std::uint64_t request, Request what) {
  link->unanswered.insert(request);
  timeline_.after(node::kAnswerWithin, [link, request] {
    if (link->unanswered.erase(request) > 0)
      link->due.push_back(Answered{request, Errc::kUnavailable});
  });
  if (cut_.contains(node)) return;
  link->up = std::max(link->up, timeline_.now() + delay());
  timeline_.after(link->up - timeline_.now(), [this, node, link, request, what = std::move(what)] {
    const auto held = held_.find(node);
    if (held == held_.end()) return arrive(node, link, request, what);
    held->second.push_back(
        [this, node, link, request, what] { arrive(node, link, request, what); });
  });
}

void MemoryEngine::arrive(const std::string& node, const std::shared_ptr<Link>& link,
                          std::uint64_t request, const Request& what) {
  if (cut_.contains(node)) return;
  auto place = what();
  if (lose_answer == 0 || !draw_.permille(lose_answer)) answer(link, request, std::move(place));
}

void MemoryEngine::answer(const std::shared_ptr<Link>& link, std::uint64_t request,
                          Result<std::uint64_t> place) {
  link->down = std::max(link->down, timeline_.now() + delay());
  timeline_.after(link->down - timeline_.now(),
                  [link, request, session = link->session, place = std::move(place)] {
                    if (session != link->session || link->unanswered.erase(request) == 0) return;
                    link->due.push_back(Answered{request, place});
                  });
}

void MemoryEngine::tell(const std::shared_ptr<Link>& link, node::OrderEvent event) {
  link->down = std::max(link->down, timeline_.now() + delay());
  timeline_.after(link->down - timeline_.now(),
                  [link, session = link->session, event = std::move(event)] {
                    if (session == link->session) link->due.push_back(event);
                  });
}

void MemoryEngine::tell_all(const node::OrderEvent& event) {
  for (const auto& [node, link] : links_) {
    if (!cut_.contains(node)) tell(link, event);
  }
}

void MemoryEngine::hang(const std::string& node, const std::shared_ptr<Link>& link) {
  timeline_.after(kHang, [this, node, link] {
    ++link->session;
    link->due.push_back(LogLost{});
    timeline_.after(kReconnect, [this, node, link] {
      if (!cut_.contains(node)) greet(link);
    });
  });
}

void MemoryEngine::greet(const std::shared_ptr<Link>& link) {
  tell(link, LogFound{first_, last()});
  for (std::size_t i = 0; i < entries_.size(); ++i) tell(link, EntrySeen{first_ + i, entries_[i]});
  tell(link, LeaseSeen{lease_, revision_});
}

// As after the engine was away for a moment: what was on its way to a node is lost.
void MemoryEngine::greet_all() {
  for (const auto& [node, link] : links_) {
    if (cut_.contains(node)) continue;
    ++link->session;
    link->due.push_back(LogLost{});
    greet(link);
  }
}

void MemoryEngine::cut(const std::string& node) {
  if (!cut_.insert(node).second) return;
  const auto it = links_.find(node);
  if (it == links_.end()) return;
  ++it->second->session;
  it->second->due.push_back(LogLost{});
}

void MemoryEngine::mend(const std::string& node) {
  if (cut_.erase(node) == 0) return;
  const auto it = links_.find(node);
  if (it != links_.end()) greet(it->second);
}

void MemoryEngine::mend_all() {
  takes = Takes::kAll;
  while (!cut_.empty()) mend(std::string(*cut_.begin()));
  while (!held_.empty()) release(std::string(held_.begin()->first));
}

void MemoryEngine::hold(const std::string& node) { held_.try_emplace(node); }

void MemoryEngine::release(const std::string& node) {
  auto held = held_.extract(node);
  if (held.empty()) return;
  for (const auto& go_on : held.mapped()) go_on();
}

void MemoryEngine::lose_newest(std::uint64_t n) {
  entries_.resize(entries_.size() - std::min<std::size_t>(n, entries_.size()));
  greet_all();
}

void MemoryEngine::remake() {
  entries_.clear();
  first_ = 1;
  lease_.reset();
  revision_ = 0;
  revisions_ = 0;
  greet_all();
}

void MemoryEngine::purge() {
  first_ = last() + 1;
  entries_.clear();
  greet_all();
}

void MemoryEngine::forget_lease() {
  lease_.reset();
  revision_ = 0;
  tell_all(LeaseSeen{});
}

}  // namespace lotmark::sim
