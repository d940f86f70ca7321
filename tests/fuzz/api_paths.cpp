// Every address of the API, with any method, query and Accept: METHOD and target in the first line, Accept in the second,
// the body behind. Whatever comes is the caller's fault or is answered: never a 500, a refusal is a problem in JSON that
// says its status, and no header can be broken in two.
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "api/epcis/epcis_api.h"
#include "api/routes.h"
#include "ledger-node/capture/event_store.h"
#include "tests/fuzz/target.h"
#include "tests/unit/api/memory_lots.h"

namespace lotmark::api {
namespace {

struct NoPlaces final : ChainPlaces {
  Result<std::optional<Place>> place_of(const Digest&) override { return std::optional<Place>(); }
  bool is_final(std::uint64_t) override { return false; }
};

class Store {
 public:
  Store() {
    char name[] = "/tmp/lotmark-fuzz-XXXXXX";
    dir_ = ::mkdtemp(name);
    auto store = node::EventStore::open(file());
    LM_ASSERT(store);
    node::CaptureRequest request;
    request.contexts = {R"(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"])"};
    request.events.push_back(
        {0,
         R"({"type":"ObjectEvent","eventTime":"2026-02-03T07:15:00Z","eventTimeZoneOffset":"+01:00",)"
         R"("action":"ADD","bizStep":"packing","epcList":["urn:epc:id:sgtin:4012345.011122.7"]})"});
    LM_ASSERT((*store)->capture(request, Time{Millis{1'770'102'900'000}}));
  }
  ~Store() { std::filesystem::remove_all(dir_); }
  std::filesystem::path file() const { return dir_ / "private.db"; }

 private:
  std::filesystem::path dir_;
};

struct World {
  Store store;
  lotmark::api::test::MemoryLots lots;
  NoPlaces places;
  SystemClock clock;
  epcis::ReaderPool readers{store.file()};
  epcis::EpcisApi events{readers, nullptr, places, clock, {.origin = "https://lot.example"}};
  Routes routes{lots, clock, PageFiles{}, "https://lot.example", {}, "/events", &events};
};

http::Request request_of(std::string_view text) {
  http::Request out;
  const auto take = [&text](char mark) {
    const auto end = std::min(text.find(mark), text.size());
    const std::string part(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  out.method = take(' ');
  std::string target = take('\n');
  if (!target.starts_with('/')) target.insert(0, "/");
  const auto mark = std::min(target.find('?'), target.size());
  out.path = target.substr(0, mark);
  out.query = target.substr(std::min(mark + 1, target.size()));
  out.headers["accept"] = take('\n');
  out.headers["content-type"] = "application/json";
  out.body = to_bytes(as_bytes(text));
  return out;
}

void check_answer(const http::Request& request, const http::Response& r) {
  LM_ASSERT(r.status >= 200 && r.status < 600 && r.status != 500);
  for (const auto& [name, value] : r.headers)
    LM_ASSERT(value.find_first_of("\r\n") == std::string::npos && !name.empty());
  LM_ASSERT(r.content_type.find_first_of("\r\n") == std::string::npos);
  if (r.content_type != "application/problem+json" || request.method == "HEAD") return;
  const auto j = nlohmann::json::parse(as_text(r.body), nullptr, false);
  LM_ASSERT(j.is_object() && j.value("status", 0) == r.status);
}

void fuzz_api_paths(ByteView in) {
  static World world;
  const auto request = request_of(as_text(in.first(std::min(in.size(), std::size_t{8} << 10))));
  const auto first = world.routes.handle(request);
  check_answer(request, first);
  LM_ASSERT(world.routes.handle(request).status == first.status);
  // What stands behind the gate, for one who may see all.
  if (const auto answer = world.events.handle(request, {.all = true}))
    check_answer(request, *answer);
}

}  // namespace
LM_FUZZ_TARGET(api_paths, fuzz_api_paths);
}  // namespace lotmark::api
