// The label as SVG, and as a PNG of one bit a pixel.
#include <fmt/format.h>
#include <png.h>

#include "cli/label/font.h"
#include "cli/label/label.h"

namespace lotmark::cli {

namespace {

constexpr std::size_t kCharPx = (kGlyphWidth + 1) * kFontPx;
constexpr std::size_t kLinePx = (kGlyphHeight + 4) * kFontPx;
constexpr std::size_t kMarginPx =
    4 * kModulePx;  // of text; the code's quiet zone is in its modules

struct Frame {
  std::size_t width;
  std::size_t height;
  std::size_t code_x;
  std::size_t text_y;
};

Frame frame_of(const LabelContent& c) {
  std::size_t widest = 0;
  for (const auto& l : c.lines) widest = std::max(widest, l.size() * kCharPx);
  const std::size_t code = c.side * kModulePx;
  const std::size_t width = std::max(code, widest + 2 * kMarginPx);
  return {width, code + c.lines.size() * kLinePx + kMarginPx, (width - code) / 2, code};
}

std::size_t line_x(const Frame& f, const std::string& line) {
  return (f.width - line.size() * kCharPx) / 2;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return out;
}

// A page of pixels, white; a set bit of a row is white as PNG has it for one-bit grey.
class Page {
 public:
  Page(std::size_t width, std::size_t height)
      : stride_((width + 7) / 8), rows_(stride_ * height, 0xFF) {}
  void dark(std::size_t x, std::size_t y, std::size_t side) {
    for (std::size_t r = y; r < y + side; ++r) {
      for (std::size_t c = x; c < x + side; ++c) {
        rows_[r * stride_ + c / 8] &= static_cast<std::uint8_t>(~(0x80u >> (c % 8)));
      }
    }
  }
  const std::uint8_t* row(std::size_t y) const { return rows_.data() + y * stride_; }

 private:
  std::size_t stride_;
  Bytes rows_;
};

void draw_code(const LabelContent& c, const Frame& f, Page& page) {
  for (std::size_t i = 0; i < c.modules.size(); ++i) {
    if (c.modules[i])
      page.dark(f.code_x + (i % c.side) * kModulePx, (i / c.side) * kModulePx, kModulePx);
  }
}

void draw_line(const std::string& line, std::size_t x, std::size_t y, Page& page) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (std::size_t gx = 0; gx < kGlyphWidth; ++gx) {
      for (std::size_t gy = 0; gy < kGlyphHeight; ++gy) {
        if (glyph_dot(line[i], gx, gy))
          page.dark(x + i * kCharPx + gx * kFontPx, y + gy * kFontPx, kFontPx);
      }
    }
  }
}

void append_png(png_structp png, png_bytep data, png_size_t size) {
  auto* out = static_cast<Bytes*>(png_get_io_ptr(png));
  out->insert(out->end(), data, data + size);
}

// libpng leaves by longjmp on an error: nothing with a destructor lives in this function.
bool write_png(const Page& page, const Frame& f, Bytes& out) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  if (png == nullptr) return false;
  png_infop info = png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, &out, append_png, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(f.width), static_cast<png_uint_32>(f.height), 1,
               PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  constexpr auto kPerMetre = static_cast<png_uint_32>(kDpi * 10000 / 254);
  png_set_pHYs(png, info, kPerMetre, kPerMetre, PNG_RESOLUTION_METER);
  png_write_info(png, info);
  for (std::size_t y = 0; y < f.height; ++y) png_write_row(png, page.row(y));
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return true;
}

}  // namespace

std::string label_svg(const LabelContent& c) {
  const Frame f = frame_of(c);
  const auto mm = [](std::size_t px) {
    return static_cast<double>(px) * 25.4 / static_cast<double>(kDpi);
  };
  std::string path;
  for (std::size_t y = 0; y < c.side; ++y) {
    for (std::size_t x = 0; x < c.side; ++x) {
      std::size_t run = 0;
      while (x + run < c.side && c.modules[y * c.side + x + run]) ++run;
      if (run == 0) continue;
      path += fmt::format("M{} {}h{}v{}h-{}z", f.code_x + x * kModulePx, y * kModulePx,
                          run * kModulePx, kModulePx, run * kModulePx);
      x += run;
    }
  }
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.2f}mm\" height=\"{:.2f}mm\" "
      "viewBox=\"0 0 {} {}\">\n"
      "<!-- Drawn in dots of {} dpi: print at full size, not scaled. -->\n"
      "<rect width=\"{}\" height=\"{}\" fill=\"#fff\"/>\n<path d=\"{}\" fill=\"#000\" "
      "shape-rendering=\"crispEdges\"/>\n"
      "<g font-family=\"monospace\" font-size=\"{}\" fill=\"#000\" xml:space=\"preserve\">\n",
      mm(f.width), mm(f.height), f.width, f.height, kDpi, f.width, f.height, path, kCharPx * 5 / 3);
  for (std::size_t i = 0; i < c.lines.size(); ++i) {
    svg += fmt::format("<text x=\"{}\" y=\"{}\" textLength=\"{}\">{}</text>\n",
                       line_x(f, c.lines[i]), f.text_y + i * kLinePx + kGlyphHeight * kFontPx,
                       c.lines[i].size() * kCharPx, escaped(c.lines[i]));
  }
  return svg + "</g>\n</svg>\n";
}

Result<Bytes> label_png(const LabelContent& c) {
  const Frame f = frame_of(c);
  Page page(f.width, f.height);
  draw_code(c, f, page);
  for (std::size_t i = 0; i < c.lines.size(); ++i) {
    draw_line(c.lines[i], line_x(f, c.lines[i]), f.text_y + i * kLinePx, page);
  }
  Bytes out;
  if (!write_png(page, f, out)) return fail(Errc::kInternal, "libpng could not write the label");
  return out;
}

}  // namespace lotmark::cli
