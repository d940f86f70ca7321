#include "ledger-node/order/jetstream_session.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/base/random.h"

namespace lotmark::node::js {

namespace {

constexpr Millis kConnectMost{1000};
constexpr Millis kDialMost{2000};  // beyond it a server hangs within the TLS handshake
constexpr Millis kTick{20};

}  // namespace

// A connection being made by a thread of its own, since libnats waits without end for a server that freezes
// within the handshake. Given up, the thread throws away what it gets.
struct Session::Dial {
  std::mutex mutex;
  std::condition_variable done;
  bool given_up = false;
  std::optional<Result<std::unique_ptr<Line>>> result;
};

Session::Session(JetStreamOptions options, std::string password, std::shared_ptr<Desk> desk)
    : options_(std::move(options)),
      password_(std::move(password)),
      desk_(std::move(desk)),
      thread_([this] { run(); }) {}

Session::~Session() {
  desk_->stop();
  thread_.join();
}

Result<std::unique_ptr<Line>> Session::dial(const std::string& server, const std::string& inbox) {
  if (!stuck_[server].expired()) return fail(Errc::kNetwork, "hangs within the handshake");
  const auto call = std::make_shared<Dial>();
  std::thread caller([call, o = options_, password = password_, server, inbox, desk = desk_] {
    auto made = Line::connect(o, password, server, inbox + "*", kEntrySubject, kConnectMost,
                              [desk](Incoming in) { desk->came(std::move(in)); });
    std::unique_lock lock(call->mutex);
    const bool wanted = !call->given_up;
    if (wanted) call->result.emplace(std::move(made));
    call->done.notify_one();
    lock.unlock();
  });
  std::unique_lock lock(call->mutex);
  if (call->done.wait_for(lock, kDialMost, [&] { return call->result.has_value(); })) {
    lock.unlock();
    caller.join();
    return *std::move(call->result);
  }
  call->given_up = true;
  stuck_[server] = call;
  caller.detach();
  return fail(Errc::kNetwork, "hangs within the handshake");
}

void Session::talk(Line& line, const std::string& inbox) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  Talk talk(options_, line, *desk_, said_, inbox, now());
  while (!desk_->stopped() && line.open() && !talk.hopeless(now())) {
    auto work = desk_->wait(kTick);
    talk.turn(std::move(work), now());
  }
}

void Session::run() {
  for (std::size_t at = 0; !desk_->stopped(); at = (at + 1) % options_.servers.size()) {
    const std::string& server = options_.servers[at];
    const std::string inbox =
        "_INBOX_lotmark." + options_.name + "." + to_hex(random_fixed<LifeId>()) + ".";
    auto line = dial(server, inbox);
    if (line) {
      said_.forget(server);
      log::info("order.engine_connected", {{"url", server}});
      talk(**line, inbox);
      desk_->lost();
      line->reset();
      log::info("order.engine_disconnected", {{"url", server}});
    } else if (said_.is_new(server, line.error().text)) {
      log::warn("order.engine_unreachable", {{"error", line.error().message()}, {"url", server}});
    }
    desk_->pause(options_.reconnect_wait);
  }
}

}  // namespace lotmark::node::js
