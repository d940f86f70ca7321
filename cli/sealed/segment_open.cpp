#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/ca/layout.h"
#include "cli/files.h"
#include "cli/sealed/record_file.h"
#include "cli/sealed/sealed.h"
#include "cli/shown.h"
#include "core/base/hex.h"
#include "core/merkle/tree.h"
#include "core/proof/statements.h"
#include "core/sealed/cose_encrypt.h"

namespace lotmark::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kHexColumns = 64;

// The record that holds the segment, and where.
struct RecordPlace {
  Digest commitment;
  std::size_t segment = 0;
};

struct OpenedSegment {
  Segment plain;
  Digest leaf;
  KeyId reader;
  Digest chain;
  std::optional<RecordPlace> place;
};

Result<RecordPlace> place_in(const std::string& file, const Digest& chain, const Digest& leaf) {
  LM_ASSIGN(const Bytes bytes, read_file(file));
  LM_ASSIGN(const auto record, read_record_file(bytes, chain));
  const auto at = std::ranges::find(record.leaves, leaf);
  if (at == record.leaves.end())
    return fail(Errc::kCommitmentMismatch, "the record holds no such segment");
  return RecordPlace{record.commitment, static_cast<std::size_t>(at - record.leaves.begin())};
}

// Downloads that are taken for sealed segments.
const char* what_it_is_instead(ByteView file) {
  const auto begin =
      std::ranges::find_if_not(file, [](std::uint8_t c) { return c <= ' ' && c != 0; });
  if (begin != file.end() && (*begin == '{' || *begin == '['))
    return ": it is JSON, an answer of the API that is no segment; its text says why";
  const auto entry = decode<Segment>(file);
  if (!entry) return "";
  if (sealed::is_sealed(*entry))
    return ": it is the record's entry, sealed and without a recipient; ask the API for it with "
           "?reader=KID";
  return ": it is an entry in the clear, not sealed; read it in the record's JSON "
         "(/lotmark/v1/records/COMMITMENT, entry)";
}

Result<sealed::Envelope> envelope_in(const std::string& name) {
  LM_ASSIGN(const Bytes file, read_file_start(name, limits::kSealed + 1));
  auto envelope = sealed::read_cose_encrypt(file);
  if (envelope || envelope.code() != Errc::kSeal) return envelope;
  return fail(Errc::kSeal, name + ": " + envelope.error().text + what_it_is_instead(file));
}

Result<OpenedSegment> open_file(const SegmentOpenArguments& a) {
  LM_ASSIGN(const Bytes anchor_bytes, read_file_start(a.anchor, limits::kAnchor + 1));
  LM_ASSIGN(const auto anchor, read_anchor(anchor_bytes));
  LM_ASSIGN(const auto statements, proof::Statements::from_roots(anchor));
  LM_ASSIGN(const Scalar scalar, read_key_file(a.key));
  LM_ASSIGN(const auto key, sealed::OpeningKey::from(scalar));
  LM_ASSIGN(const auto envelope, envelope_in(a.file));
  OpenedSegment out;
  out.chain = statements.chain();
  out.reader = key.kid();
  out.leaf = merkle::leaf_hash(encode(envelope.sealed));
  LM_ASSIGN(out.plain, sealed::open_envelope(out.chain, envelope, key));
  if (!a.record.empty()) {
    LM_ASSIGN(out.place, place_in(a.record, out.chain, out.leaf));
  }
  if (!a.out.empty()) LM_TRY(write_private_file(a.out, out.plain.content));
  return out;
}

bool is_textual(const Segment& s) {
  return (s.media.starts_with("text/") || s.media == "application/json") &&
         is_utf8(as_text(s.content));
}

// What a person or program reads of the content: a claim's places, text, or nothing but its bytes.
json readable(const Segment& s) {
  if (s.media == kClaimMedia) {
    const auto claim = decode<Claim>(s.content);
    if (claim) return {{"claim", to_json(*claim)}};
  }
  if (is_textual(s)) return {{"text", as_text(s.content)}};
  return json::object();
}

json opened_json(const OpenedSegment& o) {
  json out = readable(o.plain);
  out["name"] = o.plain.name;
  out["media"] = o.plain.media;
  out["audience"] = name(o.plain.audience);
  out["content"] = to_hex(o.plain.content);
  out["chain"] = to_hex(o.chain);
  out["leaf"] = to_hex(o.leaf);
  out["record"] = nullptr;
  if (o.place)
    out["record"] = {{"commitment", to_hex(o.place->commitment)}, {"segment", o.place->segment}};
  return out;
}

void show_lines(std::string_view text, Output& out) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void show_content(const Segment& s, Output& out) {
  const json read = readable(s);
  if (read.contains("claim")) return show_lines(read["claim"].dump(2), out);
  if (read.contains("text")) return show_lines(as_text(s.content), out);
  const std::string hex = to_hex(s.content);
  for (std::size_t at = 0; at < hex.size(); at += kHexColumns)
    out.line(hex.substr(at, kHexColumns));
}

void show(const OpenedSegment& o, const SegmentOpenArguments& a, Output& out) {
  Table table;
  table.rows.push_back({{"name", o.plain.name}});
  table.rows.push_back({{"media", o.plain.media}});
  table.rows.push_back({{"audience", std::string(name(o.plain.audience))}});
  table.rows.push_back({{"consortium", grouped_fingerprint(o.chain)}});
  table.rows.push_back({{"leaf", to_hex(o.leaf)}});
  if (o.place) {
    table.rows.push_back({{"record", to_hex(o.place->commitment)}});
    table.rows.push_back({{"segment", std::to_string(o.place->segment)}});
  }
  out.table(table);
  if (!o.place) {
    out.line("Compare the leaf with the record's, or give the record by --record.", Paint::kDim);
  }
  out.line("");
  if (a.out.empty()) show_content(o.plain, out);
  else out.line("Content in " + a.out);
}

}  // namespace

Exit run_segment_open(const SegmentOpenArguments& a, Output& out) {
  const auto opened = open_file(a);
  if (!opened) {
    out.error(opened.error());
    const Errc code = opened.code();
    if (code == Errc::kSealReader || !is_of_the_formats(code)) return exit_of(code);
    return Exit::kTampered;
  }
  if (out.json) return out.value(opened_json(*opened));
  show(*opened, a, out);
  return Exit::kDone;
}

}  // namespace lotmark::cli
