#include "tests/unit/cli/run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/app.h"

namespace lotmark::cli::test {

Ran lotmark(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int exit = run(arguments, out, err, {});
  return {exit, out.str(), err.str()};
}

TempDir::TempDir() {
  std::string pattern = std::filesystem::temp_directory_path() / "lotmark-cli-XXXXXX";
  if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const std::string& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

std::string description(const TempDir& dir, const std::string& from, const std::string& to) {
  std::string text = read(LOTMARK_SOURCE_DIR "/samples/vaccines/consortium.toml");
  if (!from.empty()) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
  }
  write(dir / "consortium.toml", text);
  return dir / "consortium.toml";
}

const TempDir& consortium() {
  static const TempDir dir;
  static const Ran made = lotmark({"ca", "init", description(dir), "--out", dir / "c"});
  EXPECT_EQ(made.exit, 0) << made.err;
  return dir;
}

Ran shell(const std::string& command) {
  const TempDir dir;
  const std::string to = dir / "said";
  const int status = std::system(("{ " + command + " ; } >" + to + " 2>&1").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(to), {}};
}

}  // namespace lotmark::cli::test
