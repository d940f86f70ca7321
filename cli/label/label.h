// A label: the QR code of a lot's GS1 Digital Link with what people read beside it, as SVG and as
// PNG.
#pragma once

#include "cli/output.h"
#include "core/base/bytes.h"

namespace lotmark::cli {

struct LabelArguments {
  std::string gtin;
  std::string lot;
  std::uint64_t expires = 0;  // YYYYMMDD
  std::string anchor;         // file
  std::string url;            // https://host
  std::string out;            // BASE of BASE.svg and BASE.png
};
Exit run_label(const LabelArguments& arguments, Output& out);

// What is drawn: modules of the code, quiet zone included (row by row, true is dark), and lines of
// text.
struct LabelContent {
  std::size_t side = 0;
  std::vector<bool> modules;
  std::vector<std::string> lines;
};

// Sizes in pixels of 600 dpi: a module is 0.59 mm, in the middle of what GS1 asks of a consumer's
// label.
inline constexpr std::size_t kModulePx = 14;
inline constexpr std::size_t kFontPx = 4;  // one dot of the 5x7 font
inline constexpr std::size_t kDpi = 600;

std::string label_svg(const LabelContent& content);
Result<Bytes> label_png(const LabelContent& content);

}  // namespace lotmark::cli
