#include "ledger-node/marks/mark_desk.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/marks/mark_rules.h"

namespace lotmark::node {

namespace {

using Json = nlohmann::json;

template <class T>
Json hex_or_null(const std::optional<T>& v) {
  return v ? Json(to_hex(*v)) : Json();
}

// A member's organisation, or the name a key is enrolled under.
std::string owner(const chain::PublicChain& chain, const KeyId& kid) {
  if (const Member* m = chain.member(kid)) return m->organisation;
  if (const auto* e = chain.enrolled(kid)) return e->organisation + "/" + e->name;
  return {};
}

Json to_json(const StoredMark& m, const std::string& signer_name) {
  return {{"n", m.n},
          {"id", to_hex(m.id)},
          {"gtin", m.mark.gtin.text},
          {"lot", m.mark.lot.text},
          {"kind", std::string(name(m.mark.kind))},
          {"serial", m.mark.serial ? Json(*m.mark.serial) : Json()},
          {"count", m.mark.count},
          {"time", iso_of_ms(m.mark.time)},
          {"time_ms", m.mark.time},
          {"signer", to_hex(m.signer)},
          {"signer_name", signer_name},
          {"took", iso_of_ms(m.took)},
          {"took_ms", m.took},
          {"by", to_hex(m.by)},
          {"report", hex_or_null(m.report)},
          {"report_state", m.state ? Json(std::string(name(*m.state))) : Json()},
          {"block", m.block ? Json(*m.block) : Json()}};
}

}  // namespace

bool MarkDesk::serves(const Call& call, const Route& route) {
  const auto& p = route.parts;
  return (call.method == "POST" || call.method == "GET") && p.size() == 3 && p[0] == "control" &&
         p[1] == "v1" && p[2] == "marks";
}

Reply MarkDesk::control(const Call& call, const Route& route, const KeyId& by, Time now) {
  return call.method == "POST" ? take(call, by, now) : page(route);
}

// ---- marks that are brought ----------------------------------------------------------------------

Status MarkDesk::open_all(const std::vector<Bytes>& objects, std::vector<Brought>& out) const {
  for (const auto& object : objects) {
    Brought b;
    auto opened = open<Mark>(object, chain_);
    if (!opened) {
      b.error = opened.error();
    } else {
      LM_ASSIGN(const bool held, store_.holds(opened->id));
      if (held) b.kept = KeptMark{opened->id, false};
      b.mark = *std::move(opened);
    }
    out.push_back(std::move(b));
  }
  return {};
}

std::map<KeyId, Result<PublicKey>> MarkDesk::keys_of(const std::vector<Brought>& marks) const {
  std::map<KeyId, Result<PublicKey>> out;
  for (const auto& b : marks) {
    if (!b.judged()) out.try_emplace(b.mark->kid, Errc::kMarkSigner);
  }
  config_.with_chain([&](const chain::PublicChain& chain) {
    for (auto& [kid, key] : out) key = mark_signer(chain, config_.agency, kid);
  });
  return out;
}

void MarkDesk::check_signatures(std::vector<Brought>& marks,
                                const std::map<KeyId, Result<PublicKey>>& keys) const {
  std::size_t forged = 0;
  for (auto& b : marks) {
    if (b.judged()) continue;
    const auto& key = keys.at(b.mark->kid);
    if (!key) {
      b.error = key.error();
    } else if (forged == kForgedMax) {
      b.error = fail(Errc::kTooLarge,
                     "not looked at: too many of the call have a signature that "
                     "does not verify; bring it in another call");
    } else if (!b.mark->verified_by(*key)) {
      b.error = fail(Errc::kCoseSignature);
      ++forged;
    }
  }
}

void MarkDesk::check_lots(std::vector<Brought>& marks) const {
  std::map<std::pair<Gtin, LotNumber>, Status> lots;
  for (const auto& b : marks) {
    if (!b.judged()) lots.try_emplace({b.mark->body.gtin, b.mark->body.lot});
  }
  if (lots.empty()) return;
  config_.with_chain([&](const chain::PublicChain& chain) {
    for (auto& [lot, ok] : lots) ok = mark_lot(chain, lot.first, lot.second);
  });
  for (auto& b : marks) {
    if (b.judged()) continue;
    const Status& ok = lots.at({b.mark->body.gtin, b.mark->body.lot});
    if (!ok) b.error = ok.error();
  }
}

void MarkDesk::judge(std::vector<Brought>& marks, Time now) const {
  check_signatures(marks, keys_of(marks));
  for (auto& b : marks) {
    if (b.judged()) continue;
    if (const Status ok = mark_time(b.mark->body.time, now, kAhead, config_.back); !ok)
      b.error = ok.error();
  }
  check_lots(marks);
}

Status MarkDesk::keep(std::vector<Brought>& marks, const KeyId& by, Time now) {
  std::vector<const Signed<Mark>*> good;
  std::vector<Brought*> of;
  for (auto& b : marks) {
    if (b.judged()) continue;
    good.push_back(&*b.mark);
    of.push_back(&b);
  }
  if (good.empty()) return {};
  LM_ASSIGN(const auto kept, store_.keep(good, by, now));
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (kept[i]) of[i]->kept = *kept[i];
    else of[i]->error = kept[i].error();
  }
  return {};
}

