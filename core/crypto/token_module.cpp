#include "core/crypto/token_module.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <utility>

#include "core/base/private_file.h"

namespace lotmark {

namespace {

constexpr std::size_t kSlotsMax = 64;
constexpr std::string_view kFile = "file:";

std::string trimmed(const unsigned char* text, std::size_t size) {
  std::string out(reinterpret_cast<const char*>(text), size);
  while (!out.empty() && (out.back() == ' ' || out.back() == '\0')) out.pop_back();
  return out;
}

}  // namespace

Error token_error(const std::string& doing, CK_RV rv) {
  const bool pin = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED || rv == CKR_PIN_EXPIRED ||
                   rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_INVALID;
  return fail(pin ? Errc::kDenied : Errc::kCrypto, fmt::format("{}: CKR {:#010x}", doing, rv));
}

Result<TokenUri> TokenUri::parse(std::string_view text) {
  TokenUri out;
  out.uri_.reset(p11_kit_uri_new());
  if (!out.uri_) return fail(Errc::kInternal, "no memory");
  const int rv = p11_kit_uri_parse(std::string(text).c_str(), P11_KIT_URI_FOR_ANY, out.uri_.get());
  if (rv != P11_KIT_URI_OK) return fail(Errc::kConfig, p11_kit_uri_message(rv));
  if (p11_kit_uri_any_unrecognized(out.uri_.get()) != 0)
    return fail(Errc::kConfig, "has an attribute that is not understood");
  if (out.name().empty()) return fail(Errc::kConfig, "names no key: object= or id=");
  return out;
}

bool TokenUri::names(const CK_TOKEN_INFO& token) const {
  return p11_kit_uri_match_token_info(uri_.get(), &token) == 1;
}

std::string TokenUri::module_path() const {
  const char* path = p11_kit_uri_get_module_path(uri_.get());
  return path != nullptr ? path : "";
}

std::string TokenUri::token() const {
  const CK_TOKEN_INFO* info = p11_kit_uri_get_token_info(uri_.get());
  const std::string label = trimmed(info->label, sizeof info->label);
  return label.empty() ? "any token" : "token " + label;
}

std::string TokenUri::object() const {
  const CK_ATTRIBUTE* label = p11_kit_uri_get_attribute(uri_.get(), CKA_LABEL);
  if (label == nullptr) return "with that id";
  return std::string(static_cast<const char*>(label->pValue), label->ulValueLen);
}

std::vector<CK_ATTRIBUTE> TokenUri::name() const {
  std::vector<CK_ATTRIBUTE> out;
  for (CK_ATTRIBUTE_TYPE type : {CKA_LABEL, CKA_ID}) {
    if (const auto* a = p11_kit_uri_get_attribute(uri_.get(), type)) out.push_back(*a);
  }
  return out;
}

Result<std::string> TokenUri::pin() const {
  if (const char* value = p11_kit_uri_get_pin_value(uri_.get())) return std::string(value);
  const char* source = p11_kit_uri_get_pin_source(uri_.get());
  if (source == nullptr) return fail(Errc::kConfig, "names no PIN: pin-source=file:...");
  std::string_view path = source;
  if (path.starts_with(kFile)) path.remove_prefix(kFile.size());
  return read_password(std::string(path));
}

Result<std::vector<CK_FUNCTION_LIST*>> TokenSession::modules(const std::string& path) {
  static std::mutex mutex;
  static std::map<std::string, std::vector<CK_FUNCTION_LIST*>> loaded;
  std::lock_guard lock(mutex);
  if (const auto at = loaded.find(path); at != loaded.end()) return at->second;
  std::vector<CK_FUNCTION_LIST*> out;
  if (path.empty()) {
    CK_FUNCTION_LIST** all = p11_kit_modules_load_and_initialize(0);
    for (auto** m = all; m != nullptr && *m != nullptr; ++m) out.push_back(*m);
  } else {
    CK_FUNCTION_LIST* module = p11_kit_module_load(path.c_str(), P11_KIT_MODULE_CRITICAL);
    if (module == nullptr) return fail(Errc::kNotFound, path + ": no PKCS#11 module");
    if (const CK_RV rv = p11_kit_module_initialize(module); rv != CKR_OK) {
      p11_kit_module_release(module);
      return token_error(path + " does not start", rv);
    }
    out.push_back(module);
  }
  return loaded.emplace(path, std::move(out)).first->second;
}

Result<TokenSession> TokenSession::open(const TokenUri& uri, bool writable) {
  LM_ASSIGN(const auto modules, TokenSession::modules(uri.module_path()));
  for (auto* module : modules) {
    CK_SLOT_ID slots[kSlotsMax];
    CK_ULONG count = kSlotsMax;
    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) continue;
    for (CK_ULONG i = 0; i < count; ++i) {
      CK_TOKEN_INFO info{};
      if (module->C_GetTokenInfo(slots[i], &info) != CKR_OK || !uri.names(info)) continue;
      CK_SESSION_HANDLE session = 0;
      const CK_FLAGS flags = CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0);
      CK_RV rv = module->C_OpenSession(slots[i], flags, nullptr, nullptr, &session);
      if (rv != CKR_OK) return token_error(uri.token() + " opens no session", rv);
      TokenSession out(module, session);
      LM_ASSIGN(auto pin, uri.pin());
      rv = module->C_Login(session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin.data()),
                           pin.size());
      std::fill(pin.begin(), pin.end(), '\0');
      if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
        return token_error(uri.token() + " does not let us in", rv);
      return out;
    }
  }
  return fail(Errc::kNotFound, uri.token() + " is not there");
}

TokenSession::TokenSession(TokenSession&& o) noexcept
    : module_(std::exchange(o.module_, nullptr)), session_(o.session_) {}

TokenSession& TokenSession::operator=(TokenSession&& o) noexcept {
  std::swap(module_, o.module_);
  std::swap(session_, o.session_);
  return *this;
}

TokenSession::~TokenSession() {
  if (module_ != nullptr) module_->C_CloseSession(session_);
}

Result<std::vector<CK_OBJECT_HANDLE>> TokenSession::find(const TokenUri& uri,
                                                         CK_OBJECT_CLASS kind) const {
  auto wanted = uri.name();
  wanted.push_back({CKA_CLASS, &kind, sizeof kind});
  CK_RV rv = module_->C_FindObjectsInit(session_, wanted.data(), wanted.size());
  if (rv != CKR_OK) return token_error("the token does not search", rv);
  CK_OBJECT_HANDLE found[2];
  CK_ULONG count = 0;
  rv = module_->C_FindObjects(session_, found, 2, &count);
  module_->C_FindObjectsFinal(session_);
  if (rv != CKR_OK) return token_error("the token does not search", rv);
  return std::vector<CK_OBJECT_HANDLE>(found, found + count);
}

Result<Bytes> TokenSession::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  Bytes value(256);
  CK_ATTRIBUTE a{type, value.data(), value.size()};
  const CK_RV rv = module_->C_GetAttributeValue(session_, object, &a, 1);
  if (rv != CKR_OK || a.ulValueLen > value.size())
    return token_error("the key does not tell what it is", rv);
  value.resize(a.ulValueLen);
  return value;
}

}  // namespace lotmark
