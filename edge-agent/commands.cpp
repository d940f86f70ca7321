#include "edge-agent/commands.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/shell/completion.h"
#include "edge-agent/check/check.h"
#include "edge-agent/check/diag.h"
#include "edge-agent/enrol/enrol.h"
#include "edge-agent/program.h"

namespace lotmark::agent {

namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  lotmark-edge-agent\n"
    "  lotmark-edge-agent --config agent.toml --check-config\n"
    "  lotmark-edge-agent config show --effective\n"
    "  lotmark-edge-agent check\n"
    "\n"
    "Exit: 0 done or SIGTERM, 1 failed, 2 usage or configuration, 3 data corrupt.";

constexpr const char* kConfigDir = "/etc/lotmark";

struct Asked {
  std::string file = "/etc/lotmark/agent.toml";
  bool check_config = false;
  bool print_config = false;
  bool effective = false;
  bool json = false;
  std::uint64_t wait_s = 0;
  EnrolRequest request;
  std::filesystem::path config_dir = kConfigDir;
  std::string out;
  std::string answer;
};

int print(const Result<std::string>& text) {
  if (!text) return report(text.error());
  std::cout << *text << std::flush;
  return std::cout ? 0 : 1;
}

// Without a subcommand, and for `run`.
int run(const Asked& asked) {
  auto config = load_config(asked.file);
  if (!config) return report(config.error());
  if (asked.print_config) return print(print_config(*config));
  return asked.check_config ? 0 : run_program(asked.file, std::move(*config));
}

int show(const Asked& asked) {
  if (asked.effective) return print(show_config(asked.file));
  auto config = load_config(asked.file);
  return config ? print(print_config(*config)) : report(config.error());
}

// A configuration that does not load is a fault among the others, in the same form.
int run_check(const Asked& asked) {
  auto config = load_config(asked.file);
  Findings findings;
  if (config) {
    findings = check(*config, SystemClock(), {std::chrono::seconds(asked.wait_s)});
  } else {
    findings.push_back({"config", Mark::kFault, config.error().text});
  }
  const int printed = print(asked.json ? check_json(findings) : check_text(findings));
  return printed != 0 ? printed : check_exit(findings);
}

void add_check(CLI::App& app, Asked& asked, std::function<int()>& chosen) {
  auto* check = app.add_subcommand("check", "try everything the agent needs, also beside it");
  check->add_flag("--json", asked.json, "one JSON value for programs");
  check->add_option("--wait", asked.wait_s, "listen so many seconds for a node's ack")
      ->check(CLI::Range(0, 3600));
  check->footer(
      "Examples:\n"
      "  lotmark-edge-agent check\n"
      "  lotmark-edge-agent check --json --wait 120\n"
      "\n"
      "Exit: 0 all is well, 1 warnings, 2 faults.");
  check->callback([&] { chosen = [&] { return run_check(asked); }; });
}

void add_diag(CLI::App& app, Asked& asked, std::function<int()>& chosen) {
  auto* diag = app.add_subcommand("diag", "a tar.gz for support, without keys and readings");
  diag->add_option("--out", asked.out, "the file; it must not be there")->required();
  diag->footer("Examples:\n  lotmark-edge-agent diag --out /tmp/line-1.tar.gz");
  diag->callback([&] {
    chosen = [&] {
      const auto done = write_diag(asked.file, asked.out, SystemClock());
      return done ? 0 : report(done.error());
    };
  });
}

// The agent's own folder of the packages; where one folder is named, all goes there.
std::filesystem::path keys_folder(const Asked& asked) {
  if (!asked.request.keys.empty()) return asked.request.keys;
  return asked.config_dir == kConfigDir ? "/var/lib/lotmark-edge" : asked.config_dir;
}

int ask(const Asked& asked) {
  EnrolRequest wanted = asked.request;
  wanted.keys = keys_folder(asked);
  const auto request = request_enrolment(wanted);
  if (!request) return report(request.error());
  std::ofstream file(asked.out, std::ios::binary | std::ios::trunc);
  if (!(file << *request << std::flush))
    return report(fail(Errc::kIo, asked.out + ": cannot be written"));
  std::cout << "Request of " << asked.request.name << " in " << asked.out
            << ". Send it to who gave the code; then: lotmark-edge-agent enrol accept\n";
  return 0;
}

int accept(const Asked& asked) {
  std::ifstream file(asked.answer, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf()))
    return report(fail(Errc::kIo, asked.answer + ": cannot be read"));
  const auto taken =
      accept_enrolment({asked.config_dir, keys_folder(asked)}, text.str(), SystemClock().now());
  if (!taken) return report(taken.error());
  std::cout << "Configuration in " << (asked.config_dir / "agent.toml").string()
            << ": add a [[source]], then try it by lotmark-edge-agent check\n";
  return 0;
}

