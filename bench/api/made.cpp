#include "bench/api/made.h"

#include <fmt/format.h>

#include <fstream>

#include "ledger-node/chain/public/public_chain.h"
#include "tests/scenario/block_maker.h"

namespace lotmark::bench {

namespace {

constexpr std::size_t kPage = 500;  // blocks a commit

Result<Bytes> released_block(const test::Consortium& c, test::BlockMaker& maker, unsigned n) {
  auto a = c.application(made_lot(n));
  a.start = Digest{{1}};
  a.opening = Digest{{2}};
  a.expires = {20991231};
  LM_ASSIGN(auto sealed, seal(a, *c.enterprise.signer, c.chain));
  return maker.lot_block(sealed.bytes);
}

Status write_text(const std::filesystem::path& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  return out.flush() ? Status() : fail(Errc::kIo, "cannot write " + file.string());
}

Status fill_chain(const std::filesystem::path& file, const test::Consortium& c, unsigned lots) {
  LM_ASSIGN(auto chain, chain::PublicChain::open(file, c.anchor));
  test::BlockMaker maker(c);
  std::vector<Bytes> page;
  for (unsigned n = 1; n <= lots; ++n) {
    LM_ASSIGN(auto block, released_block(c, maker, n));
    page.push_back(std::move(block));
    if (page.size() < kPage && n < lots) continue;
    LM_TRY(chain.adopt(page, c.clock.now()));
    page.clear();
  }
  for (const auto& vote : maker.votes()) LM_TRY(chain.add_vote(vote));
  return {};
}

}  // namespace

std::string made_gtin() { return test::Consortium::gtin().text; }
std::string made_lot(unsigned n) { return fmt::format("L-{:07}", n); }

Status make_site(const SiteToMake& site) {
  std::error_code ec;
  std::filesystem::create_directories(site.folder / "page", ec);
  if (ec) return fail(Errc::kIo, "cannot make " + site.folder.string() + ": " + ec.message());
  const test::Consortium c;
  LM_TRY(write_text(site.folder / "anchor", as_text(c.anchor)));
  LM_TRY(fill_chain(site.folder / "chain.db", c, site.lots));
  LM_TRY(write_text(site.folder / "page/index.html", "<!doctype html><title>Lot</title>"));
  LM_TRY(write_text(site.folder / "links.toml",
                    fmt::format("[[links]]\nkey = \"/01/{0}\"\ntype = \"gs1:pip\"\nhref = "
                                "\"https://maker.example/{{gtin}}\"\ntitle = \"Product\"\n",
                                made_gtin())));
  return write_text(site.folder / "api.toml",
                    fmt::format("[api]\nport = {}\nchain_db = \"chain.db\"\nanchor = \"anchor\"\n"
                                "page_dir = \"page\"\nlinks = \"links.toml\"\n"
                                "origin = \"https://lot.example\"\n",
                                site.port));
}

}  // namespace lotmark::bench
