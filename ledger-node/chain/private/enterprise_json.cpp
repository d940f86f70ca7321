#include "ledger-node/chain/private/enterprise_json.h"

#include <algorithm>

#include "core/base/hex.h"

namespace lotmark::node {

using Json = nlohmann::json;

namespace {

// A JSON object read field by field; the first that does not fit is remembered.
class Fields {
 public:
  explicit Fields(ByteView body) : json_(Json::parse(body.begin(), body.end(), nullptr, false)) {
    if (!json_.is_object()) wrong("the body is no JSON object");
  }

  std::string text(const char* key, bool needed = true) {
    const Json* v = find(key, needed);
    if (v == nullptr) return {};
    if (v->is_string()) return v->get<std::string>();
    wrong(std::string(key) + " is no text");
    return {};
  }
  // Milliseconds as a number, or a time as docs/format writes it.
  std::optional<std::uint64_t> time(const char* key) {
    const Json* v = find(key, false);
    if (v == nullptr) return std::nullopt;
    if (v->is_number_unsigned()) return v->get<std::uint64_t>();
    const auto t = v->is_string() ? from_iso(v->get<std::string>()) : std::nullopt;
    if (t && to_ms(*t) >= 0) return static_cast<std::uint64_t>(to_ms(*t));
    wrong(std::string(key) + " is no time");
    return std::nullopt;
  }
  std::uint64_t number(const char* key) {
    const Json* v = find(key, true);
    if (v == nullptr) return 0;
    if (v->is_number_unsigned()) return v->get<std::uint64_t>();
    wrong(std::string(key) + " is no number");
    return 0;
  }
  std::vector<Json> list(const char* key, bool needed) {
    const Json* v = find(key, needed);
    if (v == nullptr) return {};
    if (v->is_array()) return v->get<std::vector<Json>>();
    wrong(std::string(key) + " is no list");
    return {};
  }
  const Json* find(const char* key, bool needed) {
    if (!json_.is_object()) return nullptr;
    const auto it = json_.find(key);
    if (it != json_.end() && !it->is_null()) return &*it;
    if (needed) wrong(std::string(key) + " is missing");
    return nullptr;
  }
  void wrong(std::string why) {
    if (!error_) error_ = fail(Errc::kUsage, std::move(why));
  }
  Status status() const { return error_ ? Status(*error_) : Status(); }

