// ---- integers of one event, or one of each event of a block in lanes of vectors: the same functions for both ----

#if defined(__GNUC__) || defined(__clang__)
#define CODESIGN_INLINE inline __attribute__((always_inline))
#define CODESIGN_STEP inline __attribute__((noinline))
#if defined(__clang__)
#define CODESIGN_UNROLL _Pragma("clang loop unroll(full)")
#else
#define CODESIGN_UNROLL _Pragma("GCC unroll 24")
#endif
#else
#define CODESIGN_INLINE inline
#define CODESIGN_STEP inline
#define CODESIGN_UNROLL
#endif

// One event. Lanes are the bits that an expression needs; no processor computes in fewer than 32.
struct Event {
  static constexpr int events = 1;
  template <int L>
  using Value = std::conditional_t<L == 64, std::int64_t, std::int32_t>;
  static CODESIGN_INLINE void forget() noexcept {}
};

template <class V>
struct ElementOf {
  using type = std::decay_t<decltype(V{}[0])>;
};
template <>
struct ElementOf<std::int32_t> {
  using type = std::int32_t;
};
template <>
struct ElementOf<std::int64_t> {
  using type = std::int64_t;
};
template <class V>
using Element = typename ElementOf<V>::type;
template <class V>
inline constexpr int bits_of = int(8 * sizeof(Element<V>));

#if CODESIGN_VECTOR_BYTES > 0
template <class T, int N>
struct VectorOf {
  typedef T type __attribute__((vector_size(N * sizeof(T))));
};
template <class T, int N>
using Vector = typename VectorOf<T, N>::type;
template <class T>
inline constexpr int lanes = CODESIGN_VECTOR_BYTES / int(sizeof(T));

// As many events as a vector has 16-bit lanes, or bytes where bits are bytes; wider lanes take several vectors.
struct Block {
  static constexpr int events = lanes<std::int@LANE@_t>;
  template <int L>
  using Value = Vector<std::conditional_t<L == 16, std::int16_t, Event::Value<L>>, 8 * CODESIGN_VECTOR_BYTES / L>;
  // Values are loaded where they are used: more of them at a time than there are registers would be stored again.
  static CODESIGN_INLINE void forget() noexcept { asm volatile("" ::: "memory"); }
};
#endif

template <class M, int L>
using Value = typename M::template Value<L>;
template <class M, int L>
inline constexpr int lanes_of = int(sizeof(Value<M, L>) / sizeof(Element<Value<M, L>>));
template <class M, int L>
inline constexpr int parts = M::events / lanes_of<M, L>;

// Sums, products and left shifts go through unsigned integers, in which a carry out is no error.
template <class V>
struct UnsignedOf {
#if CODESIGN_VECTOR_BYTES > 0
  using type = Vector<std::make_unsigned_t<Element<V>>, sizeof(V) / sizeof(Element<V>)>;
#endif
};
template <>
struct UnsignedOf<std::int32_t> {
  using type = std::uint32_t;
};
template <>
struct UnsignedOf<std::int64_t> {
  using type = std::uint64_t;
};
template <class V>
using Unsigned = typename UnsignedOf<V>::type;
template <class M, int L>
using Sum = Unsigned<Value<M, L>>;

template <class V>
CODESIGN_INLINE V filled(std::int64_t constant) noexcept {
  return V{} + Element<V>(constant);
}

// A constant that a comparison with numbers of fewer bits does not need all of.
template <class V>
CODESIGN_INLINE V limit(std::int64_t constant) noexcept {
  constexpr std::int64_t low = std::numeric_limits<Element<V>>::min(), high = std::numeric_limits<Element<V>>::max();
  return filled<V>(constant < low ? low : constant > high ? high : constant);
}

// Vector k of an integer: of the events from k times the lanes on.
template <class M, int L, class S>
CODESIGN_INLINE Value<M, L> get(const S* from, int k) noexcept {
  if constexpr (M::events == 1) {
    (void)k;
    return Value<M, L>(*from);
  } else {
#if CODESIGN_VECTOR_BYTES > 0
    Vector<S, lanes_of<M, L>> stored;
    std::memcpy(&stored, from + k * lanes_of<M, L>, sizeof stored);
    if constexpr (sizeof stored == sizeof(Value<M, L>)) return stored;
    else return __builtin_convertvector(stored, Value<M, L>);
#endif
  }
}

template <class M, int L, class S>
CODESIGN_INLINE Sum<M, L> term(const S* from, int k) noexcept {
  return Sum<M, L>(get<M, L>(from, k));
}

template <class M, int L>
CODESIGN_INLINE Sum<M, L> start(std::int64_t bias) noexcept {
  return Sum<M, L>(filled<Value<M, L>>(bias));
}

template <class M, int L>
CODESIGN_INLINE Value<M, L> whole(Sum<M, L> sum) noexcept {
  return Value<M, L>(sum);
}

