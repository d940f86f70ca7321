// Calls to a node's control endpoint, each with a token of the operator's (docs/operate/peer.md).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "cli/node/profile.h"
#include "core/http/client.h"
#include "ledger-node/peer/call.h"

namespace lotmark::cli {

class Control {
 public:
  static Result<Control> open(const ProfileChoice& choice);

  static constexpr std::size_t kAnswerMax = 4 * 1024 * 1024;
  // The body of a 2xx answer, of at most `max` bytes; else the error the node named, or network and unavailable.
  Result<Bytes> call(const std::string& method, const std::string& path, const nlohmann::json* body,
                     std::size_t max = kAnswerMax) const;
  // The same with a body of CBOR, such as a signed object.
  Result<Bytes> send(const std::string& method, const std::string& path, Bytes body) const;
  Result<nlohmann::json> get(const std::string& path) const;
  Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body) const;

  const Signer& signer() const { return *profile_.signer; }
  const Digest& chain() const { return profile_.chain; }
  const Bytes& anchor() const { return profile_.anchor; }

 private:
  Result<Bytes> make(node::Call call, const char* content_type, std::size_t max) const;
  Control(Profile profile, http::Client client)
      : profile_(std::move(profile)), client_(std::move(client)) {}
  Profile profile_;
  http::Client client_;
};

// Fields of an answer; an empty text or 0 if they are not there or of another type.
std::string text_of(const nlohmann::json& j, const char* key);
std::uint64_t number_of(const nlohmann::json& j, const char* key);

}  // namespace lotmark::cli
