// A fixed array on a cache line boundary, zeroed. What the kernels read and write in their inner loops lives in these.
#pragma once

#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <utility>

namespace rockpool {

template <typename T>
class AlignedArray {
 public:
  static constexpr std::size_t kAlignment = 64;

  AlignedArray() = default;
  explicit AlignedArray(std::size_t n) : size_(n) {
    if (n == 0) return;
    if (n > std::numeric_limits<std::size_t>::max() / sizeof(T) / 2) throw std::bad_array_new_length();
    // Aligned by ourselves: what glibc frees of aligned blocks it does not find again for the next one of the same size.
    block_ = ::operator new(n * sizeof(T) + kAlignment);
    void* at = block_;
    std::size_t room = n * sizeof(T) + kAlignment;
    data_ = static_cast<T*>(std::align(kAlignment, n * sizeof(T), at, room));
    std::memset(static_cast<void*>(data_), 0, n * sizeof(T));
  }
  AlignedArray(AlignedArray&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  AlignedArray& operator=(AlignedArray&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~AlignedArray() { ::operator delete(block_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  void* block_ = nullptr;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace rockpool
