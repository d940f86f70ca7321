#include "ledger-node/chain/public/rows.h"

#include "core/base/hex.h"

namespace lotmark::chain {

Cell Cell::read(const store::Query& q, int column) {
  const char type = q.type(column);
  if (type == 'n') return {};
  if (type == 'i') return {type, q.integer(column), {}};
  return {type, 0, to_bytes(q.blob(column))};
}

void Cell::bind(store::Query& q, int place) const {
  if (type == 'n') q.bind(place, nullptr);
  else if (type == 'i') q.bind(place, number);
  else if (type == 't' || type == 'r') q.bind(place, as_text(bytes));
  else q.bind(place, bytes);
}

std::string Cell::shown() const {
  if (type == 'n') return "null";
  if (type == 'i') return std::to_string(number);
  if (type == 't' || type == 'r') {
    std::string out;
    for (const auto b : bytes) out += b >= 0x20 && b < 0x7f ? static_cast<char>(b) : '?';
    return out.substr(0, 64);
  }
  constexpr std::size_t kShown = 8;
  return to_hex(ByteView(bytes).first(std::min(bytes.size(), kShown)));
}

std::string shown(const std::vector<std::string_view>& columns, const Cells& cells) {
  std::string out;
  for (std::size_t i = 0; i < columns.size() && i < cells.size(); ++i) {
    out += (i == 0 ? "" : " ") + std::string(columns[i]) + " " + cells[i].shown();
  }
  return out;
}

Result<store::Query*> Rows::query(const std::string& sql) const {
  auto it = queries_.find(sql);
  if (it == queries_.end()) {
    LM_ASSIGN(auto made, db_->prepare(sql));
    it = queries_.emplace(sql, std::move(made)).first;
  }
  it->second.reset();
  return &it->second;
}

Result<std::vector<Cells>> Rows::read(const std::string& sql, const Cells& values,
                                      std::size_t limit) const {
  LM_ASSIGN(auto* q, query(sql));
  for (std::size_t i = 0; i < values.size(); ++i) values[i].bind(*q, static_cast<int>(i) + 1);
  std::vector<Cells> out;
  while (out.size() < limit) {
    LM_ASSIGN(const bool row, q->step());
    if (!row) return out;
    Cells cells;
    for (int i = 0; i < q->columns(); ++i) {
      cells.push_back(Cell::read(*q, i));
      bytes_ += cells.back().bytes.size();
    }
    out.push_back(std::move(cells));
  }
  q->reset();
  return out;
}

Status Rows::run(const std::string& sql, const Cells& values) const {
  LM_ASSIGN(auto* q, query(sql));
  for (std::size_t i = 0; i < values.size(); ++i) values[i].bind(*q, static_cast<int>(i) + 1);
  return q->run();
}

}  // namespace lotmark::chain
