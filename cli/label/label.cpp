#include "cli/label/label.h"

#include <ZXing/BitMatrix.h>
#include <ZXing/MultiFormatWriter.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/ca/layout.h"
#include "cli/files.h"
#include "cli/lot_name.h"
#include "core/gs1/digital_link.h"
#include "core/wire/sign1.h"

namespace lotmark::cli {

namespace {

constexpr int kQuietModules = 4;  // ISO/IEC 18004
constexpr int kEccMedium = 4;     // level M in ZXing's scale of 0 to 8

// False if no QR code is large enough.
bool encode_link(const std::string& link, LabelContent& content) {
  try {
    ZXing::MultiFormatWriter writer(ZXing::BarcodeFormat::QRCode);
    const auto code = writer.setMargin(kQuietModules).setEccLevel(kEccMedium).encode(link, 0, 0);
    content.side = static_cast<std::size_t>(code.width());
    for (int y = 0; y < code.height(); ++y) {
      for (int x = 0; x < code.width(); ++x) content.modules.push_back(code.get(x, y));
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

Result<std::string> anchor_fingerprint(const std::string& file) {
  LM_ASSIGN(const Bytes bytes, read_file(file));
  LM_ASSIGN(const Anchor anchor, read_anchor(bytes));
  LM_ASSIGN(const auto genesis, open_genesis(anchor.genesis.bytes));
  return grouped_fingerprint(genesis.id);
}

Status check_arguments(const LabelArguments& a, const Gtin& gtin) {
  if (!valid(gtin))
    return fail(Errc::kUsage, a.gtin + " is no GTIN: digits, or the last one, are wrong");
  if (!valid(LotNumber{a.lot}))
    return fail(Errc::kUsage, "\"" + a.lot + "\" is no lot number of GS1's character set");
  LM_TRY(check_lot_in_address(a.lot));
  if (!valid(Expiry{a.expires}))
    return fail(Errc::kUsage, std::to_string(a.expires) + " is no day YYYYMMDD");
  if (!a.url.starts_with("https://")) return fail(Errc::kUsage, "--url must begin with https://");
  return {};
}

Result<std::string> make_label(const LabelArguments& a, const std::string& fingerprint) {
  const Gtin gtin{gs1::pad_gtin(a.gtin)};
  LM_TRY(check_arguments(a, gtin));
  const std::string link = gs1::digital_link(a.url, gtin, LotNumber{a.lot});
  LabelContent content;
  if (!encode_link(link, content)) return fail(Errc::kUsage, "no QR code holds " + link);
  const auto day = a.expires;
  content.lines = {"GTIN " + gtin.text, "LOT " + a.lot,
                   fmt::format("EXP {:04}-{:02}-{:02}", day / 10000, day / 100 % 100, day % 100),
                   fingerprint.substr(0, 35), fingerprint.substr(36)};
  LM_ASSIGN(const Bytes png, label_png(content));
  LM_TRY(write_file(a.out + ".svg", label_svg(content), true));
  LM_TRY(write_file(a.out + ".png", png, true));
  return link;
}

}  // namespace

Exit run_label(const LabelArguments& a, Output& out) {
  const auto fingerprint = anchor_fingerprint(a.anchor);
  if (!fingerprint) return out.error(fingerprint.error());
  const auto link = make_label(a, *fingerprint);
  if (!link) return out.error(link.error());
  if (out.json)
    return out.value({{"link", *link}, {"svg", a.out + ".svg"}, {"png", a.out + ".png"}});
  out.line(*link);
  out.line(a.out + ".svg, " + a.out + ".png: print at full size, " + std::to_string(kDpi) + " dpi");
  return Exit::kDone;
}

}  // namespace lotmark::cli
