#include "ledger-node/archive/archive_fetch.h"

#include "ledger-node/archive/archive_writer.h"

namespace lotmark::node {

namespace {
// As full as a page is that is not the last: who gives less would be asked without end.
constexpr std::size_t kFullPage = 1024 * 1024;
}  // namespace

Result<std::shared_ptr<ArchiveFetch>> ArchiveFetch::begin(const chain::PublicChain& chain,
                                                          ArchiveFolder& folder,
                                                          const chain::CutEntry& cut,
                                                          const KeyId& source, bool told_must_fit) {
  LM_ASSIGN(const Digest hash, archive_hash(chain, cut));
  std::shared_ptr<ArchiveFetch> fetch(
      new ArchiveFetch(chain, folder, cut, hash, source, told_must_fit));
  LM_TRY(fetch->begin_part(ArchivePart::kDisclosures));
  return fetch;
}

Status ArchiveFetch::begin_part(ArchivePart part) {
  part_ = part;
  short_ = false;
  LM_ASSIGN(auto stream, ArchiveStream::begin(chain_, cut_, part));
  stream_.emplace(std::move(stream));
  LM_ASSIGN(auto file, folder_.create(range(), part));
  file_.emplace(std::move(file));
  return {};
}

std::vector<Outgoing> ArchiveFetch::tick() {
  if (busy_ || state_ != State::kRunning) return {};
  busy_ = true;
  std::string path =
      "/peer/v1/archives/" + to_text(range()) + "?from=" + std::to_string(file_->size());
  if (part_ == ArchivePart::kDisclosures) path += "&part=disclosures";
  std::vector<Outgoing> out;
  out.push_back({source_, "GET", std::move(path), {}, [weak = weak_from_this()](const Reply& r) {
                   if (const auto fetch = weak.lock()) fetch->take(r);
                 }});
  return out;
}

void ArchiveFetch::take(const Reply& reply) {
  busy_ = false;
  Status taken = take_page(reply);
  if (taken) return;
  state_ = State::kFailed;
  error_ = taken.error();
  file_.reset();
}

Status ArchiveFetch::take_page(const Reply& reply) {
  if (!reply.ok()) return reply.error ? *reply.error : fail(Errc::kNetwork, "no archive came");
  LM_ASSIGN(const auto list, decode_list(reply.body, 1));
  if (list.empty() || list[0].empty()) return part_done();
  if (short_ || list[0].size() > kFullPage)
    return fail(Errc::kCutContent, "a page that is not the last holds less or more than 1 MiB");
  short_ = list[0].size() < kFullPage;
  LM_TRY(stream_->take(list[0]));
  return file_->write(list[0]);
}

Status ArchiveFetch::part_done() {
  LM_TRY(stream_->end());
  if (part_ == ArchivePart::kDisclosures) {
    LM_TRY(file_->commit());
    file_.reset();
    LM_TRY(begin_part(ArchivePart::kBlocks));
    if (!told_must_fit_) return {};
    stream_->on_block([this](const Signed<Block>& block) { return check_told(block); });
    return told_.open(folder_.path(range(), ArchivePart::kDisclosures));
  }
  if (file_->hash() != hash_)
    return fail(Errc::kCutContent, "the archive that came is not the cut's");
  LM_TRY(folder_.keep(range(), std::move(*file_)));
  file_.reset();
  state_ = State::kDone;
  return {};
}

Status ArchiveFetch::check_told(const Signed<Block>& block) {
  if (block.body.kind != BlockKind::kLot) return {};
  LM_ASSIGN(const auto told, told_.of(block.body.number));
  const Status fits = told ? check_disclosure(chain_, block, *told) : Status();
  told_wrongly_ = !fits;
  return fits;
}

}  // namespace lotmark::node
