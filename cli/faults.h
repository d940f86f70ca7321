// What is wrong with a file, all of it at once: line, key, sentence.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace lotmark::cli {

struct Fault {
  unsigned line = 0;  // 0: of the file as a whole
  std::string key;
  std::string text;
};

class Faults {
 public:
  void add(unsigned line, std::string key, std::string text) {
    list_.push_back({line, std::move(key), std::move(text)});
  }
  bool empty() const { return list_.empty(); }
  const std::vector<Fault>& list() const { return list_; }

  // One config error that lists them by line: "FILE:7: members[0].name: ...".
  Error error(const std::string& file) const {
    auto sorted = list_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Fault& a, const Fault& b) { return a.line < b.line; });
    std::string text = std::to_string(sorted.size()) + (sorted.size() == 1 ? " fault" : " faults");
    for (const auto& f : sorted) {
      text += "\n  " + file;
      if (f.line > 0) text += ":" + std::to_string(f.line);
      if (!f.key.empty()) text += ": " + f.key;
      text += ": " + f.text;
    }
    return fail(Errc::kConfig, text);
  }

 private:
  std::vector<Fault> list_;
};

}  // namespace lotmark::cli
