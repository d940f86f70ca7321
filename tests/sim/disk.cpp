#include "tests/sim/disk.h"

#include "core/base/assert.h"
#include "tests/sim/disk_state.h"

namespace lotmark::sim {

namespace {

std::map<std::string, std::weak_ptr<DiskState>>& mounted() {
  static std::map<std::string, std::weak_ptr<DiskState>> disks;
  return disks;
}

void put_down(Bytes& onto, const Change& c) {
  if (c.truncation) {
    onto.resize(c.offset);
    return;
  }
  if (onto.size() < c.offset + c.bytes.size()) onto.resize(c.offset + c.bytes.size());
  std::ranges::copy(c.bytes, onto.begin() + static_cast<std::ptrdiff_t>(c.offset));
}

}  // namespace

void SimFile::write(std::uint64_t offset, ByteView bytes) {
  pending.push_back({offset, to_bytes(bytes), false});
  put_down(now, pending.back());
}

void SimFile::truncate(std::uint64_t size) {
  pending.push_back({size, {}, true});
  put_down(now, pending.back());
}

void SimFile::sync() {
  for (const auto& c : pending) put_down(durable, c);
  pending.clear();
}

bool DiskState::may_change() {
  if (fuse_ > 0 && --fuse_ == 0) cut();
  return power_;
}

// Sectors of the one write that was under way: a prefix of them, or any.
void DiskState::tear(Bytes& onto, const Change& change) {
  if (change.truncation) return;
  const bool prefix = draw_.permille(500);
  const std::uint64_t end = change.offset + change.bytes.size();
  const std::uint64_t first = change.offset / kSector;
  const std::uint64_t sectors = (end + kSector - 1) / kSector - first;
  const std::uint64_t kept = draw_.below(sectors + 1);
  for (std::uint64_t s = 0; s < sectors; ++s) {
    if (prefix ? s >= kept : draw_.permille(500)) continue;
    const std::uint64_t from = std::max(change.offset, (first + s) * kSector);
    const std::uint64_t to = std::min(end, (first + s + 1) * kSector);
    const auto begin = change.bytes.begin();
    put_down(onto, {from,
                    Bytes(begin + static_cast<std::ptrdiff_t>(from - change.offset),
                          begin + static_cast<std::ptrdiff_t>(to - change.offset)),
                    false});
  }
}

void DiskState::survive(SimFile& file, Mood mood) {
  const std::uint64_t whole = mood == Mood::kPrefix ? draw_.below(file.pending.size() + 1) : 0;
  for (std::size_t i = 0; i < file.pending.size(); ++i) {
    const Change& c = file.pending[i];
    if (mood == Mood::kAny) {
      const std::uint64_t fate = draw_.below(3);
      if (fate == 0) put_down(file.durable, c);
      if (fate == 1) tear(file.durable, c);
    } else if (mood == Mood::kKeep || (mood == Mood::kPrefix && i < whole)) {
      put_down(file.durable, c);
    } else if (mood == Mood::kPrefix && i == whole) {
      tear(file.durable, c);
    }
  }
}

void DiskState::cut() {
  if (!power_) return;
  power_ = false;
  fuse_ = 0;
  const auto mood = static_cast<Mood>(draw_.below(4));
  std::map<std::string, std::shared_ptr<SimFile>> left;
  const auto keep = [&](const std::string& path, SimFile& f) {
    auto copy = std::make_shared<SimFile>();
    survive(f, mood);
    copy->durable = f.durable;
    copy->now = f.durable;
    copy->named = true;
    left.emplace(path, std::move(copy));
  };
  for (auto& [path, f] : files_) {
    if (f->named || mood == Mood::kKeep || (mood != Mood::kLose && draw_.permille(500)))
      keep(path, *f);
  }
  for (auto& [path, f] : removed_) {
    if (left.contains(path) || mood == Mood::kKeep) continue;
    if (mood == Mood::kLose || draw_.permille(500)) keep(path, *f);
  }
  files_ = std::move(left);
  removed_.clear();
}

void DiskState::power_on() {
  if (power_) cut();
  power_ = true;
  fuse_ = 0;
  ++life_;
}

void DiskState::wipe() {
  files_.clear();
  removed_.clear();
}

std::map<std::string, Bytes> DiskState::image() const {
  std::map<std::string, Bytes> out;
  for (const auto& [path, f] : files_) out[path] = f->now;
  return out;
}

void DiskState::restore(const std::map<std::string, Bytes>& image) {
  wipe();
  for (const auto& [path, bytes] : image) {
    auto f = open(path);
    f->now = f->durable = bytes;
    f->named = true;
  }
}

std::shared_ptr<SimFile> DiskState::open(const std::string& path) {
  auto& f = files_[path];
  if (f == nullptr) f = std::make_shared<SimFile>();
  return f;
}

void DiskState::remove(const std::string& path, bool synced) {
  const auto it = files_.find(path);
  if (it == files_.end()) return;
  if (it->second->named) removed_[path] = it->second;
  files_.erase(it);
  if (synced) sync_folder();
}

void DiskState::sync_folder() {
  for (auto& [path, f] : files_) f->named = true;
  removed_.clear();
}

std::uint64_t DiskState::size() const {
  std::uint64_t all = 0;
  for (const auto& [path, f] : files_) all += f->now.size();
  return all;
}

std::shared_ptr<DiskState> disk_of(const std::string& path) {
  for (const auto& [folder, disk] : mounted()) {
    if (path.starts_with(folder)) return disk.lock();
  }
  return nullptr;
}

Disk::Disk(const std::filesystem::path& folder, std::uint64_t seed)
    : state_(std::make_shared<DiskState>(seed)) {
  LM_ASSERT(folder.is_absolute());
  install_vfs();
  mounted()[folder.string() + "/"] = state_;
}

Disk::~Disk() {
  state_->cut();
  std::erase_if(mounted(), [&](const auto& m) { return m.second.lock() == state_; });
}

void Disk::cut_power() { state_->cut(); }
void Disk::cut_power_after(std::uint64_t n) { state_->cut_after(n); }
bool Disk::has_power() const { return state_->power(); }
void Disk::power_on() { state_->power_on(); }
void Disk::wipe() { state_->wipe(); }
DiskImage Disk::image() const { return state_->image(); }
void Disk::restore(const DiskImage& image) { state_->restore(image); }
void Disk::set_full(bool full) { state_->full = full; }
std::uint64_t Disk::size() const { return state_->size(); }

}  // namespace lotmark::sim
