// Inside token_key: the URI and the session it leads to. PKCS#11's C types end here.
#pragma once

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark {

// Fails with `doing` and the number, "CKR 0x000000a0"; a wrong PIN is denied.
Error token_error(const std::string& doing, CK_RV rv);

class TokenUri {
 public:
  static Result<TokenUri> parse(std::string_view text);
  bool names(const CK_TOKEN_INFO& token) const;
  std::string module_path() const;
  std::string token() const;   // its label, for messages
  std::string object() const;  // its label, for messages
  // Label and id, as far as they are given.
  std::vector<CK_ATTRIBUTE> name() const;
  // denied if the PIN's file may be read by others.
  Result<std::string> pin() const;

 private:
  struct Free {
    void operator()(P11KitUri* uri) const { p11_kit_uri_free(uri); }
  };
  std::unique_ptr<P11KitUri, Free> uri_;
};

// A session with the token a URI names, logged in. Closed with it.
class TokenSession {
 public:
  static Result<TokenSession> open(const TokenUri& uri, bool writable);
  TokenSession(TokenSession&& o) noexcept;
  TokenSession& operator=(TokenSession&& o) noexcept;
  ~TokenSession();

  CK_FUNCTION_LIST& api() const { return *module_; }
  CK_SESSION_HANDLE handle() const { return session_; }
  // Objects of the class with the URI's name, at most two.
  Result<std::vector<CK_OBJECT_HANDLE>> find(const TokenUri& uri, CK_OBJECT_CLASS kind) const;
  // An attribute of at most 256 bytes.
  Result<Bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

 private:
  // All that a process uses of PKCS#11 is loaded once and never finalised: other parts may use the same module.
  static Result<std::vector<CK_FUNCTION_LIST*>> modules(const std::string& path);
  TokenSession(CK_FUNCTION_LIST* module, CK_SESSION_HANDLE session)
      : module_(module), session_(session) {}
  CK_FUNCTION_LIST* module_;
  CK_SESSION_HANDLE session_;
};

}  // namespace lotmark