void add_folders(CLI::App* command, Asked& asked) {
  command->add_option("--dir", asked.config_dir, "where agent.toml goes")->capture_default_str();
  command->add_option("--keys", asked.request.keys,
                      "where keys and certificates go: by default /var/lib/lotmark-edge, and with "
                      "--dir that folder. What root makes there belongs to who owns it");
}

void add_enrol(CLI::App& app, Asked& asked, std::function<int()>& chosen) {
  auto* enrol = app.add_subcommand("enrol", "become a device of an organisation by a code");
  enrol->require_subcommand(1);
  auto* request = enrol->add_subcommand("request", "make keys here, and ask for a certificate");
  request->add_option("--name", asked.request.name, "organisation/device")->required();
  request->add_option("--code", asked.request.code, "of lotmark ca invite")->required();
  add_folders(request, asked);
  request->add_option("--key-uri", asked.request.key_uri, "pkcs11:...: the record key in a token");
  request->add_option("--out", asked.out, "file to send")->required();
  request->footer(
      "Examples:\n"
      "  lotmark-edge-agent enrol request --name acme/line-9 --code 7KQF2-M9D3H-0ZC4R-X1T8B "
      "--out line-9.request");
  request->callback([&] { chosen = [&] { return ask(asked); }; });
  auto* taken = enrol->add_subcommand("accept", "take the answer: certificate and configuration");
  taken->add_option("--answer", asked.answer, "file of lotmark ca enrol")->required();
  add_folders(taken, asked);
  taken->footer("Examples:\n  lotmark-edge-agent enrol accept --answer line-9.answer");
  taken->callback([&] { chosen = [&] { return accept(asked); }; });
}

void add_config(CLI::App& app, Asked& asked, std::function<int()>& chosen) {
  auto* config = app.add_subcommand("config", "the configuration: file and drop-ins");
  config->require_subcommand(1);
  auto* shown = config->add_subcommand("show", "what is in force, as TOML");
  shown->add_flag("--effective", asked.effective,
                  "behind each value the file and line it came from, or \"default\"");
  shown->footer("Examples:\n  lotmark-edge-agent config show --effective");
  shown->callback([&] { chosen = [&] { return show(asked); }; });
}

void add_completion(CLI::App& app, std::function<int()>& chosen) {
  auto* completion = app.add_subcommand("completion", "a script that completes words in a shell");
  completion->require_subcommand(1);
  auto* bash = completion->add_subcommand("bash", "for bash");
  bash->footer("Examples:\n  source <(lotmark-edge-agent completion bash)");
  bash->callback([&] {
    chosen = [&] {
      return print(
          shell::bash_completion(app, "lotmark-edge-agent", "lotmark-edge-agent completion bash"));
    };
  });
}

}  // namespace

int run_commands(int argc, char** argv) {
  Asked asked;
  std::function<int()> chosen = [&] { return run(asked); };
  CLI::App app{"Lotmark edge agent", "lotmark-edge-agent"};
  app.footer(kExamples);
  app.set_version_flag("--version", "lotmark-edge-agent " LOTMARK_VERSION);
  app.fallthrough();  // --config may stand behind the subcommand
  app.add_option("--config", asked.file, "configuration, TOML (edge-agent/README.md)")
      ->capture_default_str();
  app.add_flag("--check-config", asked.check_config,
               "read the configuration, say what is wrong, and end");
  app.add_flag("--print-config", asked.print_config,
               "print what is in force, defaults included, and end");
  app.add_subcommand("run", "run the agent; what is done without a subcommand");
  add_config(app, asked, chosen);
  add_check(app, asked, chosen);
  add_diag(app, asked, chosen);
  add_enrol(app, asked, chosen);
  add_completion(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  return chosen();
}

}  // namespace lotmark::agent
