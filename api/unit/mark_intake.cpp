#include "api/unit/mark_intake.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/unit/base64.h"
#include "core/base/http_status.h"
#include "core/base/log.h"
#include "core/http/problem.h"
#include "ledger-node/peer/call.h"

namespace lotmark::api {

using http::Response;
using lotmark::epcis::Json;

namespace {

Response never_kept(Response out) {
  out.headers["Cache-Control"] = "no-store";
  return out;
}

Response refuse(const Error& error) { return never_kept(http::problem(error)); }

Result<std::vector<Bytes>> from_json(ByteView body) {
  const auto json = Json::parse(as_text(body), nullptr, false);
  if (!json.is_object() || json.size() != 1 || !json.contains("marks") || !json["marks"].is_array())
    return fail(Errc::kUsage, "the body is {\"marks\": [base64, ...]}");
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < json["marks"].size(); ++i) {
    const auto& each = json["marks"][i];
    auto mark = each.is_string() ? from_base64(each.get_ref<const std::string&>()) : std::nullopt;
    if (!mark) return fail(Errc::kUsage, fmt::format("marks[{}] is no base64", i));
    out.push_back(*std::move(mark));
  }
  return out;
}

// The media type alone, in lower case.
std::string type_of(const http::Request& r) {
  std::string out;
  for (const char c : r.header("content-type")) {
    if (c == ';' || c == ' ') break;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

bool is_answer(const Json& body, std::size_t count) {
  if (!body.contains("marks") || !body["marks"].is_array() || body["marks"].size() != count)
    return false;
  return std::ranges::all_of(body["marks"], [](const Json& each) {
    return each.is_object() && each.contains("state") && each["state"].is_string();
  });
}

// What the node says of those it did not take, the first of them first.
Response refused_some(const Json& body, std::size_t first) {
  const Json& mark = body["marks"][first];
  const std::string error = mark.value("error", "refused");
  const std::string why = mark.value("detail", std::string());
  Json problem = {
      {"title", "Unprocessable Content"},
      {"status", 422},
      {"detail", fmt::format("marks[{}]: {}{}{}", first, error, why.empty() ? "" : ": ", why)},
      {"marks", body["marks"]}};
  for (const char* key : {"error", "number"}) {
    if (mark.contains(key)) problem[key] = mark[key];
  }
  return never_kept(
      http::text_response(422, "application/problem+json",
                          problem.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

// Whatever the node has against this server, its token, its key or that it brings marks at all, is no fault of who brings
// some. What is wrong with the body, and what fails at the node, is theirs to know.
Error as_told(const Error& error) {
  if (error.code == Errc::kUsage || error.code == Errc::kTooLarge || http_status(error.code) >= 500)
    return error;
  log::error("api.marks_denied", {{"error", error.message()}});
  return fail(Errc::kUnavailable, "the node does not take marks from this server");
}

// Counts who waits; gives the place back.
class Waiting {
 public:
  explicit Waiting(std::atomic<int>& count) : count_(count), before_(count.fetch_add(1)) {}
  ~Waiting() { count_.fetch_sub(1); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  int before() const { return before_; }

 private:
  std::atomic<int>& count_;
  const int before_;
};

}  // namespace

std::variant<std::vector<Bytes>, Response> marks_of_body(const http::Request& r) {
  if (r.body.size() > MarkIntake::kBodyMax)
    return refuse(fail(Errc::kTooLarge, "a body of marks is at most 64 KiB"));
  const std::string type = type_of(r);
  Result<std::vector<Bytes>> marks = std::vector<Bytes>();
  if (type == "application/cose") marks = std::vector<Bytes>{r.body};
  else if (type == "application/cbor") marks = node::decode_list(r.body, MarkIntake::kMarksMax);
  else if (type == "application/json") marks = from_json(r.body);
  else
    return never_kept(
        http::problem(415, "marks come as application/cose, application/cbor or application/json"));
  if (!marks) return refuse(marks.error());
  if (marks->empty()) return refuse(fail(Errc::kUsage, "there is no mark in the body"));
  if (marks->size() > MarkIntake::kMarksMax)
    return refuse(fail(Errc::kTooLarge, fmt::format("more than {} marks", MarkIntake::kMarksMax)));
  return *std::move(marks);
}

Response MarkIntake::post(const http::Request& r) {
  if (line_ == nullptr) return never_kept(http::problem(501, "no marks are taken here"));
  auto read = marks_of_body(r);
  if (auto* refusal = std::get_if<Response>(&read)) return std::move(*refusal);
  const auto& marks = std::get<std::vector<Bytes>>(read);
  const Waiting waiting(waiting_);
  if (waiting.before() >= kWaitingMax)
    return refuse(fail(Errc::kUnavailable, "marks wait for the node already: send them again"));
  const auto answer = line_->bring(marks);
  if (!answer) return refuse(as_told(answer.error()));
  if (!is_answer(*answer, marks.size()))
    return refuse(fail(Errc::kUnavailable, "the node's answer cannot be read: send them again"));
  bool added = false;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const auto state = (*answer)["marks"][i]["state"].get<std::string>();
    if (state == "refused") return refused_some(*answer, i);
    added = added || state == "taken";
  }
  return never_kept(http::text_response(added ? 201 : 200, "application/json",
                                        Json{{"marks", (*answer)["marks"]}}.dump()));
}

}  // namespace lotmark::api
