// ---- sums of tables: of one event, and of a block, in bytes ----

template <class T, int K, int First, int N>
CODESIGN_INLINE void add_tables(std::int32_t& sum, const Bits<Event, T>& bits) noexcept {
  CODESIGN_UNROLL
  for (int t = First; t < First + N; ++t) sum += T::entries[t * T::stride + bits.index[t]];
}

template <class M, int L, bool Add, class S, class Y>
CODESIGN_INLINE void put_bytes(Y* y, const S& sum, int shift) noexcept {
  const auto* bytes = reinterpret_cast<const std::conditional_t<M::events == 1, std::int32_t, std::uint8_t>*>(&sum);
  for (int k = 0; k < parts<M, L>; ++k) {
    const auto value = left(get<M, L>(bytes, k), shift);
    if constexpr (Add) put<M, L>(y, k, plus(get<M, L>(y, k), value));
    else put<M, L>(y, k, value);
  }
}

#if CODESIGN_VECTOR_BYTES > 0
// A block: 255 for each event that has the bit, 0 for others.
using Bytes = Vector<std::uint8_t, Block::events>;
using Words = Vector<std::int16_t, lanes<std::int16_t>>;

CODESIGN_INLINE Words words(const std::int16_t* column, int half) noexcept {
  Words found;
  std::memcpy(&found, column + half * lanes<std::int16_t>, sizeof found);
  return found;
}

#if CODESIGN_VECTOR_BYTES == 64
CODESIGN_INLINE Bytes bytes_of(__mmask32 low, __mmask32 high) noexcept {
  return Bytes(_mm512_movm_epi8(_mm512_kunpackd(high, low)));
}
CODESIGN_INLINE Bytes reached(const std::int16_t* column, std::int16_t below) noexcept {
  const __m512i below_ = _mm512_set1_epi16(below);
  return bytes_of(_mm512_cmpgt_epi16_mask(__m512i(words(column, 0)), below_), _mm512_cmpgt_epi16_mask(__m512i(words(column, 1)), below_));
}
CODESIGN_INLINE Bytes masked_bit(const std::int16_t* column, std::int16_t mask) noexcept {
  const __m512i mask_ = _mm512_set1_epi16(mask);
  return bytes_of(_mm512_test_epi16_mask(__m512i(words(column, 0)), mask_), _mm512_test_epi16_mask(__m512i(words(column, 1)), mask_));
}
#else
CODESIGN_INLINE Bytes bytes_of(Words low, Words high) noexcept {
#if CODESIGN_VECTOR_BYTES == 32
  return Bytes(_mm256_permute4x64_epi64(_mm256_packs_epi16(__m256i(low), __m256i(high)), 0xd8));
#elif defined(__SSE2__)
  return Bytes(_mm_packs_epi16(__m128i(low), __m128i(high)));
#else
  Bytes found;
  for (int e = 0; e < lanes<std::int16_t>; ++e) found[e] = std::uint8_t(low[e]), found[e + lanes<std::int16_t>] = std::uint8_t(high[e]);
  return found;
#endif
}
CODESIGN_INLINE Bytes reached(const std::int16_t* column, std::int16_t below) noexcept {
  return bytes_of(words(column, 0) > below, words(column, 1) > below);
}
CODESIGN_INLINE Bytes masked_bit(const std::int16_t* column, std::int16_t mask) noexcept {
  return bytes_of((words(column, 0) & mask) != 0, (words(column, 1) & mask) != 0);
}
#endif

template <class T>
struct Bits<Block, T> {
  Bytes key[T::n_keys];

  explicit CODESIGN_INLINE Bits(const std::int16_t* x) noexcept {
    for (int k = 0; k < T::n_thresholds; ++k) key[k] = reached(x + T::source[k] * Block::events, T::below[k]);
    for (int k = T::n_thresholds; k < T::n_keys; ++k) key[k] = masked_bit(x + T::source[k] * Block::events, T::mask[k]);
  }
};

// Entries that one shuffle chooses from.
#if defined(__AVX512VBMI__) && CODESIGN_VECTOR_BYTES == 64
inline constexpr int shuffled_keys = 6;
CODESIGN_INLINE Bytes shuffled(const std::uint8_t* entries, Bytes index) noexcept {
  return Bytes(_mm512_maskz_permutexvar_epi8(~std::uint64_t(0), __m512i(index), _mm512_load_si512(entries)));
}
#elif defined(__SSE2__) && defined(__SSSE3__)
inline constexpr int shuffled_keys = 4;
CODESIGN_INLINE Bytes shuffled(const std::uint8_t* entries, Bytes index) noexcept {
  const __m128i own = _mm_load_si128(reinterpret_cast<const __m128i*>(entries));
#if CODESIGN_VECTOR_BYTES == 64
  return Bytes(_mm512_maskz_shuffle_epi8(~std::uint64_t(0), _mm512_maskz_broadcast_i32x4(0xffff, own), __m512i(index)));
#elif CODESIGN_VECTOR_BYTES == 32
  return Bytes(_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(own), __m256i(index)));
#else
  return Bytes(_mm_shuffle_epi8(own, __m128i(index)));
#endif
}
#else
inline constexpr int shuffled_keys = 8;
CODESIGN_INLINE Bytes shuffled(const std::uint8_t* entries, Bytes index) noexcept {
  std::uint8_t found[sizeof index];
  std::memcpy(found, &index, sizeof index);
  for (auto& one : found) one = entries[one];
  std::memcpy(&index, found, sizeof index);
  return index;
}
#endif

CODESIGN_INLINE Bytes either(Bytes bit, Bytes yes, Bytes no) noexcept {
#if CODESIGN_VECTOR_BYTES == 32
  return Bytes(_mm256_blendv_epi8(__m256i(no), __m256i(yes), __m256i(bit)));
#else
  return (yes & bit) | (no & ~bit);
#endif
}

// The entries of a table, by the low bits of the index and by keys for the others.
template <int K, class T>
CODESIGN_INLINE Bytes entries_of(const std::uint8_t* entries, Bytes low, const Bits<Block, T>& bits, const std::uint16_t* key) noexcept {
  if constexpr (K > shuffled_keys)
    return either(bits.key[key[K - 1]], entries_of<K - 1>(entries + (1 << (K - 1)), low, bits, key), entries_of<K - 1>(entries, low, bits, key));
  else return shuffled(entries, low);
}

template <class T, int K, int First, int N>
CODESIGN_INLINE void add_tables(Bytes& sum, const Bits<Block, T>& bits) noexcept {
  for (int t = First; t < First + N; ++t) {
    const std::uint16_t* key = T::key + 8 * t;
    Bytes low = bits.key[key[0]] & 1;
    CODESIGN_UNROLL
    for (int j = 1; j < (K < shuffled_keys ? K : shuffled_keys); ++j) low |= bits.key[key[j]] & std::uint8_t(1 << j);
    sum += entries_of<K>(T::entries + t * T::stride, low, bits, key);
  }
}
#endif

template <class M>
CODESIGN_INLINE auto no_bytes() noexcept {
#if CODESIGN_VECTOR_BYTES > 0
  if constexpr (M::events > 1) return Bytes{};
  else
#endif
    return std::int32_t(0);
}
