#include "edge-agent/source/kinds.h"

namespace lotmark::agent {

std::vector<std::string> channels_of(const SourceConfig& source) {
  return std::visit([](const auto& o) { return channels_of(o); }, source.options);
}

bool recorded(const SourceConfig& source) {
  return std::holds_alternative<ReplayOptions>(source.options) ||
         std::holds_alternative<FridgeLogOptions>(source.options);
}

std::string device_of(const SourceConfig& source) {
  const auto* frames = std::get_if<FramesOptions>(&source.options);
  return frames != nullptr ? frames->device : std::string();
}

std::unique_ptr<Source> make_source(const SourceConfig& source, const SourcePlace& place) {
  return std::visit([&](const auto& o) { return make_source(o, place); }, source.options);
}

namespace {

template <class Options>
std::optional<Result<std::string>> try_options(const Options& o) {
  if constexpr (requires { probe(o); }) {
    auto found = probe(o);
    if constexpr (std::is_same_v<decltype(found), Status>) {
      if (!found) return Result<std::string>(found.error());
      return Result<std::string>("can be opened");
    } else {
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Result<std::string>> try_source(const SourceConfig& source) {
  return std::visit([](const auto& o) { return try_options(o); }, source.options);
}

}  // namespace lotmark::agent
