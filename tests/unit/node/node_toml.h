// A node.toml of what no node can do without, in a folder of its own, and behind that the section a test is about.
#pragma once

#include <fstream>

#include "ledger-node/config.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::node::test {

class NodeToml {
 public:
  // The section begins in line 15.
  Result<NodeConfig> with(const std::string& section) const {
    return read(R"([node]
name = "yunhe-1"
organisation = "yunhe"
key = "key.pem"
anchor = "anchor"
data_dir = "data"
primary = "00000000000000000000000000000000"
[peer]
port = 0
ca = "ca.pem"
cert = "cert.pem"
key = "tls.key"
[control]
port = 0
)" + section);
  }
  // Of the whole file, such as print_config gives.
  Result<NodeConfig> read(const std::string& text) const {
    std::ofstream(folder_ / "node.toml") << text;
    return read_node_config(folder_ / "node.toml");
  }
  // What is wrong with the section; empty if nothing is.
  std::string fault(const std::string& section) const {
    const auto config = with(section);
    return config ? std::string() : config.error().text;
  }
  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }

 private:
  lotmark::test::TempFolder folder_;
};

}  // namespace lotmark::node::test
