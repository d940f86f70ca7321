#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/wire/codec.h"
#include "core/wire/schema.h"

namespace lotmark {

namespace {

using Json = nlohmann::json;

Json show(std::uint64_t v) { return v; }
Json show(std::int64_t v) { return v; }
Json show(bool v) { return v; }
Json show(const std::string& v) { return v; }
Json show(const Bytes& v) { return to_hex(v); }
Json show(const ObjectBytes& v) { return to_hex(v.bytes); }
Json show(const Gtin& v) { return v.text; }
Json show(const LotNumber& v) { return v.text; }
Json show(const Expiry& v) { return v.yyyymmdd; }
Json show(const Exponent& v) { return v.value; }

template <std::size_t N, class Tag>
Json show(const Fixed<N, Tag>& v) {
  return to_hex(v);
}
template <class E>
  requires std::is_enum_v<E>
Json show(E v) {
  return std::string(name(v));
}
template <schema::Shaped S>
Json show(const S& v);
template <class T>
Json show(const std::optional<T>& v) {
  return v ? show(*v) : Json();
}
template <class T>
Json show(const std::vector<T>& v) {
  Json list = Json::array();
  for (const auto& x : v) list.push_back(show(x));
  return list;
}
template <class... Ts>
Json show(const std::variant<Ts...>& v) {
  return std::visit(
      [](const auto& x) {
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, std::monostate>) return Json();
        else return show(x);
      },
      v);
}
template <schema::Shaped S>
Json show(const S& v) {
  Json object = Json::object();
  schema::each_field<S>(
      [&](std::size_t, const auto& field) { object[field.name] = show(v.*field.member); });
  return object;
}

}  // namespace

template <class T>
nlohmann::json to_json(const T& value) {
  return show(value);
}

#define LM_INSTANTIATE(T) template nlohmann::json to_json<T>(const T&);
LM_WIRE_TYPES(LM_INSTANTIATE)
#undef LM_INSTANTIATE

}  // namespace lotmark
