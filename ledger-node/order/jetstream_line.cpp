#include "ledger-node/order/jetstream_line.h"

#include <nats/nats.h>

#include <charconv>
#include <cstdlib>
#include <thread>

#include "core/base/log.h"

namespace lotmark::node::js {

namespace {

constexpr std::int64_t kPingMs = 1000;
constexpr int kPingsOut = 2;
constexpr std::int64_t kWriteMs = 1000;
constexpr std::int64_t kWaitMs = 1000;  // for a message, before it is looked whether the line ended
constexpr int kPendingMessages = 8192;  // between libnats' reader and our threads
constexpr int kPendingBytes = 32 << 20;
constexpr const char* kExpectedLast = "Nats-Expected-Last-Sequence";
constexpr const char* kSequence = "Nats-Sequence";

template <class T, void (*destroy)(T*)>
struct Destroyer {
  void operator()(T* p) const { destroy(p); }
};
using Options = std::unique_ptr<natsOptions, Destroyer<natsOptions, natsOptions_Destroy>>;
using Message = std::unique_ptr<natsMsg, Destroyer<natsMsg, natsMsg_Destroy>>;
using Connection =
    std::unique_ptr<natsConnection, Destroyer<natsConnection, natsConnection_Destroy>>;
using Subscription =
    std::unique_ptr<natsSubscription, Destroyer<natsSubscription, natsSubscription_Destroy>>;

// libnats tells more than the status, if anything, of the calling thread's last failure.
Error failed(natsStatus s, std::string_view what) {
  const char* more = nats_GetLastError(nullptr);
  const char* text = more != nullptr && *more != '\0' ? more : natsStatus_GetText(s);
  return fail(Errc::kNetwork, std::string(what) + ": " + (text != nullptr ? text : "unknown"));
}

#define LM_NATS(call, what)                                                                     \
  do {                                                                                          \
    if (const natsStatus lm_nats_ = (call); lm_nats_ != NATS_OK) return failed(lm_nats_, what); \
  } while (false)

// The header's last value: a writer may have put one of that name before the server's own.
std::uint64_t sequence_of(natsMsg* m) {
  const char** values = nullptr;
  int count = 0;
  std::uint64_t seq = 0;
  if (natsMsgHeader_Values(m, kSequence, &values, &count) == NATS_OK && count > 0) {
    const std::string_view text = values[count - 1];
    const auto end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, seq);
    if (error != std::errc{} || at != end) seq = 0;
  }
  std::free(static_cast<void*>(values));
  return seq;
}

Incoming taken(natsMsg* m, bool entries) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(natsMsg_GetData(m));
  const auto size = static_cast<std::size_t>(natsMsg_GetDataLength(m));
  Incoming in;
  in.subject = natsMsg_GetSubject(m);
  in.nobody_there = natsMsg_IsNoResponders(m);
  if (entries) in.sequence = sequence_of(m);
  if (size > 0) in.data.assign(data, data + size);
  return in;
}

// Until the connection is closed. What was dropped because we were slow is asked for again by who misses it.
void receive(natsSubscription* from, bool entries, const Line::Sink& sink) {
  for (;;) {
    natsMsg* raw = nullptr;
    const natsStatus s = natsSubscription_NextMsg(&raw, from, kWaitMs);
    const Message m(raw);
    if (s == NATS_OK) {
      sink(taken(raw, entries));
    } else if (s != NATS_TIMEOUT && s != NATS_SLOW_CONSUMER) {
      return;
    }
  }
}

// What goes wrong on an open connection: above all what the account may not do.
void on_error(natsConnection* nc, natsSubscription*, natsStatus s, void*) {
  const char* last = nullptr;
  natsConnection_GetLastError(nc, &last);
  log::warn("order.engine_complains",
            {{"error", natsStatus_GetText(s)}, {"text", last != nullptr ? last : ""}});
}

Status secure(natsOptions* to, const JetStreamOptions& o, const std::string& server) {
  if (o.ca_file.empty()) return {};
  LM_NATS(natsOptions_SetSecure(to, true), "TLS");
  LM_NATS(natsOptions_LoadCATrustedCertificates(to, o.ca_file.c_str()), o.ca_file);
  if (!o.cert_file.empty()) {
    LM_NATS(natsOptions_LoadCertificatesChain(to, o.cert_file.c_str(), o.key_file.c_str()),
            o.cert_file);
  }
  LM_NATS(natsOptions_SetExpectedHostname(to, host_of(server).value_or("").c_str()), server);
  return {};
}

