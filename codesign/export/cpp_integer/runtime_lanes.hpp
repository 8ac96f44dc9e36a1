// ---- integers of one event, or one of each event of a block: the same functions for both ----

#if defined(__GNUC__) || defined(__clang__)
#define CODESIGN_INLINE inline __attribute__((always_inline))
#define CODESIGN_STEP inline __attribute__((noinline))
#define CODESIGN_UNROLL _Pragma("GCC unroll 24")
#else
#define CODESIGN_INLINE inline
#define CODESIGN_STEP inline
#define CODESIGN_UNROLL
#endif

// One event. Lanes are the bits that an expression needs; no processor computes in fewer than 32.
struct Event {
  static constexpr int events = 1;
  static CODESIGN_INLINE void forget() noexcept {}
};

template <int L>
using Scalar = std::conditional_t<L == 64, std::int64_t, std::int32_t>;

template <class T>
inline constexpr int bits_of = int(8 * sizeof(T));

// Sums, products and left shifts go through unsigned integers, in which a carry out is no error.
template <class T>
using Unsigned = std::make_unsigned_t<T>;

template <class T>
CODESIGN_INLINE constexpr T limited(std::int64_t constant) noexcept {
  constexpr std::int64_t low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return T(constant < low ? low : constant > high ? high : constant);
}

template <class M, int L, class S, std::enable_if_t<M::events == 1, int> = 0>
CODESIGN_INLINE Scalar<L> get(const S* from) noexcept {
  return Scalar<L>(*from);
}

template <class M, int L, std::enable_if_t<M::events == 1, int> = 0>
CODESIGN_INLINE Scalar<L> same(std::int64_t constant) noexcept {
  return Scalar<L>(constant);
}

template <class M, class S, class T, std::enable_if_t<M::events == 1, int> = 0>
CODESIGN_INLINE void put(S* to, T value) noexcept {
  *to = S(value);
}

template <class T>
using If = std::enable_if_t<std::is_integral_v<T>, T>;

template <class T>
CODESIGN_INLINE If<T> plus(T a, T b) noexcept {
  return T(Unsigned<T>(a) + Unsigned<T>(b));
}

template <class T, class C>
CODESIGN_INLINE std::enable_if_t<!std::is_same_v<T, C> && std::is_integral_v<T>, T> plus(T a, C constant) noexcept {
  return T(Unsigned<T>(a) + Unsigned<T>(constant));
}

template <class T>
CODESIGN_INLINE If<T> minus(T a, T b) noexcept {
  return T(Unsigned<T>(a) - Unsigned<T>(b));
}

template <class T>
CODESIGN_INLINE If<T> times(T a, std::int64_t constant) noexcept {
  return T(Unsigned<T>(a) * Unsigned<T>(constant));
}

template <class T>
CODESIGN_INLINE If<T> product(T a, T b) noexcept {
  return T(Unsigned<T>(a) * Unsigned<T>(b));
}

template <class T>
CODESIGN_INLINE If<T> left(T a, int shift) noexcept {
  return T(Unsigned<T>(a) << shift);
}

template <class T>
CODESIGN_INLINE If<T> right(T a, int shift) noexcept {
  return T(a >> (shift < bits_of<T> ? shift : bits_of<T> - 1));
}

template <class T>
CODESIGN_INLINE If<T> at_least(T a, std::int64_t constant) noexcept {
  const T low = limited<T>(constant);
  return a < low ? low : a;
}

template <class T>
CODESIGN_INLINE If<T> at_most(T a, std::int64_t constant) noexcept {
  const T high = limited<T>(constant);
  return a > high ? high : a;
}

template <class T>
CODESIGN_INLINE If<T> largest(T a, T b) noexcept {
  return a < b ? b : a;
}

template <class T>
CODESIGN_INLINE If<T> smallest(T a, T b) noexcept {
  return a < b ? a : b;
}

template <class T>
CODESIGN_INLINE If<T> bits_and(T a, std::int64_t mask) noexcept {
  return T(a & T(mask));
}

// Towards 0.
template <std::int64_t Divisor, class T>
CODESIGN_INLINE If<T> divided(T a) noexcept {
  return T(a / T(Divisor));
}

template <class T>
CODESIGN_INLINE If<T> leaky(T a, std::int64_t slope, int shift) noexcept {
  return a > 0 ? left(a, shift) : times(a, slope);
}

template <class T, class E>
CODESIGN_INLINE If<T> looked_up(T a, const E* table) noexcept {
  return T(table[a]);
}
