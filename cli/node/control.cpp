#include "cli/node/control.h"

#include "ledger-node/peer/token.h"

namespace lotmark::cli {

namespace {

Error answer_error(const http::Response& response) {
  node::Reply reply;
  reply.status = response.status;
  reply.body = response.body;
  return node::problem_error(reply);
}

Result<std::string> written(const nlohmann::json& body) {
  try {
    return body.dump();
  } catch (const nlohmann::json::type_error&) {
    return fail(Errc::kUsage, "what was given for the node is no UTF-8 text");
  }
}

Result<nlohmann::json> parsed(const Result<Bytes>& body) {
  if (!body) return body.error();
  auto j = nlohmann::json::parse(as_text(*body), nullptr, false);
  if (j.is_discarded()) return fail(Errc::kNetwork, "the node's answer is no JSON");
  return j;
}

}  // namespace

Result<Control> Control::open(const ProfileChoice& choice) {
  LM_ASSIGN(auto profile, open_profile(choice));
  http::ClientOptions options;
  options.base_url = profile.control;
  LM_ASSIGN(auto client, http::Client::make(options));
  return Control(std::move(profile), std::move(client));
}

Result<Bytes> Control::call(const std::string& method, const std::string& path,
                            const nlohmann::json* body, std::size_t max) const {
  if (body == nullptr) return make({method, path, {}, {}}, nullptr, max);
  LM_ASSIGN(const std::string text, written(*body));
  return make({method, path, to_bytes(as_bytes(text)), {}}, "application/json", max);
}

Result<Bytes> Control::send(const std::string& method, const std::string& path, Bytes body) const {
  return make({method, path, std::move(body), {}}, "application/cbor", kAnswerMax);
}

Result<Bytes> Control::make(node::Call call, const char* content_type, std::size_t max) const {
  LM_ASSIGN(auto token, node::make_authorization(*profile_.signer, profile_.chain, profile_.node,
                                                 call, SystemClock().now()));
  http::Headers headers = {{"authorization", token}};
  if (content_type != nullptr) headers["content-type"] = content_type;
  LM_ASSIGN(auto response, client_.send(call.method, call.path, headers, call.body, max));
  if (response.status < 200 || response.status >= 300) return answer_error(response);
  return std::move(response.body);
}

Result<nlohmann::json> Control::get(const std::string& path) const {
  return parsed(call("GET", path, nullptr));
}

Result<nlohmann::json> Control::post(const std::string& path, const nlohmann::json& body) const {
  return parsed(call("POST", path, &body));
}

std::string text_of(const nlohmann::json& j, const char* key) {
  if (!j.is_object()) return {};
  auto it = j.find(key);
  if (it == j.end() || it->is_null()) return {};
  return it->is_string() ? it->get<std::string>() : it->dump();
}

std::uint64_t number_of(const nlohmann::json& j, const char* key) {
  if (!j.is_object()) return 0;
  auto it = j.find(key);
  return it == j.end() || !it->is_number_unsigned() ? 0 : it->get<std::uint64_t>();
}

}  // namespace lotmark::cli
