// JetStream's own publish rate, each message naming the last sequence: the yardstick of the ledger's order. It makes
// the stream LOTMARK_BENCH with the settings of LOTMARK_ORDER on servers that already run, and deletes it afterwards.
//
//   lotmark-bench-jetstream-rate --replicas 3 nats://127.0.0.1:4222 ...
//   one_at_a_time rate=R unit=messages/s bytes=1024 messages=N
//   pipelined in_flight=256 rate=R unit=messages/s bytes=1024 messages=N
#include <nats/nats.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "core/base/result.h"

namespace lotmark::bench {
namespace {

constexpr const char* kStream = "LOTMARK_BENCH";
constexpr const char* kSubject = "lotmark.bench.block";
constexpr const char* kEntries = "lotmark.bench.entry";

struct Settings {
  std::vector<std::string> servers;
  std::string user;
  std::string password;
  int replicas = 3;
  int seconds = 5;  // each of the two ways
  int bytes = 1024;
  int in_flight = 256;
};

std::atomic<int> refused{0};

const char* reason(natsStatus s) {
  const char* text = nats_GetLastError(nullptr);
  return text != nullptr ? text : natsStatus_GetText(s);
}

#define LM_NATS(call)                                                          \
  do {                                                                         \
    if (const natsStatus lm_nats_ = (call); lm_nats_ != NATS_OK)               \
      return fail(Errc::kNetwork, std::string(#call ": ") + reason(lm_nats_)); \
  } while (false)

using Seconds = std::chrono::duration<double>;
std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }

void count_refused(jsCtx*, jsPubAckErr*, void*) { ++refused; }

struct Connection {
  natsOptions* options = nullptr;
  natsConnection* nc = nullptr;
  jsCtx* js = nullptr;
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (js != nullptr) js_DeleteStream(js, kStream, nullptr, nullptr);
    jsCtx_Destroy(js);
    natsConnection_Destroy(nc);
    natsOptions_Destroy(options);
  }
};

Status connect(const Settings& s, Connection& c) {
  std::vector<const char*> servers;
  for (const auto& url : s.servers) servers.push_back(url.c_str());
  LM_NATS(natsOptions_Create(&c.options));
  LM_NATS(natsOptions_SetServers(c.options, servers.data(), static_cast<int>(servers.size())));
  LM_NATS(natsOptions_SetNoRandomize(c.options, true));
  if (!s.user.empty()) {
    LM_NATS(natsOptions_SetUserInfo(c.options, s.user.c_str(), s.password.c_str()));
  }
  LM_NATS(natsConnection_Connect(&c.nc, c.options));
  jsOptions o;
  LM_NATS(jsOptions_Init(&o));
  o.PublishAsync.MaxPending = s.in_flight;
  o.PublishAsync.ErrHandler = count_refused;
  LM_NATS(natsConnection_JetStream(&c.js, c.nc, &o));
  return {};
}

// Each way begins with an empty stream.
Status make_stream(const Settings& s, Connection& c) {
  js_DeleteStream(c.js, kStream, nullptr, nullptr);
  jsStreamConfig config;
  LM_NATS(jsStreamConfig_Init(&config));
  config.Name = kStream;
  const char* subjects[] = {kSubject};
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.MaxMsgs = 65536;
  config.MaxMsgSize = (1 << 20) + 1024;
  config.Storage = js_FileStorage;
  config.Replicas = s.replicas;
  config.Duplicates = 1'000'000'000;
  config.DenyDelete = true;
  config.DenyPurge = true;
  jsRePublish again;
  LM_NATS(jsRePublish_Init(&again));
  again.Source = kSubject;
  again.Destination = kEntries;
  config.RePublish = &again;
  LM_NATS(js_AddStream(nullptr, c.js, &config, nullptr, nullptr));
  return {};
}

Result<int> one_at_a_time(const Settings& s, Connection& c, const std::string& block) {
  const auto end = now() + std::chrono::seconds(s.seconds);
  jsPubOptions o;
  LM_NATS(jsPubOptions_Init(&o));
  int count = 0;
  while (now() < end) {
    o.ExpectLastSeq = static_cast<std::uint64_t>(count);
    LM_NATS(js_Publish(nullptr, c.js, kSubject, block.data(), static_cast<int>(block.size()), &o,
                       nullptr));
    ++count;
  }
  return count;
}

Result<int> pipelined(const Settings& s, Connection& c, const std::string& block) {
  const auto end = now() + std::chrono::seconds(s.seconds);
  jsPubOptions o;
  LM_NATS(jsPubOptions_Init(&o));
  o.MaxWait = 10'000;  // for one of those in flight to be answered
  int count = 0;
  while (now() < end) {
    o.ExpectLastSeq = static_cast<std::uint64_t>(count);
    LM_NATS(js_PublishAsync(c.js, kSubject, block.data(), static_cast<int>(block.size()), &o));
    ++count;
  }
  LM_NATS(js_PublishAsyncComplete(c.js, &o));
  if (refused > 0) {
    return fail(Errc::kConflict, std::to_string(refused) + " messages were not taken");
  }
  return count;
}

template <class Way>
Status measure(const Settings& s, Connection& c, const std::string& name, Way&& way) {
  LM_TRY(make_stream(s, c));
  const std::string block(static_cast<std::size_t>(s.bytes), 'x');
  const auto begin = now();
  LM_ASSIGN(const int count, way(s, c, block));
  const double rate = count / Seconds(now() - begin).count();
  std::printf("%s rate=%.0f unit=messages/s bytes=%d messages=%d\n", name.c_str(), rate, s.bytes,
              count);
  return {};
}

Status run(const Settings& s) {
  Connection c;
  LM_TRY(connect(s, c));
  LM_TRY(measure(s, c, "one_at_a_time", one_at_a_time));
  return measure(s, c, "pipelined in_flight=" + std::to_string(s.in_flight), pipelined);
}

}  // namespace
}  // namespace lotmark::bench

int main(int argc, char** argv) {
  lotmark::bench::Settings s;
  CLI::App app("JetStream's own publish rate with expected sequence");
  app.add_option("servers", s.servers, "nats://HOST:PORT of servers that run")->required();
  app.add_option("--replicas", s.replicas)->check(CLI::IsMember({1, 3, 5}));
  app.add_option("--seconds", s.seconds, "of each way")->check(CLI::Range(1, 300));
  app.add_option("--bytes", s.bytes)->check(CLI::Range(1, 1 << 20));
  app.add_option("--in-flight", s.in_flight)->check(CLI::Range(1, 4096));
  app.add_option("--user", s.user, "its password is in the environment: LOTMARK_BENCH_PASSWORD");
  CLI11_PARSE(app, argc, argv);
  if (const char* p = std::getenv("LOTMARK_BENCH_PASSWORD"); p != nullptr) s.password = p;
  const auto done = lotmark::bench::run(s);
  nats_Close();
  if (done) return 0;
  std::fprintf(stderr, "bench: %s\n", done.error().message().c_str());
  return 1;
}
