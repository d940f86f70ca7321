#include "edge-agent/outbox/rejected.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/base/whole_file.h"

namespace lotmark::agent {

namespace fs = std::filesystem;

Status Rejected::keep(const LifeId& life, std::uint64_t seq, ByteView wire, ByteView ack) {
  std::error_code failed;
  fs::create_directory(folder_, failed);
  if (failed) return fail(Errc::kIo, folder_.string() + ": " + failed.message());
  // Sixteen digits hold every seq, and names sort as numbers do.
  const fs::path base = folder_ / fmt::format("{}-{:016}", to_hex(life), seq);
  make_room();
  LM_TRY(write_whole(base.string() + ".ack", ack));
  LM_TRY(write_whole(base.string() + ".bundle", wire));
  ++kept_;
  return {};
}

// By the time they were written: lives have no order.
void Rejected::make_room() {
  std::error_code ignored;
  std::vector<std::pair<fs::file_time_type, fs::path>> bundles;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().extension() == ".bundle")
      bundles.emplace_back(entry.last_write_time(ignored), entry.path());
  }
  if (bundles.size() < kMost) return;
  std::ranges::sort(bundles);
  for (std::size_t i = 0; i + kMost <= bundles.size(); ++i) {
    fs::path file = bundles[i].second;
    log::warn("rejected.dropped", {{"file", file.filename().string()}});
    fs::remove(file, ignored);
    fs::remove(file.replace_extension(".ack"), ignored);
    ++dropped_;
  }
}

}  // namespace lotmark::agent
