#include "edge-agent/source/address.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

namespace lotmark::agent {

namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// Questions whose answer nobody waits for any more; each ends when the resolver gives up, after half a minute or so.
constexpr int kOpenMax = 16;
std::atomic<int> open_questions = 0;

struct FreeAddresses {
  void operator()(addrinfo* a) const { ::freeaddrinfo(a); }
};

Result<std::vector<Address>> ask(const std::string& host, int port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (error != 0) return fail(Errc::kIo, host + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, FreeAddresses> owner(list);
  std::vector<Address> out;
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    Address address;
    if (a->ai_addrlen > sizeof address.is) continue;
    std::memcpy(&address.is, a->ai_addr, a->ai_addrlen);
    address.size = a->ai_addrlen;
    out.push_back(address);
  }
  if (out.empty()) return fail(Errc::kIo, host + ": no address");
  return out;
}

// Shared with the thread that asks: it may outlive who wanted to know.
struct Question {
  std::string host;
  int port = 0;
  Result<std::vector<Address>> answer = fail(Errc::kIo, "not asked");
  std::atomic<bool> done = false;
  StopEvent over;  // wakes who waits for it
};

bool await(const Question& q, milliseconds limit, const StopEvent& stop) {
  const auto until = Steady::now() + limit;
  while (!q.done.load(std::memory_order_acquire)) {
    const auto left = std::chrono::ceil<milliseconds>(until - Steady::now());
    pollfd p[2] = {{q.over.fd(), POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    const int ready = ::poll(p, 2, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (p[1].revents != 0 || ready == 0) return false;
  }
  return true;
}

}  // namespace

std::string Address::text() const {
  char host[NI_MAXHOST] = "";
  (void)::getnameinfo(raw(), size, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
  return host;
}

Result<std::vector<Address>> find_addresses(const std::string& host, int port, milliseconds limit,
                                            const StopEvent& stop) {
  if (auto numeric = ask(host, port, AI_NUMERICHOST); numeric) return numeric;
  if (open_questions.fetch_add(1) >= kOpenMax) {
    --open_questions;
    return fail(Errc::kIo, host + ": the name server answers nothing");
  }
  const auto question = std::make_shared<Question>();
  question->host = host;
  question->port = port;
  std::thread([question] {
    question->answer = ask(question->host, question->port, 0);
    question->done.store(true, std::memory_order_release);
    question->over.set();
    --open_questions;
  }).detach();
  if (await(*question, limit, stop)) return question->answer;
  if (stop.is_set()) return fail(Errc::kUnavailable, "stopped");
  return fail(Errc::kIo, host + ": the name server does not answer");
}

}  // namespace lotmark::agent
