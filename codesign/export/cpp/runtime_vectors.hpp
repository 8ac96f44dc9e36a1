// ---- vectors: one source for SSE, AVX, AVX-512 and others; plain floats where the compiler knows no vectors ----

#if (defined(__GNUC__) || defined(__clang__)) && !defined(CODESIGN_FORCE_SCALAR)
#define CODESIGN_VECTORS 1
#define CODESIGN_INLINE inline __attribute__((always_inline))
#else
#define CODESIGN_VECTORS 0
#define CODESIGN_INLINE inline
#endif

#if !CODESIGN_VECTORS
inline constexpr int widest = 1;
#elif defined(__AVX512F__)
inline constexpr int widest = 16;
#elif defined(__AVX__)
inline constexpr int widest = 8;
#else
inline constexpr int widest = 4;
#endif

// Vectors of events that one weight is loaded for: as many as the registers hold beside six units.
inline constexpr int batch_vectors = widest == 16 ? 4 : 2;
inline constexpr int tile_units = 6;

template <int N>
struct Lanes {
#if CODESIGN_VECTORS
  typedef float type __attribute__((vector_size(4 * N)));
  typedef std::uint32_t bits __attribute__((vector_size(4 * N)));
#endif
};
template <>
struct Lanes<1> {
  typedef float type;
  typedef std::uint32_t bits;
};
template <int N>
using Vector = typename Lanes<N>::type;
using Wide = Vector<widest>;

template <class F>
CODESIGN_INLINE F load(const float* from) noexcept {
  F vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

template <class F>
CODESIGN_INLINE void store(float* to, F vector) noexcept {
  std::memcpy(to, &vector, sizeof vector);
}

// Maximum and minimum that pass a NaN in x on.
template <class F>
CODESIGN_INLINE F at_least(F low, F x) noexcept {
  return low > x ? low : x;
}

template <class F>
CODESIGN_INLINE F at_most(F high, F x) noexcept {
  return high < x ? high : x;
}

#if CODESIGN_VECTORS && defined(__AVX512F__)
CODESIGN_INLINE Wide at_least(Wide low, Wide x) noexcept { return _mm512_maskz_max_ps(0xffff, low, x); }
CODESIGN_INLINE Wide at_most(Wide high, Wide x) noexcept { return _mm512_maskz_min_ps(0xffff, high, x); }
#endif

// exp(x) = 2^n 2^f, |f| <= 1/2, to 2e-7 relative where it is not below 1e-37: 0 there, inf above 3e38, NaN for NaN.
template <class F>
CODESIGN_INLINE F exponential(F x) noexcept {
  typedef typename Lanes<int(sizeof(F) / 4)>::bits Bits;
  const F magic = F{} + 12583039.0f;  // 1.5 * 2^23 + 127: rounds to an integer, and leaves the biased exponent in the lowest bits
  const F inside = at_most(F{} + 89.0f, at_least(F{} - 88.0f, x));
  const F shifted = inside * 1.44269504f + magic;
  const F fraction = inside * 1.44269504f - (shifted - magic);
  F power = fraction * 1.32647271e-3f + 9.67151265e-3f;
  power = power * fraction + 5.55073374e-2f;
  power = power * fraction + 0.240222421f;
  power = power * fraction + 0.693146978f;
  power = power * fraction + 1.0f;
  Bits bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = bits << 23;
  F scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return power * scale;
}

struct Linear {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return x;
  }
};

struct Relu {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return at_least(F{}, x);
  }
};

struct Sigmoid {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return 1.0f / (1.0f + exponential<F>(-x));
  }
};

struct Tanh {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return 2.0f / (1.0f + exponential<F>(-2.0f * x)) - 1.0f;
  }
};
