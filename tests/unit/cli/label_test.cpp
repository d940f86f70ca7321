// Labels read back by a scanner's code: ZXing on the PNG's pixels.
#include <ZXing/ReadBarcode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include "cli/label/label.h"
#include "core/gs1/digital_link.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::testing::HasSubstr;

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> grey;
  bool dark_below(int y) const {
    for (std::size_t i = static_cast<std::size_t>(y * width); i < grey.size(); ++i) {
      if (grey[i] < 128) return true;
    }
    return false;
  }
};

Picture load(const std::string& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_file(&image, file.c_str()), 0) << image.message;
  image.format = PNG_FORMAT_GRAY;
  Picture p{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  p.grey.resize(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, p.grey.data(), 0, nullptr), 0) << image.message;
  return p;
}

// What the code says, with everything below `rows` cut off if given.
std::string scan(const Picture& p) {
  const ZXing::ImageView view(p.grey.data(), p.width, p.height, ZXing::ImageFormat::Lum);
  const auto hints = ZXing::DecodeHints().setFormats(ZXing::BarcodeFormat::QRCode);
  const auto result = ZXing::ReadBarcode(view, hints);
  const std::wstring text = result.isValid() ? result.text() : std::wstring();
  return {text.begin(), text.end()};
}

Ran label(const TempDir& dir, const std::string& gtin, const std::string& lot,
          const std::string& url = "https://id.example") {
  return lotmark({"label", gtin, lot, "--expires", "20281231", "--anchor",
                  consortium() / "c/anchor.cbor", "--url", url, "--out", dir / "l"});
}

TEST(Label, PngIsReadBackAsTheLotsDigitalLink) {
  const TempDir dir;
  ASSERT_EQ(label(dir, "9506000134352", "A-2026/01").exit, 0);
  const auto link = scan(load(dir / "l.png"));
  EXPECT_EQ(link, "https://id.example/01/09506000134352/10/A-2026%2F01");
  const auto parsed = gs1::parse_uri(link);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->lot->text, "A-2026/01");
}

TEST(Label, LongestLotAndLongHostAreStillRead) {
  const TempDir dir;
  const std::string lot = "%&'()*+,-./:;<=>?!\"_";
  const std::string url = "https://a-rather-long-name-of-an-agency.of-some-province.example";
  ASSERT_EQ(label(dir, "09506000134352", lot, url).exit, 0);
  const auto parsed = gs1::parse_uri(scan(load(dir / "l.png")));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->lot->text, lot);
}

TEST(Label, PngCarriesTextAndItsResolution) {
  const TempDir dir;
  ASSERT_EQ(label(dir, "09506000134352", "A").exit, 0);
  const Picture p = load(dir / "l.png");
  const int text_rows = static_cast<int>(5 * 11 * kFontPx);
  EXPECT_TRUE(p.dark_below(p.height - text_rows));
  const std::string bytes = read(dir / "l.png");
  const auto at = bytes.find("pHYs");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(bytes.substr(at + 4, 4), std::string("\0\0\x5c\x46", 4));  // 23622 a metre: 600 dpi
}

TEST(Label, SvgNamesGtinLotExpiryAndFingerprint) {
  const TempDir dir;
  ASSERT_EQ(label(dir, "09506000134352", "A#1").exit, 2) << "not in GS1's characters";
  ASSERT_EQ(label(dir, "09506000134352", "A<&1").exit, 0);
  const std::string svg = read(dir / "l.svg");
  EXPECT_THAT(svg, HasSubstr(">GTIN 09506000134352<"));
  EXPECT_THAT(svg, HasSubstr(">LOT A&lt;&amp;1<"));
  EXPECT_THAT(svg, HasSubstr(">EXP 2028-12-31<"));
  EXPECT_THAT(svg, HasSubstr(read(consortium() / "c/fingerprint.txt").substr(0, 35)));
}

TEST(Label, RefusesAnAddressThatNoCodeHolds) {
  const TempDir dir;
  const Ran ran =
      label(dir, "09506000134352", "A", "https://" + std::string(3000, 'a') + ".example");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("no QR code holds"));
}

TEST(Label, RefusesLotsThatNoBrowserAsksFor) {
  const TempDir dir;
  for (const char* lot : {".", ".."}) {
    const Ran ran = label(dir, "09506000134352", lot);
    EXPECT_EQ(ran.exit, 2) << lot;
    EXPECT_THAT(ran.err, HasSubstr("browsers")) << lot;
    const Ran start = lotmark({"batch", "start", "--programme", "v", "--line", "l", "--gtin",
                               "09506000134352", "--lot", lot, "--reviewer", "r"});
    EXPECT_EQ(start.exit, 2);
    EXPECT_THAT(start.err, HasSubstr("browsers")) << lot;
  }
  EXPECT_EQ(label(dir, "09506000134352", "...").exit, 0);
}

TEST(Label, RefusesWrongCheckDigitAndPlainHttp) {
  const TempDir dir;
  EXPECT_EQ(label(dir, "09506000134353", "A").exit, 2);
  EXPECT_EQ(label(dir, "09506000134352", "A", "http://id.example").exit, 2);
  EXPECT_FALSE(std::filesystem::exists(dir / "l.png"));
}

}  // namespace
}  // namespace lotmark::cli::test
