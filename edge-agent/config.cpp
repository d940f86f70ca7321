#include "edge-agent/config.h"

#include <charconv>
#include <fstream>
#include <sstream>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/bus/bus.h"
#include "core/crypto/sha256.h"
#include "core/wire/limits.h"
#include "edge-agent/toml_section.h"

namespace lotmark::agent {

namespace {

std::string check_name(const std::string& s) {
  return bus::valid_name(s) ? "" : "must be 1 to 32 of a-z, 0-9 and -";
}
std::string check_not_empty(const std::string& s) { return s.empty() ? "must not be empty" : ""; }
std::string check_digest(const std::string& s) {
  return fixed_from_hex<Digest>(s) ? "" : "must be 64 hex digits";
}
std::string check_point(const std::string& s) {
  const auto key = fixed_from_hex<PublicKey>(s);
  return key && Verifier::from(*key) ? "" : "must be a P-256 point of 130 hex digits";
}
std::string check_time(const std::string& s) {
  return from_iso(s) ? "" : "must be a time such as 2026-01-05T08:00:00Z";
}
std::string check_url(const std::string& s) {
  if (s.starts_with("ssl://") || s.starts_with("tcp://127.0.0.1:")) return "";
  return "must begin with ssl:// (or tcp://127.0.0.1: for trials)";
}
std::string check_channel(const std::string& s) {
  return s.empty() || s.size() > 32 ? "must have 1 to 32 bytes" : "";
}
Section::Check one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& s) {
    if (std::ranges::find(words, s) != words.end()) return std::string();
    std::string all;
    for (const auto& w : words) all += (all.empty() ? "" : ", ") + w;
    return "must be one of " + all;
  };
}

void read_digest(Section& s, std::string_view key, Digest& out) {
  std::string text;
  s.text(key, text, Need::kRequired, check_digest);
  if (auto d = fixed_from_hex<Digest>(text)) out = *d;
}

void read_keys(Section& s, std::string_view key, std::vector<PublicKey>& out, Need need) {
  std::vector<std::string> texts;
  s.texts(key, texts, need, check_point);
  for (const auto& text : texts) out.push_back(*fixed_from_hex<PublicKey>(text));
}

BrokerConfig read_broker(Faults& faults, const toml::table& table, const std::string& name) {
  Section s(faults, table, name);
  BrokerConfig b;
  s.text("url", b.url, Need::kRequired, check_url);
  const Need tls = b.url.starts_with("tcp://") ? Need::kOptional : Need::kRequired;
  s.text("ca", b.ca, tls);
  s.text("cert", b.cert, tls);
  s.text("key", b.key, tls);
  return b;
}

// "recorded", "max" or a factor such as "1440x".
std::optional<double> speed_of(const std::string& text) {
  if (text == "recorded") return 1.0;
  if (text == "max") return 0.0;
  double v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc{} || std::string_view(end) != "x" || !(v > 0) || v > 1e9)
    return std::nullopt;
  return v;
}

std::vector<Column> read_columns(Faults& faults, Section& parent, const std::string& name,
                                 Need need) {
  std::vector<Column> out;
  parent.tables("columns", need, [&](const toml::table& table, std::size_t place) {
    Section s(faults, table, name + ".columns[" + std::to_string(place) + "]");
    Column c;
    s.text("column", c.column, Need::kRequired, check_not_empty);
    c.channel = c.column;
    s.text("channel", c.channel, Need::kOptional, check_channel);
    if (c.channel.size() > 32) s.fault("channel", "needed: the column's name is above 32 bytes");
    s.text("unit", c.unit, Need::kOptional);
    s.integer("exp", c.exp, -18, 18, Need::kRequired);
    for (const auto& other : out) {
      if (other.channel == c.channel) s.fault("channel", c.channel + " is named twice");
    }
    out.push_back(std::move(c));
  });
  if (out.size() > limits::kChannels) parent.fault("columns", "at most 32");
  return out;
}

