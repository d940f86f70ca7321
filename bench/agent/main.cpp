// lotmark-bench-agent: the pieces that scripts/bench agent puts together.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "bench/agent/figures.h"

namespace {

using namespace lotmark;

int told(const Status& status) {
  if (status) return 0;
  std::fprintf(stderr, "lotmark-bench-agent: %s\n", status.error().message().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Figures of the agent's outbox, and the broker's own rate"};
  cli.require_subcommand(1);
  std::string path;
  std::uint64_t number = 0;
  auto* written = cli.add_subcommand("written", "bytes written over bytes of bundles");
  written->add_option("folder", path)->required();
  written->add_option("--commits", number)->default_val(3000);
  auto* fill = cli.add_subcommand("fill", "makes an outbox of that many bytes");
  fill->add_option("file", path)->required();
  fill->add_option("--bytes", number)->required();
  auto* open = cli.add_subcommand("open", "opens an outbox");
  open->add_option("file", path)->required();
  auto* pass = cli.add_subcommand("pass", "what the broker needs for the same bytes");
  bus::PahoOptions from;
  std::string to_cert;
  std::string to_key;
  std::string topic;
  pass->add_option("private_db", path)->required();
  pass->add_option("--url", from.url)->required();
  pass->add_option("--ca", from.ca_file)->required();
  pass->add_option("--cert", from.cert_file)->required();
  pass->add_option("--key", from.key_file)->required();
  pass->add_option("--to-cert", to_cert)->required();
  pass->add_option("--to-key", to_key)->required();
  pass->add_option("--topic", topic)->required();
  CLI11_PARSE(cli, argc, argv);
  if (written->parsed()) return told(bench::write_figures(path, number));
  if (fill->parsed()) return told(bench::fill_outbox(path, number));
  if (open->parsed()) return told(bench::open_figures(path));
  bus::PahoOptions to = from;
  from.client_id = "bench-from";
  to.client_id = "bench-to";
  to.cert_file = to_cert;
  to.key_file = to_key;
  const auto seconds = bench::pass_seconds(path, from, to, topic);
  if (!seconds) return told(seconds.error());
  fmt::print("{:.3f}\n", *seconds);
  return 0;
}