 private:
  Json json_;
  std::optional<Error> error_;
};

std::optional<Audience> read_audience(const std::string& word) {
  if (word.empty() || word == "regulator") return Audience::kRegulator;
  if (word == "partner") return Audience::kPartner;
  if (word == "public") return Audience::kPublic;
  return std::nullopt;
}

// 20281231, "20281231" or "2028-12-31".
std::optional<Expiry> read_expiry(const Json& v) {
  if (v.is_number_unsigned()) return Expiry{v.get<std::uint64_t>()};
  if (!v.is_string()) return std::nullopt;
  Expiry e;
  for (char c : v.get<std::string>()) {
    if (c == '-') continue;
    if (c < '0' || c > '9' || e.yyyymmdd > 99999999) return std::nullopt;
    e.yyyymmdd = e.yyyymmdd * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return e;
}

std::string name_of(const KeyId& kid, const chain::PublicChain& chain) {
  if (const auto* e = chain.enrolled(kid)) return e->name;
  if (const auto* m = chain.member(kid)) return m->organisation;
  return to_hex(kid);
}

}  // namespace

void put_time(Json& j, const std::string& key, std::uint64_t ms) {
  j[key] = to_iso(from_ms(static_cast<std::int64_t>(ms)));
  j[key + "_ms"] = ms;
}

Json claim_json(const Claim& claim, const chain::PublicChain& chain) {
  Json j = to_json(claim);
  j["device_name"] = name_of(claim.device, chain);
  j["shown"] = to_decimal(claim.annotation.min, claim.exp.value) + ".." +
               to_decimal(claim.annotation.max, claim.exp.value) + claim.unit;
  return j;
}

namespace {

Json steps_json(const BatchView& v, const chain::PublicChain& chain) {
  Json list = Json::array();
  if (v.line == nullptr) return list;
  for (const auto& s : v.line->steps) {
    Json j = {{"step", s.label},
              {"author", name_of(s.author, chain)},
              {"devices", Json::array()},
              {"state", "missing"}};
    for (const auto& d : s.devices) j["devices"].push_back(name_of(d, chain));
    for (const auto& d : v.waiting) {
      if (d.head.step == s.label) j["state"] = d.object ? "signed" : "prepared";
    }
    for (const auto& d : v.records) {
      if (d.head.kind == RecordKind::kStep && d.head.step == s.label) j["state"] = "recorded";
    }
    list.push_back(std::move(j));
  }
  return list;
}

// What /lotmark/v1/records/COMMITMENT of the API is asked by.
Json records_json(const BatchView& v) {
  Json list = Json::array();
  for (std::size_t i = v.records.size() - std::min(v.records.size(), v.records_shown);
       i < v.records.size(); ++i) {
    const auto& d = v.records[i];
    Json j = {{"step", d.head.step ? Json(*d.head.step) : Json()},
              {"kind", std::string(name(d.head.kind))},
              {"commitment", to_hex(d.commitment)}};
    put_time(j, "time", d.head.time);
    list.push_back(std::move(j));
  }
  return list;
}

Json reviewers_json(const BatchView& v, const chain::PublicChain& chain) {
  Json list = Json::array();
  const auto& kids = v.batch.opening.body.reviewers;
  for (std::size_t i = 0; i < kids.size(); ++i) {
    Json j = {{"name", name_of(kids[i], chain)}, {"kid", to_hex(kids[i])}};
    if (v.live != nullptr) {
      const Courier& c = v.live->reviewers[i];
      j["answered"] = c.next;
      j["of"] = v.live->objects();
      if (!c.trouble.empty()) j["trouble"] = c.trouble;
    }
    list.push_back(std::move(j));
  }
  return list;
}

}  // namespace

Json batch_json(const BatchView& v, const chain::PublicChain& chain) {
  const chain::Batch& b = v.batch;
  const Opening& o = b.opening.body;
  Json j = {{"gtin", o.gtin.text},
            {"lot", o.lot->text},
            {"programme", o.programme},
            {"line", to_hex(o.line)},
            {"start", to_hex(o.start)},
            {"opening", to_hex(b.opening.id)},
            {"state", std::string(chain::name(b.state))},
            {"count", b.count()},
            {"transactions", b.tx_ids.size()},
            {"disclosed", b.disclosed}};
  if (v.line != nullptr) j["line_name"] = v.line->name;
  put_time(j, "made", b.made);
  if (b.tx_ids.size() < b.count()) put_time(j, "next_slot", o.slots[b.tx_ids.size()]);
  put_time(j, "last_slot", o.slots.back());
  if (const auto* p = chain::programme_at(chain, o.programme, b.made)) {
    if (b.tx_ids.size() < b.count())
      put_time(j, "next_deadline", o.slots[b.tx_ids.size()] + p->lateness);
    put_time(j, "last_deadline", o.slots.back() + p->lateness);
  }
  j["product"] = b.product ? Json(*b.product) : Json();
  j["expires"] = b.expires ? Json(b.expires->yyyymmdd) : Json();
  j["application"] = b.application ? Json(to_hex(b.application->id)) : Json();
  j["block"] = b.block ? Json(*b.block) : Json();
  j["final"] = b.block && chain.is_final(*b.block);
  j["serials"] = serials_json(v.serials);
  j["steps"] = steps_json(v, chain);
  j["records"] = records_json(v);
  j["records_left_out"] = v.records.size() - j["records"].size();
  j["reviewers"] = reviewers_json(v, chain);
  if (v.live != nullptr && !v.live->trouble.empty()) j["trouble"] = v.live->trouble;
  return j;
}

Json serials_json(const chain::SerialsStanding& s) {
  return {{"state", std::string(chain::name(s.state))},
          {"pages", s.pages},
          {"sent", s.sent},
          {"placed", s.placed},
          {"through", to_hex(s.through)},
          {"count", s.items ? Json(s.items->count) : Json()},
          {"root", s.items ? Json(to_hex(s.items->root)) : Json()}};
}

Result<chain::OpeningRequest> read_opening_request(ByteView body) {
  Fields f(body);
  chain::OpeningRequest r;
  r.programme = f.text("programme");
  r.line = f.text("line");
  r.gtin.text = f.text("gtin");
  r.lot.text = f.text("lot");
  r.start = f.text("start");
  r.device = f.text("device", false);
  for (const auto& name : f.list("reviewers", true)) {
    if (!name.is_string()) f.wrong("reviewers is no list of texts");
    else r.reviewers.push_back(name.get<std::string>());
  }
  LM_TRY(f.status());
  return r;
}

Result<chain::StepRequest> read_step_request(ByteView body) {
  Fields f(body);
  chain::StepRequest r;
  r.step = f.text("step");
  r.start = f.time("start");
  r.end = f.time("end");
  for (const auto& n : f.list("notes", false)) {
    const auto word = [&](const char* key) {
      return n.is_object() && n.contains(key) && n[key].is_string() ? n[key].get<std::string>()
                                                                    : std::string();
    };
    const auto audience = read_audience(word("audience"));
    if (!audience) f.wrong("a note's audience is public, partner or regulator");
    r.notes.push_back({word("name"), word("text"), audience.value_or(Audience::kRegulator)});
  }
  const std::string reader = f.text("reader", false);
  if (!reader.empty()) {
    const auto point = fixed_from_hex<PublicKey>(reader);
    auto key = point ? sealed::ReaderKey::from(*point)
                     : Result<sealed::ReaderKey>(fail(Errc::kUsage, "reader is no public key"));
    if (key) r.reader = *key;
    else f.wrong("reader is no public key: 04 and 128 hex digits");
  }
  LM_TRY(f.status());
  return r;
}

Result<ApplyRequest> read_apply_request(ByteView body) {
  Fields f(body);
  ApplyRequest r;
  r.product = f.text("product");
  const Json* expires = f.find("expires", true);
  LM_TRY(f.status());
  const auto e = read_expiry(*expires);
  if (!e || !valid(*e)) return fail(Errc::kExpires, "expires is a day, as 20281231 or 2028-12-31");
  r.expires = *e;
  if (r.product.empty() || r.product.size() > 256)
    return fail(Errc::kFieldRange, "product is 1 to 256 bytes");
  return r;
}

Result<RewrapRequest> read_rewrap_request(ByteView body) {
  Fields f(body);
  RewrapRequest r;
  const auto point = fixed_from_hex<PublicKey>(f.text("reader"));
  r.lot = f.text("lot", false);
  r.gtin = f.text("gtin", false);
  r.after = f.text("after", false);
  r.until = f.time("until");
  if (const Json* end = f.find("end", false)) {
    if (end->is_boolean()) r.end = end->get<bool>();
    else f.wrong("end is true or false");
  }
  if (f.find("audience", false) != nullptr) {
    r.partner = r.regulator = false;
    for (const auto& a : f.list("audience", true)) {
      if (a == "partner") r.partner = true;
      else if (a == "regulator") r.regulator = true;
      else f.wrong("audience is a list of partner and regulator");
    }
  }
  LM_TRY(f.status());
  if (!point) return fail(Errc::kUsage, "reader is no public key: 04 and 128 hex digits");
  LM_ASSIGN(r.reader, sealed::ReaderKey::from(*point));
  return r;
}

Result<Bytes> read_record_object(ByteView body) {
  Fields f(body);
  const std::string hex = f.text("record_object");
  LM_TRY(f.status());
  auto bytes = from_hex(hex);
  if (!bytes) return fail(Errc::kUsage, "record_object is no hex");
  return *std::move(bytes);
}

Result<SerialsPageRequest> read_serials_page(ByteView body) {
  Fields f(body);
  SerialsPageRequest r;
  r.page = f.number("page");
  for (const auto& serial : f.list("serials", true)) {
    if (!serial.is_string()) {
      f.wrong("serials is no list of texts");
      break;
    }
    r.serials.push_back(serial.get<std::string>());
  }
  LM_TRY(f.status());
  return r;
}

Result<SerialsSealRequest> read_serials_seal(ByteView body) {
  Fields f(body);
  SerialsSealRequest r;
  r.count = f.number("count");
  const auto through = fixed_from_hex<Digest>(f.text("through"));
  if (!through) f.wrong("through is no hash in hex");
  LM_TRY(f.status());
  r.through = *through;
  return r;
}

}  // namespace lotmark::node