TimeColumns read_time(Faults& faults, const toml::table& table, const std::string& name) {
  Section s(faults, table, name + ".time");
  TimeColumns t;
  std::string format = "iso";
  s.text("format", format, Need::kOptional, one_of({"iso", "unix", "unix-ms", "columns"}));
  if (format == "unix") t.format = TimeFormat::kUnix;
  if (format == "unix-ms") t.format = TimeFormat::kUnixMs;
  if (format != "columns") {
    s.text("column", t.column, Need::kRequired, check_not_empty);
    return t;
  }
  t.format = TimeFormat::kColumns;
  s.text("year", t.year, Need::kRequired, check_not_empty);
  s.text("month", t.month, Need::kRequired, check_not_empty);
  s.text("day", t.day, Need::kRequired, check_not_empty);
  s.text("hour", t.hour, Need::kOptional);
  s.text("minute", t.minute, Need::kOptional);
  s.text("second", t.second, Need::kOptional);
  return t;
}

void read_span(Section& s, ReplayOptions& r) {
  std::string from;
  std::string to;
  s.text("from", from, Need::kOptional, check_time);
  s.text("to", to, Need::kOptional, check_time);
  if (auto t = from_iso(from)) r.from = to_ms(*t);
  if (auto t = from_iso(to)) r.to = to_ms(*t);
  if (r.from >= r.to) s.fault("to", "must be after from");
}

void read_replay(Faults& faults, Section& s, const std::string& name, SourceConfig& out) {
  ReplayOptions& r = out.replay;
  std::string file;
  s.text("file", file, Need::kRequired, check_not_empty);
  r.file = file;
  r.name = out.name;
  std::string format = "csv";
  s.text("format", format, Need::kOptional, one_of({"csv", "senml"}));
  std::string pace = "max";
  s.text("pace", pace, Need::kOptional, [](const std::string& p) {
    return speed_of(p) ? "" : "must be recorded, max or a factor such as 1440x";
  });
  r.speed = *speed_of(pace);
  read_span(s, r);
  if (format == "senml") {
    SenmlOptions senml;
    senml.columns = read_columns(faults, s, name, Need::kOptional);
    s.integer("exp", senml.exp, -18, 18);
    s.flag("round", senml.round);
    r.format = std::move(senml);
    return;
  }
  CsvOptions csv;
  csv.columns = read_columns(faults, s, name, Need::kRequired);
  s.flag("round", csv.round);
  s.texts("missing", csv.missing, Need::kOptional);
  if (const auto* time = s.table("time", Need::kRequired))
    csv.time = read_time(faults, *time, name);
  r.format = std::move(csv);
}

void read_exec(Faults& faults, Section& s, const std::string& name, SourceConfig& out) {
  ExecOptions& e = out.exec;
  e.name = out.name;
  s.texts("command", e.command);
  if (s.has("command") && e.command.empty()) s.fault("command", "must not be empty");
  std::string restart = "always";
  s.text("restart", restart, Need::kOptional, one_of({"always", "never"}));
  e.restart = restart == "never" ? Restart::kNever : Restart::kAlways;
  e.senml.columns = read_columns(faults, s, name, Need::kOptional);
  s.integer("exp", e.senml.exp, -18, 18);
  s.flag("round", e.senml.round);
}

void read_frames(Section& s, SourceConfig& out) {
  s.texts("command", out.command, Need::kOptional);
  s.text("path", out.path, Need::kOptional);
  s.text("device", out.device, Need::kRequired, check_name);
  if (out.command.empty() == out.path.empty()) s.fault("command", "give either command or path");
}

SourceConfig read_source(Faults& faults, const toml::table& table, std::size_t place) {
  const std::string name = "source[" + std::to_string(place) + "]";
  Section s(faults, table, name);
  SourceConfig out;
  std::string type;
  s.text("name", out.name, Need::kRequired, check_name);
  s.text("type", type, Need::kRequired, one_of({"replay", "exec", "frames"}));
  if (type == "replay") read_replay(faults, s, name, out);
  if (type == "exec") {
    out.type = SourceType::kExec;
    read_exec(faults, s, name, out);
  }
  if (type == "frames") {
    out.type = SourceType::kFrames;
    read_frames(s, out);
  }
  if (type.empty()) {  // which keys are known depends on it: say no more than that
    for (const auto& [key, node] : table) s.take(key.str(), Need::kOptional);
  }
  return out;
}

