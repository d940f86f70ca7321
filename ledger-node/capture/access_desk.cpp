#include "ledger-node/capture/access_desk.h"

#include <nlohmann/json.hpp>

#include "core/base/log.h"

namespace lotmark::node {

Result<std::unique_ptr<AccessDesk>> AccessDesk::open(const std::filesystem::path& private_db,
                                                     Held held) {
  auto desk = std::make_unique<AccessDesk>();
  LM_ASSIGN(desk->store_, AccessStore::open(private_db));
  desk->held_ = std::move(held);
  return desk;
}

bool AccessDesk::is_access(const Call& call, const Route& route) {
  const auto& p = route.parts;
  return (call.method == "POST" || call.method == "GET") && p.size() == 3 && p[0] == "control" &&
         p[1] == "v1" && p[2] == "accesses";
}

Reply AccessDesk::control(const Call& call, const Route& route, const KeyId& by, Time now) {
  return call.method == "POST" ? keep(call, by, now) : page(route);
}

Reply AccessDesk::keep(const Call& call, const KeyId& by, Time now) {
  const auto entries = decode_list(call.body, kAccessBatchMax);
  if (!entries) return reply_error(entries.error());
  const auto kept = store_->keep(*entries, by, now);
  if (!kept) {
    log::error("access.not_kept", {{"error", kept.error().message()}});
    return reply_error(kept.error());
  }
  if (held_ && !held_(kept->moved))
    return reply_error(
        fail(Errc::kUnavailable, "kept, but a standby does not hold it yet: send it again"));
  return reply_json(nlohmann::json({{"kept", kept->added}}).dump());
}

Reply AccessDesk::page(const Route& route) const {
  const auto found = store_->page(route.number("after").value_or(0), kAccessPage);
  return found ? reply_json(access_page_json(*found)) : reply_error(found.error());
}

}  // namespace lotmark::node
