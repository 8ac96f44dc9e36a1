// ---- a block of events: each integer is in vectors of lanes, one lane for each event ----

#if CODESIGN_VECTOR_BYTES > 0

template <class T, int N>
struct VectorOf {
  typedef T type __attribute__((vector_size(N * sizeof(T))));
};
template <class T, int N>
using Vector = typename VectorOf<T, N>::type;

template <class T>
inline constexpr int lanes = CODESIGN_VECTOR_BYTES / int(sizeof(T));

struct Block {
  static constexpr int events = lanes<std::int16_t>;
  // Values are loaded where they are used: more of them at a time than there are registers would be stored again.
  static CODESIGN_INLINE void forget() noexcept { asm volatile("" ::: "memory"); }
};

// One integer of all events: a vector of 16-bit lanes, two of 32, four of 64.
template <class T>
struct Pack {
  static constexpr int parts = Block::events / lanes<T>;
  Vector<T, lanes<T>> part[parts];
};

template <int L>
using Lane = std::conditional_t<L == 16, std::int16_t, Scalar<L>>;

template <class T>
inline constexpr int bits_of<Pack<T>> = bits_of<T>;

template <class T, class F>
CODESIGN_INLINE Pack<T> each(F function) noexcept {
  Pack<T> result;
  for (int k = 0; k < Pack<T>::parts; ++k) result.part[k] = function(k);
  return result;
}

template <class M, int L, class S, std::enable_if_t<(M::events > 1), int> = 0>
CODESIGN_INLINE Pack<Lane<L>> get(const S* from) noexcept {
  using T = Lane<L>;
  return each<T>([&](int k) {
    Vector<S, lanes<T>> stored;
    std::memcpy(&stored, from + k * lanes<T>, sizeof stored);
    if constexpr (std::is_same_v<S, T>) return stored;
    else return __builtin_convertvector(stored, Vector<T, lanes<T>>);
  });
}

template <class M, int L, std::enable_if_t<(M::events > 1), int> = 0>
CODESIGN_INLINE Pack<Lane<L>> same(std::int64_t constant) noexcept {
  using T = Lane<L>;
  return each<T>([&](int) { return Vector<T, lanes<T>>{} + T(constant); });
}

template <class M, class S, class T>
CODESIGN_INLINE void put(S* to, Pack<T> value) noexcept {
  for (int k = 0; k < Pack<T>::parts; ++k) {
    Vector<S, lanes<T>> stored;
    if constexpr (std::is_same_v<S, T>) stored = value.part[k];
    else stored = __builtin_convertvector(value.part[k], Vector<S, lanes<T>>);
    std::memcpy(to + k * lanes<T>, &stored, sizeof stored);
  }
}

// Arithmetic in unsigned lanes, in which a carry out is no error.
template <class T, class F>
CODESIGN_INLINE Pack<T> unsigned_each(F function) noexcept {
  return each<T>([&](int k) { return Vector<T, lanes<T>>(function(k)); });
}

template <class T>
using UnsignedVector = Vector<Unsigned<T>, lanes<T>>;

template <class T>
CODESIGN_INLINE UnsignedVector<T> as_unsigned(Vector<T, lanes<T>> v) noexcept {
  return UnsignedVector<T>(v);
}

template <class T>
CODESIGN_INLINE Pack<T> plus(Pack<T> a, Pack<T> b) noexcept {
  return unsigned_each<T>([&](int k) { return UnsignedVector<T>(a.part[k]) + UnsignedVector<T>(b.part[k]); });
}

template <class T>
CODESIGN_INLINE Pack<T> plus(Pack<T> a, std::int64_t constant) noexcept {
  return unsigned_each<T>([&](int k) { return UnsignedVector<T>(a.part[k]) + Unsigned<T>(constant); });
}

template <class T>
CODESIGN_INLINE Pack<T> minus(Pack<T> a, Pack<T> b) noexcept {
  return unsigned_each<T>([&](int k) { return UnsignedVector<T>(a.part[k]) - UnsignedVector<T>(b.part[k]); });
}

template <class T>
CODESIGN_INLINE Pack<T> times(Pack<T> a, std::int64_t constant) noexcept {
  return unsigned_each<T>([&](int k) { return UnsignedVector<T>(a.part[k]) * Unsigned<T>(constant); });
}

template <class T>
CODESIGN_INLINE Pack<T> product(Pack<T> a, Pack<T> b) noexcept {
  return unsigned_each<T>([&](int k) { return UnsignedVector<T>(a.part[k]) * UnsignedVector<T>(b.part[k]); });
}

template <class T>
CODESIGN_INLINE Pack<T> left(Pack<T> a, int shift) noexcept {
  return unsigned_each<T>([&](int k) { return UnsignedVector<T>(a.part[k]) << shift; });
}

template <class T>
CODESIGN_INLINE Pack<T> right(Pack<T> a, int shift) noexcept {
  return each<T>([&](int k) { return a.part[k] >> (shift < bits_of<T> ? shift : bits_of<T> - 1); });
}

template <class T>
CODESIGN_INLINE Pack<T> bits_and(Pack<T> a, std::int64_t mask) noexcept {
  return each<T>([&](int k) { return a.part[k] & T(mask); });
}

template <class T>
CODESIGN_INLINE Pack<T> largest(Pack<T> a, Pack<T> b) noexcept {
  return each<T>([&](int k) { return a.part[k] < b.part[k] ? b.part[k] : a.part[k]; });
}

template <class T>
CODESIGN_INLINE Pack<T> smallest(Pack<T> a, Pack<T> b) noexcept {
  return each<T>([&](int k) { return a.part[k] < b.part[k] ? a.part[k] : b.part[k]; });
}

template <class T>
CODESIGN_INLINE Pack<T> at_least(Pack<T> a, std::int64_t constant) noexcept {
  return largest(a, each<T>([&](int) { return Vector<T, lanes<T>>{} + limited<T>(constant); }));
}

template <class T>
CODESIGN_INLINE Pack<T> at_most(Pack<T> a, std::int64_t constant) noexcept {
  return smallest(a, each<T>([&](int) { return Vector<T, lanes<T>>{} + limited<T>(constant); }));
}

template <std::int64_t Divisor, class T>
CODESIGN_INLINE Pack<T> divided(Pack<T> a) noexcept {
  return each<T>([&](int k) { return a.part[k] / T(Divisor); });
}

template <class T>
CODESIGN_INLINE Pack<T> leaky(Pack<T> a, std::int64_t slope, int shift) noexcept {
  const Pack<T> above = left(a, shift), below = times(a, slope);
  return each<T>([&](int k) { return a.part[k] > 0 ? above.part[k] : below.part[k]; });
}

template <class T, class E>
CODESIGN_INLINE Pack<T> looked_up(Pack<T> a, const E* table) noexcept {
  for (int k = 0; k < Pack<T>::parts; ++k)
    for (int lane = 0; lane < lanes<T>; ++lane) a.part[k][lane] = T(table[a.part[k][lane]]);
  return a;
}

#endif
