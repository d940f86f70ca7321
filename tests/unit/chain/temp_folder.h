// A folder of the test's own, gone afterwards.
#pragma once

#include <filesystem>
#include <string>

#include "tests/make_folder.h"

namespace lotmark::test {

class TempFolder {
 public:
  TempFolder() : path_(make_folder("chain")) {}
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace lotmark::test
