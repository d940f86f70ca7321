// Captures and queries at growing numbers of events, through the API's routes and the node's store in one process, without
// HTTP between. The yardstick is SQLite in the same run: one look at a row by its key.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <random>

#include "api/epcis/epcis_api.h"
#include "bench/events/made.h"
#include "ledger-node/capture/event_store.h"

using namespace lotmark;
namespace rest = lotmark::api::epcis;

namespace {

constexpr lotmark::api::access::Sight kAll{true, false, false};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The node, in this process.
class OwnKeeper final : public rest::Keeper {
 public:
  explicit OwnKeeper(node::EventStore& store) : store_(store) {}
  Result<epcis::Json> capture(const node::CaptureRequest& request) override {
    LM_ASSIGN(auto copy, node::decode_capture(node::encode_capture(request)));
    LM_ASSIGN(const auto done, store_.capture(std::move(copy), SystemClock().now()));
    return epcis::Json{
        {"job", done.job}, {"success", done.success}, {"events", epcis::Json::array()}};
  }

 private:
  node::EventStore& store_;
};

class NoChain final : public lotmark::api::ChainPlaces {
 public:
  Result<std::optional<Place>> place_of(const Digest&) override { return std::optional<Place>(); }
  bool is_final(std::uint64_t) override { return false; }
};

struct Times {
  std::vector<double> ms;
  double at(double share) {
    std::ranges::sort(ms);
    return ms.empty() ? 0
                      : ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
  }
  std::string text() { return fmt::format("p50={:.3f}ms p99={:.3f}ms", at(0.5), at(0.99)); }
};

class Bench {
 public:
  explicit Bench(const std::filesystem::path& folder)
      : file_(folder / "private.db"), store_(*node::EventStore::open(file_)) {}

  void grow_to(std::uint64_t events) {
    Times capture;
    while (count_ < events) {
      http::Request r{"POST", "/capture", {}, {{"content-type", "application/json"}}, {}, {}, {}};
      r.body = to_bytes(as_bytes(bench::document(count_ / bench::kPerDocument)));
      bytes_ += r.body.size();
      const auto begin = std::chrono::steady_clock::now();
      const auto answer = api_.handle(r, kAll);
      capture.ms.push_back(seconds_since(begin) * 1000);
      if (!answer || answer->status != 202) {
        fmt::print(stderr, "capture failed: {}\n", answer ? as_text(answer->body) : "");
        std::exit(1);
      }
      count_ += bench::kPerDocument;
    }
    std::error_code ec;
    const auto size = std::filesystem::file_size(file_, ec);
    fmt::print("events={} capture of {} {} bytes an event={} (sent {})\n", count_,
               bench::kPerDocument, capture.text(), size / count_, bytes_ / count_);
  }

  // `make` gives the query of the n-th event.
  template <class Make>
  double measure(const char* name, int times, const Make& make) {
    Times t;
    std::size_t found = 0;
    for (int i = 0; i < times; ++i) {
      const http::Request r{"GET", "/events", make(random_() % count_), {}, {}, {}, {}};
      const auto begin = std::chrono::steady_clock::now();
      const auto answer = api_.handle(r, kAll);
      t.ms.push_back(seconds_since(begin) * 1000);
      if (answer->status != 200) fmt::print(stderr, "{}: {}\n", name, as_text(answer->body));
      found += answer->body.size();
    }
    fmt::print("events={} {} {} answer={}B\n", count_, name, t.text(),
               found / static_cast<std::size_t>(times));
    std::fflush(stdout);
    return t.at(0.5);
  }

  double queries() {
    const auto coded = [](const std::string& s) { return http::percent_encode(s); };
    const double by_epc = measure(
        "by epc", 500, [&](std::uint64_t n) { return "MATCH_epc=" + coded(bench::epc_of(n)); });
    measure("by Digital Link of a lot", 200,
            [&](std::uint64_t n) { return "MATCH_anyEPCClass=" + coded(bench::lot_of(n)); });
    measure("by bizStep and time", 200, [&](std::uint64_t n) {
      return "EQ_bizStep=shipping&orderBy=eventTime&GE_eventTime=" + coded(bench::time_of(n));
    });
    measure("by bizStep, newest recorded", 200,
            [&](std::uint64_t) { return std::string("EQ_bizStep=shipping&orderBy=recordTime"); });
    measure("by van and disposition", 100, [&](std::uint64_t n) {
      return fmt::format("EQ_yh%3Avan=V{}&EQ_disposition=in_transit", n % 17);
    });
    measure("by mean temperature (no index)", 20,
            [&](std::uint64_t) { return std::string("GE_meanValue_KEL=278.2"); });
    return by_epc;
  }

  // One row by its key, read as an event is.
  double yardstick() {
    auto db = *store::Database::open(file_, {.read_only = true});
    Times t;
    for (int i = 0; i < 500; ++i) {
      const std::uint64_t n = random_() % count_ + 1;
      const auto begin = std::chrono::steady_clock::now();
      const auto event = node::read_event(db, n);
      t.ms.push_back(seconds_since(begin) * 1000);
    }
    return t.at(0.5);
  }

 private:
  std::filesystem::path file_;
  std::unique_ptr<node::EventStore> store_;
  OwnKeeper keeper_{*store_};
  NoChain chain_;
  SystemClock clock_;
  rest::ReaderPool readers_{file_};
  rest::EpcisApi api_{readers_, &keeper_, chain_, clock_, {.origin = "https://lot.example"}};
  std::uint64_t count_ = 0, bytes_ = 0;
  std::mt19937_64 random_{7};
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"lotmark-bench-events: captures and queries at growing numbers of events"};
  std::string folder = "/tmp/lotmark-bench-events";
  std::uint64_t most = 1'000'000;
  app.add_option("--dir", folder, "where the database is made (wiped)")->capture_default_str();
  app.add_option("--events-max", most, "the last of 10 thousand, 100 thousand, ...")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  Bench b(folder);
  double value = 0, yard = 0;
  for (std::uint64_t size = 10'000; size <= most; size *= 10) {
    b.grow_to(size);
    value = b.queries();
    yard = b.yardstick();
  }
  fmt::print("events ratio={:.3f} value={:.4f} unit=ms yardstick={:.4f}\n",
             value > 0 ? yard / value : 0, value, yard);
  std::filesystem::remove_all(folder);
  return 0;
}
