// lotmark-factory: writes the non-volatile page of a start-signal device or a sensor node.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "firmware/factory/factory.h"

namespace {

constexpr const char* kExamples =
    "Prints the public key (uncompressed point) and the kid, for the device's enrolment.\n"
    "\n"
    "Examples:\n"
    "  lotmark-factory --nv filler.nv --machine filler-3 --chain \"$(cat fingerprint.txt)\" \\\n"
    "      --public filler.hex\n"
    "  lotmark-factory --nv filler.nv --machine filler-3 --key filler.pem    enrolled later, by "
    "frame\n"
    "  lotmark-factory --nv board.eeprom --eeprom --machine filler-3 --public filler.hex\n"
    "\n"
    "Exit: 0 done, 1 failed, 2 usage.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Lotmark factory tool: gives a device its key, its machine's name and its chain"};
  cli.footer(kExamples);
  cli.set_version_flag("--version", "lotmark-factory " LOTMARK_VERSION);
  lotmark::firmware::FactoryOptions options;
  std::string public_file;
  cli.add_option("--nv", options.nv, "file to write; must not exist")->required();
  cli.add_option("--machine", options.machine, "name of the machine, 1 to 64 bytes")->required();
  cli.add_option(
      "--chain", options.chain,
      "id of the genesis block: 64 hex digits, in groups as in fingerprint.txt or in one");
  cli.add_option("--key", options.key,
                 "PEM file of a P-256 key (PKCS#8 or SEC1); default: a new key");
  cli.add_flag("--eeprom", options.eeprom,
               "write the whole EEPROM of a board without random generator; unless --key is given "
               "the device makes its key on its first power-up");
  cli.add_option("--interval", options.interval_s,
                 "of a sensor node: seconds between two readings; default: the image's own")
      ->check(CLI::Range(1, 3600));
  cli.add_option("--public", public_file, "also write the public key to this file, hex");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::RequiredError& e) {
    const auto unknown = cli.remaining();  // said first: it is why the other was not seen
    return cli.exit(unknown.empty() ? CLI::Error(e) : CLI::ExtrasError(unknown)), 2;
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? 0 : 2;
  }
  std::string error;
  const auto made = lotmark::firmware::make_device(options, error);
  if (!made) {
    std::cerr << "lotmark-factory: " << error << "\n";
    return 1;
  }
  std::cout << "public " << made->public_key << "\nkid " << made->kid << std::endl;
  if (!public_file.empty() &&
      !lotmark::firmware::write_text(public_file, made->public_key + "\n", error)) {
    std::cerr << "lotmark-factory: " << error << "; the page itself was written\n";
    return 1;
  }
  return 0;
}
