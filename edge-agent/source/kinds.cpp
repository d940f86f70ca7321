#include "edge-agent/source/kinds.h"

#include <algorithm>

namespace lotmark::agent {

std::vector<std::string> channels_of(const SourceConfig& source) {
  return std::visit([](const auto& o) { return channels_of(o); }, source.options);
}

bool names_channels(const SourceConfig& source) {
  if (const auto* replay = std::get_if<ReplayOptions>(&source.options)) {
    const auto* senml = std::get_if<SenmlOptions>(&replay->format);
    return senml != nullptr && senml->columns.empty();
  }
  if (const auto* exec = std::get_if<ExecOptions>(&source.options))
    return exec->senml.columns.empty();
  if (const auto* mqtt = std::get_if<MqttOptions>(&source.options))
    return !mqtt->senml_topics.empty() && mqtt->senml.columns.empty();
  return std::holds_alternative<FramesOptions>(source.options);
}

bool may_feed(const std::vector<SourceConfig>& sources, const std::string& channel) {
  return std::ranges::any_of(sources, [&](const SourceConfig& s) {
    return names_channels(s) || std::ranges::count(channels_of(s), channel) != 0;
  });
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