void MarkDesk::count(const std::vector<Brought>& marks, const KeyId& by) {
  std::uint64_t added = 0, refused = 0;
  const Error* first = nullptr;
  {
    const std::lock_guard guard(lock_);
    for (const auto& b : marks) {
      if (b.kept && b.kept->added) ++added;
      if (!b.error) continue;
      ++refused;
      ++refused_[b.error->code];
      if (first == nullptr) first = &*b.error;
    }
  }
  if (added != 0) log::info("marks.taken", {{"by", to_hex(by)}, {"count", added}});
  if (first != nullptr)
    log::warn("marks.refused",
              {{"by", to_hex(by)}, {"count", refused}, {"error", first->message()}});
}

Reply MarkDesk::take(const Call& call, const KeyId& by, Time now) {
  if (call.body.size() > kBodyMax)
    return reply_error(fail(Errc::kTooLarge,
                            "marks of a call have at most " + std::to_string(kBodyMax) + " bytes"));
  const auto objects = decode_list(call.body, kMarksMax);
  if (!objects) return reply_error(objects.error());
  std::vector<Brought> marks;
  Status done = open_all(*objects, marks);
  if (done) {
    judge(marks, now);
    done = keep(marks, by, now);
  }
  if (!done) {
    log::error("marks.not_kept", {{"error", done.error().message()}});
    return reply_error(done.error());
  }
  count(marks, by);
  Json list = Json::array();
  for (const auto& b : marks) {
    Json j = {{"id", b.kept   ? Json(to_hex(b.kept->id))
                     : b.mark ? Json(to_hex(b.mark->id))
                              : Json()},
              {"state", b.error         ? "refused"
                        : b.kept->added ? "taken"
                                        : "held"}};
    if (b.error) {
      j["error"] = std::string(name(b.error->code));
      j["number"] = static_cast<unsigned>(b.error->code);
      j["detail"] = b.error->text;
    }
    list.push_back(std::move(j));
  }
  return reply_json(
      Json{{"marks", std::move(list)}}.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// ---- what is kept --------------------------------------------------------------------------------

Reply MarkDesk::page(const Route& route) const {
  MarkStore::Filter filter;
  if (const auto gtin = route.text("gtin")) filter.gtin = Gtin{*gtin};
  if (const auto lot = route.text("lot")) filter.lot = LotNumber{*lot};
  filter.serial = route.text("serial");
  const bool named = filter.gtin && filter.lot && valid(*filter.gtin) && valid(*filter.lot);
  if ((filter.gtin || filter.lot || filter.serial) && !named)
    return reply_error(fail(Errc::kUsage, "gtin=GTIN&lot=LOT, and serial= of that lot"));
  const auto found = store_.page(filter, route.number("after").value_or(0), kPage);
  if (!found) return reply_error(found.error());
  std::map<KeyId, std::string> names;
  config_.with_chain([&](const chain::PublicChain& chain) {
    for (const auto& m : *found) names.try_emplace(m.signer, owner(chain, m.signer));
  });
  Json list = Json::array();
  for (const auto& m : *found) list.push_back(to_json(m, names[m.signer]));
  const Json next = found->size() < kPage ? Json() : Json(found->back().n);
  return reply_json(Json{{"marks", std::move(list)}, {"next", next}}.dump());
}

std::vector<std::pair<std::string, double>> MarkDesk::metrics() const {
  auto out = store_.metrics();
  const std::lock_guard guard(lock_);
  for (const auto& [code, n] : refused_)
    out.emplace_back(fmt::format("lotmark_marks_refused_total{{error=\"{}\"}}", name(code)),
                     static_cast<double>(n));
  return out;
}

}  // namespace lotmark::node
