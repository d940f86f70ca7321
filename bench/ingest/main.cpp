// How much of a node's CPU is signature and hashes that nobody can save: `ingest ratio=R ...`.
#include <fmt/core.h>
#include <getopt.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/ingest/runs.h"
#include "core/base/hex.h"
#include "core/base/log.h"

namespace lotmark::bench {

namespace {

constexpr const char* kUsage =
    "How much of a node's CPU is signature and hashes that nobody can save.\n\n"
    "lotmark-bench-ingest --in-process [--dir D] [--group 256]\n"
    "lotmark-bench-ingest --url URL --node-pid PID --chain HEX --keys DIR [--ca F --cert F --key "
    "F]\n"
    "                     [--outstanding 512]\n"
    "lotmark-bench-ingest --make-keys DIR [--devices 8]      device keys to enrol first: NAME.pem\n"
    "lotmark-bench-ingest --records --url URL --node-pid PID [--standby-pid PID] ...   rate, time "
    "to the "
    "ack, CPU\n"
    "all: [--bundles 20000] [--readings 64] [--devices 8] [--organisation bench]\n";

struct Arguments {
  bool help = false;
  bool in_process = false;
  bool records = false;
  int standby_pid = 0;
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  std::size_t group = 256;
  std::size_t bundles = 20000;
  std::size_t readings = 64;
  std::size_t devices = 8;
  std::string organisation = "bench";
  std::string keys;
  std::string make_keys;
  Digest chain;
  Broker broker;
};

// False if the command line makes no sense.
bool set(Arguments& a, const std::string& option, const std::string& value) {
  const auto number = [&](auto& out) {
    out = static_cast<std::decay_t<decltype(out)>>(std::strtoull(value.c_str(), nullptr, 10));
    return out != 0;
  };
  if (option == "dir") return a.folder = value, true;
  if (option == "group") return number(a.group);
  if (option == "bundles") return number(a.bundles);
  if (option == "readings") return number(a.readings);
  if (option == "devices") return number(a.devices);
  if (option == "organisation") return a.organisation = value, bus::valid_name(value);
  if (option == "keys") return a.keys = value, true;
  if (option == "make-keys") return a.make_keys = value, true;
  if (option == "url") return a.broker.paho.url = value, true;
  if (option == "ca") return a.broker.paho.ca_file = value, true;
  if (option == "cert") return a.broker.paho.cert_file = value, true;
  if (option == "key") return a.broker.paho.key_file = value, true;
  if (option == "node-pid") return number(a.broker.node_pid);
  if (option == "standby-pid") return number(a.standby_pid);
  if (option == "outstanding") return number(a.broker.outstanding);
  if (option == "chain") {
    auto chain = fixed_from_hex<Digest>(value);
    if (chain) a.chain = *chain;
    return chain.has_value();
  }
  return false;
}

std::optional<Arguments> read_arguments(int argc, char** argv) {
  Arguments a;
  const option options[] = {
      {"in-process", 0, nullptr, 'i'}, {"dir", 1, nullptr, 0},      {"group", 1, nullptr, 0},
      {"bundles", 1, nullptr, 0},      {"readings", 1, nullptr, 0}, {"devices", 1, nullptr, 0},
      {"organisation", 1, nullptr, 0}, {"keys", 1, nullptr, 0},     {"make-keys", 1, nullptr, 0},
      {"url", 1, nullptr, 0},          {"ca", 1, nullptr, 0},       {"cert", 1, nullptr, 0},
      {"key", 1, nullptr, 0},          {"node-pid", 1, nullptr, 0}, {"outstanding", 1, nullptr, 0},
      {"chain", 1, nullptr, 0},        {"help", 0, nullptr, 'h'},   {"records", 0, nullptr, 'r'},
      {"standby-pid", 1, nullptr, 0},  {nullptr, 0, nullptr, 0}};
  int at = 0;
  for (int c = 0; (c = getopt_long(argc, argv, "", options, &at)) != -1;) {
    if (c == 'h') a.help = true;
    else if (c == 'i') a.in_process = true;
    else if (c == 'r') a.records = true;
    else if (c != 0 || !set(a, options[at].name, optarg)) return std::nullopt;
  }
  const bool broker = !a.broker.paho.url.empty() && a.broker.node_pid != 0 && !a.keys.empty();
  if (a.help) return a;
  if (optind != argc || (!a.in_process && !broker && a.make_keys.empty())) return std::nullopt;
  return a;
}

// Runs `work` in a process of its own and hands its figures over; nothing it allocates stays.
template <class Work>
Result<Run> apart(Work work) {
  int ends[2];
  if (pipe(ends) != 0) return fail(Errc::kIo, "no pipe");
  const pid_t child = fork();
  if (child < 0) return fail(Errc::kIo, "no process");
  if (child == 0) {
    Result<Run> run = work();
    if (!run) fmt::print(stderr, "{}\n", run.error().message());
    const bool told = run && write(ends[1], &*run, sizeof(Run)) == sizeof(Run);
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  Run run;
  const bool heard = read(ends[0], &run, sizeof run) == sizeof run;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!heard || status != 0) return fail(Errc::kInternal, "a measuring process failed");
  return run;
}

Result<Run> in_process(const Arguments& a, const Prepared& p) {
  std::string folder = (a.folder / "bench-ingest-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return fail(Errc::kIo, "cannot make " + folder);
  auto run = apart([&] { return run_in_process(p, folder, a.group); });
  std::error_code ec;
  std::filesystem::remove_all(folder, ec);
  return run;
}

// One line that bench/records reads.
Status say_records(const Arguments& a, const Prepared& p) {
  LM_ASSIGN(const auto r, run_records(p, a.broker, a.standby_pid));
  const auto n = static_cast<double>(p.bundles.size());
  const auto at = [&](double part) { return r.ack_ms[static_cast<std::size_t>(part * (n - 1))]; };
  fmt::print(
      "measured rate={:.0f} p50_ms={:.1f} p99_ms={:.1f} max_ms={:.1f} node_us={:.1f} "
      "standby_us={:.1f} generator_us={:.1f} wire_bytes={}\n",
      n / r.node.wall_s, at(0.5), at(0.99), at(1), 1e6 * r.node.cpu_s / n,
      1e6 * r.standby_cpu_s / n, 1e6 * r.generator_cpu_s / n,
      p.bundles.front().message.payload.size());
  return {};
}

Status run(const Arguments& a) {
  if (!a.make_keys.empty()) return write_devices(a.make_keys, a.devices);
  std::vector<Device> devices;
  if (a.keys.empty()) {
    devices = make_devices(a.devices);
  } else {
    LM_ASSIGN(devices, read_devices(a.keys));
  }
  LM_ASSIGN(const auto p,
            prepare(std::move(devices), a.organisation, a.chain, a.bundles, a.readings));
  if (a.records) return say_records(a, p);
  LM_ASSIGN(const auto evp, apart([&] {
              return Result<Run>(Run{yardstick_seconds(p, false), 0});
            }));
  LM_ASSIGN(const auto lean, apart([&] {
              return Result<Run>(Run{yardstick_seconds(p, true), 0});
            }));
  LM_ASSIGN(const auto node, a.in_process ? in_process(a, p) : run_over_broker(p, a.broker));
  const auto n = static_cast<double>(p.bundles.size());
  const auto us = [&](double seconds) { return 1e6 * seconds / n; };
  fmt::print("{} bundles of {} readings, {} bytes each, {} devices\n", p.bundles.size(), p.readings,
             p.bundles.front().message.payload.size(), p.devices.size());
  fmt::print("yardstick {:.1f} us a bundle (hashes by EVP), {:.1f} us (by the product's own)\n",
             us(evp.cpu_s), us(lean.cpu_s));
  fmt::print(
      "{} {:.1f} us of CPU a bundle; {:.0f} bundles/s by the clock; ratio to the leaner yardstick "
      "{:.2f}\n",
      a.in_process ? "intake log alone" : "node", us(node.cpu_s), n / node.wall_s,
      lean.cpu_s / node.cpu_s);
  fmt::print("ingest ratio={:.2f} value={:.0f} unit=bundles/s yardstick={:.0f}\n",
             evp.cpu_s / node.cpu_s, n / node.cpu_s, n / evp.cpu_s);
  return {};
}

}  // namespace

}  // namespace lotmark::bench

int main(int argc, char** argv) {
  using namespace lotmark;
  log::setup("lotmark-bench-ingest", log::Level::kWarn);
  const auto arguments = bench::read_arguments(argc, argv);
  if (!arguments) {
    fmt::print(stderr, "{}", bench::kUsage);
    return 2;
  }
  if (arguments->help) {
    fmt::print("{}", bench::kUsage);
    return 0;
  }
  const Status done = bench::run(*arguments);
  if (!done) fmt::print(stderr, "{}\n", done.error().message());
  return done ? 0 : 1;
}
