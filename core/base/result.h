// Result<T>: a value or an Error, for what can fail for reasons outside the program. It cannot be
// ignored. The used subset of std::expected, which g++ 12 lacks.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/base/assert.h"
#include "core/base/errc.h"

namespace lotmark {

// A stable code, and a sentence that says what, which, and where it helps what to do. Never key bytes.
struct Error {
  Errc code = Errc::kInternal;
  std::string text;

  // "need-seq: expected 7, got 9"
  std::string message() const {
    std::string m(name(code));
    if (!text.empty()) m += ": " + text;
    return m;
  }
};

inline Error fail(Errc code, std::string text = {}) { return Error{code, std::move(text)}; }
// io, "WHAT: what errno says".
Error system_error(const std::string& what);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}
  Result(Errc code) : v_(std::in_place_index<1>, Error{code, {}}) {}

  explicit operator bool() const { return v_.index() == 0; }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const {
    LM_ASSERT(v_.index() == 1);
    return std::get<1>(v_);
  }
  Errc code() const { return v_.index() == 0 ? Errc::kOk : std::get<1>(v_).code; }

 private:
  T& value() {
    LM_ASSERT(v_.index() == 0);
    return std::get<0>(v_);
  }
  const T& value() const {
    LM_ASSERT(v_.index() == 0);
    return std::get<0>(v_);
  }
  std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  Result(Errc code) : error_(code == Errc::kOk ? std::nullopt : std::optional{Error{code, {}}}) {}

  explicit operator bool() const { return !error_; }
  const Error& error() const {
    LM_ASSERT(error_.has_value());
    return *error_;
  }
  Errc code() const { return error_ ? error_->code : Errc::kOk; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

// Leaves the function with the error of `expr`, if it has one.
#define LM_TRY(expr)                                             \
  do {                                                           \
    if (auto lm_try_ = (expr); !lm_try_) return lm_try_.error(); \
  } while (false)

// LM_ASSIGN(auto x, f()): x = *f(), or leaves with its error.
#define LM_ASSIGN_JOIN2(a, b) a##b
#define LM_ASSIGN_JOIN(a, b) LM_ASSIGN_JOIN2(a, b)
#define LM_ASSIGN(decl, expr) LM_ASSIGN_IMPL(LM_ASSIGN_JOIN(lm_result_, __LINE__), decl, expr)
#define LM_ASSIGN_IMPL(tmp, decl, expr) \
  auto tmp = (expr);                    \
  if (!tmp) return tmp.error();         \
  decl = *std::move(tmp)

}  // namespace lotmark