Result<Options> options_of(const JetStreamOptions& o, const std::string& password,
                           const std::string& server, Millis timeout) {
  natsOptions* raw = nullptr;
  LM_NATS(natsOptions_Create(&raw), "options");
  Options made(raw);
  LM_NATS(natsOptions_SetURL(raw, server.c_str()), server);
  LM_NATS(natsOptions_SetName(raw, ("lotmark " + o.name).c_str()), "name");
  LM_NATS(natsOptions_SetTimeout(raw, timeout.count()), "timeout");
  LM_NATS(natsOptions_SetAllowReconnect(raw, false), "reconnect");
  LM_NATS(natsOptions_SetIgnoreDiscoveredServers(raw, true), "discovery");
  LM_NATS(natsOptions_SetPingInterval(raw, kPingMs), "ping");
  LM_NATS(natsOptions_SetMaxPingsOut(raw, kPingsOut), "ping");
  LM_NATS(natsOptions_SetWriteDeadline(raw, kWriteMs), "write deadline");
  LM_NATS(natsOptions_SetSendAsap(raw, true), "send");
  LM_NATS(natsOptions_SetErrorHandler(raw, on_error, nullptr), "error handler");
  if (!o.user.empty()) {
    LM_NATS(natsOptions_SetUserInfo(raw, o.user.c_str(), password.c_str()), "user");
  }
  LM_TRY(secure(raw, o, server));
  return made;
}

}  // namespace

// One thread a subscription waits for its messages: after the destructor none is left, nor any call of the sink.
struct Line::State {
  Connection connection;
  std::vector<Subscription> subscriptions;
  std::vector<std::thread> threads;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    natsConnection_Close(connection.get());
    for (auto& t : threads) t.join();
  }

  Status subscribe(const std::string& filter, bool entries, const Sink& sink) {
    natsSubscription* raw = nullptr;
    LM_NATS(natsConnection_SubscribeSync(&raw, connection.get(), filter.c_str()), filter);
    subscriptions.emplace_back(raw);
    LM_NATS(natsSubscription_SetPendingLimits(raw, kPendingMessages, kPendingBytes), filter);
    threads.emplace_back([raw, entries, sink] { receive(raw, entries, sink); });
    return {};
  }
};

Line::Line(std::unique_ptr<State> state) : state_(std::move(state)) {}
Line::~Line() = default;

Result<std::unique_ptr<Line>> Line::connect(const JetStreamOptions& options,
                                            const std::string& password, const std::string& server,
                                            const std::string& inbox, std::string_view entries,
                                            Millis timeout, Sink sink) {
  LM_ASSIGN(const Options o, options_of(options, password, server, timeout));
  natsConnection* raw = nullptr;
  LM_NATS(natsConnection_Connect(&raw, o.get()), server);
  auto state = std::make_unique<State>();
  state->connection.reset(raw);
  LM_TRY(state->subscribe(inbox, false, sink));
  LM_TRY(state->subscribe(std::string(entries), true, sink));
  return std::unique_ptr<Line>(new Line(std::move(state)));
}

Status Line::publish(const std::string& subject, const std::string& reply,
                     std::optional<std::uint64_t> expected, ByteView data) {
  natsMsg* raw = nullptr;
  LM_NATS(natsMsg_Create(&raw, subject.c_str(), reply.c_str(),
                         reinterpret_cast<const char*>(data.data()), static_cast<int>(data.size())),
          subject);
  const Message m(raw);
  if (expected) {
    const std::string last = std::to_string(*expected);
    LM_NATS(natsMsgHeader_Set(raw, kExpectedLast, last.c_str()), subject);
  }
  LM_NATS(natsConnection_PublishMsg(state_->connection.get(), raw), subject);
  return {};
}

bool Line::open() const { return !natsConnection_IsClosed(state_->connection.get()); }

std::size_t Line::payload_max() const {
  return static_cast<std::size_t>(natsConnection_GetMaxPayload(state_->connection.get()));
}

std::optional<std::string> host_of(std::string_view url) {
  if (url.starts_with("nats://") || url.starts_with("tls://")) {
    url.remove_prefix(url.find("//") + 2);
  } else {
    return std::nullopt;
  }
  const auto colon = url.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  int port = 0;
  const auto end = url.data() + url.size();
  const auto [at, error] = std::from_chars(url.data() + colon + 1, end, port);
  if (error != std::errc{} || at != end || port < 1 || port > 65535) return std::nullopt;
  std::string host(url.substr(0, colon));
  if (host.find_first_of("@/?# ") != std::string::npos) return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

}  // namespace lotmark::node::js
