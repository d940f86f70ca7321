#include "bench/api/load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "bench/api/caller.h"

namespace lotmark::bench {

namespace {

constexpr int kPatienceMs = 10'000;

struct FreeContext {
  void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
};

class LoadRun {
 public:
  explicit LoadRun(const LoadPlan& plan) : plan_(plan), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (plan.tls) tls_.reset(SSL_CTX_new(TLS_client_method()));
  }
  ~LoadRun() { ::close(poll_); }
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  Result<LoadFigures> all() {
    for (unsigned i = 0; i < plan_.connections; ++i) {
      callers_.push_back(std::make_unique<Caller>(plan_.port, tls_.get()));
      LM_TRY(join(*callers_.back()));
    }
    counts_from_ = Caller::Clock::now() + lasting(plan_.once ? 0 : plan_.seconds / 10);
    const auto end = counts_from_ + lasting(plan_.seconds);
    for (auto& c : callers_) {
      if (ask_next(*c)) LM_TRY(go_on(*c));
    }
    epoll_event ready[64];
    while (plan_.once ? under_way_ > 0 : Caller::Clock::now() < end) {
      const int n = ::epoll_wait(poll_, ready, 64, kPatienceMs);
      if (n <= 0) return fail(Errc::kNetwork, "no answer within ten seconds");
      for (int i = 0; i < n; ++i) LM_TRY(go_on(*static_cast<Caller*>(ready[i].data.ptr)));
    }
    return figures();
  }

 private:
  static Caller::Clock::duration lasting(double seconds) {
    return std::chrono::duration_cast<Caller::Clock::duration>(
        std::chrono::duration<double>(seconds));
  }

  Status join(Caller& c) {
    LM_TRY(c.connect());
    epoll_event e{EPOLLIN, {.ptr = &c}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, c.fd(), &e);
    return {};
  }

  // False: there is nothing more to ask.
  bool ask_next(Caller& c) {
    if (plan_.once && next_ == plan_.requests.size()) return false;
    c.ask(plan_.requests[next_++ % plan_.requests.size()]);
    ++under_way_;
    return true;
  }

  Status go_on(Caller& c) {
    const bool wrote = c.wants_write();
    for (auto step = c.go_on(); step != Caller::Step::kWaits; step = c.go_on()) {
      if (step == Caller::Step::kBroken)
        return fail(Errc::kNetwork, "a connection ended before its answer");
      LM_TRY(note_answer(c));
      if (c.closes()) LM_TRY(join(c));  // it left the poll when it was closed
      if (!ask_next(c)) return {};
    }
    if (wrote != c.wants_write()) {
      epoll_event e{c.wants_write() ? EPOLLIN | EPOLLOUT : std::uint32_t{EPOLLIN}, {.ptr = &c}};
      ::epoll_ctl(poll_, EPOLL_CTL_MOD, c.fd(), &e);
    }
    return {};
  }

  Status note_answer(const Caller& c) {
    --under_way_;
    if (c.status() != plan_.status)
      return fail(Errc::kInternal, "an answer of status " + std::to_string(c.status()) + " for " +
                                       std::to_string(plan_.status));
    last_ = Caller::Clock::now();
    if (last_ >= counts_from_)
      took_ms_.push_back(std::chrono::duration<double, std::milli>(last_ - c.asked_at()).count());
    return {};
  }

  LoadFigures figures() {
    std::ranges::sort(took_ms_);
    const auto at = [&](double share) {
      return took_ms_.empty() ? 0
                              : took_ms_[static_cast<std::size_t>(
                                    share * static_cast<double>(took_ms_.size() - 1))];
    };
    const double seconds = std::chrono::duration<double>(last_ - counts_from_).count();
    return {seconds > 0 ? static_cast<double>(took_ms_.size()) / seconds : 0, at(0.5), at(0.99),
            at(1), took_ms_.size()};
  }

  const LoadPlan& plan_;
  int poll_;
  std::unique_ptr<SSL_CTX, FreeContext> tls_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  Caller::Clock::time_point counts_from_, last_;
  std::vector<double> took_ms_;
};

}  // namespace

Result<LoadFigures> run_load(const LoadPlan& plan) { return LoadRun(plan).all(); }

}  // namespace lotmark::bench
