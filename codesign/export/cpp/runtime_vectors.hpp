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

// 2^x = 2^n 2^f: n is x rounded, by adding 1.5 * 2^23, which also leaves the biased exponent in the lowest bits of the sum.
// To 3e-7 relative; 0 from -127 down, inf from 128 up, NaN for NaN.
template <class F>
CODESIGN_INLINE F power_of_two(F x) noexcept {
  typedef typename Lanes<int(sizeof(F) / 4)>::bits Bits;
  const F magic = F{} + 12583039.0f;  // 1.5 * 2^23 + 127
  const F inside = at_most(F{} + 128.0f, at_least(F{} - 127.0f, x));
  const F shifted = inside + magic;
  const F f = inside - (shifted - magic);
  F power = f * 1.32647271e-3f + 9.67151265e-3f;
  power = power * f + 5.55073374e-2f;
  power = power * f + 0.240222421f;
  power = power * f + 0.693146978f;
  power = power * f + 1.0f;
  Bits bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = bits << 23;
  F scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return power * scale;
}

#if CODESIGN_VECTORS && defined(__AVX512F__)
// Bits of 2^(k / 16), less those that x rounded to sixteenths adds.
alignas(64) inline constexpr std::uint32_t sixteenths[16] = {
    0x00000000u, 0xfffdaac3u, 0xfffb95c2u, 0xfff9c3d3u, 0xfff837f0u, 0xfff6f532u, 0xfff5fed7u, 0xfff5583fu,
    0xfff504f3u, 0xfff508a4u, 0xfff5672au, 0xfff6248cu, 0xfff744fdu, 0xfff8ccdfu, 0xfffac0c7u, 0xfffd257du};

CODESIGN_INLINE Wide power_of_two(Wide x) noexcept {
  const Wide magic = Wide{} + 786559.0f;
  const Wide inside = at_most(Wide{} + 128.0f, at_least(Wide{} - 127.0f, x));
  const Wide shifted = inside + magic;
  const Wide f = inside - (shifted - magic);
  const __m512i bits = _mm512_castps_si512(shifted);
  const __m512i root = _mm512_maskz_permutexvar_epi32(0xffff, bits, _mm512_load_si512(sixteenths));
  const Wide scale = _mm512_castsi512_ps(_mm512_add_epi32(root, _mm512_maskz_slli_epi32(0xffff, bits, 19)));
  return ((0.240226442f * f + 0.693187721f) * f + 1.0f) * scale;
}
#endif

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

// The weights before a sigmoid carry -log2(e), before a tanh -2 log2(e).
struct Sigmoid {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return 1.0f / (1.0f + power_of_two(x));
  }
};

struct Tanh {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return 2.0f / (1.0f + power_of_two(x)) - 1.0f;
  }
};
