// The consumer's page in memory, as `lotmark page` built it. What was not read at the start does
// not exist, so that no request can name another file.
#pragma once

#include <filesystem>
#include <map>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::api {

struct PageFile {
  std::string content_type;
  std::string etag;  // quoted
  Bytes bytes;
};

class PageFiles {
 public:
  // Every regular file below `dir`, by its path from there ("verifier/verdict.js"); links are not
  // followed. config if there is no index.html or it all is above 64 MiB. An empty `dir` gives no
  // files.
  static Result<PageFiles> read(const std::filesystem::path& dir);
  // Null if there is none of that name.
  const PageFile* find(std::string_view name) const;
  std::size_t size() const { return files_.size(); }

 private:
  std::map<std::string, PageFile, std::less<>> files_;
};

// By the name's end; application/octet-stream for what a page has no use for.
std::string_view content_type_of(std::string_view name);

}  // namespace lotmark::api