void read_agent(Faults& faults, Section& root, Config& c) {
  const auto* table = root.table("agent", Need::kRequired);
  if (table == nullptr) return;
  Section s(faults, *table, "agent");
  s.text("organisation", c.organisation, Need::kRequired, check_name);
  s.text("device", c.device, Need::kRequired, check_name);
  std::string dir;
  s.text("state_dir", dir, Need::kRequired, check_not_empty);
  c.state_dir = dir;
  read_digest(s, "chain", c.chain);
  s.integer("bundle_s", c.bundle_s, 1, 86400);
  s.flag("exit_when_done", c.exit_when_done);
  s.text("log_level", c.log_level, Need::kOptional, one_of({"debug", "info", "warn", "error"}));
  if (const auto* anchor = s.table("anchor", Need::kOptional)) {
    Section a(faults, *anchor, "agent.anchor");
    Checkpoint point;
    a.integer("size", point.size, 1, limits::kIntMax, Need::kRequired);
    read_digest(a, "root", point.root);
    c.anchor = point;
  }
}

void read_rest(Faults& faults, Section& root, Config& c) {
  if (const auto* key = root.table("key", Need::kRequired)) {
    Section s(faults, *key, "key");
    s.text("file", c.key_file, Need::kRequired, check_not_empty);
  }
  if (const auto* b = root.table("broker", Need::kRequired))
    c.broker = read_broker(faults, *b, "broker");
  if (const auto* b = root.table("consortium", Need::kOptional)) {
    c.consortium = read_broker(faults, *b, "consortium");
  }
  if (const auto* outbox = root.table("outbox", Need::kOptional)) {
    Section s(faults, *outbox, "outbox");
    s.integer("max_bytes", c.outbox_max_bytes, 1 << 20, std::int64_t{1} << 40);
    s.integer("resend_s", c.resend_s, 1, 3600);
    s.integer("window", c.window, 1, 4096);
  }
  if (const auto* node = root.table("node", Need::kRequired)) {
    Section s(faults, *node, "node");
    read_keys(s, "enterprise", c.keys.enterprise, Need::kRequired);
    read_keys(s, "reviewers", c.keys.reviewers, Need::kOptional);
    if (s.has("enterprise") && c.keys.enterprise.empty()) s.fault("enterprise", "at least one key");
  }
}

// What joins several sources.
void check_sources(Section& root, const Config& c) {
  std::set<std::string> names;
  std::set<std::string> channels;
  for (const auto& source : c.sources) {
    if (!source.name.empty() && !names.insert(source.name).second) {
      root.fault("source", "the name " + source.name + " is given twice");
    }
    const std::vector<Column>* columns = &source.exec.senml.columns;
    if (source.type == SourceType::kReplay) {
      columns = std::visit([](const auto& f) { return &f.columns; }, source.replay.format);
    }
    for (const auto& column : *columns) {
      if (!channels.insert(column.channel).second) {
        root.fault("source", "the channel " + column.channel + " is fed by two sources");
      }
    }
    if (source.type == SourceType::kFrames && source.device == c.device) {
      root.fault("source", source.name + ": device must differ from the agent's own");
    }
  }
  const bool frames =
      std::ranges::any_of(c.sources, [](const auto& s) { return s.type == SourceType::kFrames; });
  if (frames && c.keys.reviewers.empty()) {
    root.fault("node.reviewers", "needed: a start signal waits for a reviewer's arrival");
  }
}

Error faults_error(const Faults& faults) {
  std::string all;
  for (const auto& line : faults.lines()) all += (all.empty() ? "" : "\n") + line;
  return fail(Errc::kConfig, all);
}

}  // namespace

Result<Config> load_config(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::kConfig, file.string() + ": cannot be read");
  std::stringstream text;
  text << in.rdbuf();
  Faults faults(file.string());
  toml::table table;
  try {
    table = toml::parse(text.str(), file.string());
  } catch (const toml::parse_error& e) {
    faults.add(e.source(), "syntax", std::string(e.description()));
    return faults_error(faults);
  }
  Config c;
  c.hash = sha256(as_bytes(text.str()));
  {
    Section root(faults, table, "");
    read_agent(faults, root, c);
    read_rest(faults, root, c);
    root.tables("source", Need::kRequired, [&](const toml::table& t, std::size_t place) {
      c.sources.push_back(read_source(faults, t, place));
    });
    check_sources(root, c);
  }
  if (!faults.lines().empty()) return faults_error(faults);
  return c;
}

}  // namespace lotmark::agent