template <class M, int L, class S>
CODESIGN_INLINE void put(S* to, int k, Value<M, L> value) noexcept {
  if constexpr (M::events == 1) {
    (void)k;
    *to = S(value);
  } else {
#if CODESIGN_VECTOR_BYTES > 0
    Vector<S, lanes_of<M, L>> stored;
    if constexpr (sizeof stored == sizeof value) stored = value;
    else stored = __builtin_convertvector(value, Vector<S, lanes_of<M, L>>);
    std::memcpy(to + k * lanes_of<M, L>, &stored, sizeof stored);
#endif
  }
}

template <class V>
CODESIGN_INLINE V plus(V a, V b) noexcept {
  return V(Unsigned<V>(a) + Unsigned<V>(b));
}

template <class V>
CODESIGN_INLINE V added(V a, std::int64_t constant) noexcept {
  return plus(a, filled<V>(constant));
}

template <class V>
CODESIGN_INLINE V times(V a, std::int64_t constant) noexcept {
  return V(Unsigned<V>(a) * Unsigned<V>(filled<V>(constant)));
}

template <class V>
CODESIGN_INLINE V left(V a, int shift) noexcept {
  return V(Unsigned<V>(a) << shift);
}

template <class V>
CODESIGN_INLINE V right(V a, int shift) noexcept {
  return a >> (shift < bits_of<V> ? shift : bits_of<V> - 1);
}

template <class V>
CODESIGN_INLINE V masked(V a, std::int64_t mask) noexcept {
  return a & filled<V>(mask);
}

template <class V>
CODESIGN_INLINE V largest(V a, V b) noexcept {
  return a < b ? b : a;
}

template <class V>
CODESIGN_INLINE V smallest(V a, V b) noexcept {
  return a < b ? a : b;
}

template <class V>
CODESIGN_INLINE V at_least(V a, std::int64_t constant) noexcept {
  return largest(a, limit<V>(constant));
}

template <class V>
CODESIGN_INLINE V at_most(V a, std::int64_t constant) noexcept {
  return smallest(a, limit<V>(constant));
}

// 1 or 0.
template <class V>
CODESIGN_INLINE V reaches(V a, std::int64_t constant) noexcept {
  if constexpr (std::is_integral_v<V>) return V(a >= constant);
  else return (a >= filled<V>(constant)) & 1;
}

// Divided by 2^shift to the nearest, ties to even.
template <int Shift, class V>
CODESIGN_INLINE V half_even(V a) noexcept {
  return right(plus(plus(a, masked(right(a, Shift), 1)), filled<V>((std::int64_t(1) << (Shift - 1)) - 1)), Shift);
}

// The lowest bits, of a number with a sign or without.
template <int Width, bool Signed, class V>
CODESIGN_INLINE V wrapped(V a) noexcept {
  constexpr int bits = bits_of<V>;
  if constexpr (Width >= bits) return a;
  else if constexpr (Width == 0) return V{};
  else if constexpr (Signed) return right(left(a, bits - Width), bits - Width);
  else return masked(a, (std::int64_t(1) << Width) - 1);
}

// Towards 0.
template <std::int64_t Divisor, class V>
CODESIGN_INLINE V divided(V a) noexcept {
  return a / Element<V>(Divisor);
}

template <class V>
CODESIGN_INLINE V leaky(V a, std::int64_t slope, int shift) noexcept {
  const V above = left(a, shift), below = times(a, slope);
  return a > Element<V>(0) ? above : below;
}

// The entry of a table; codes that are no inputs of the hardware stay within it too.
template <class V, class E, std::size_t N>
CODESIGN_INLINE V looked_up(V a, const E (&table)[N]) noexcept {
  a = at_most(at_least(a, 0), N - 1);
  if constexpr (std::is_integral_v<V>) {
    return V(table[a]);
  } else {
    for (int lane = 0; lane < int(sizeof(V) / sizeof(Element<V>)); ++lane) a[lane] = Element<V>(table[a[lane]]);
    return a;
  }
}

// Units that take In integers each, one behind the other.
template <class M, int L, int In, int Units, class X, class W, class B, class Add, class Finish>
CODESIGN_INLINE void matrix(const X* x, const W* weight, const B* bias, Add add, Finish finish) noexcept {
  constexpr int tile = 4;
  const auto some = [&](int k, int first, auto count) {
    Value<M, L> sum[count];
    for (int u = 0; u < count; ++u) sum[u] = filled<Value<M, L>>(bias[first + u]);
    for (int i = 0; i < In; ++i) {
      const auto value = get<M, L>(x + i * M::events, k);
      for (int u = 0; u < count; ++u) sum[u] = add(sum[u], value, weight[(first + u) * In + i]);
    }
    for (int u = 0; u < count; ++u) finish(first + u, k, sum[u]);
  };
  for (int k = 0; k < parts<M, L>; ++k) {
    for (int u = 0; u + tile <= Units; u += tile) some(k, u, std::integral_constant<int, tile>{});
    if constexpr (Units % tile > 0) some(k, Units / tile * tile, std::integral_constant<int, Units % tile>{});
  }
}
