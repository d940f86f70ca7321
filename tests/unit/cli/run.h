// The tool as a shell would call it, and a consortium to work on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lotmark::cli::test {

struct Ran {
  int exit = 0;
  std::string out;
  std::string err;
};
Ran lotmark(const std::vector<std::string>& arguments);

// A folder of its own; removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// The sample's description, with `from` replaced by `to` in it, as a file in `dir`.
std::string description(const TempDir& dir, const std::string& from = {},
                        const std::string& to = {});
// `ca init` of the sample into DIR/c, done once for all tests of a program.
const TempDir& consortium();

std::string read(const std::string& file);
void write(const std::string& file, const std::string& content);
// Runs a shell command with its output to a file; gives its exit code and what it said.
Ran shell(const std::string& command);

}  // namespace lotmark::cli::test
