// GET /export/events: all captured events in the order of capture, as JSON lines or CSV, from where a reader stopped.
#include <charconv>

#include "api/accept.h"
#include "api/epcis/asked.h"
#include "core/epcis/hash/event_hash.h"

namespace lotmark::api::epcis {

using node::EventReader;

namespace {

constexpr std::size_t kPage = 1000;

constexpr const char* kColumns[] = {"eventID",    "type",   "eventTime", "eventTimeZoneOffset",
                                    "recordTime", "action", "bizStep",   "disposition"};

// RFC 4180; a field that a spreadsheet would take for a formula gets an apostrophe in front.
std::string csv_field(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos)
    text.insert(0, 1, '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

std::string text_of(const Json& event, const char* key) {
  const auto at = event.find(key);
  return at != event.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::string place_of(const Json& event, const char* key) {
  const auto at = event.find(key);
  return at != event.end() && at->is_object() ? text_of(*at, "id") : std::string();
}

// Identifiers of all lists, with a blank between.
std::string epcs_of(const Json& event) {
  std::string out = text_of(event, "parentID");
  for (const char* key : {"epcList", "childEPCs", "inputEPCList", "outputEPCList"}) {
    const auto list = event.find(key);
    if (list == event.end() || !list->is_array()) continue;
    for (const auto& epc : *list) {
      if (epc.is_string()) out += (out.empty() ? "" : " ") + epc.get<std::string>();
    }
  }
  return out;
}

// Cells of the elements of lists, each with a place for every element: those of one event stand beside one another.
class Elements {
 public:
  // `list`'s own name.
  void name(const char* list) { add(list); }
  // A text or number of an element.
  void value(const Json& element, const char* key) {
    const auto at = element.is_object() ? element.find(key) : element.end();
    const bool there = element.is_object() && at != element.end();
    if (there && at->is_number()) return add(at->dump());
    add(there && at->is_string() ? at->get<std::string>() : std::string());
  }
  const std::string& cell() const { return cell_; }

 private:
  void add(std::string_view text) {
    if (!first_) cell_ += '|';
    first_ = false;
    for (const char c : text) cell_ += c == '|' ? "%7C" : std::string(1, c);
  }
  bool first_ = true;
  std::string cell_;
};

std::string quantity_cells(const Json& event) {
  Elements lists, classes, quantities, uoms;
  for (const char* key :
       {"quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"}) {
    const auto list = event.find(key);
    if (list == event.end() || !list->is_array()) continue;
    for (const auto& element : *list) {
      lists.name(key);
      classes.value(element, "epcClass");
      quantities.value(element, "quantity");
      uoms.value(element, "uom");
    }
  }
  std::string out;
  for (const auto* column : {&lists, &classes, &quantities, &uoms})
    out += "," + csv_field(column->cell());
  return out;
}

// Of business transactions, sources and destinations: what each is, and its type.
std::string typed_cells(const Json& event, const char* key, const char* what) {
  Elements types, values;
  const auto list = event.find(key);
  if (list != event.end() && list->is_array()) {
    for (const auto& element : *list) {
      types.value(element, "type");
      values.value(element, what);
    }
  }
  return "," + csv_field(types.cell()) + "," + csv_field(values.cell());
}

std::string csv_line(std::uint64_t n, const Json& event, const std::string& hash) {
  std::string out = std::to_string(n);
  for (const char* column : kColumns) out += "," + csv_field(text_of(event, column));
  for (const char* place : {"readPoint", "bizLocation"})
    out += "," + csv_field(place_of(event, place));
  out += "," + csv_field(epcs_of(event)) + "," + hash + quantity_cells(event);
  out += typed_cells(event, "bizTransactionList", "bizTransaction");
  out += typed_cells(event, "sourceList", "source");
  return out + typed_cells(event, "destinationList", "destination") + "\r\n";
}

std::string csv_head() {
  std::string out = "n";
  for (const char* column : kColumns) out += std::string(",") + column;
  // At the end alone: who reads by position goes on.
  return out + ",readPoint,bizLocation,epcs,eventHash,quantityLists,epcClasses,quantities,uoms," +
         "bizTransactionTypes,bizTransactions,sourceTypes,sources,destinationTypes,"
         "destinations\r\n";
}

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, ec] = std::from_chars(text.data(), end, value);
  if (ec != std::errc{} || at != end || value > INT64_MAX) return std::nullopt;
  return value;
}

// Where no format is named.
const char* format_of(std::string_view accept) {
  return quality_of(accept, "text/csv") > quality_of(accept, "application/jsonl") ? "csv" : "jsonl";
}

Problem bad(const char* name, const char* why) {
  return {400, "QueryParameterException", why, name};
}

}  // namespace

http::Response EpcisApi::export_events(const Asked& asked) {
  const auto after = number_of(parameter(asked.parameters, "after").value_or("0"));
  if (!after) return to_response(bad("after", "after is the number of the last event you have"));
  const std::string format =
      parameter(asked.parameters, "format").value_or(format_of(asked.request.header("accept")));
  const bool csv = format == "csv";
  if (!csv && format != "jsonl") return to_response(bad("format", "format is jsonl or csv"));
  std::string text = csv && *after == 0 ? csv_head() : std::string();
  std::uint64_t last = *after;
  const EventForm form{asked.wanted.format.value_or(EpcFormat::kAsSent), options_.prefixes};
  const auto done = readers_.with([&](EventReader& reader) -> Status {
    LM_ASSIGN(const auto events, reader.behind(*after, kPage));
    for (const auto& e : events) {
      LM_ASSIGN(auto json, event_json(e, form));
      const auto hash = lotmark::epcis::hash_uri(e.hash);
      last = e.n;
      if (csv) {
        text += csv_line(e.n, json, hash);
        continue;
      }
      LM_ASSIGN(const auto known, reader.context(e.context));
      const Json line = {{"n", e.n},
                         {"eventHash", hash},
                         {"@context", Json::parse(known->json, nullptr, false)},
                         {"event", std::move(json)}};
      text += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    return {};
  });
  if (!done) return to_response(done.error());
  auto out = http::text_response(200, csv ? "text/csv; charset=utf-8" : "application/jsonl", text);
  out.headers["Vary"] = "Accept";
  out.headers["Lotmark-Last"] = std::to_string(last);
  if (last != *after) {
    out.headers["Link"] = "<" + options_.origin + "/export/events?format=" + format +
                          "&after=" + std::to_string(last) + ">; rel=\"next\"";
  }
  return out;
}

}  // namespace lotmark::api::epcis
