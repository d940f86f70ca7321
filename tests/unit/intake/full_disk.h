// A disk that is full from the n-th write on: a layer under SQLite that answers SQLITE_FULL, as its own unix
// layer does for ENOSPC. Default for all files opened while it lives.
#pragma once

namespace lotmark::test {

class FullDisk {
 public:
  FullDisk();
  ~FullDisk();
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

  // So many writes still fit; negative: space without end.
  void allow(int writes);
  // Writes refused since it was made.
  int refused() const;
};

}  // namespace lotmark::test
