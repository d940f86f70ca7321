#include "ledger-node/archive/archive_fetch.h"

namespace lotmark::node {

namespace {
constexpr std::uint64_t kDisclosuresMax = std::uint64_t{16} << 30;
}

Result<std::shared_ptr<ArchiveFetch>> ArchiveFetch::begin(ArchiveFolder& folder,
                                                          const BlockRange& range,
                                                          const Digest& hash, const KeyId& source,
                                                          std::uint64_t bytes) {
  LM_ASSIGN(auto file, folder.create(range, ArchivePart::kDisclosures));
  return std::shared_ptr<ArchiveFetch>(
      new ArchiveFetch(folder, range, hash, source, bytes, std::move(file)));
}

std::vector<Outgoing> ArchiveFetch::tick() {
  if (busy_ || state_ != State::kRunning) return {};
  busy_ = true;
  std::string path =
      "/peer/v1/archives/" + to_text(range_) + "?from=" + std::to_string(file_->size());
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
  const bool end = list.empty() || list[0].empty();
  const std::uint64_t max = part_ == ArchivePart::kBlocks ? bytes_ : kDisclosuresMax;
  if (!end && file_->size() + list[0].size() > max)
    return fail(Errc::kCutContent, "more came than the file has");
  if (!end) return file_->write(list[0]);
  if (part_ == ArchivePart::kBlocks) return blocks_done();
  LM_TRY(file_->commit());
  file_.reset();
  part_ = ArchivePart::kBlocks;
  LM_ASSIGN(auto blocks, folder_.create(range_, ArchivePart::kBlocks));
  file_.emplace(std::move(blocks));
  return {};
}

Status ArchiveFetch::blocks_done() {
  if (file_->hash() != hash_)
    return fail(Errc::kCutContent, "the archive that came is not the cut's");
  LM_TRY(folder_.keep(range_, std::move(*file_)));
  file_.reset();
  state_ = State::kDone;
  return {};
}

}  // namespace lotmark::node
