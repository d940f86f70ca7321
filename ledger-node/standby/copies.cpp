#include "ledger-node/standby/copies.h"

#include <fmt/format.h>

#include "core/base/log.h"

namespace lotmark::node {

static constexpr Millis kSilent{5000};

Copies::Copies(const store::Database& db, const IntakeLog& intake,
               const std::vector<StandbyKey>& keys)
    : db_(db),
      intake_(intake),
      rows_(keys.empty() ? kAll : 0),
      objects_(keys.empty() ? kAll : 0),
      silent_(!keys.empty()) {
  for (const auto& k : keys) {
    Standby s;
    s.member.public_key = k.key;
    s.member.kid = k.kid;
    s.member.organisation = k.name;
    standbys_.push_back(std::move(s));
  }
}

const Member* Copies::find(const KeyId& kid) const {
  for (const auto& s : standbys_) {
    if (s.member.kid == kid) return &s.member;
  }
  return nullptr;
}

std::uint64_t Copies::top() const {
  auto q = db_.prepare("SELECT coalesce(max(n), 0) FROM moved");
  if (!q || !q->step()) return kAll;
  return q->u64(0);
}

void Copies::see_silent() { silent_ = std::ranges::any_of(standbys_, &Standby::silent); }

void Copies::take_word(Standby& s, std::uint64_t rows, std::uint64_t objects, Time now) {
  s.rows = rows;
  s.objects = objects;
  s.heard = now;
  if (s.silent) log::info("standby.here", {{"standby", s.member.organisation}});
  s.silent = false;
  see_silent();
  std::uint64_t least_rows = kAll;
  std::uint64_t least_objects = kAll;
  for (const auto& each : standbys_) {
    least_rows = std::min(least_rows, each.rows);
    least_objects = std::min(least_objects, each.objects);
  }
  rows_ = least_rows;
  objects_ = least_objects;
}

std::optional<Reply> Copies::peer(const Route& route, const Call& call, const Member& from,
                                  Time now) {
  if (call.method != "GET" || route.parts.size() != 3 || route.parts[2] != "copy")
    return std::nullopt;
  const auto at =
      std::ranges::find_if(standbys_, [&](const auto& s) { return s.member.kid == from.kid; });
  if (at == standbys_.end()) return reply_error(fail(Errc::kDenied, "only this node's standbys"));
  const auto rows = route.number("moved");
  const auto objects = route.number("size");
  if (!rows || !objects)
    return reply_error(fail(Errc::kUsage, "moved and size say what the copy holds"));
  auto page = read_copy_page(db_, *rows, *objects, intake_.size(),
                             [this](std::uint64_t size) { return intake_.root_at(size); });
  if (!page) {
    log::error("standby.not_served",
               {{"standby", from.organisation}, {"error", page.error().message()}});
    return reply_error(page.error());
  }
  take_word(*at, *rows, *objects, now);
  return reply_cbor(encode(*page));
}

std::vector<Outgoing> Copies::tick(Time now) {
  for (auto& s : standbys_) {
    if (!s.heard) s.heard = now;
    if (s.silent || now < *s.heard + kSilent) continue;
    s.silent = true;
    see_silent();
    log::error(
        "standby.silent",
        {{"standby", s.member.organisation}, {"holds", s.objects}, {"size", intake_.size()}});
  }
  return {};
}

std::vector<std::pair<std::string, double>> Copies::metrics() const {
  std::vector<std::pair<std::string, double>> out;
  const std::uint64_t size = intake_.size();
  const std::uint64_t newest = top();
  for (const auto& s : standbys_) {
    const auto line = [&](std::string_view what, double v) {
      out.emplace_back(
          fmt::format("lotmark_standby_{}{{standby=\"{}\"}}", what, s.member.organisation), v);
    };
    line("behind_objects", static_cast<double>(size - std::min(size, s.objects)));
    line("behind_rows", static_cast<double>(newest - std::min(newest, s.rows)));
    line("silent", s.silent ? 1 : 0);
  }
  return out;
}

}  // namespace lotmark::node
