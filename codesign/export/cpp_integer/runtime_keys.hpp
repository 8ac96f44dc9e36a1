// ---- keys of tables, and of one event the index of every table ----

// T: constants. Key k is (x[source[k]] & mask[k]) > below[k], of thresholds without the mask; keys key[8 t], key[8 t + 1], ... are the
// index of table t, the low bit first, key n_keys is 0; its entries are bytes from entries[stride t] on.
template <class M, class T>
struct Bits;

template <class T>
struct LoopedBits {
  std::uint8_t index[T::n_tables];

  explicit CODESIGN_INLINE LoopedBits(const std::int16_t* x) noexcept {
    std::uint8_t key[T::n_keys + 1] = {};
    for (int k = 0; k < T::n_keys; ++k) key[k] = std::int16_t(x[T::source[k]] & T::mask[k]) > T::below[k];
    for (int t = 0; t < T::n_tables; ++t) {
      unsigned found = 0;
      CODESIGN_UNROLL
      for (int j = 0; j < 8; ++j) found |= unsigned(key[T::key[8 * t + j]]) << j;
      index[t] = std::uint8_t(found);
    }
  }
};

#if CODESIGN_VECTOR_BYTES > 0 && defined(__SSE2__) && defined(__SSSE3__)
inline constexpr int slots_at_once = CODESIGN_VECTOR_BYTES < 32 ? 16 : 32;  // of vectors of 64 bytes no event fills several

// Eight words for each table, in the order in which comparisons of them become bits.
template <class T>
struct Slots {
  static constexpr int tables = slots_at_once / 8, n = (T::n_tables + tables - 1) / tables * slots_at_once;
  static constexpr bool has_masks = T::n_thresholds < T::n_keys;
  alignas(64) std::int16_t source[n], mask[n], below[n];

  constexpr Slots() noexcept : source(), mask(), below() {
    for (int at = 0; at < n; ++at) {
      const int k = at < 8 * T::n_tables ? T::key[at] : T::n_keys, to = place(at);
      const bool is_key = k < T::n_keys;
      source[to] = std::int16_t(is_key ? T::source[k] : 0);
      mask[to] = std::int16_t(is_key ? T::mask[k] : 0);
      below[to] = is_key ? T::below[k] : std::int16_t(32767);
    }
  }
  static constexpr int place(int at) noexcept {  // two vectors are packed, 16 bytes by 16
    const int byte = at % slots_at_once, half = byte % 16 / 8;
    return at - byte + half * (slots_at_once / 2) + byte / 16 * 8 + byte % 8;
  }
};
template <class T>
inline constexpr Slots<T> slots{};

#if CODESIGN_VECTOR_BYTES >= 32
#define CODESIGN_BYTES_OF(name) _mm256_##name
using Slot = __m256i;
CODESIGN_INLINE Slot twice(__m128i x) noexcept { return _mm256_broadcastsi128_si256(x); }
#else
#define CODESIGN_BYTES_OF(name) _mm_##name
using Slot = __m128i;
CODESIGN_INLINE Slot twice(__m128i x) noexcept { return x; }
#endif

// Where in 16 bytes each slot's word lies, for each eight words that are chosen from; 128: not there.
template <class T>
struct Shuffles {
  static constexpr int groups = (T::n_sources + 7) / 8;
  alignas(64) std::uint8_t at[groups][2 * Slots<T>::n];

  constexpr Shuffles() noexcept : at() {
    for (int g = 0; g < groups; ++g)
      for (int to = 0; to < Slots<T>::n; ++to)
        for (int byte = 0; byte < 2; ++byte)
          at[g][2 * to + byte] = std::uint8_t(slots<T>.source[to] / 8 == g ? 2 * (slots<T>.source[to] % 8) + byte : 128);
  }
};
template <class T>
inline constexpr Shuffles<T> shuffles{};

template <class T>
struct Chosen {
  static constexpr int groups = Shuffles<T>::groups;
  Slot x[groups];

  explicit CODESIGN_INLINE Chosen(const std::int16_t* from) noexcept {
    for (int g = 0; g < groups; ++g) {
      __m128i own = {};
      std::memcpy(&own, from + 8 * g, g + 1 < groups || T::n_sources % 8 == 0 ? 16 : T::n_sources % 8 * 2);
      x[g] = twice(own);
    }
  }
  CODESIGN_INLINE Slot half(int first) const noexcept {
    Slot own = CODESIGN_BYTES_OF(shuffle_epi8)(x[0], loaded(shuffles<T>.at[0] + 2 * first));
    CODESIGN_UNROLL
    for (int g = 1; g < groups; ++g) own |= CODESIGN_BYTES_OF(shuffle_epi8)(x[g], loaded(shuffles<T>.at[g] + 2 * first));
    if constexpr (Slots<T>::has_masks) own &= loaded(slots<T>.mask + first);
    return CODESIGN_BYTES_OF(cmpgt_epi16)(own, loaded(slots<T>.below + first));
  }
  CODESIGN_INLINE std::uint32_t bits(int first) const noexcept {
    const Slot low = half(first), high = half(first + slots_at_once / 2);
    return std::uint32_t(CODESIGN_BYTES_OF(movemask_epi8)(CODESIGN_BYTES_OF(packs_epi16)(low, high)));
  }
  template <class S>
  static CODESIGN_INLINE Slot loaded(const S* from) noexcept {
    Slot found;
    std::memcpy(&found, from, sizeof found);
    return found;
  }
};
#undef CODESIGN_BYTES_OF

template <class T>
struct ShuffledBits {
  static constexpr int n = Slots<T>::n;
  std::uint8_t index[n / 8];

  explicit CODESIGN_INLINE ShuffledBits(const std::int16_t* x) noexcept {
    const Chosen<T> words(x);
    CODESIGN_UNROLL
    for (int at = 0; at < n; at += slots_at_once) {
      const std::uint32_t bits = words.bits(at);
      std::memcpy(index + at / 8, &bits, slots_at_once / 8);
    }
  }
};

// Shuffles of every eight words for every table grow with the product of both: of many, keys are compared one by one.
template <class T>
inline constexpr bool is_shuffled = T::n_sources <= 128 && T::n_tables <= 512;
template <class T>
using EventBits = std::conditional_t<is_shuffled<T>, ShuffledBits<T>, LoopedBits<T>>;
#else
template <class T>
using EventBits = LoopedBits<T>;
#endif

template <class T>
struct Bits<Event, T> : EventBits<T> {
  using Base = EventBits<T>;
  using Base::Base;
};
