// The parts of the API's benchmark, put together by over_http.py: what is measured on, the yardstick, and the load.
//
//   lotmark-bench-api make --dir D --port P             a chain of released lots, and api.toml
//   lotmark-bench-api bare --port P --like Q --ask A    cpprestsdk's listener with the answer of the API at Q
//   lotmark-bench-api load --port P --ask A ...         answers=N rate=R p50_ms=.. p99_ms=.. most_ms=..
//
// --ask is a read (verify, default, pip, linkset, json) or capture.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "bench/api/asks.h"
#include "bench/api/bare.h"
#include "bench/api/load.h"
#include "bench/api/made.h"

namespace lotmark::bench {
namespace {

struct Arguments {
  SiteToMake site;
  LoadPlan load;
  std::uint16_t like = 0;
  std::string ask = "verify";
  unsigned lots = 1000;
  unsigned first = 0, documents = 200;  // of captures
  int events = 100;
  std::string who = "erp";
};

bool is_capture(const Arguments& a) { return a.ask == "capture"; }

Result<std::vector<std::string>> requests_of(const Arguments& a, bool closing) {
  if (is_capture(a))
    return capture_requests(a.first, closing ? 1 : a.documents, a.events, a.who, closing);
  LM_ASSIGN(const auto ask, find_ask(a.ask));
  return read_requests(ask, closing ? 1 : a.lots, closing);
}

Status serve(const Arguments& a) {
  LM_ASSIGN(const auto requests, requests_of(a, true));
  LM_ASSIGN(const auto answer, record_answer(a.like, requests.front()));
  return serve_bare(a.load.port, answer);
}

Status load(Arguments a) {
  a.load.once = is_capture(a);
  a.load.status = 202;
  if (!is_capture(a)) {
    LM_ASSIGN(const auto ask, find_ask(a.ask));
    a.load.status = ask.status;
  }
  LM_ASSIGN(a.load.requests, requests_of(a, false));
  LM_ASSIGN(const auto f, run_load(a.load));
  fmt::print("answers={} rate={:.1f} p50_ms={:.3f} p99_ms={:.3f} most_ms={:.3f}\n", f.answers,
             f.rate, f.p50_ms, f.p99_ms, f.most_ms);
  return {};
}

void add_ask(CLI::App& command, Arguments& a) {
  command.add_option("--port", a.load.port, "at loopback")->required();
  command.add_option("--ask", a.ask, "verify, default, pip, linkset, json or capture")
      ->capture_default_str();
  command.add_option("--first", a.first, "number of the first document")->capture_default_str();
  command.add_option("--events", a.events, "in a document")->capture_default_str();
  command.add_option("--who", a.who, "common name that captures")->capture_default_str();
}

int run(int argc, char** argv) {
  CLI::App app{"lotmark-bench-api: parts of scripts/bench api"};
  app.require_subcommand(1);
  Arguments a;
  auto* make = app.add_subcommand("make", "a chain of released lots, and api.toml");
  make->add_option("--dir", a.site.folder)->required();
  make->add_option("--port", a.site.port, "of the API")->required();
  make->add_option("--lots", a.site.lots)->capture_default_str();
  auto* bare = app.add_subcommand("bare", "cpprestsdk's listener, with one recorded answer");
  add_ask(*bare, a);
  bare->add_option("--like", a.like, "port of the API that is recorded")->required();
  auto* loads = app.add_subcommand("load", "many callers, and how long they waited");
  add_ask(*loads, a);
  loads->add_flag("--tls", a.load.tls);
  loads->add_option("--connections", a.load.connections)->capture_default_str();
  loads->add_option("--seconds", a.load.seconds, "of reads")->capture_default_str();
  loads->add_option("--lots", a.lots, "that are asked for, in turn")->capture_default_str();
  loads->add_option("--documents", a.documents, "of captures")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const Status done = *make ? make_site(a.site) : *bare ? serve(a) : load(a);
  if (!done) fmt::print(stderr, "lotmark-bench-api: {}\n", done.error().message());
  return done ? 0 : 1;
}

}  // namespace
}  // namespace lotmark::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return lotmark::bench::run(argc, argv);
}
