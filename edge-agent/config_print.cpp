// --print-config: what is in force, as TOML that loads again.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "edge-agent/config.h"

namespace lotmark::agent {

namespace {

std::string toml_text(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

template <class List, class Text>
std::string array(const List& list, const Text& text) {
  std::string out = "[";
  for (const auto& e : list) out += (out.size() == 1 ? "" : ", ") + text(e);
  return out + "]";
}

std::string line(std::string_view key, const std::string& value) {
  return fmt::format("{} = {}\n", key, value);
}

std::string broker(std::string_view name, const BrokerConfig& b) {
  std::string out = fmt::format("\n[{}]\n", name) + line("url", toml_text(b.url));
  if (b.url.starts_with("tcp://")) return out;
  return out + line("ca", toml_text(b.ca)) + line("cert", toml_text(b.cert)) +
         line("key", toml_text(b.key));
}

std::string columns(const std::vector<Column>& list) {
  if (list.empty()) return {};
  return line("columns", array(list, [](const Column& c) {
                return fmt::format("{{column = {}, channel = {}, unit = {}, exp = {}}}",
                                   toml_text(c.column), toml_text(c.channel), toml_text(c.unit),
                                   c.exp);
              }));
}

std::string senml(const SenmlOptions& s) {
  return columns(s.columns) + line("exp", std::to_string(s.exp)) +
         line("round", s.round ? "true" : "false");
}

std::string csv(const CsvOptions& c) {
  const auto& t = c.time;
  std::string time;
  if (t.format == TimeFormat::kColumns) {
    time = "{format = \"columns\"";
    for (const auto& [key, name] : {std::pair{"year", &t.year},
                                    {"month", &t.month},
                                    {"day", &t.day},
                                    {"hour", &t.hour},
                                    {"minute", &t.minute},
                                    {"second", &t.second}}) {
      if (!name->empty()) time += fmt::format(", {} = {}", key, toml_text(*name));
    }
    time += "}";
  } else {
    const char* format = t.format == TimeFormat::kIso    ? "iso"
                         : t.format == TimeFormat::kUnix ? "unix"
                                                         : "unix-ms";
    time = fmt::format("{{format = \"{}\", column = {}}}", format, toml_text(t.column));
  }
  return line("time", time) + columns(c.columns) + line("missing", array(c.missing, toml_text)) +
         line("round", c.round ? "true" : "false");
}

std::string replay(const ReplayOptions& r) {
  const bool is_csv = std::holds_alternative<CsvOptions>(r.format);
  std::string out =
      line("file", toml_text(r.file.string())) + line("format", is_csv ? "\"csv\"" : "\"senml\"");
  out += line("pace", r.speed <= 0 ? "\"max\"" : fmt::format("\"{}x\"", r.speed));
  if (r.from > 0) out += line("from", toml_text(to_iso(from_ms(r.from))));
  if (r.to < std::numeric_limits<std::int64_t>::max())
    out += line("to", toml_text(to_iso(from_ms(r.to))));
  return out +
         (is_csv ? csv(std::get<CsvOptions>(r.format)) : senml(std::get<SenmlOptions>(r.format)));
}

std::string source(const SourceConfig& s) {
  std::string out = "\n[[source]]\n" + line("name", toml_text(s.name));
  switch (s.type) {
    case SourceType::kReplay: return out + line("type", "\"replay\"") + replay(s.replay);
    case SourceType::kExec:
      out += line("type", "\"exec\"") + line("command", array(s.exec.command, toml_text));
      out += line("restart", s.exec.restart == Restart::kNever ? "\"never\"" : "\"always\"");
      return out + senml(s.exec.senml);
    case SourceType::kFrames: break;
  }
  out += line("type", "\"frames\"") + line("device", toml_text(s.device));
  return out + (s.command.empty() ? line("path", toml_text(s.path))
                                  : line("command", array(s.command, toml_text)));
}

}  // namespace

std::string print_config(const Config& c) {
  const auto point = [](const PublicKey& k) { return toml_text(to_hex(k)); };
  std::string out =
      "[agent]\n" + line("organisation", toml_text(c.organisation)) +
      line("device", toml_text(c.device)) + line("state_dir", toml_text(c.state_dir.string())) +
      line("chain", toml_text(to_hex(c.chain))) + line("bundle_s", std::to_string(c.bundle_s)) +
      line("exit_when_done", c.exit_when_done ? "true" : "false") +
      line("log_level", toml_text(c.log_level));
  if (c.anchor) {
    out += line("anchor", fmt::format("{{size = {}, root = {}}}", c.anchor->size,
                                      toml_text(to_hex(c.anchor->root))));
  }
  out += "\n[key]\n" + line("file", toml_text(c.key_file)) + broker("broker", c.broker);
  if (c.consortium) out += broker("consortium", *c.consortium);
  out += "\n[outbox]\n" + line("max_bytes", std::to_string(c.outbox_max_bytes)) +
         line("resend_s", std::to_string(c.resend_s)) + line("window", std::to_string(c.window));
  out += "\n[node]\n" + line("enterprise", array(c.keys.enterprise, point));
  out += line("reviewers", array(c.keys.reviewers, point));
  for (const auto& s : c.sources) out += source(s);
  return out;
}

}  // namespace lotmark::agent
